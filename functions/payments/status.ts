import {
  CAPTURE_GUIDE,
  errorGuide,
  type Guide,
  NOT_HEARD,
  OUT_OF_SEQUENCE,
  resultGuide,
} from './guidance.ts';
import { quoteOutsideText } from './outside-text.ts';
import {
  capturingField,
  failedField,
  isSilent,
  missingFields,
  type Phase,
  phaseOf,
  requiredFields,
} from './phase.ts';
import type { Stored } from './ports.ts';
import type { Sentence } from './sentences.ts';
import {
  type Capture,
  type Field,
  fieldOf,
  isPending,
  matcherOf,
  type Outcome,
  type PaymentSession,
  rankOf,
  type Seen,
} from './session.ts';

/** A completion without an outcome for so long is repeated, which is safe: one key per payment. */
const REPEAT_COMPLETION_MS = 10_000;
/** A completion without an outcome for so long is for a person to look into. */
const UNKNOWN_COMPLETION_MS = 120_000;
/** A caller who is asked to confirm by a key has that much more time before a completion is repeated. */
const CONFIRM_MS = 30_000;

/** What Twilio itself refuses so often will not work: captures of one field, completions. */
const MAX_REFUSALS = 5;

const ENDED_BY_CALLER = ['caller-hung-up', 'caller-interrupted-with-star'];

/** How a status is shown: when, in which words, to whom. */
export interface View {
  /** Epoch milliseconds. */
  now: number;
  /** How often the caller may fail at one field before the advice is to stop. */
  maxAttempts: number;
  /** The language of the caller where the payment's own is not known. */
  language: string;
  speak(sentence: Sentence | '', language: string): string;
  /** Whether the reader may have the payment token and profile id, which are shown only once the payment is complete. */
  withToken: boolean;
}

/** What to do next: a tool's name with this payment's SIDs as arguments, `wait`, `askCaller` or `done`. */
interface Guidance extends Guide {
  nextStep: string;
}

/** The same in words. */
interface Advice {
  nextStep: string;
  /** For the caller's ear; empty where there is nothing to tell them. */
  say: string;
  /** What went wrong or what is being waited for; empty where all is well. */
  why: string;
}

/** What an agent is told after each command; `why` only where there is something to say. */
export interface BriefStatus extends Omit<Advice, 'why'> {
  why?: string;
  paymentSid: string;
  phase: Phase;
  revision: number;
}

