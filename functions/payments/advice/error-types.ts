import type { Capture } from '../session/fields.ts';
import type { ToolName } from './guidance.ts';
import type { Sentence } from './sentences.ts';
import { codeGuide } from './twilio-codes.ts';

/** The tool of each capture and the words for it. */
export const CAPTURE_GUIDE: Record<Capture, { tool: ToolName; name: string }> = {
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

export interface ErrorGuide {
  why: string;
  say: Sentence;
  /**
   * How the sentence goes on: it asks for another entry itself (`whole`), the request for one follows (`reason`), or it
   * is a question that the caller answers first (`question`).
   */
  form: 'whole' | 'reason' | 'question';
  /** Who caused it: failures of either are counted by themselves. */
  by: 'caller' | 'twilio';
}

/** The ErrorType of a security code that was asked for before the card number. */
export const OUT_OF_SEQUENCE = 'invalid-card-number-security-code-capture-sequence';
/** The ErrorType of a second entry that differs from the first. */
export const MISMATCH = 'input-matching-failed';
/** Our own: a capture was asked for, and Twilio never reported anything of it. */
export const NOT_HEARD = 'not-heard';
/** Our own: Twilio refused to listen. */
export const REFUSED = 'refused-by-twilio';

/** Errors after which the caller is told whether any digits arrived. */
export const INCOMPLETE: readonly string[] = ['input-timeout', NOT_HEARD];

const byCaller = (why: string, say: Sentence, form: ErrorGuide['form'] = 'whole'): ErrorGuide => ({
  why,
  say,
  form,
  by: 'caller',
});
const byTwilio = (why: string, say: Sentence): ErrorGuide => ({ why, say, form: 'reason', by: 'twilio' });

const WRONG_DATE = byCaller('The expiration date is not valid or has passed.', 'error.invalid-date');

/** What each ErrorType of a status callback means and what to tell the caller (https://www.twilio.com/docs/voice/api/payment-resource, ErrorType). */
const ERROR_TYPES: Record<string, ErrorGuide> = {
  'input-timeout': byCaller('The caller did not type in time.', 'error.input-timeout', 'reason'),
  'invalid-card-number': byCaller(
    'The card number is not valid, probably mistyped.',
    'error.invalid-card-number',
  ),
  'invalid-card-type': byCaller(
    'Cards of this brand are not accepted.',
    'error.invalid-card-type',
    'question',
  ),
  'invalid-date': WRONG_DATE,
  'date-validation-failed': WRONG_DATE,
  'invalid-security-code': byCaller(
    'The security code is not valid for this card.',
    'error.invalid-security-code',
  ),
  'invalid-postal-code': byCaller('The postal code is not valid.', 'error.invalid-postal-code'),
  'invalid-bank-routing-number': byCaller(
    'The routing number is not valid.',
    'error.invalid-bank-routing-number',
  ),
  'invalid-bank-account-number': byCaller(
    'The account number is not valid.',
    'error.invalid-bank-account-number',
  ),
  'invalid-bank-account-type': byCaller(
    'Accounts of this type are not accepted.',
    'error.invalid-bank-account-type',
    'question',
  ),
  [OUT_OF_SEQUENCE]: byTwilio(
    'The security code was asked for before the card number. Capture the card number first.',
    'error.sequence',
  ),
  [MISMATCH]: byCaller(
    'The two entries differ, so the caller types both again.',
    'error.input-matching-failed',
    'reason',
  ),
  [NOT_HEARD]: byCaller('Twilio reported nothing of what the caller typed.', 'error.input-timeout', 'reason'),
  [REFUSED]: byTwilio('Twilio refused to listen for it.', 'error.ours'),
  'session-in-progress': byTwilio('Twilio already runs another payment session on this call.', 'hand-over'),
  'internal-error': byTwilio('Twilio had an internal error.', 'error.ours'),
};

const UNKNOWN_ERROR = byCaller('The entry was not accepted.', 'error.unknown', 'reason');

export function errorGuide(type: string): ErrorGuide {
  return (Object.hasOwn(ERROR_TYPES, type) && ERROR_TYPES[type]) || UNKNOWN_ERROR;
}

/** What a result means, what to tell the caller, and whether that is the question whether to start again. */
export interface ResultGuide {
  why: string;
  say?: Sentence;
  isQuestion?: true;
}

/** What each Result that is not a success means (same page, Result). */
const RESULTS: Record<string, ResultGuide> = {
  'payment-connector-error': {
    why: 'The payment processor refused the payment or could not be reached. No payment was confirmed.',
    say: 'result.declined',
    isQuestion: true,
  },
  'validation-error': {
    why: 'Twilio refused the captured data. Nothing was charged.',
    say: 'result.refused-data',
    isQuestion: true,
  },
  'caller-hung-up': {
    why: 'The caller hung up before the payment was finished. Nothing was charged. If they call back, start a payment on the new call.',
  },
  'caller-interrupted-with-star': {
    why: 'The caller pressed star, which ends the payment. Nothing was charged.',
    say: 'result.star',
    isQuestion: true,
  },
  'transaction-cancelled': { why: 'The payment was canceled. Nothing was charged.', say: 'canceled' },
  'internal-error': {
    why: 'Twilio had an internal error. No payment was confirmed; check with the payment processor before charging again.',
    say: 'result.internal-error',
  },
  'too-many-failed-attempts': {
    why: 'There were too many failed entries. Nothing was charged.',
    say: 'result.too-many-attempts',
    isQuestion: true,
  },
};

const QUESTIONS: readonly Sentence[] = ['result.declined', 'result.bank-declined'];

/** @param payErrorCode tells more of a connector's error than its result does. */
export function resultGuide(result: string, payErrorCode = ''): ResultGuide {
  const guide: ResultGuide = (Object.hasOwn(RESULTS, result) && RESULTS[result]) || {
    why: 'The payment failed with a result that is not known here. No payment was confirmed; check with the payment processor before charging again.',
    say: 'result.unknown',
  };
  const code = result === 'payment-connector-error' ? codeGuide(payErrorCode) : undefined;
  if (!code) return guide;
  const why = `${code.why} No payment was confirmed.`;
  if (!code.result) return { ...guide, why };
  return { why, say: code.result, ...(QUESTIONS.includes(code.result) && { isQuestion: true }) };
}
