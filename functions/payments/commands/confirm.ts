import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import { cardTypeOf, lastDigitsOf } from '../session/readings.ts';
import type { PaymentSession } from '../session/session.ts';
import { type AmountByCurrency, checkCharge, type PaymentSettings } from '../session/terms.ts';
import { change } from './load-and-change.ts';

/** Milliseconds for which a person may think about a charge. */
const QUESTION_MS = 120_000;

/** What the operator demands before a charge: how it is confirmed, from which amount on, and the limits. */
export interface ChargePolicy extends Pick<PaymentSettings, 'maxChargeAmounts' | 'allowedCurrencies'> {
  /** Charges above these amounts must be confirmed, and every charge in another currency; undefined if none must. */
  confirmAbove: AmountByCurrency | undefined;
}

/** What comes with a request to complete a payment. */
export interface CompletionRequest {
  /** Who asks. */
  client: string;
  /** What the model repeats of the charge. */
  repeated: {
    chargeAmount?: number | undefined;
    currency?: string | undefined;
    lastFour?: string | undefined;
  };
  /** Whether a person can be asked through the client. */
  canAsk: boolean;
  /** That person's reply to the question of this state. */
  answer?: { state: string; accepted: boolean } | undefined;
}

/** A question for a person, before anything is charged. */
export interface Question {
  /** What the reply must bring back. */
  state: string;
  chargeAmount: number;
  currency: string;
  cardType: string;
  /** Empty if they are not known: amount and currency alone are confirmed then. */
  lastDigits: string;
}

/** How a charge is confirmed: not at all, by the model's repeating it, or by a person's reply. */
export type Confirmed = 'none' | 'model' | 'person';

/** What follows from a request to charge a payment as it stands: it is confirmed, a person must be asked, or has said no. */
export type Verdict = { confirmed: Confirmed } | { mustAsk: true } | { isDeclined: true };

type Judge = Pick<PaymentPorts, 'secrets' | 'clock'>;

/**
 * Finds out whether a payment, as it stands, may be charged. It is judged on what was read, and once more inside the
 * write that notes the completion, so that what is charged is what was confirmed.
 * @throws AMOUNT_REFUSED, CURRENCY_REFUSED, TERMS_UNKNOWN, or a CONFIRMATION error, if it may not.
 */
export function judgeCharge(
  ports: Judge,
  session: PaymentSession,
  request: CompletionRequest,
  policy: ChargePolicy,
): Verdict {
  const { terms } = session;
  if (!terms) throw new PaymentError('TERMS_UNKNOWN');
  const { chargeAmount, currency } = terms;
  checkCharge(chargeAmount, currency, policy);
  const isRepeated = compareRepeated(request.repeated, {
    chargeAmount,
    currency,
    lastDigits: lastDigitsOf(session),
  });
  const isNeeded = policy.confirmAbove !== undefined && chargeAmount > (policy.confirmAbove[currency] ?? 0);
  if (!isNeeded) return { confirmed: isRepeated ? 'model' : 'none' };
  if (!request.canAsk) {
    if (isRepeated) return { confirmed: 'model' };
    throw new PaymentError('CONFIRMATION_REQUIRED', lastDigitsOf(session) ? {} : { detail: DIGITS_UNKNOWN });
  }
  const { answer } = request;
  if (!answer || !isAnswered(ports, session, request.client, answer.state)) return { mustAsk: true };
  return answer.accepted ? { confirmed: 'person' } : { isDeclined: true };
}

const DIGITS_UNKNOWN = 'Twilio has not told the last digits: leave lastFour out.';

/** Whether the model repeated all that is known of a charge. @throws CONFIRMATION_MISMATCH if anything that it repeated is not so. */
function compareRepeated(
  { chargeAmount, currency, lastFour }: CompletionRequest['repeated'],
  charge: { chargeAmount: number; currency: string; lastDigits: string },
): boolean {
  if (lastFour !== undefined && !charge.lastDigits)
    throw new PaymentError('CONFIRMATION_MISMATCH', { detail: DIGITS_UNKNOWN });
  const wrong = [
    chargeAmount !== undefined && chargeAmount !== charge.chargeAmount && 'chargeAmount',
    currency !== undefined && currency.toUpperCase() !== charge.currency && 'currency',
    lastFour !== undefined && lastFour !== charge.lastDigits && 'lastFour',
  ].filter(Boolean);
  if (wrong.length > 0)
    throw new PaymentError('CONFIRMATION_MISMATCH', {
      detail: `Not as in this payment: ${wrong.join(', ')}. Nothing was done.`,
    });
  const isCardRepeated = lastFour !== undefined || !charge.lastDigits;
  return chargeAmount !== undefined && currency !== undefined && isCardRepeated;
}

/** Asks a person. The state that the reply must bring back is kept in the session, as a digest, for one reply and a while. */
export async function askPerson(
  ports: PaymentPorts,
  stored: Stored<PaymentSession>,
  client: string,
): Promise<{ stored: Stored<PaymentSession>; question: Question }> {
  const state = ports.secrets.make();
  const expires = ports.clock.now() + QUESTION_MS;
  const digest = ports.secrets.digest(state);
  const saved = await change(ports, stored, (session) => ({
    ...session,
    question: { digest, client, charge: confirmedCharge(session), expires },
  }));
  const { terms } = saved.data;
  return {
    stored: saved,
    question: {
      state,
      chargeAmount: terms?.chargeAmount ?? 0,
      currency: terms?.currency ?? '',
      cardType: cardTypeOf(saved.data),
      lastDigits: lastDigitsOf(saved.data),
    },
  };
}

/** Whether a state is that of the question which is open now: the same client, the same charge, in time. */
function isAnswered(
  { secrets, clock }: Judge,
  session: PaymentSession,
  client: string,
  state: string,
): boolean {
  const { question } = session;
  return (
    question !== undefined &&
    // Digests tell nothing of what they are made of, so that comparing them as texts is safe.
    question.digest === secrets.digest(state) &&
    question.client === client &&
    question.charge === confirmedCharge(session) &&
    clock.now() < question.expires
  );
}

/** How the charge that Twilio was last asked for was confirmed: a repeat confirms nothing itself. */
export function confirmedOf({ audit }: PaymentSession): string {
  return (
    audit.findLast(({ action, outcome }) => action === 'complete' && outcome === 'asked')?.confirmed ?? 'none'
  );
}

/** A question counts once. */
export function withoutQuestion({ question: _, ...session }: PaymentSession): PaymentSession {
  return session;
}

/** What a confirmation is bound to: which payment, how much, and from what, which no capture has replaced since. */
function confirmedCharge(session: PaymentSession): string {
  const { paymentSid, terms, command } = session;
  return [paymentSid, terms?.chargeAmount, terms?.currency, lastDigitsOf(session), command].join(' ');
}
