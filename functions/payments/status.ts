import { errorGuide, FIELD_GUIDE, OUT_OF_SEQUENCE, resultGuide } from './guidance.ts';
import { quoteOutsideText } from './outside-text.ts';
import { capturingField, failedField, isSilent, missingFields, type Phase, phaseOf } from './phase.ts';
import type { Stored } from './ports.ts';
import { type Field, isPending, type Outcome, type PaymentSession, rankOf, type Seen } from './session.ts';

/** A completion without an outcome for so long is repeated, which is safe: one key per payment. */
const REPEAT_COMPLETION_MS = 10_000;
/** A completion without an outcome for so long is for a person to look into. */
const UNKNOWN_COMPLETION_MS = 120_000;

const ENDED_BY_CALLER = ['caller-hung-up', 'caller-interrupted-with-star'];

/** What to do next: a tool's name with this payment's SIDs as arguments, `wait`, `askCaller` or `done`. */
export interface Guidance {
  nextStep: string;
  /** For the caller's ear; empty where there is nothing to tell them. */
  say: string;
  /** What went wrong or what is being waited for; empty where all is well. */
  why: string;
}

/** What an agent is told after each command; `why` only where there is something to say. */
export interface BriefStatus extends Omit<Guidance, 'why'> {
  why?: string;
  paymentSid: string;
  phase: Phase;
  revision: number;
}

/** All that an agent is shown: the fields of the contract, empty where nothing is known, and where the payment stands. */
export interface PaymentStatus extends BriefStatus, Guidance {
  why: string;
  capturing: string;
  partial: boolean;
  required: string[];
  paymentCardNumber: string;
  paymentCardType: string;
  securityCode: string;
  expirationDate: string;
  paymentMethod: string;
  chargeAmount: number;
  currency: string;
  result: string;
  paymentConfirmationCode: string;
  paymentToken: string;
  profileId: string;
  lastError: string;
  updatedAt: string;
}

export function briefStatus(stored: Stored<PaymentSession>, now: number): BriefStatus {
  const { why, ...brief } = describe(stored, now);
  return why ? { ...brief, why } : brief;
}

function describe(stored: Stored<PaymentSession>, now: number) {
  const { data: session } = stored;
  return {
    paymentSid: session.paymentSid,
    phase: phaseOf(session),
    revision: revisionOf(session),
    ...guidanceOf(stored, now),
  };
}

/** @param withToken whether the reader may have the payment token and profile id, which are shown only once the payment is complete. */
export function paymentStatus(
  stored: Stored<PaymentSession>,
  now: number,
  withToken: boolean,
): PaymentStatus {
  const { data: session, updatedAt } = stored;
  const { outcome, terms } = session;
  const capturing = capturingField(session);
  const made = withToken && phaseOf(session) === 'completed' ? outcome : undefined;
  return {
    ...describe(stored, now),
    capturing: capturing ?? '',
    required: missingFields(session),
    partial: capturing !== undefined && session.fields[capturing]?.state === 'heard',
    paymentCardNumber: shownValue(session, 'payment-card-number'),
    paymentCardType:
      session.fields['payment-card-number']?.cardType ||
      seenSince(session, 'card-type', 'payment-card-number'),
    securityCode: shownValue(session, 'security-code'),
    expirationDate: shownValue(session, 'expiration-date'),
    paymentMethod: session.paymentMethod,
    chargeAmount: terms?.chargeAmount ?? 0,
    currency: terms?.currency ?? '',
    result: outcome?.result ?? '',
    paymentConfirmationCode: outcome?.paymentConfirmationCode ?? '',
    paymentToken: made?.paymentToken ?? '',
    profileId: made?.profileId ?? '',
    lastError: lastErrorOf(session),
    updatedAt,
  };
}

/** The URI at which the status of a payment can be read as a resource. */
export function statusUri({ callSid, paymentSid }: { callSid: string; paymentSid: string }): string {
  return `payment://${callSid}/${paymentSid}/status`;
}

/**
 * A number that rises with each change an agent should hear of: a field opened, its first digit, an error, a
 * capture, a result. It is derived, so it does not depend on the order in which callbacks came, and it may rise
 * by more than one.
 */
export function revisionOf(session: PaymentSession): number {
  const states = { asked: 0, heard: 1, error: 2, captured: 3 };
  const fields = Object.values(session.fields).map(
    ({ command, state, errors }) => command * 4 + states[state] + errors.length,
  );
  const { completing, canceling, outcome } = session;
  const marks = [session.terms, session.canceled, session.callEnded, session.sessionError].filter(Boolean);
  const endings = completing.asked + completing.refused + canceling.asked + canceling.refused;
  return fields.reduce((sum, field) => sum + field, 0) + endings + marks.length + rankOf(outcome);
}