/** All that an agent is shown: the fields of the contract, empty where nothing is known, and where the payment stands. */
export interface PaymentStatus extends BriefStatus, Advice {
  why: string;
  capturing: string;
  partial: boolean;
  required: string[];
  paymentCardNumber: string;
  paymentCardType: string;
  securityCode: string;
  expirationDate: string;
  /** These three only where the payment asks for them. */
  postalCode?: string;
  bankRoutingNumber?: string;
  bankAccountNumber?: string;
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

export function briefStatus(stored: Stored<PaymentSession>, view: View): BriefStatus {
  const { why, ...brief } = describe(stored, view, true);
  return why ? { ...brief, why } : brief;
}

/** @param isCommanded whether this answers a command, which nobody need give again at once. */
function describe(stored: Stored<PaymentSession>, view: View, isCommanded = false) {
  const { data: session } = stored;
  const { nextStep, say, why } = guidanceOf(stored, view, isCommanded);
  return {
    paymentSid: session.paymentSid,
    phase: phaseOf(session),
    revision: revisionOf(session),
    nextStep,
    say: view.speak(say, session.terms?.language ?? view.language),
    why,
  };
}

export function paymentStatus(stored: Stored<PaymentSession>, view: View): PaymentStatus {
  const { data: session, updatedAt } = stored;
  const { outcome, terms } = session;
  const capturing = capturingField(session);
  const made = view.withToken && phaseOf(session) === 'completed' ? outcome : undefined;
  const described = describe(stored, view);
  return {
    ...described,
    capturing: capturing ?? '',
    required: missingFields(session),
    partial: capturing !== undefined && session.fields[capturing]?.state === 'heard',
    paymentCardNumber: shownValue(session, 'payment-card-number'),
    paymentCardType: cardTypeOf(session),
    securityCode: shownValue(session, 'security-code'),
    expirationDate: shownValue(session, 'expiration-date'),
    ...furtherValues(session),
    paymentMethod: session.paymentMethod,
    chargeAmount: terms?.chargeAmount ?? 0,
    currency: terms?.currency ?? '',
    result: outcome?.result ?? '',
    paymentConfirmationCode: outcome?.paymentConfirmationCode ?? '',
    paymentToken: made?.paymentToken ?? '',
    profileId: made?.profileId ?? '',
    lastError: lastErrorOf(session, described.nextStep),
    updatedAt,
  };
}

/** The card's brand as Twilio names it; empty where it is not known. */
export function cardTypeOf(session: PaymentSession): string {
  return (
    session.fields['payment-card-number']?.cardType || seenSince(session, 'card-type', 'payment-card-number')
  );
}

/** The last four digits of the card, or the last two of the bank account; empty where Twilio has not told them. */
export function lastDigitsOf(session: PaymentSession): string {
  const field = requiredFields(session).includes('bank-account-number')
    ? 'bank-account-number'
    : 'payment-card-number';
  return /\d+$/.exec(shownValue(session, field))?.[0] ?? '';
}

/** What is shown only of payments that ask for it: each byte of a status is read by a model, often. */
function furtherValues(session: PaymentSession) {
  const names = {
    'postal-code': 'postalCode',
    'bank-routing-number': 'bankRoutingNumber',
    'bank-account-number': 'bankAccountNumber',
  } as const;
  const asked = (Object.keys(names) as (keyof typeof names)[]).filter(
    (field) => requiredFields(session).includes(field) || shownValue(session, field),
  );
  return Object.fromEntries(asked.map((field) => [names[field], shownValue(session, field)]));
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

/** @param nextStep what is to be done about it. */
function lastErrorOf(session: PaymentSession, nextStep: string): string {
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
  const type = failedType(session);
  return type ? `${type}: ${errorGuide(type).why} Call ${nextStep}.` : '';
}

/** What a result that is no success means: one by the caller says nothing of a payment that was being completed. */
function failureGuide({ completing, terms }: PaymentSession, { result, payErrorCode }: Outcome): Guide {
  if (isPending(completing) && ENDED_BY_CALLER.includes(result)) {
    return {
      why: 'The caller ended it while the payment was being completed, and its outcome is unknown. Check with the payment processor before charging again.',
      say: '',
    };
  }
  const guide = resultGuide(result, payErrorCode);
  const isBank = terms?.paymentMethod === 'ach-debit' && guide.say === 'result.declined';
  return isBank ? { ...guide, say: 'result.bank-declined' } : guide;
}

function guidanceOf(stored: Stored<PaymentSession>, view: View, isCommanded: boolean): Guidance {
  const { data: session } = stored;
  const phase = phaseOf(session);
  const isCharge =
    (session.terms?.chargeAmount ?? 0) > 0 || Boolean(session.outcome?.paymentConfirmationCode);
  if (phase === 'completed') return done('', isCharge ? 'paid' : 'saved');
  if (phase === 'canceled') return done('The payment was canceled. Nothing was charged.', 'canceled');
  if (phase === 'failed') return failedGuidance(session);
  if (phase === 'completing') return completingGuidance(session, view.now, isCommanded);
  if (isPending(session.canceling)) {
    const nextStep = isSilent(stored, view.now) ? 'cancelPaymentCapture' : 'wait';
    return { nextStep, say: '', why: 'Twilio has not confirmed the cancel yet.' };
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

function capturingGuidance(stored: Stored<PaymentSession>, capturing: Capture, view: View): Guidance {
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
function failedType(session: PaymentSession): string | undefined {
  const failed = failedField(session);
  return failed && session.fields[failed]?.errors.at(-1)?.type;
}

function completingGuidance(session: PaymentSession, now: number, isCommanded: boolean): Guidance {
  const { confirmation } = session.terms ?? {};
  const waited = now - session.completing.at;
  const repeatAfter = REPEAT_COMPLETION_MS + (confirmation ? CONFIRM_MS : 0);
  if (waited >= UNKNOWN_COMPLETION_MS || (session.callEnded && waited >= repeatAfter)) {
    return done(
      'The outcome is unknown: Twilio was asked to complete the payment and never reported a result. Check with the payment processor before charging again.',
      'result.unknown',
    );
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
