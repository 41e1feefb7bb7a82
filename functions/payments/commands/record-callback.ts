import type { PaymentPorts } from '../ports.ts';
import { attemptsOf, withSession } from '../session/call-ledger.ts';
import { applyEvent } from '../session/fold.ts';
import { newSession, type PaymentEvent, type PaymentSession } from '../session/session.ts';

/** What a status callback brought: which payment, which call, and the start attempt if its URL names one. */
export interface Callback {
  paymentSid: string;
  /** As Twilio sent it: the payment's own leg or that leg's parent. */
  callSid: string;
  /** The payment's own leg, if the callback's URL names it. */
  legSid?: string;
  attempt?: number;
  event: PaymentEvent;
}

/**
 * Folds a status callback into its session; one that arrives before its document creates it. The callback of a create
 * request also tells the call's ledger which session its attempt led to, for a start that died has nobody else to do so.
 * @returns the payment; undefined if it is another call's, and nothing was changed.
 */
export async function recordCallback(
  { sessions, ledgers }: Pick<PaymentPorts, 'sessions' | 'ledgers'>,
  { paymentSid, callSid, event, attempt: number, ...callback }: Callback,
): Promise<PaymentSession | undefined> {
  const [known, ledger] = await Promise.all([
    sessions.read(paymentSid),
    number === undefined ? undefined : ledgers.read(callback.legSid ?? callSid),
  ]);
  const legSid = callback.legSid ?? known?.data.callSid ?? callSid;
  if (known) {
    const { data } = known;
    if (legSid !== data.callSid || ![data.callSid, data.parentCallSid].includes(callSid)) return undefined;
  }
  const parentCallSid = callSid === legSid ? '' : callSid;
  const attempt = ledger && attemptsOf(ledger.data).find((one) => one.attempt === number);
  const started = attempt && { started: { parentCallSid, terms: attempt.terms } };
  const fold = (session: PaymentSession | undefined) =>
    applyEvent(session ?? newSession({ paymentSid, callSid: legSid, parentCallSid }), {
      ...event,
      ...started,
    });
  const [saved] = await Promise.all([
    sessions.update(paymentSid, fold, known ?? null),
    attempt &&
      ledgers.update(
        legSid,
        (current) => current && withSession(current, attempt.attempt, paymentSid),
        ledger,
      ),
  ]);
  return saved?.data;
}
