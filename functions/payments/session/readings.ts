import { CAPTURES, type Field } from './fields.ts';
import { type PaymentSession, rankOf, requiredFields, type Seen } from './session.ts';

/** The value of a field, masked as Twilio masks it: its own callback's, else what a final callback listed for it since. */
export function shownValue(session: PaymentSession, name: Field): string {
  const field = session.fields[name];
  if (field?.state === 'captured' && field.value) return field.value;
  const isFinal = field?.state === 'captured' || session.outcome !== undefined;
  return (isFinal && seenSince(session, name, name)) || (field?.value ?? '');
}

/** The card's brand as Twilio names it; empty if it is not known. */
export function cardTypeOf(session: PaymentSession): string {
  return (
    session.fields['payment-card-number']?.cardType || seenSince(session, 'card-type', 'payment-card-number')
  );
}

/** Who last did something to a payment; empty if nobody here did. */
export function lastClientOf({ audit, openings }: PaymentSession): string {
  const [latest] = [...audit, ...openings].sort((one, other) => other.at - one.at);
  return latest?.client ?? '';
}

/** Whether a payment is made from a bank account. */
export function isBankPayment(session: PaymentSession): boolean {
  return requiredFields(session).includes('bank-account-number');
}

/** The last four digits of the card, or the last two of the bank account; empty if Twilio has not told them. */
export function lastDigitsOf(session: PaymentSession): string {
  const field = isBankPayment(session) ? 'bank-account-number' : 'payment-card-number';
  // They may be in groups as well.
  return /\d+$/.exec(shownValue(session, field).replace(/[^\p{L}\p{N}]/gu, ''))?.[0] ?? '';
}

/**
 * A number that rises with each change an agent should hear of: a field opened, its first digit, an error, a
 * capture, a take-over, a result. It is derived, so it does not depend on the order in which callbacks came, and it may rise
 * by more than one.
 */
export function revisionOf(session: PaymentSession): number {
  const states = { asked: 0, heard: 1, error: 2, captured: 3 };
  const fields = Object.values(session.fields).map(
    ({ command, state, errors }) => command * 4 + states[state] + errors.length,
  );
  const { completing, canceling, outcome, takeOver } = session;
  const { terms, canceled, abandoned, callEnded, sessionError } = session;
  const marks = [terms, canceled, abandoned, callEnded, sessionError, session.settlement].filter(Boolean);
  // Names that the terms have as well go when these come, which must not let it fall.
  const required = session.alsoRequired.length + (terms ? CAPTURES.length : 0);
  const endings = required + completing.asked + completing.refused + canceling.asked + canceling.refused;
  const steps = fields.reduce((sum, field) => sum + field, 0) + (takeOver?.times ?? 0);
  return steps + endings + marks.length + rankOf(outcome);
}

/** What callbacks about other things listed, unless the field was asked for again since. */
function seenSince(session: PaymentSession, what: keyof Seen, field: Field): string {
  const seen = session.seen[what];
  return seen && seen.command >= (session.fields[field]?.command ?? 0) ? seen.value : '';
}
