import type { Stored } from '../ports.ts';
import { CAPTURES, type Field } from '../session/fields.ts';
import { rankOf } from '../session/fold.ts';
import { capturingField, missingFields, type Phase, phaseOf, requiredFields } from '../session/phase.ts';
import type { PaymentSession, Seen } from '../session/session.ts';
import { errorGuide } from './error-types.ts';
import { failedType, failureGuide, guidanceOf, type Pace } from './next-step.ts';
import { quoteOutsideText } from './outside-text.ts';
import type { Sentence } from './sentences.ts';

/** How a status is shown: when, in which words, to whom. */
export interface View extends Pace {
  /** The language of the caller where the payment's own is not known. */
  language: string;
  speak(sentence: Sentence | '', language: string): string;
  /** Whether the reader may have the payment token and profile id, which are shown only once the payment is complete. */
  withToken: boolean;
}

/** What to do next, in words. */
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
  callSid: string;
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
    callSid: session.callSid,
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
  const marks = [
    session.terms,
    session.canceled,
    session.abandoned,
    session.callEnded,
    session.sessionError,
  ].filter(Boolean);
  // Names that the terms have as well go when these come, which must not let it fall.
  const required = session.alsoRequired.length + (session.terms ? CAPTURES.length : 0);
  const endings = required + completing.asked + completing.refused + canceling.asked + canceling.refused;
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
