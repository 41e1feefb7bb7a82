import type { Sentence } from './advice/sentences.ts';
import { codeGuide } from './advice/twilio-codes.ts';

/** The next step of an error that the same call, made again, may mend. */
const AGAIN = 'again';

interface ErrorAdvice {
  advice: string;
  /** A tool's name, `wait`, `askCaller`, `done`, or `again`: the tool that failed. */
  nextStep: string;
  say: Sentence | '';
}

/** What an agent is told when a tool can't do what was asked: stable codes, each with what to do about it. */
const ERRORS = {
  INVALID_ARGUMENT: { advice: 'Correct the arguments and call again.', nextStep: AGAIN, say: 'moment' },
  CARD_NUMBER_REFUSED: {
    advice:
      'An argument looks like a card number. Never pass one on: the caller types it on the phone keypad. Call again without it.',
    nextStep: 'askCaller',
    say: 'never-aloud',
  },
  AMOUNT_REFUSED: {
    advice: 'Check the amount with the caller, or hand over to a person.',
    nextStep: 'askCaller',
    say: 'check-amount',
  },
  CURRENCY_REFUSED: {
    advice: 'Agree on one of these with the caller, or hand over to a person.',
    nextStep: 'askCaller',
    say: 'check-amount',
  },
  CONFIRMATION_REQUIRED: {
    advice:
      'A charge must be confirmed: tell the caller amount, currency and last digits, get a clear yes, then call completePaymentCapture with chargeAmount, currency and lastFour as getPaymentStatus has them.',
    nextStep: 'completePaymentCapture',
    say: 'agree.charge',
  },
  CONFIRMATION_MISMATCH: {
    advice:
      'What was confirmed is not what would be charged, so nothing was done. Read the status and agree on that with the caller, or cancel.',
    nextStep: 'getPaymentStatus',
    say: 'check-amount',
  },
  CONFIRMATION_DECLINED: {
    advice: 'The person said no, so nothing was done. Ask what to change, or cancel the payment.',
    nextStep: 'cancelPaymentCapture',
    say: 'moment',
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
    say: '',
  },
  CALL_NOT_IN_PROGRESS: {
    advice: 'The call is not in progress. Start a payment only while the caller is on the line.',
    nextStep: 'done',
    say: '',
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
    advice: 'A payment with other terms lives on this call. Finish or cancel it first.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
  PAYMENT_FINISHED: {
    advice: 'This payment has ended. Start a new one if the caller wants to try again.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
  ALREADY_PAID: {
    advice:
      'A payment has already succeeded on this call. Only if the caller agrees to a second one, start it with anotherPayment: true.',
    nextStep: 'askCaller',
    say: 'pay-again',
  },
  MAY_BE_CHARGED: {
    advice:
      'Whether a payment on this call was charged is not known. Check with the payment processor, or hand over to a person. Only if the caller agrees to a payment that may be a second one, start it with anotherPayment: true.',
    nextStep: 'askCaller',
    say: 'result.unknown',
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
    nextStep: AGAIN,
    say: 'moment',
  },
  COMPLETING: {
    advice: 'The payment is being completed and its outcome is not known yet. Wait and read the status.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
  CANCELING: {
    advice: 'The payment is being canceled. Wait and read the status.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
  FIELD_NOT_REQUIRED: {
    advice: 'This payment does not ask for that.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
  OUT_OF_ORDER: {
    advice:
      'The security code can only be checked once the card number is in, and a second entry compared once the first is. Capture that first.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
  NOT_READY: {
    advice: 'Fields are still missing. Capture them first.',
    nextStep: 'getPaymentStatus',
    say: 'moment',
  },
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
    nextStep: AGAIN,
    say: 'moment',
  },
  TWILIO_UNAVAILABLE: {
    advice:
      'Twilio did not answer. Wait a few seconds and repeat the same call with the same arguments, which is safe; after three failures hand over to a person.',
    nextStep: AGAIN,
    say: 'moment',
  },
  TWILIO_REFUSED: { advice: 'Twilio refused this.', nextStep: 'getPaymentStatus', say: 'moment' },
  STORE_UNAVAILABLE: {
    advice:
      'The payment state could not be read or saved. Wait a few seconds and repeat the same call with the same arguments, which is safe; after three failures hand over to a person.',
    nextStep: AGAIN,
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

/** What Twilio answered, where it answered at all: HTTP status and its own error code, 0 where there was none. */
export interface TwilioAnswer {
  status: number;
  code: number;
}

/** Statuses with which Twilio has done nothing, whatever the code: no access, nothing there, too many requests. */
const NOT_DONE_STATUSES = [401, 403, 404, 429];

/** A known code that leaves open whether something was done: Pay is not available (https://www.twilio.com/docs/api/errors/64002). */
const UNCLEAR_CODE = 64002;
/** Another step is under way, or the session has ended (https://www.twilio.com/docs/api/errors/64021). */
const BUSY_OR_ENDED = 64021;

/** A closed list: a time-out (408), a code that is not known here and an error of Twilio's own (5xx) mean nothing. */
function meansNotDone({ status, code }: TwilioAnswer): boolean {
  if (status === 408 || status < 400 || status >= 500 || code === UNCLEAR_CODE) return false;
  return NOT_DONE_STATUSES.includes(status) || codeGuide(code) !== undefined;
}

export interface PaymentErrorOptions extends ErrorOptions {
  /** A sentence of our own about this case; never text from outside. */
  detail?: string;
  twilio?: TwilioAnswer;
  nextStep?: string;
  say?: Sentence | '';
}

/** The one error that reaches an agent: its message is the code, what happened and what to do, in that order. */
export class PaymentError extends Error {
  override readonly name = 'PaymentError';
  readonly code: ErrorCode;
  readonly twilio: TwilioAnswer | undefined;
  readonly say: Sentence | '';
  readonly #nextStep: string;

  constructor(code: ErrorCode, options: PaymentErrorOptions = {}) {
    const { detail, twilio, nextStep, say, ...rest } = options;
    const answered = twilio
      ? ` (Twilio error ${twilio.code || 'none'}, HTTP ${twilio.status || 'no answer'})`
      : '';
    super(`${code}: ${detail ? `${detail} ` : ''}${ERRORS[code].advice}${answered}`, rest);
    this.code = code;
    this.twilio = twilio;
    this.#nextStep = nextStep ?? ERRORS[code].nextStep;
    this.say = say ?? ERRORS[code].say;
  }

  /** What to do after a tool failed with this: a tool's name, `wait`, `askCaller` or `done`. */
  nextStepAfter(tool: string): string {
    // A start that failed has no payment whose status could be read, and may be repeated.
    const isAgain = this.code === 'INTERNAL_ERROR' && tool === 'startPaymentCapture';
    return isAgain || this.#nextStep === AGAIN ? tool : this.#nextStep;
  }

  /** Whether Twilio has said that it did not do what was asked. Without a clear answer nobody knows. */
  get wasRefused(): boolean {
    return this.twilio !== undefined && meansNotDone(this.twilio);
  }

  /** Whether Twilio answered that something is wrong with the request, though not always that nothing was done. */
  get wasRejected(): boolean {
    const { status = 0 } = this.twilio ?? {};
    return status >= 400 && status < 500 && status !== 408;
  }

  /** Whether Twilio did not do it because the session is busy or has ended, perhaps with what was asked for before. */
  get isBusyOrEnded(): boolean {
    return this.twilio?.code === BUSY_OR_ENDED;
  }
}
