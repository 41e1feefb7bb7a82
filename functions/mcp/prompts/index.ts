import type { Prompt } from '@modelcontextprotocol/sdk/types.js';
import { LANGUAGES } from '../../payments/advice/sentences.ts';

/** A prompt as it is listed, and where its text is. */
export interface PromptSource {
  name: string;
  title: string;
  description: string;
  /** The file in assets/prompts, without its endings. */
  text: string;
  needsCall?: boolean;
  /** The last error of the payment comes first. */
  isAboutError?: boolean;
}

export const PROMPTS: readonly PromptSource[] = [
  {
    name: 'StartCapture',
    title: 'Start a payment',
    description: 'How to agree on the payment with the caller and start it',
    text: 'start-capture',
    needsCall: true,
  },
  {
    name: 'CardNumber',
    title: 'Card number',
    description: 'How to have the card number typed',
    text: 'card-number',
  },
  {
    name: 'SecurityCode',
    title: 'Security code',
    description: 'How to have the security code typed',
    text: 'security-code',
  },
  {
    name: 'ExpirationDate',
    title: 'Expiration date',
    description: 'How to have the expiration date typed',
    text: 'expiration-date',
  },
  {
    name: 'FinishCapture',
    title: 'Finish the payment',
    description: 'How to confirm with the caller and complete the payment',
    text: 'finish-capture',
  },
  {
    name: 'Completion',
    title: 'Tell the result',
    description: 'How to tell the caller how it ended',
    text: 'completion',
  },
  {
    name: 'Error',
    title: 'Something went wrong',
    description: 'How to read an error and go on',
    text: 'error',
    isAboutError: true,
  },
];

const args = (needsCall: boolean) => [
  { name: 'callSid', description: "SID of the caller's own call leg", required: needsCall },
  { name: 'paymentSid', description: 'SID of the payment', required: false },
  { name: 'language', description: `Language of the caller: ${LANGUAGES.join(', ')}`, required: false },
];

/** The prompts as `prompts/list` gives them. */
export const PROMPT_LIST: Prompt[] = PROMPTS.map(({ name, title, description, needsCall }) => ({
  name,
  title,
  description,
  arguments: args(needsCall === true),
}));
