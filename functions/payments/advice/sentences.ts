/**
 * The sentences for the caller, by name. Their words are in assets/prompts/sentences.*.private.json, one file for
 * each language; none has a digit in it, so that nothing an agent reads aloud can be taken for one of the caller's.
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
  'agree.charge',
  'agree.token',
  'press-to-confirm',
  'moment',
  'paid',
  'saved',
  'canceled',
  'another-way',
  'hand-over',
  'check-amount',
  'pay-again',
  'never-aloud',
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
  'error.not-heard',
  'error.ours',
  'error.unknown',
  'result.declined',
  'result.bank-declined',
  'result.processor-down',
  'result.refused-data',
  'result.star',
  'result.internal-error',
  'result.too-many-attempts',
  'result.unknown',
] as const;
export type Sentence = (typeof SENTENCES)[number];

/** The languages that the sentences come in; the first is what is spoken where nothing is said. */
export const LANGUAGES = ['en', 'es', 'de', 'fr', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];
