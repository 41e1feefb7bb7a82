import { ErrorCode, type GetPromptResult, McpError, type Prompt } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { anyHoldsCardNumber } from '../../payments/card-number.ts';
import { PaymentError } from '../../payments/errors.ts';
import { callSid, paymentSid } from '../../payments/sids.ts';

interface PromptSource {
  name: string;
  title: string;
  description: string;
  /** The file in assets/prompts, without its endings. */
  text: string;
  needsCall?: boolean;
}

const PROMPTS: readonly PromptSource[] = [
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
  },
];

const args = (needsCall: boolean) => [
  { name: 'callSid', description: "SID of the caller's own call leg", required: needsCall },
  { name: 'paymentSid', description: 'SID of the payment', required: false },
];

export const PROMPT_LIST: Prompt[] = PROMPTS.map(({ name, title, description, needsCall }) => ({
  name,
  title,
  description,
  arguments: args(needsCall === true),
}));

/**
 * The text of a prompt with the SIDs in it.
 * @param read gives the text of a file in assets/prompts.
 * @throws McpError for an unknown prompt and for arguments that do not fit it.
 */
export function getPrompt(name: string, given: unknown, read: (text: string) => string): GetPromptResult {
  const prompt = PROMPTS.find((candidate) => candidate.name === name);
  if (!prompt) throw new McpError(ErrorCode.InvalidParams, 'There is no such prompt.');
  if (anyHoldsCardNumber(given)) {
    throw new McpError(ErrorCode.InvalidParams, new PaymentError('CARD_NUMBER_REFUSED').message);
  }
  const schema = z.strictObject({
    callSid: prompt.needsCall ? callSid : callSid.optional(),
    paymentSid: paymentSid.optional(),
  });
  const parsed = schema.safeParse(given ?? {});
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
    throw new McpError(ErrorCode.InvalidParams, `Arguments of ${prompt.name}: ${problems.join('; ')}`);
  }
  const text = read(prompt.text)
    .replaceAll('{{callSid}}', parsed.data.callSid ?? "the call's SID")
    .replaceAll('{{paymentSid}}', parsed.data.paymentSid ?? "the payment's SID");
  return { description: prompt.description, messages: [{ role: 'user', content: { type: 'text', text } }] };
}
