import type { Field } from './session.ts';

/** The capture tool of each field and the words for it. */
export const FIELD_GUIDE: Record<Field, { tool: string; name: string; ask: string }> = {
  'payment-card-number': {
    tool: 'captureCardNumber',
    name: 'card number',
    ask: 'Please type your card number on the keypad.',
  },
  'security-code': {
    tool: 'captureSecurityCode',
    name: 'security code',
    ask: 'Please type the security code: three digits on the back, or four on the front.',
  },
  'expiration-date': {
    tool: 'captureExpirationDate',
    name: 'expiration date',
    ask: 'Please type the expiration date: two digits for the month, two for the year.',
  },
  'postal-code': { tool: 'wait', name: 'postal code', ask: 'Please type your postal code on the keypad.' },
  'bank-routing-number': {
    tool: 'wait',
    name: 'routing number',
    ask: 'Please type your routing number on the keypad.',
  },
  'bank-account-number': {
    tool: 'wait',
    name: 'account number',
    ask: 'Please type your account number on the keypad.',
  },
};

interface ErrorGuide {
  why: string;
  say: string;
}

/** The ErrorType of a security code that was asked for before the card number. */
export const OUT_OF_SEQUENCE = 'invalid-card-number-security-code-capture-sequence';

/** What each ErrorType of a status callback means and what to tell the caller (https://www.twilio.com/docs/voice/api/payment-resource, ErrorType). */
const ERROR_TYPES: Record<string, ErrorGuide> = {
  'input-timeout': {
    why: 'The caller did not type in time.',
    say: 'I did not get all the digits. Take your time; we will try that again.',
  },
  'invalid-card-number': {
    why: 'The card number is not valid, probably mistyped.',
    say: 'That card number was not accepted. Please check it and type it again.',
  },
  'invalid-card-type': {
    why: 'Cards of this brand are not accepted.',
    say: 'We cannot take that kind of card. Do you have another one?',
  },
  'invalid-date': {
    why: 'The expiration date is not valid or has passed.',
    say: 'That expiration date was not accepted. Please type the month and the year again, two digits each.',
  },
  'invalid-security-code': {
    why: 'The security code is not valid for this card.',
    say: 'That security code was not accepted. Please check it and type it again.',
  },
  'invalid-postal-code': {
    why: 'The postal code is not valid.',
    say: 'That postal code was not accepted. Please type it again.',
  },
  'invalid-bank-routing-number': {
    why: 'The routing number is not valid.',
    say: 'That routing number was not accepted. Please type it again.',
  },
  'invalid-bank-account-number': {
    why: 'The account number is not valid.',
    say: 'That account number was not accepted. Please type it again.',
  },
  'invalid-bank-account-type': {
    why: 'Accounts of this type are not accepted.',
    say: 'We cannot take that kind of account. Do you have another way to pay?',
  },
  [OUT_OF_SEQUENCE]: {
    why: 'The security code was asked for before the card number. Capture the card number first.',
    say: 'Let us start with the card number.',
  },
  'input-matching-failed': {
    why: 'The two entries did not match.',
    say: 'The two entries were not the same. We will try that again.',
  },
  'refused-by-twilio': { why: 'Twilio refused to listen for it.', say: 'One moment please.' },
  'session-in-progress': {
    why: 'Twilio already runs another payment session on this call.',
    say: 'One moment please.',
  },
  'internal-error': {
    why: 'Twilio had an internal error.',
    say: 'Something went wrong on our side. We will try that again.',
  },
};

export function errorGuide(type: string): ErrorGuide {
  return (
    (Object.hasOwn(ERROR_TYPES, type) && ERROR_TYPES[type]) || {
      why: 'The entry was not accepted.',
      say: 'That did not work. We will try it again.',
    }
  );
}

/** What each Result that is not a success means (same page, Result). */
const RESULTS: Record<string, ErrorGuide> = {
  'payment-connector-error': {
    why: 'The payment processor refused the payment or could not be reached. No payment was confirmed.',
    say: 'The payment was not accepted. Would you like to try another card?',
  },
  'validation-error': {
    why: 'Twilio refused the captured data. Nothing was charged.',
    say: 'The payment could not be processed. Shall we try again?',
  },
  'caller-hung-up': {
    why: 'The caller hung up before the payment was finished. Nothing was charged.',
    say: '',
  },
  'caller-interrupted-with-star': {
    why: 'The caller pressed star, which ends the payment. Nothing was charged.',
    say: 'The payment was stopped because the star key was pressed. Shall we start again?',
  },
  'transaction-cancelled': {
    why: 'The payment was canceled. Nothing was charged.',
    say: 'The payment is canceled.',
  },
  'internal-error': {
    why: 'Twilio had an internal error. No payment was confirmed; check with the payment processor before charging again.',
    say: 'Something went wrong on our side. I will find out whether the payment went through.',
  },
  'too-many-failed-attempts': {
    why: 'There were too many failed entries. Nothing was charged.',
    say: 'There were too many attempts. Shall we start again, or would you like to pay another way?',
  },
};

export function resultGuide(result: string): ErrorGuide {
  return (
    (Object.hasOwn(RESULTS, result) && RESULTS[result]) || {
      why: 'The payment failed. No payment was confirmed.',
      say: 'The payment could not be completed.',
    }
  );
}
