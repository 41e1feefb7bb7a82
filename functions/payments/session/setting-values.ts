import { LANGUAGES } from '../advice/sentences.ts';
import { MATCHABLE_FIELDS } from './fields.ts';
import { TOKEN_TYPES } from './token-types.ts';

/** Twilio's names of cards and of what they are paid from (https://www.twilio.com/docs/voice/api/payment-resource, Create). */
export const PAYMENT_METHODS = ['credit-card', 'ach-debit'] as const;
export const BANK_ACCOUNT_TYPES = ['consumer-checking', 'consumer-savings', 'commercial-checking'] as const;
export const CARD_TYPES = [
  'visa',
  'mastercard',
  'amex',
  'maestro',
  'discover',
  'optima',
  'jcb',
  'diners-club',
  'enroute',
] as const;

/** The most seconds that Twilio waits between two digits. */
export const MAX_TIMEOUT = 600;

/** What the operator's settings may name. */
export const SETTING_VALUES = {
  tokenTypes: TOKEN_TYPES,
  paymentMethods: PAYMENT_METHODS,
  bankAccountTypes: BANK_ACCOUNT_TYPES,
  cardTypes: CARD_TYPES,
  matchableFields: MATCHABLE_FIELDS,
  languages: LANGUAGES,
  maxTimeout: MAX_TIMEOUT,
} as const;
