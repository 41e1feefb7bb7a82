import type { GetPromptResult } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { LANGUAGES, SENTENCES, speech } from '../../payments/advice/sentences.ts';
import type { View } from '../../payments/advice/status.ts';
import { anyHoldsCardNumber } from '../../payments/card-number.ts';
import { PaymentError } from '../../payments/errors.ts';
import { callSid, paymentSid } from '../../payments/session/sids.ts';
import { argumentProblems } from '../argument-problems.ts';
import { RPC_CODES, RpcError } from '../json-rpc.ts';
import { toLanguage } from '../wording.ts';
import { PROMPTS, type PromptSource } from './index.ts';
import { lookUp, paymentSection, type SectionContext } from './payment-section.ts';

/** What prompts work with. */
export interface PromptContext extends SectionContext {
  /** The text of a file in assets/prompts. */
  promptText(name: string): string;
}

/**
 * The text of a prompt with the SIDs and the sentences for the caller in it, and where the payment stands when both
 * SIDs are given.
 * @throws RpcError for an unknown prompt and for arguments that do not fit it.
 */
export async function getPrompt(
  name: string,
  args: unknown,
  context: PromptContext,
): Promise<GetPromptResult> {
  const prompt = PROMPTS.find((candidate) => candidate.name === name);
  if (!prompt) throw new RpcError(RPC_CODES.invalidParams, 'There is no such prompt.');
  const { callSid, paymentSid, language: requested } = parseArguments(prompt, args);
  const sids = callSid && paymentSid ? { callSid, paymentSid } : undefined;
  const payment = sids && (await lookUp(sids, context));
  const ofPayment = payment && 'stored' in payment ? payment.stored.data.terms?.language : undefined;
  const now = context.view();
  const language = requested ?? ofPayment ?? now.language;
  const view: View = {
    ...now,
    language,
    // The language of the prompt counts for all that it says, also of a payment that has another.
    speak: (sentence) => now.speak(sentence, language),
    withToken: false,
  };
  const sections = [guidance(context.promptText(prompt.text), { callSid, paymentSid }, view)];
  if (language !== 'en') sections.push(`Speak ${nameOf(language)} with the caller.`);
  if (sids && payment) {
    const errorFirst = prompt.isAboutError === true;
    const lines = paymentSection(sids, payment, { view, errorFirst });
    const section = ['# Where this payment stands', '', ...lines.map((line) => `- ${line}`)].join('\n');
    // What went wrong with this payment is to be read before what can go wrong with any.
    sections.splice(errorFirst ? 0 : sections.length, 0, section);
  }
  const text = `${sections.join('\n\n')}\n`;
  return { description: prompt.description, messages: [{ role: 'user', content: { type: 'text', text } }] };
}

function parseArguments({ name, needsCall }: PromptSource, args: unknown) {
  if (anyHoldsCardNumber(args))
    throw new RpcError(RPC_CODES.invalidParams, new PaymentError('CARD_NUMBER_REFUSED').message);
  const languageTag = z
    .string()
    .transform(toLanguage)
    .refine((language) => language !== undefined, `must be one of ${LANGUAGES.join(', ')}`);
  const schema = z.strictObject({
    callSid: needsCall ? callSid : callSid.optional(),
    paymentSid: paymentSid.optional(),
    language: languageTag.optional(),
  });
  const parsed = schema.safeParse(givenArguments(args));
  if (parsed.success) return parsed.data;
  throw new RpcError(RPC_CODES.invalidParams, `Arguments of ${name}: ${argumentProblems(parsed.error)}`);
}

/** The text of a file with its placeholders filled in: SIDs, and sentences in the language of the view. */
function guidance(
  text: string,
  sids: { callSid: string | undefined; paymentSid: string | undefined },
  { speak, language }: View,
): string {
  return text
    .replaceAll('{{callSid}}', sids.callSid ?? "the call's SID")
    .replaceAll('{{paymentSid}}', sids.paymentSid ?? "the payment's SID")
    .replaceAll(/\{\{say:([\w.-]+)\}\}/g, (placeholder, name) => {
      const sentence = SENTENCES.find((known) => known === name);
      return sentence ? speak(speech(sentence), language) : placeholder;
    })
    .trim();
}

/**
 * The arguments that were filled in: forms send empty texts for those that were left blank.
 * Which of them name a payment decides about the scope that is needed, too.
 */
export function givenArguments(args: unknown): Record<string, unknown> {
  const filled = Object.entries(Object(args) as object).filter(
    ([, value]) => typeof value !== 'string' || value.trim() !== '',
  );
  return Object.fromEntries(filled);
}

function nameOf(language: string): string {
  return new Intl.DisplayNames('en', { type: 'language' }).of(language) ?? language;
}
