import { CAPTURES, type Capture, fieldOf, isMatcher } from './fields.ts';
import { isPending, type PaymentSession, requiredFields } from './session.ts';

export const PHASES = [
  'started',
  'capturing',
  'ready',
  'completing',
  'completed',
  'canceled',
  'failed',
] as const;
export type Phase = (typeof PHASES)[number];

/** Where a payment stands; a result from Twilio decides, then what was asked of Twilio, then what is captured. */
export function phaseOf(session: PaymentSession): Phase {
  const { outcome } = session;
  const charge = chargeOf(session);
  if (charge === 'made') return 'completed';
  if (outcome)
    return isPending(session.canceling) || outcome.result === 'transaction-cancelled' ? 'canceled' : 'failed';
  if (isPending(session.completing)) return charge === 'none' ? 'failed' : 'completing';
  if (session.canceled || session.abandoned) return 'canceled';
  if (session.callEnded || isRefusedAtStart(session)) return 'failed';
  if (Object.keys(session.fields).length === 0) return 'started';
  return missingFields(session).length === 0 ? 'ready' : 'capturing';
}

export function isFinished(session: PaymentSession): boolean {
  return ['completed', 'canceled', 'failed'].includes(phaseOf(session));
}

/** What is required and not captured, in the order in which it should be asked for. */
export function missingFields(session: PaymentSession): Capture[] {
  const required = requiredFields(session);
  return CAPTURES.filter((name) => required.includes(name) && !isCaptured(session, name));
}

/** Whether a capture has its value. A second entry counts for the first one before it, not for one that was typed since. */
export function isCaptured({ fields }: PaymentSession, name: Capture): boolean {
  const record = fields[name];
  if (record?.state !== 'captured') return false;
  return !isMatcher(name) || record.command > (fields[fieldOf(name)]?.command ?? 0);
}

/** Whether Twilio refused the session as it began, because another one lives on the call: nothing was ever asked of it. */
export function isRefusedAtStart({ sessionError, fields }: PaymentSession): boolean {
  return sessionError === 'session-in-progress' && Object.keys(fields).length === 0;
}

/**
 * Whether a result or the end of the call shows that the session is over. One that was canceled without a result is over
 * for us, and may still live at Twilio.
 */
export function isCertainlyOver({ outcome, callEnded }: PaymentSession): boolean {
  return outcome !== undefined || callEnded !== '';
}

/** Milliseconds after which a completion without an outcome is for a person to look into. */
const UNKNOWN_COMPLETION_MS = 28_000;
/** A caller who is asked to confirm by a key has that much more time, in milliseconds. */
export const CONFIRM_MS = 30_000;

/** Whether the outcome of a completion is not known, and nothing that can be done now will tell. */
export function isOutcomeUnknown(session: PaymentSession, now: number): boolean {
  if (phaseOf(session) !== 'completing') return false;
  const patience = UNKNOWN_COMPLETION_MS + (session.terms?.confirmation ? CONFIRM_MS : 0);
  return session.canceled || session.abandoned || now - session.completing.at >= patience;
}

/** Whether a payment is under way, so that another one must wait for it. */
export function isLive(session: PaymentSession, now: number): boolean {
  return !isFinished(session) && !isOutcomeUnknown(session, now);
}

/** Whether the processor refused a payment. */
export function isDeclined({ outcome }: PaymentSession): boolean {
  return outcome?.result === 'payment-connector-error';
}

/** Whether a payment was charged (or its token made), was not, or may have been. */
export type Charge = 'made' | 'none' | 'unknown';

/**
 * Results with which Twilio says that a payment was not charged although it was asked to complete it: the processor or
 * Twilio refused it, or it was canceled first. Any other result may be about a session whose charge went through.
 */
const NOT_CHARGED = ['payment-connector-error', 'validation-error', 'transaction-cancelled'];

/** What is known of a payment's charge: what Twilio has reported, and what an operator found if Twilio says nothing. */
export function chargeOf(session: PaymentSession): Charge {
  const charge = reportedCharge(session);
  const { settlement } = session;
  if (charge !== 'unknown' || !settlement) return charge;
  return settlement.isCharged ? 'made' : 'none';
}

/**
 * The charge of a payment on a call. One without a document may have been charged.
 * @param ledger the call's, which remembers what an operator found when the document has gone.
 */
export function chargeOnCall(
  { notCharged }: { notCharged: readonly string[] },
  paymentSid: string,
  session: PaymentSession | undefined,
): Charge {
  const charge = session ? chargeOf(session) : 'unknown';
  return charge === 'unknown' && notCharged.includes(paymentSid) ? 'none' : charge;
}

/** Whether an operator may say what the processor knows of a payment: Twilio does not, and none is under way. */
export function isOpenToSettle(session: PaymentSession, now: number): boolean {
  if (reportedCharge(session) !== 'unknown') return false;
  return session.settlement !== undefined || isFinished(session) || isOutcomeUnknown(session, now);
}

/** What Twilio says of a payment's charge: one that it was asked to complete counts until it says no. */
export function reportedCharge({ outcome, completing }: PaymentSession): Charge {
  if (outcome?.result === 'success') return 'made';
  if (!isPending(completing)) return 'none';
  return outcome && NOT_CHARGED.includes(outcome.result) ? 'none' : 'unknown';
}

/** A field that is asked for, but of which nothing was heard for so long, is to be asked for again. */
const SILENT_MS = 20_000;

/** Whether nothing was stored for so long that what Twilio last had to report must have been lost. */
export function isSilent({ updatedAt }: { updatedAt: string }, now: number): boolean {
  return now - Date.parse(updatedAt) >= SILENT_MS;
}

/** The field that Twilio is listening for: the newest command's, until it is captured or refused. */
export function capturingField(session: PaymentSession): Capture | undefined {
  if (isFinished(session)) return undefined;
  return newestFields(session).find((name) => ['asked', 'heard'].includes(session.fields[name]?.state ?? ''));
}

/** The field whose capture failed last and was not asked for again. */
export function failedField(session: PaymentSession): Capture | undefined {
  return newestFields(session).find((name) => session.fields[name]?.state === 'error');
}

/** The fields of the newest command: more than one where what the field before it came to crossed that command. */
function newestFields({ fields }: PaymentSession): Capture[] {
  const newest = Math.max(0, ...Object.values(fields).map(({ command }) => command));
  return CAPTURES.filter((name) => fields[name]?.command === newest);
}
