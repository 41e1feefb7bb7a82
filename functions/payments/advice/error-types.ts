import type { Capture } from '../session/fields.ts';
import type { Sentence } from './sentences.ts';
import { codeGuide } from './twilio-codes.ts';

/** The tool of each capture and the words for it. */
export const CAPTURE_GUIDE: Record<Capture, { tool: string; name: string }> = {
  'payment-card-number': { tool: 'captureCardNumber', name: 'card number' },
  'payment-card-number-matcher': { tool: 'captureCardNumber', name: 'second entry of the card number' },
  'security-code': { tool: 'captureSecurityCode', name: 'security code' },
  'security-code-matcher': { tool: 'captureSecurityCode', name: 'second entry of the security code' },
  'expiration-date': { tool: 'captureExpirationDate', name: 'expiration date' },
  'expiration-date-matcher': { tool: 'captureExpirationDate', name: 'second entry of the expiration date' },
  'postal-code': { tool: 'capturePostalCode', name: 'postal code' },
  'postal-code-matcher': { tool: 'capturePostalCode', name: 'second entry of the postal code' },
  'bank-routing-number': { tool: 'captureBankRoutingNumber', name: 'bank routing number' },
  'bank-account-number': { tool: 'captureBankAccountNumber', name: 'bank account number' },
};

export interface Guide {
  why: string;
  say: Sentence | '';
}

interface ErrorGuide extends Guide {
  /** Whose doing it was: both are counted, each for itself. */
  by: 'caller' | 'twilio';
}

/** The ErrorType of a security code that was asked for before the card number. */
export const OUT_OF_SEQUENCE = 'invalid-card-number-security-code-capture-sequence';
/** The ErrorType of a second entry that differs from the first. */
export const MISMATCH = 'input-matching-failed';
/** Ours: a capture was asked for, and nothing was ever heard of it. */
export const NOT_HEARD = 'not-heard';
/** Ours: Twilio refused to listen. */
export const REFUSED = 'refused-by-twilio';

/** What each ErrorType of a status callback means and what to tell the caller (https://www.twilio.com/docs/voice/api/payment-resource, ErrorType). */
const ERROR_TYPES: Record<string, ErrorGuide> = {
  'input-timeout': { why: 'The caller did not type in time.', say: 'error.input-timeout', by: 'caller' },
  'invalid-card-number': {
    why: 'The card number is not valid, probably mistyped.',
    say: 'error.invalid-card-number',
    by: 'caller',
  },
  'invalid-card-type': {
    why: 'Cards of this brand are not accepted.',
    say: 'error.invalid-card-type',
    by: 'caller',
  },
  'invalid-date': {
    why: 'The expiration date is not valid or has passed.',
    say: 'error.invalid-date',
    by: 'caller',
  },
  'date-validation-failed': {
    why: 'The expiration date is not valid or has passed.',
    say: 'error.invalid-date',
    by: 'caller',
  },
  'invalid-security-code': {
    why: 'The security code is not valid for this card.',
    say: 'error.invalid-security-code',
    by: 'caller',
  },
  'invalid-postal-code': {
    why: 'The postal code is not valid.',
    say: 'error.invalid-postal-code',
    by: 'caller',
  },
  'invalid-bank-routing-number': {
    why: 'The routing number is not valid.',
    say: 'error.invalid-bank-routing-number',
    by: 'caller',
  },
  'invalid-bank-account-number': {
    why: 'The account number is not valid.',
    say: 'error.invalid-bank-account-number',
    by: 'caller',
  },
  'invalid-bank-account-type': {
    why: 'Accounts of this type are not accepted.',
    say: 'error.invalid-bank-account-type',
    by: 'caller',
  },
  [OUT_OF_SEQUENCE]: {
    why: 'The security code was asked for before the card number. Capture the card number first.',
    say: 'error.sequence',
    by: 'twilio',
  },
  [MISMATCH]: {
    why: 'The two entries did not match, so both are typed again.',
    say: 'error.input-matching-failed',
    by: 'caller',
  },
  [NOT_HEARD]: { why: 'Nothing was heard of what the caller typed.', say: 'error.not-heard', by: 'caller' },
  [REFUSED]: { why: 'Twilio refused to listen for it.', say: 'moment', by: 'twilio' },
  'session-in-progress': {
    why: 'Twilio already runs another payment session on this call.',
    say: 'hand-over',
    by: 'twilio',
  },
  'internal-error': { why: 'Twilio had an internal error.', say: 'error.ours', by: 'twilio' },
};

export function errorGuide(type: string): ErrorGuide {
  return (
    (Object.hasOwn(ERROR_TYPES, type) && ERROR_TYPES[type]) || {
      why: 'The entry was not accepted.',
      say: 'error.unknown',
      by: 'caller',
    }
  );
}

/** What each Result that is not a success means (same page, Result). */
const RESULTS: Record<string, Guide> = {
  'payment-connector-error': {
    why: 'The payment processor refused the payment or could not be reached. No payment was confirmed.',
    say: 'result.declined',
  },
  'validation-error': {
    why: 'Twilio refused the captured data. Nothing was charged.',
    say: 'result.refused-data',
  },
  'caller-hung-up': {
    why: 'The caller hung up before the payment was finished. Nothing was charged.',
    say: '',
  },
  'caller-interrupted-with-star': {
    why: 'The caller pressed star, which ends the payment. Nothing was charged.',
    say: 'result.star',
  },
  'transaction-cancelled': { why: 'The payment was canceled. Nothing was charged.', say: 'canceled' },
  'internal-error': {
    why: 'Twilio had an internal error. No payment was confirmed; check with the payment processor before charging again.',
    say: 'result.internal-error',
  },
  'too-many-failed-attempts': {
    why: 'There were too many failed entries. Nothing was charged.',
    say: 'result.too-many-attempts',
  },
};

/** @param payErrorCode tells more of a connector's error than its result does. */
export function resultGuide(result: string, payErrorCode = ''): Guide {
  const guide = (Object.hasOwn(RESULTS, result) && RESULTS[result]) || {
    why: 'The payment failed with a result that is not known here. No payment was confirmed; check with the payment processor before charging again.',
    say: 'result.unknown' as const,
  };
  const code = result === 'payment-connector-error' ? codeGuide(payErrorCode) : undefined;
  return code ? { why: `${code.why} No payment was confirmed.`, say: code.say || guide.say } : guide;
}
