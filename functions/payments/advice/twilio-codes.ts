import type { Sentence } from './sentences.ts';

/** What a code of Twilio's means for an agent: why it failed, what to tell the caller, and what to do, `again` being the same call. */
export interface CodeGuide {
  why: string;
  say: Sentence | '';
  nextStep: 'again' | 'getPaymentStatus' | 'cancelPaymentCapture' | 'done';
}

/** What the same call would fail at again, whether the operator is to mend it or other terms would. */
const hopeless = (why: string): CodeGuide => ({ why, say: 'hand-over', nextStep: 'done' });
const declined = (why: string): CodeGuide => ({ why, say: 'result.declined', nextStep: 'getPaymentStatus' });

/**
 * Twilio's codes, as its REST API answers them and as the last callback of a payment carries them in PayErrorCode
 * (https://www.twilio.com/docs/api/errors).
 */
const CODES: Record<number, CodeGuide> = {
  20001: hopeless('A parameter was not valid: report this to the operator.'),
  20003: hopeless('Twilio refused the credentials: the operator should check API_KEY and API_SECRET.'),
  20404: { why: 'Twilio does not know it.', say: '', nextStep: 'getPaymentStatus' },
  20409: { why: 'Something else changed it at the same moment.', say: 'moment', nextStep: 'again' },
  20422: hopeless('Twilio could not process a value: report this to the operator.'),
  20429: { why: 'Twilio is taking too many requests.', say: 'moment', nextStep: 'again' },
  21220: { why: 'The call is not in progress.', say: '', nextStep: 'done' },
  21609: hopeless('The status callback URL is not valid: the operator should check PUBLIC_URL.'),
  64001: hopeless(
    'Pay is not configured rightly: the operator should check the connector in the Twilio Console.',
  ),
  64002: {
    why: 'Twilio Pay or the payment gateway is not available.',
    say: 'result.processor-down',
    nextStep: 'again',
  },
  64003: {
    why: 'The amount is not valid: use a positive number with at most the decimals of its currency.',
    say: 'check-amount',
    nextStep: 'done',
  },
  64004: hopeless('There is no payment connector of that name: the operator should check PAYMENT_CONNECTOR.'),
  64005: hopeless('The connector cannot make tokens: start with an amount to charge.'),
  64006: hopeless('The connector cannot make this type of token: start with another tokenType.'),
  64007: hopeless('The connector cannot charge: start without an amount to make a token.'),
  64008: declined('The payment gateway refused the charge.'),
  64009: hopeless(
    'The payment gateway no longer authorizes Twilio: the operator should reconnect it in the Twilio Console.',
  ),
  64010: declined('The payment gateway refused to make a token.'),
  64011: hopeless('The connector does not accept this currency.'),
  64012: declined('The payment gateway refused the card.'),
  64013: hopeless('The connector does not accept this payment method: start with another paymentMethod.'),
  64014: hopeless("The connector needs AVSName, the account holder's name: start with it in parameter."),
  64015: hopeless('The connector needs a parameter that is missing: start with it in parameter.'),
  64016: hopeless('A URL is not https: the operator should check PUBLIC_URL.'),
  64017: hopeless('A bank account type was sent with a card payment: start without bankAccountType.'),
  64018: hopeless('Exactly one of capture and status must be sent: report this to the operator.'),
  64019: {
    why: 'Twilio says that something required is still missing.',
    say: 'moment',
    nextStep: 'getPaymentStatus',
  },
  64020: hopeless('A parameter was not valid: report this to the operator.'),
  64021: {
    why: 'Twilio does not allow this now: another step of the payment is under way, or Twilio has ended it. If it stays so, cancel this payment and start a new one.',
    say: 'moment',
    nextStep: 'getPaymentStatus',
  },
  64022: declined('The connector runs in test mode, which takes test cards alone.'),
  64023: {
    why: 'The connector runs in test mode, which takes test accounts alone.',
    say: 'result.bank-declined',
    nextStep: 'getPaymentStatus',
  },
  64024: hopeless('The connector is not approved for live payments: the operator should have it approved.'),
};

/** The guide to a code; undefined for one that nobody knows. */
export function codeGuide(code: number | string): CodeGuide | undefined {
  return Object.hasOwn(CODES, code) ? CODES[Number(code)] : undefined;
}
