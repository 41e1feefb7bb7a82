import type { PaymentPorts } from '../ports.ts';
import { applyEvent, newSession, type PaymentEvent, type PaymentSession } from '../session/session.ts';
import { recordStarted } from '../session/start-lock.ts';

/** What a status callback brought: which payment, which call, and the start attempt where its URL names one. */
export interface Callback {
  paymentSid: string;
  /** As Twilio sent it: the payment's own leg or that leg's parent. */
  callSid: string;
  /** The payment's own leg, where the callback's URL names it. */
  legSid?: string;
  attempt?: number;
  event: PaymentEvent;
}

/**
 * Folds a status callback into its session; one that arrives before its document creates it.
 * @returns false where the payment is another call's, and nothing was changed.
 */
export async function recordCallback(
  ports: Pick<PaymentPorts, 'sessions' | 'starts'>,
  callback: Callback,
): Promise<boolean> {
  const { paymentSid, callSid, event, attempt } = callback;
  const known = await ports.sessions.read(paymentSid);
  const legSid = callback.legSid ?? known?.data.callSid ?? callSid;
  if (known) {
    const { data } = known;
    if (legSid !== data.callSid || ![data.callSid, data.parentCallSid].includes(callSid)) return false;
  }
  const parentCallSid = callSid === legSid ? '' : callSid;
  const fold = (session: PaymentSession | undefined) =>
    applyEvent(session ?? newSession({ paymentSid, callSid: legSid, parentCallSid }), event);
  // A start whose Function died has nobody else to tell which session it led to.
  const linking =
    attempt && recordStarted(ports, { callSid: legSid, attempt, paymentSid }, known ? undefined : null);
  await Promise.all([ports.sessions.update(paymentSid, fold, known ?? null), linking]);
  return true;
}
