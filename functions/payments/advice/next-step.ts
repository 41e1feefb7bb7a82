import type { Stored } from '../ports.ts';
import { type Capture, fieldOf, matcherOf } from '../session/fields.ts';
import { holderOf } from '../session/holder.ts';
import { capturingField, chargeOf, isSilent, phaseOf } from '../session/phase.ts';
import { isBankPayment, lastDigitsOf } from '../session/readings.ts';
import { isPending, type PaymentSession, type Terms } from '../session/session.ts';
import { cancelingGuidance, completedGuidance, completingGuidance, failedGuidance } from './endings.ts';
import { CAPTURE_GUIDE, errorGuide } from './error-types.ts';
import { failedType, nextCapture, requestFor } from './field-requests.ts';
import { done, type Guidance, question } from './guidance.ts';
import { SILENCE, type Speech, speech } from './sentences.ts';

/** What Twilio itself refuses so often will not work: captures of one field, completions. */
const MAX_REFUSALS = 5;

const TERMS_UNKNOWN =
  'The start of this payment was interrupted, so its amount is not known here. Repeat startPaymentCapture with the same arguments.';

/** What the advice depends on beside the payment. */
export interface Pace {
  /** Epoch milliseconds. */
  now: number;
  /** How often the caller may fail at one field before the advice is to stop. */
  maxAttempts: number;
  /** Who is advised; left out: whoever has the payment, and may do all with it. */
  audience?: Audience;
}

/** The client that reads the advice, and whether it may complete payments. */
export interface Audience {
  client: string;
  mayCharge: boolean;
}

/**
 * What an agent does next about a payment, and why.
 * @param view the time, and how often the caller may fail at one field.
 * @param isCommanded whether this answers a command, which nobody need give again at once.
 */
export function guidanceOf(stored: Stored<PaymentSession>, view: Pace, isCommanded: boolean): Guidance {
  const { data: session } = stored;
  const phase = phaseOf(session);
  if (phase === 'completed') return completedGuidance(session);
  if (phase === 'canceled' && chargeOf(session) !== 'unknown')
    return done('The payment was canceled. Nothing was charged.', 'canceled', 'nothing-charged');
  if (phase === 'failed' || phase === 'canceled') return failedGuidance(session);
  const { audience } = view;
  if (audience && holderOf(session) !== audience.client) return watchingGuidance(session);
  if (phase === 'completing') return completingGuidance(session, view.now, isCommanded);
  if (isPending(session.canceling)) return cancelingGuidance(session, view.now, isCommanded);
  const capturing = capturingField(session);
  if (capturing) return capturingGuidance(stored, capturing, view);
  const next = nextCapture(session);
  if (next) return missingGuidance(session, next, view);
  return audience?.mayCharge === false ? handOverGuidance() : readyGuidance(session);
}

/** A payment that somebody else has: the caller is theirs to speak to. */
function watchingGuidance(session: PaymentSession): Guidance {
  const holder = holderOf(session);
  const why = holder ? `${holder} has this payment now.` : 'It is not known who has this payment.';
  return { nextStep: 'wait', say: SILENCE, why: `${why} Leave it to them, and wait to hear how it ends.` };
}

/** All is captured, by a client that may not charge. */
function handOverGuidance(): Guidance {
  return {
    nextStep: 'wait',
    say: speech('moment'),
    why: 'All is captured. A person who may charge takes this payment over and completes it: wait to hear how it ends.',
  };
}

function capturingGuidance(stored: Stored<PaymentSession>, capturing: Capture, view: Pace): Guidance {
  const { data: session } = stored;
  const { tool, name } = CAPTURE_GUIDE[capturing];
  if (isSilent(stored, view.now)) {
    // This silence is an attempt too, though it is noted only when the field is asked for again.
    const stop = exhausted(session, capturing, view.maxAttempts - 1);
    const why = `Nothing more was heard of the ${name} for a while: what the caller typed may be lost.`;
    return stop ? { ...stop, why: `${why} ${stop.why}` } : { nextStep: tool, say: SILENCE, why };
  }
  if (session.fields[capturing]?.state === 'heard') return { nextStep: 'wait', say: SILENCE, why: '' };
  return { nextStep: 'askCaller', say: requestFor(session, capturing), why: '' };
}

/** A field is asked for: the last one that failed again, or the next one. */
function missingGuidance(session: PaymentSession, capture: Capture, view: Pace): Guidance {
  const type = failedType(session);
  const guide = type === undefined ? undefined : errorGuide(type);
  const why = guide?.why ?? '';
  const stop = exhausted(session, capture, view.maxAttempts);
  if (stop) return { ...stop, why: `${why} ${stop.why}`.trim() };
  const { tool } = CAPTURE_GUIDE[capture];
  if (guide?.form === 'question')
    return question(speech(guide.say), why, { thenCall: tool, ifNo: 'cancelPaymentCapture' });
  // Nothing is said yet: what is typed before Twilio listens is lost. The answer of the tool has the whole sentence.
  return { nextStep: tool, say: SILENCE, why };
}

/** All is captured: the caller is asked for a clear yes. A completion that Twilio keeps refusing is given up. */
function readyGuidance(session: PaymentSession): Guidance {
  if (session.completing.refused >= MAX_REFUSALS)
    return giveUp('Twilio keeps refusing to complete it. Whatever the caller answers, cancel this payment.');
  const { terms } = session;
  if (!terms) return { nextStep: 'startPaymentCapture', say: speech('moment'), why: TERMS_UNKNOWN };
  const { chargeAmount, currency } = terms;
  const digits = lastDigitsOf(session);
  const type = failedType(session);
  const failure = type === undefined ? '' : `${errorGuide(type).why} `;
  const charge = ` with chargeAmount ${chargeAmount}, currency ${currency}${digits && `, lastFour ${digits}`}`;
  return question(
    consent(session, terms, digits),
    `${failure}After a clear yes, call completePaymentCapture${chargeAmount > 0 ? charge : ''}.`,
    { thenCall: 'completePaymentCapture', ifNo: 'cancelPaymentCapture' },
  );
}

/** The question before anything is charged or saved: what, how much, and from what, if Twilio has told its last digits. */
function consent(session: PaymentSession, { chargeAmount, currency }: Terms, digits: string): Speech {
  const source = digits && (isBankPayment(session) ? ('.account' as const) : ('.card' as const));
  if (chargeAmount === 0) return { sentences: [`agree.token${source}`], digits };
  return { sentences: [`agree.charge${source}`], digits, amount: { value: chargeAmount, currency } };
}

/** The advice to stop after too many failures of a field; those of its second entry count with its own. */
function exhausted(session: PaymentSession, capture: Capture, maxAttempts: number): Guidance | undefined {
  const field = fieldOf(capture);
  const matcher = matcherOf(field);
  const records = [session.fields[field], matcher && session.fields[matcher]];
  const failures = records.flatMap((record) => record?.errors ?? []).map(({ type }) => errorGuide(type).by);
  const byCaller = failures.filter((by) => by === 'caller').length;
  if (byCaller < maxAttempts && failures.length - byCaller < MAX_REFUSALS) return undefined;
  return giveUp(
    'Too many tries have failed. Whatever the caller answers, cancel this payment; hand over to a person if they want that.',
  );
}

function giveUp(why: string): Guidance {
  return question(speech('another-way'), why, { thenCall: 'cancelPaymentCapture' });
}
