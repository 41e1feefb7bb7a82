import type { Stored } from '../ports.ts';
import { type Capture, fieldOf, matcherOf } from '../session/fields.ts';
import {
  CONFIRM_MS,
  capturingField,
  chargeOf,
  failedField,
  isOutcomeUnknown,
  isSilent,
  missingFields,
  phaseOf,
} from '../session/phase.ts';
import { isPending, type Outcome, type PaymentSession } from '../session/session.ts';
import {
  CAPTURE_GUIDE,
  errorGuide,
  type Guide,
  NOT_HEARD,
  OUT_OF_SEQUENCE,
  resultGuide,
} from './error-types.ts';
import type { Sentence } from './sentences.ts';

/** A completion without an outcome for so long is repeated, which is safe: one key per payment. */
const REPEAT_COMPLETION_MS = 7_000;
/** One that is still without an outcome after so long may never reach Twilio: it is called off. */
const CALL_OFF_COMPLETION_MS = 16_000;
/** A cancel that Twilio has not confirmed for so long, in milliseconds, is repeated. */
const REPEAT_CANCEL_MS = 10_000;

/** What Twilio itself refuses so often will not work: captures of one field, completions. */
const MAX_REFUSALS = 5;

const ENDED_BY_CALLER = ['caller-hung-up', 'caller-interrupted-with-star'];

/** What the advice depends on beside the payment. */
export interface Pace {
  /** Epoch milliseconds. */
  now: number;
  /** How often the caller may fail at one field before the advice is to stop. */
  maxAttempts: number;
}

/** What to do next: a tool's name with this payment's SIDs as arguments, `wait`, `askCaller` or `done`. */
export interface Guidance extends Guide {
  nextStep: string;
}

/** What to tell the caller of a result that leaves the charge open. */
function unknownSay(result: string): Sentence {
  return result === 'internal-error' ? 'result.internal-error' : 'result.unknown';
}

/** What a result that is no success means. Most of them say nothing of a charge that Twilio was asked for before. */
export function failureGuide(session: PaymentSession, { result, payErrorCode }: Outcome): Guide {
  if (chargeOf(session) === 'unknown') {
    return {
      why: 'It ended while the payment was being completed, and its outcome is unknown. Check with the payment processor before charging again.',
      say: ENDED_BY_CALLER.includes(result) ? '' : unknownSay(result),
    };
  }
  const guide = resultGuide(result, payErrorCode);
  const isBank = session.terms?.paymentMethod === 'ach-debit' && guide.say === 'result.declined';
  return isBank ? { ...guide, say: 'result.bank-declined' } : guide;
}

/**
 * What an agent is to do about a payment, and why.
 * @param view the time (epoch milliseconds), and how often the caller may fail at one field.
 * @param isCommanded whether this answers a command, which nobody need give again at once.
 */
export function guidanceOf(stored: Stored<PaymentSession>, view: Pace, isCommanded: boolean): Guidance {
  const { data: session } = stored;
  const phase = phaseOf(session);
  const isCharge =
    (session.terms?.chargeAmount ?? 0) > 0 || Boolean(session.outcome?.paymentConfirmationCode);
  if (phase === 'completed') return done(withheldWhy(session), isCharge ? 'paid' : 'saved');
  if (chargeOf(session) !== 'unknown' && phase === 'canceled')
    return done('The payment was canceled. Nothing was charged.', 'canceled');
  if (phase === 'failed' || phase === 'canceled') return failedGuidance(session);
  if (phase === 'completing') return completingGuidance(session, view.now, isCommanded);
  if (isPending(session.canceling)) {
    return cancelingGuidance(session, view.now, isCommanded);
  }
  const capturing = capturingField(session);
  if (capturing) return capturingGuidance(stored, capturing, view);
  const failed = failedField(session);
  const type = failedType(session);
  const missing = missingFields(session);
  const guide = type ? errorGuide(type) : { why: '', say: '' as const };
  const [next] = missing;
  if (!next) return readyGuidance(session, isCharge, guide);
  const isRepeated = failed && type !== OUT_OF_SEQUENCE && missing.includes(failed);
  const capture = isRepeated ? failed : next;
  const stop = exhausted(session, capture, view.maxAttempts);
  if (stop) return { ...stop, why: `${guide.why} ${stop.why}`.trim() };
  return { nextStep: CAPTURE_GUIDE[capture].tool, say: guide.say, why: guide.why };
}

/** Says what a processor made and an agent is not shown; nothing if it is shown all. */
function withheldWhy({ outcome }: PaymentSession): string {
  const withheld = outcome?.withheld ?? [];
  if (withheld.length === 0) return '';
  return `Withheld, since it could be a card number or is no plain code: ${withheld.join(', ')}. The processor has it; an operator whose codes look like that sets OPAQUE_CODES.`;
}

