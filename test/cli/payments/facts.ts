import type { Stored } from '../../../functions/payments/ports.ts';
import { chargeOf, isFinished, isLive, phaseOf } from '../../../functions/payments/session/phase.ts';
import { cardTypeOf, lastDigitsOf } from '../../../functions/payments/session/readings.ts';
import type { PaymentSession } from '../../../functions/payments/session/session.ts';

/** Where a payment stands, as an operator sees it. `saved`: a token was made and nothing charged. */
export type State = 'live' | 'paid' | 'saved' | 'canceled' | 'failed' | 'unknown outcome';

/** What an operator is told of a payment: no payment token, and nothing that was typed but the last digits. */
export interface Facts {
  paymentSid: string;
  callSid: string;
  state: State;
  chargeAmount: number;
  currency: string;
  /** Brand and last digits, as far as they are known. */
  card: string;
  confirmationCode: string;
  /** Twilio's word; empty if it has said none. */
  result: string;
  startedBy: string;
  /** ISO 8601, as all times; empty if it never was. */
  startedAt: string;
  completedBy: string;
  completedAt: string;
  /** What an operator found at the processor: `paid` or `not-paid`. */
  settled: string;
  settledBy: string;
  updatedAt: string;
}

/** @param now epoch milliseconds. */
export function factsOf({ data: session, updatedAt }: Stored<PaymentSession>, now: number): Facts {
  const { paymentSid, callSid, terms, outcome, settlement, audit } = session;
  const started = audit.find(({ action }) => action === 'start');
  const completed = audit.findLast(({ action, outcome: came }) => action === 'complete' && came === 'asked');
  return {
    paymentSid,
    callSid,
    state: stateOf(session, now),
    chargeAmount: terms?.chargeAmount ?? 0,
    currency: terms?.currency ?? '',
    card: [cardTypeOf(session), lastDigitsOf(session)].filter(Boolean).join(' '),
    confirmationCode: outcome?.paymentConfirmationCode || (settlement?.confirmationCode ?? ''),
    result: outcome?.result ?? '',
    startedBy: started?.client ?? '',
    startedAt: timeOf(started?.at),
    completedBy: completed?.client ?? '',
    completedAt: timeOf(session.completing.at),
    settled: settlement ? (settlement.isCharged ? 'paid' : 'not-paid') : '',
    settledBy: settlement?.client ?? '',
    updatedAt,
  };
}

function stateOf(session: PaymentSession, now: number): State {
  if (isLive(session, now)) return 'live';
  if (!isFinished(session) || chargeOf(session) === 'unknown') return 'unknown outcome';
  const phase = phaseOf(session);
  if (phase === 'completed') return session.terms?.chargeAmount === 0 ? 'saved' : 'paid';
  return phase === 'canceled' ? 'canceled' : 'failed';
}

/** A time (epoch milliseconds) in ISO 8601; empty for none. */
export function timeOf(at: number | undefined): string {
  return at ? new Date(at).toISOString() : '';
}
