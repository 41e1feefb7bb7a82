import { cardTypeOf, lastDigitsOf } from '../advice/status.ts';
import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
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
  /** What that person answered to the question of this state. */
  answer?: { state: string; accepted: boolean } | undefined;
}

/** A question for a person, before anything is charged. */
export interface Question {
  /** What the answer must bring back. */
  state: string;
  chargeAmount: number;
  currency: string;
  cardType: string;
  lastDigits: string;
}

/** How a charge is confirmed: not at all, by the model's repeating it, or by a person's answer to a question. */
export type Confirmation =
  | { confirmed: 'none' | 'model' | 'person' }
  | { question: Question; stored: Stored<PaymentSession> };

/**
 * Finds out whether a payment may be completed, before anything else is done about it.
 * @throws AMOUNT_REFUSED, CURRENCY_REFUSED, TERMS_UNKNOWN, or a CONFIRMATION error, where it may not.
 */
export async function confirmCharge(
  ports: PaymentPorts,
  stored: Stored<PaymentSession>,
  request: CompletionRequest,
  policy: ChargePolicy,
): Promise<Confirmation> {
  const { terms } = stored.data;
  if (!terms) {
    // What was repeated, and what must be, has nothing to be compared with.
    const isCompared = Object.values(request.repeated).some((value) => value !== undefined);
    if (policy.confirmAbove === undefined && !isCompared) return { confirmed: 'none' };
    throw new PaymentError('TERMS_UNKNOWN');
  }
  const { chargeAmount, currency } = terms;
  checkCharge(chargeAmount, currency, policy);
  const lastDigits = lastDigitsOf(stored.data);
  const isRepeated = compareRepeated(request.repeated, { chargeAmount, currency, lastDigits });
  const isNeeded = policy.confirmAbove !== undefined && chargeAmount > (policy.confirmAbove[currency] ?? 0);
  if (!isNeeded) return { confirmed: isRepeated ? 'model' : 'none' };
  if (!request.canAsk) {
    if (isRepeated) return { confirmed: 'model' };
    throw new PaymentError('CONFIRMATION_REQUIRED');
  }
  const { answer } = request;
  if (answer && isAnswered(ports, stored.data, request.client, answer.state)) {
    if (answer.accepted) return { confirmed: 'person' };
    await change(ports, stored, withoutQuestion);
    throw new PaymentError('CONFIRMATION_DECLINED');
  }
  return ask(ports, stored, request.client);
}

/** Whether the model repeated all of a charge. @throws CONFIRMATION_MISMATCH where anything that it repeated is not so. */
function compareRepeated(
  { chargeAmount, currency, lastFour }: CompletionRequest['repeated'],
  charge: { chargeAmount: number; currency: string; lastDigits: string },
): boolean {
  const isWrong =
    (chargeAmount !== undefined && chargeAmount !== charge.chargeAmount) ||
    (currency !== undefined && currency.toUpperCase() !== charge.currency) ||
    (lastFour !== undefined && lastFour !== charge.lastDigits);
  if (isWrong) throw new PaymentError('CONFIRMATION_MISMATCH');
  return chargeAmount !== undefined && currency !== undefined && lastFour !== undefined;
}

/** Asks a person: what the answer must bring back is kept in the session, as a digest, for one answer and a while. */
async function ask(
  ports: PaymentPorts,
  stored: Stored<PaymentSession>,
  client: string,
): Promise<Confirmation> {
  const state = ports.secrets.make();
  const expires = ports.clock.now() + QUESTION_MS;
  const digest = ports.secrets.digest(state);
  const saved = await change(ports, stored, (session) => ({
    ...session,
    question: { digest, client, charge: chargeOf(session), expires },
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
export function isAnswered(
  { secrets, clock }: Pick<PaymentPorts, 'secrets' | 'clock'>,
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
    question.charge === chargeOf(session) &&
    clock.now() < question.expires
  );
}

/** A question counts once. */
export function withoutQuestion({ question: _, ...session }: PaymentSession): PaymentSession {
  return session;
}

/** What a confirmation is bound to: which payment, how much, and from what, which no capture has replaced since. */
function chargeOf(session: PaymentSession): string {
  const { paymentSid, terms, command } = session;
  return [paymentSid, terms?.chargeAmount, terms?.currency, lastDigitsOf(session), command].join(' ');
}
