/**
 * The sentences for the caller, by name. Their words are in assets/prompts/sentences.*.private.json, one file for
 * each language.
 */
export const SENTENCES = [
  'how-it-works',
  'ask.payment-card-number',
  'ask.payment-card-number-matcher',
  'ask.security-code',
  'ask.security-code-matcher',
  'ask.expiration-date',
  'ask.expiration-date-matcher',
  'ask.postal-code',
  'ask.postal-code-matcher',
  'ask.bank-routing-number',
  'ask.bank-account-number',
  'ask.account-holder',
  'again.payment-card-number',
  'again.security-code',
  'again.expiration-date',
  'again.postal-code',
  'again.bank-routing-number',
  'again.bank-account-number',
  'agree.charge',
  'agree.charge.card',
  'agree.charge.account',
  'agree.token',
  'agree.token.card',
  'agree.token.account',
  'press-to-confirm',
  'take-your-time',
  'moment',
  'processing',
  'canceling',
  'paid',
  'saved',
  'canceled',
  'nothing-charged',
  'already-charged',
  'already-saved',
  'enter-again',
  'another-way',
  'hand-over',
  'check-amount',
  'check-currency',
  'pay-again',
  'may-be-charged',
  'stop-payment',
  'never-aloud',
  'error.nothing-typed',
  'error.input-timeout',
  'error.invalid-card-number',
  'error.invalid-card-type',
  'error.invalid-date',
  'error.invalid-security-code',
  'error.invalid-postal-code',
  'error.invalid-bank-routing-number',
  'error.invalid-bank-account-number',
  'error.invalid-bank-account-type',
  'error.sequence',
  'error.input-matching-failed',
  'error.ours',
  'error.unknown',
  'result.declined',
  'result.declined-again',
  'result.bank-declined',
  'result.processor-down',
  'result.refused-data',
  'result.star',
  'result.internal-error',
  'result.too-many-attempts',
  'result.unknown',
] as const;
export type Sentence = (typeof SENTENCES)[number];

/** The languages that the sentences come in. The first one is spoken unless another one is asked for. */
export const LANGUAGES = ['en', 'en-GB', 'es', 'de', 'fr', 'zh', 'pt', 'it', 'nl'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What fills the places `{amount}` and `{digits}` of a sentence. */
export interface SentenceFacts {
  amount?: { value: number; currency: string };
  /** The last digits of the card or the bank account. */
  digits?: string;
}

/** What the caller is to hear: sentences in their order, and the facts that they name. No sentences: nothing. */
export interface Speech extends SentenceFacts {
  sentences: readonly Sentence[];
}

/** Says something to the caller in a language; an empty text if there is nothing to say. */
export type Speak = (speech: Speech, language: string) => string;

export const SILENCE: Speech = { sentences: [] };

export function speech(...sentences: Sentence[]): Speech {
  return { sentences };
}
