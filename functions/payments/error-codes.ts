import type { NextStep, ToolName } from './advice/guidance.ts';
import type { Sentence } from './advice/sentences.ts';

/** The same call again: the tool that failed. */
type OrAgain<T> = T | 'again';

/** What an agent does about an error, unless the state of the payment tells it better. */
export interface ErrorAdvice {
  advice: string;
  nextStep: OrAgain<NextStep>;
  say?: Sentence;
  /** After a question: what follows the answer, or a yes. */
  thenCall?: OrAgain<ToolName>;
  /** What follows a no. */
  ifNo?: ToolName | 'done';
}

/** What an agent is told when a tool can't do what it was asked for: stable codes, each with what to do about it. */
export const ERRORS = {
  INVALID_ARGUMENT: { advice: 'Correct the arguments and call again.', nextStep: 'again', say: 'moment' },
  CARD_NUMBER_REFUSED: {
    advice:
      'An argument looks like a card number. Never pass one on: the caller types it on the phone keypad. Call again without it.',
    nextStep: 'askCaller',
    say: 'never-aloud',
    thenCall: 'again',
  },
  AMOUNT_REFUSED: {
    advice:
      'Check the amount with the caller, then call startPaymentCapture with what you agreed on, or hand over to a person. Never split an amount.',
    nextStep: 'askCaller',
    say: 'check-amount',
    thenCall: 'startPaymentCapture',
    ifNo: 'done',
  },
  CURRENCY_REFUSED: {
    advice:
      'Agree on one of these with the caller, then call startPaymentCapture with its amount, or hand over to a person.',
    nextStep: 'askCaller',
    say: 'check-currency',
    thenCall: 'startPaymentCapture',
    ifNo: 'done',
  },
  CONFIRMATION_REQUIRED: {
    advice:
      'A charge must be confirmed: tell the caller amount, currency and last digits, get a clear yes, then call completePaymentCapture with chargeAmount, currency and lastFour.',
    nextStep: 'getPaymentStatus',
  },
  CONFIRMATION_MISMATCH: {
    advice:
      'One of chargeAmount, currency and lastFour is not that of this payment, so nothing was done. Agree with the caller on what getPaymentStatus shows. To change the amount, cancel and start a new payment.',
    nextStep: 'getPaymentStatus',
  },
  CONFIRMATION_DECLINED: {
    advice:
      'The person said no, so nothing was done. After a yes, cancel the payment; after a no, read the status to go on with it.',
    nextStep: 'askCaller',
    say: 'stop-payment',
    thenCall: 'cancelPaymentCapture',
    ifNo: 'getPaymentStatus',
  },
  TERMS_UNKNOWN: {
    advice:
      'The start of this payment was interrupted, so its amount is not known here. Repeat startPaymentCapture with the same arguments first.',
    nextStep: 'startPaymentCapture',
    say: 'moment',
  },
  CALL_NOT_FOUND: {
    advice: "There is no such call in this account. Use the SID of the caller's own leg.",
    nextStep: 'done',
  },
  CALL_NOT_IN_PROGRESS: {
    advice:
      'Start a payment only while the caller is on the line. If they call back, use the SID of the new call.',
    nextStep: 'done',
  },
  NOT_THE_CALLERS_LEG: {
    advice: "This leg does not hear the caller's keypad. Start on the caller's own PSTN leg.",
    nextStep: 'startPaymentCapture',
    say: 'moment',
  },
  PAYMENT_NOT_FOUND: {
    advice: 'There is no such payment on this call. Call startPaymentCapture, which gives its paymentSid.',
    nextStep: 'startPaymentCapture',
    say: 'moment',
  },
  PAYMENT_IN_PROGRESS: {
    advice:
      'A payment with other terms lives on this call. Read its status and finish it, or cancel it and start anew.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
  CALL_BUSY: {
    advice:
      "The call is not free for a payment of yours: it has, or had, one of another client's. Hand over to a person who may see all payments.",
    nextStep: 'done',
    say: 'hand-over',
  },
  TAKEN_OVER: {
    advice: 'Nothing was done. Leave the payment to them, and read the status to hear how it ends.',
    nextStep: 'wait',
  },
  PAYMENT_FINISHED: {
    advice: 'This payment has ended. Read its status to see how.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
  ALREADY_PAID: {
    advice:
      'A payment has already succeeded on this call. Only if the caller agrees to a second one, call startPaymentCapture with anotherPayment: true.',
    nextStep: 'askCaller',
    say: 'pay-again',
    thenCall: 'startPaymentCapture',
    ifNo: 'done',
  },
  MAY_BE_CHARGED: {
    advice:
      'Whether a payment on this call was charged is not known. Check with the payment processor, or hand over to a person. Only if the caller agrees to a payment that may be a second one, call startPaymentCapture with anotherPayment: true.',
    nextStep: 'askCaller',
    say: 'may-be-charged',
    thenCall: 'startPaymentCapture',
    ifNo: 'done',
  },
  SESSION_IN_PROGRESS: {
    advice:
      'Twilio says that a payment session is already live on this call, and it is not known here. Wait a few seconds and repeat the same call; if it stays so, the session was started elsewhere: end it there.',
    nextStep: 'startPaymentCapture',
    say: 'moment',
  },
  STARTING: {
    advice:
      'A start with other terms is under way on this call. Wait, then repeat that start or cancel its payment.',
    nextStep: 'again',
    say: 'moment',
  },
  COMPLETING: {
    advice: 'The payment is being completed and its outcome is not known yet. Wait and read the status.',
    nextStep: 'getPaymentStatus',
    say: 'processing',
  },
  CANCELING: {
    advice: 'The payment is being canceled. Wait and read the status.',
    nextStep: 'getPaymentStatus',
    say: 'canceling',
  },
  FIELD_NOT_REQUIRED: {
    advice: 'This payment does not ask for that field.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
  OUT_OF_ORDER: {
    advice: 'Another field comes before this one. Read the status.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
  NOT_READY: { advice: 'Capture what is missing first.', nextStep: 'getPaymentStatus', say: 'moment' },
  COMPLETION_UNKNOWN: {
    advice:
      'Twilio did not answer clearly: the payment may or may not be under way. Read the status; repeating completePaymentCapture for this payment is safe, a new payment is not.',
    nextStep: 'wait',
    say: 'moment',
  },
  TWILIO_UNAUTHORIZED: {
    advice:
      'Twilio refused the credentials. Tell the operator to check API_KEY and API_SECRET; do not retry.',
    nextStep: 'done',
    say: 'hand-over',
  },
  TWILIO_NOT_FOUND: {
    advice: 'Twilio does not know the call or payment any more. Read the status before going on.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
  TWILIO_RATE_LIMITED: {
    advice:
      'Twilio is taking too many requests and did not do this one. Wait a few seconds and repeat the same call; after three failures hand over to a person.',
    nextStep: 'again',
    say: 'moment',
  },
  TWILIO_UNAVAILABLE: {
    advice:
      'Twilio did not answer. Wait a few seconds and repeat the same call with the same arguments, which is safe; after three failures hand over to a person.',
    nextStep: 'again',
    say: 'moment',
  },
  TWILIO_REFUSED: { advice: 'Twilio refused this.', nextStep: 'getPaymentStatus', say: 'moment' },
  STORE_UNAVAILABLE: {
    advice:
      'The payment state could not be read or saved. Wait a few seconds and repeat the same call with the same arguments, which is safe; after three failures hand over to a person.',
    nextStep: 'again',
    say: 'moment',
  },
  NOT_CONFIGURED: {
    advice: 'The server is not configured. Tell the operator; do not retry.',
    nextStep: 'done',
    say: 'hand-over',
  },
  INTERNAL_ERROR: {
    advice: 'The server failed. Read the status before going on.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
} as const satisfies Record<string, ErrorAdvice>;

export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];