function failedGuidance(session: PaymentSession): Guidance {
  const { outcome, sessionError } = session;
  if (outcome) {
    const { why, say } = failureGuide(session, outcome);
    return done(why, say);
  }
  if (sessionError) {
    const { why, say } = errorGuide(sessionError);
    return done(why, say);
  }
  return done('The call ended before the payment was finished. Nothing was charged.', '');
}

function capturingGuidance(stored: Stored<PaymentSession>, capturing: Capture, view: Pace): Guidance {
  const { data: session } = stored;
  const { tool, name } = CAPTURE_GUIDE[capturing];
  if (isSilent(stored, view.now)) {
    // This silence is an attempt too, though it is noted only when the field is asked for again.
    const stop = exhausted(session, capturing, view.maxAttempts - 1);
    const why = `Nothing more was heard of the ${name} for a while: what the caller typed may be lost.`;
    return stop
      ? { ...stop, why: `${why} ${stop.why}` }
      : { nextStep: tool, say: errorGuide(NOT_HEARD).say, why };
  }
  if (session.fields[capturing]?.state === 'heard') return { nextStep: 'wait', say: '', why: '' };
  return { nextStep: 'askCaller', say: `ask.${capturing}`, why: '' };
}

/** All is captured: a completion that Twilio keeps refusing is given up. */
function readyGuidance({ completing }: PaymentSession, isCharge: boolean, { why, say }: Guide): Guidance {
  if (completing.refused >= MAX_REFUSALS) {
    const stop = 'Twilio keeps refusing to complete it: cancel the payment, or hand over to a person.';
    return { nextStep: 'cancelPaymentCapture', say: 'another-way', why: stop };
  }
  return { nextStep: 'completePaymentCapture', say: say || (isCharge ? 'agree.charge' : 'agree.token'), why };
}

/** The advice to stop, where a field was tried too often: its second entry's failures count with its own. */
function exhausted(session: PaymentSession, capture: Capture, maxAttempts: number): Guidance | undefined {
  const field = fieldOf(capture);
  const matcher = matcherOf(field);
  const records = [session.fields[field], matcher && session.fields[matcher]];
  const failures = records.flatMap((record) => record?.errors ?? []).map(({ type }) => errorGuide(type).by);
  const byCaller = failures.filter((by) => by === 'caller').length;
  if (byCaller < maxAttempts && failures.length - byCaller < MAX_REFUSALS) return undefined;
  const why = `It has failed ${failures.length} times: cancel the payment, or hand over to a person.`;
  return { nextStep: 'cancelPaymentCapture', say: 'another-way', why };
}

/** The newest error of the field that failed last. */
export function failedType(session: PaymentSession): string | undefined {
  const failed = failedField(session);
  return failed && session.fields[failed]?.errors.at(-1)?.type;
}

function cancelingGuidance({ canceling }: PaymentSession, now: number, isCommanded: boolean): Guidance {
  const isOverdue = now - canceling.at >= REPEAT_CANCEL_MS && !isCommanded;
  const nextStep = isOverdue ? 'cancelPaymentCapture' : 'wait';
  return { nextStep, say: 'moment', why: 'Twilio has not confirmed the cancel yet.' };
}

function completingGuidance(session: PaymentSession, now: number, isCommanded: boolean): Guidance {
  const { confirmation } = session.terms ?? {};
  const waited = now - session.completing.at;
  const patience = confirmation ? CONFIRM_MS : 0;
  const repeatAfter = REPEAT_COMPLETION_MS + patience;
  if (isOutcomeUnknown(session, now) || (session.callEnded && waited >= repeatAfter)) {
    return done(
      'The outcome is unknown: Twilio was asked to complete the payment and never reported a result. Check with the payment processor before charging again.',
      'result.unknown',
    );
  }
  if (isPending(session.canceling)) return cancelingGuidance(session, now, isCommanded);
  if (waited >= CALL_OFF_COMPLETION_MS + patience && !isCommanded) {
    return {
      nextStep: 'cancelPaymentCapture',
      say: 'moment',
      why: 'The outcome is overdue. Call it off: only if Twilio confirms the cancel, nothing was charged.',
    };
  }
  if (waited >= repeatAfter && !isCommanded) {
    return {
      nextStep: 'completePaymentCapture',
      say: 'moment',
      why: 'The outcome is not known yet. Repeating the completion is safe.',
    };
  }
  if (confirmation) {
    return {
      nextStep: 'askCaller',
      say: 'press-to-confirm',
      why: 'Twilio asks the caller to confirm by a key.',
    };
  }
  return { nextStep: 'wait', say: 'moment', why: 'The outcome is not known yet.' };
}

function done(why: string, say: Sentence | ''): Guidance {
  return { nextStep: 'done', say, why };
}
