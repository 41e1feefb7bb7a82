import type { Sentence } from './sentences.ts';

/** What a code of Twilio's means for an agent. */
export interface CodeGuide {
  why: string;
  /** What the caller hears when a request failed with it. */
  say?: Sentence;
  /** What follows a failed request, `again` being the same call; after `askCaller` the payment is started with other terms. */
  nextStep: 'again' | 'getPaymentStatus' | 'askCaller' | 'done';
  /** What the caller hears when a payment ended with it, if it tells more than the result itself. */
  result?: Sentence;
}

/** The same call would fail again: an operator has to change something, or the payment needs other terms. */
const hopeless = (why: string): CodeGuide => ({
  why,
  say: 'hand-over',
  nextStep: 'done',
  result: 'hand-over',
});
/** A payment with other terms, which the caller is asked for, would work. */
const otherTerms = (why: string, say: Sentence): CodeGuide => ({
  why,
  say,
  nextStep: 'askCaller',
  result: 'hand-over',
});
const declined = (why: string, result: Sentence = 'result.declined'): CodeGuide => ({
  why,
  say: 'moment',
  nextStep: 'getPaymentStatus',
  result,
});
const passing = (why: string, nextStep: 'again' | 'getPaymentStatus'): CodeGuide => ({
  why,
  say: 'moment',
  nextStep,
});

/**
 * Twilio's codes, as its REST API answers them and as the last callback of a payment carries them in PayErrorCode
 * (https://www.twilio.com/docs/api/errors).
 */
const CODES: Record<number, CodeGuide> = {
  20001: hopeless('A parameter was not valid: report this to the operator.'),
  20003: hopeless('Twilio refused the credentials: the operator should check API_KEY and API_SECRET.'),
  20404: { why: 'Twilio does not know it.', nextStep: 'getPaymentStatus' },
  20409: passing('Something else changed it at the same moment.', 'again'),
  20422: hopeless('Twilio could not process a value: report this to the operator.'),
  20429: passing('Twilio is taking too many requests.', 'again'),
  21220: { why: 'The call is not in progress.', nextStep: 'done' },
  21609: hopeless('The status callback URL is not valid: the operator should check PUBLIC_URL.'),
  64001: hopeless(
    'Pay is not configured correctly: the operator should check the connector in the Twilio Console.',
  ),
  64002: {
    ...passing('Twilio Pay or the payment gateway is not available.', 'again'),
    result: 'result.processor-down',
  },
  64003: otherTerms(
    'The amount is not valid: use a positive number with at most the decimals of its currency.',
    'check-amount',
  ),
  64004: hopeless('There is no payment connector of that name: the operator should check PAYMENT_CONNECTOR.'),
  64005: hopeless('The connector cannot make tokens: start with an amount to charge.'),
  64006: hopeless('The connector cannot make this type of token: start with another tokenType.'),
  64007: hopeless('The connector cannot charge: start without an amount to make a token.'),
  64008: declined('The payment gateway refused the charge.'),
  64009: hopeless(
    'The payment gateway no longer authorizes Twilio: the operator should reconnect it in the Twilio Console.',
  ),
  64010: declined('The payment gateway refused to make a token.'),
  64011: otherTerms('The connector does not accept this currency.', 'check-currency'),
  64012: declined('The payment gateway refused the card.'),
  64013: hopeless('The connector does not accept this payment method: start with another paymentMethod.'),
  64014: otherTerms(
    "The connector needs AVSName, the account holder's name: start with it in parameter.",
    'ask.account-holder',
  ),
  64015: hopeless('The connector needs a parameter that is missing: start with it in parameter.'),
  64016: hopeless('A URL is not https: the operator should check PUBLIC_URL.'),
  64017: hopeless('A bank account type was sent with a card payment: start without bankAccountType.'),
  64018: hopeless('Exactly one of capture and status must be sent: report this to the operator.'),
  64019: passing('Twilio says that something required is still missing.', 'getPaymentStatus'),
  64020: hopeless('A parameter was not valid: report this to the operator.'),
  64021: passing(
    'Twilio does not allow this now: another step of the payment is under way, or Twilio has ended it. If it stays so, cancel this payment and start a new one.',
    'getPaymentStatus',
  ),
  64022: declined('The connector runs in test mode, which takes test cards only.'),
  64023: declined('The connector runs in test mode, which takes test accounts only.', 'result.bank-declined'),
  64024: hopeless('The connector is not approved for live payments: the operator should have it approved.'),
};

/** The guide to a code; undefined for one that nobody knows. */
export function codeGuide(code: number | string): CodeGuide | undefined {
  return Object.hasOwn(CODES, code) ? CODES[Number(code)] : undefined;
}