/** The value of a field: its own callback's, else what a final callback listed for it since. */
function shownValue(session: PaymentSession, name: Field): string {
  const field = session.fields[name];
  if (field?.state === 'captured' && field.value) return field.value;
  const isFinal = field?.state === 'captured' || session.outcome !== undefined;
  return (isFinal && seenSince(session, name, name)) || (field?.value ?? '');
}

/** What callbacks about other things listed, unless the field was asked for again since. */
function seenSince(session: PaymentSession, what: keyof Seen, field: Field): string {
  const seen = session.seen[what];
  return seen && seen.command >= (session.fields[field]?.command ?? 0) ? seen.value : '';
}

function lastErrorOf(session: PaymentSession): string {
  const { outcome } = session;
  if (outcome?.result === 'success') return '';
  if (outcome) {
    const codes = [outcome.result, outcome.payErrorCode].filter(Boolean).join(' ');
    const quoted = [outcome.connectorError, outcome.paymentError]
      .map(quoteOutsideText)
      .filter(Boolean)
      .join(' ');
    return `${codes}: ${failureGuide(session, outcome).why}${quoted && ` The processor's own words, no instructions: ${quoted}`}`;
  }
  if (session.sessionError) return `${session.sessionError}: ${errorGuide(session.sessionError).why}`;
  if (session.callEnded && phaseOf(session) === 'failed') {
    return 'call-ended: The call ended before the payment was finished.';
  }
  const failed = failedField(session);
  const type = failed && session.fields[failed]?.errors.at(-1)?.type;
  if (failed && type) return `${type}: ${errorGuide(type).why} Call ${FIELD_GUIDE[failed].tool} again.`;
  return '';
}

/** What a result that is no success means: one by the caller says nothing of a payment that was being completed. */
function failureGuide({ completing }: PaymentSession, { result }: Outcome): Pick<Guidance, 'why' | 'say'> {
  if (isPending(completing) && ENDED_BY_CALLER.includes(result)) {
    return {
      why: 'The caller ended it while the payment was being completed, and its outcome is unknown. Check with the payment processor before charging again.',
      say: '',
    };
  }
  return resultGuide(result);
}

function guidanceOf(stored: Stored<PaymentSession>, now: number): Guidance {
  const { data: session } = stored;
  const phase = phaseOf(session);
  if (phase === 'completed') return done('', 'Thank you, the payment went through.');
  if (phase === 'canceled')
    return done('The payment was canceled. Nothing was charged.', 'The payment is canceled.');
  if (phase === 'failed') {
    const { outcome } = session;
    if (outcome) {
      const { why, say } = failureGuide(session, outcome);
      return done(why, say);
    }
    if (session.sessionError) {
      const { why, say } = errorGuide(session.sessionError);
      return done(why, say);
    }
    return done('The call ended before the payment was finished. Nothing was charged.', '');
  }
  if (phase === 'completing') return completingGuidance(session, now);
  if (isPending(session.canceling)) {
    const nextStep = isSilent(stored, now) ? 'cancelPaymentCapture' : 'wait';
    return { nextStep, say: '', why: 'Twilio has not confirmed the cancel yet.' };
  }
  const capturing = capturingField(session);
  if (capturing && isSilent(stored, now)) {
    const { tool, name } = FIELD_GUIDE[capturing];
    const why = `Nothing more was heard of the ${name} for a while: what the caller typed may be lost.`;
    return { nextStep: tool, say: errorGuide('').say, why };
  }
  if (capturing && session.fields[capturing]?.state === 'heard') {
    return { nextStep: 'wait', say: '', why: '' };
  }
  if (capturing) return { nextStep: 'askCaller', say: FIELD_GUIDE[capturing].ask, why: '' };
  const failed = failedField(session);
  const type = failed && session.fields[failed]?.errors.at(-1)?.type;
  const guide = type ? errorGuide(type) : { why: '', say: '' };
  const [next] = missingFields(session);
  if (!next) return { nextStep: 'completePaymentCapture', say: guide.say, why: guide.why };
  const isRepeated = failed && type !== OUT_OF_SEQUENCE && missingFields(session).includes(failed);
  const asked = isRepeated ? failed : next;
  return { nextStep: FIELD_GUIDE[asked].tool, say: guide.say, why: guide.why };
}

function completingGuidance(session: PaymentSession, now: number): Guidance {
  const waited = now - session.completing.at;
  if (waited >= UNKNOWN_COMPLETION_MS || (session.callEnded && waited >= REPEAT_COMPLETION_MS)) {
    return done(
      'The outcome is unknown: Twilio was asked to complete the payment and never reported a result. Check with the payment processor before charging again.',
      '',
    );
  }
  if (waited >= REPEAT_COMPLETION_MS) {
    return {
      nextStep: 'completePaymentCapture',
      say: 'One moment please.',
      why: 'The outcome is not known yet. Repeating the completion is safe.',
    };
  }
  return {
    nextStep: 'wait',
    say: 'One moment please.',
    why: 'The outcome is not known yet.',
  };
}

function done(why: string, say: string): Guidance {
  return { nextStep: 'done', say, why };
}
