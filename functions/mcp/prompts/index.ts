import type { GetPromptResult, Prompt } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { LANGUAGES, SENTENCES, type Speech, speech } from '../../payments/advice/sentences.ts';
import { anyHoldsCardNumber } from '../../payments/card-number.ts';
import { PaymentError } from '../../payments/errors.ts';
import { callSid, paymentSid } from '../../payments/session/sids.ts';
import { RPC_CODES, RpcError } from '../json-rpc.ts';
import { toLanguage } from '../wording.ts';
import { lookUp, paymentSection, type SectionContext } from './payment-section.ts';

interface PromptSource {
  name: string;
  title: string;
  description: string;
  /** The file in assets/prompts, without its endings. */
  text: string;
  needsCall?: boolean;
  /** The last error of the payment comes first. */
  isAboutError?: boolean;
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
    isAboutError: true,
  },
];

const args = (needsCall: boolean) => [
  { name: 'callSid', description: "SID of the caller's own call leg", required: needsCall },
  { name: 'paymentSid', description: 'SID of the payment', required: false },
  { name: 'language', description: `Language of the caller: ${LANGUAGES.join(', ')}`, required: false },
];

/** What prompts work with. */
export interface PromptContext extends SectionContext {
  /** The text of a file in assets/prompts. */
  promptText(name: string): string;
}

const languageTag = z
  .string()
  .transform(toLanguage)
  .refine((language) => language !== undefined, `must be one of ${LANGUAGES.join(', ')}`);

export const PROMPT_LIST: Prompt[] = PROMPTS.map(({ name, title, description, needsCall }) => ({
  name,
  title,
  description,
  arguments: args(needsCall === true),
}));

/**
 * The text of a prompt with the SIDs and the sentences for the caller in it, and where the payment stands when both
 * SIDs are given.
 * @throws RpcError for an unknown prompt and for arguments that do not fit it.
 */
export async function getPrompt(
  name: string,
  given: unknown,
  context: PromptContext,
): Promise<GetPromptResult> {
  const prompt = PROMPTS.find((candidate) => candidate.name === name);
  if (!prompt) throw new RpcError(RPC_CODES.invalidParams, 'There is no such prompt.');
  if (anyHoldsCardNumber(given)) {
    throw new RpcError(RPC_CODES.invalidParams, new PaymentError('CARD_NUMBER_REFUSED').message);
  }
  const schema = z.strictObject({
    callSid: prompt.needsCall ? callSid : callSid.optional(),
    paymentSid: paymentSid.optional(),
    language: languageTag.optional(),
  });
  const parsed = schema.safeParse(givenArguments(given));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
    throw new RpcError(RPC_CODES.invalidParams, `Arguments of ${prompt.name}: ${problems.join('; ')}`);
  }
  const { callSid: call, paymentSid: payment } = parsed.data;
  const sids = call && payment ? { callSid: call, paymentSid: payment } : undefined;
  const found = sids && (await lookUp(sids, context));
  const shown = context.view();
  const own = found && 'stored' in found ? found.stored.data.terms?.language : undefined;
  const language = parsed.data.language ?? own ?? shown.language;
  const speak = (said: Speech) => shown.speak(said, language);
  const guidance = context
    .promptText(prompt.text)
    .replaceAll('{{callSid}}', call ?? "the call's SID")
    .replaceAll('{{paymentSid}}', payment ?? "the payment's SID")
    .replaceAll(/\{\{say:([\w.-]+)\}\}/g, (placeholder, wanted) => {
      const sentence = SENTENCES.find((known) => known === wanted);
      return sentence ? speak(speech(sentence)) : placeholder;
    });
  const sections = [guidance.trim()];
  if (language !== 'en') sections.push(`Speak ${nameOf(language)} with the caller.`);
  if (sids && found) {
    const errorFirst = prompt.isAboutError === true;
    const view = { ...shown, language, speak, withToken: false };
    const lines = paymentSection(sids, found, { view, errorFirst });
    const section = ['# Where this payment stands', '', ...lines.map((line) => `- ${line}`)];
    // What went wrong with this payment is to be read before what can go wrong with any.
    sections.splice(errorFirst ? 0 : sections.length, 0, section.join('\n'));
  }
  const text = `${sections.join('\n\n')}\n`;
  return { description: prompt.description, messages: [{ role: 'user', content: { type: 'text', text } }] };
}

/**
 * The arguments that were filled in: forms send empty texts for those that were left blank.
 * Which of them name a payment decides about the scope that is needed, too.
 */
export function givenArguments(given: unknown): Record<string, unknown> {
  const filled = Object.entries(Object(given) as object).filter(
    ([, value]) => typeof value !== 'string' || value.trim() !== '',
  );
  return Object.fromEntries(filled);
}

function nameOf(language: string): string {
  return new Intl.DisplayNames('en', { type: 'language' }).of(language) ?? language;
}
