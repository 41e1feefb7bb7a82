import { codeGuide } from './advice/twilio-codes.ts';
import { ERRORS, type ErrorAdvice, type ErrorCode } from './error-codes.ts';
import type { Stored } from './ports.ts';
import type { PaymentSession } from './session/session.ts';

/** What Twilio answered: HTTP status and its own error code, 0 if there was none. */
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

export interface PaymentErrorOptions extends ErrorOptions, Partial<Omit<ErrorAdvice, 'advice'>> {
  /** A sentence of our own about this case; never text from outside. */
  detail?: string;
  twilio?: TwilioAnswer;
  /** The payment that the error is about, as it stood: its state tells the next step. */
  payment?: Stored<PaymentSession>;
}

/** The one error that reaches an agent: its message is the code, what happened and what to do, in that order. */
export class PaymentError extends Error {
  override readonly name = 'PaymentError';
  readonly code: ErrorCode;
  readonly detail: string;
  readonly twilio: TwilioAnswer | undefined;
  /** The payment that the error is about, as it stood: its state tells the next step. */
  payment: Stored<PaymentSession> | undefined;
  /** What to do about it if the payment does not tell. */
  readonly advice: ErrorAdvice;

  constructor(code: ErrorCode, options: PaymentErrorOptions = {}) {
    const { detail = '', twilio, payment, nextStep, say, thenCall, ifNo, ...rest } = options;
    const advice: ErrorAdvice = { ...ERRORS[code] };
    // What follows a question belongs to that question.
    const own = nextStep && { nextStep, thenCall, ifNo };
    super(sentences(`${code}:`, detail, advice.advice, answered(twilio)), rest);
    this.code = code;
    this.detail = detail;
    this.twilio = twilio;
    this.payment = payment;
    this.advice = { ...advice, ...own, ...(say && { say }) };
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

function sentences(...parts: string[]): string {
  return parts.filter(Boolean).join(' ');
}

/** What Twilio answered, for whoever looks it up; nothing if it did not answer. */
function answered(twilio: TwilioAnswer | undefined): string {
  if (!twilio?.status && !twilio?.code) return '';
  const parts = [twilio.code && `Twilio error ${twilio.code}`, twilio.status && `HTTP ${twilio.status}`];
  return `(${parts.filter(Boolean).join(', ')})`;
}
