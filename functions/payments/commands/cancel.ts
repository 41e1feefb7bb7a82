import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import { applyEvent, withAudit } from '../session/fold.ts';
import { isCertainlyOver } from '../session/phase.ts';
import { isPending, type PaymentSession } from '../session/session.ts';
import { again, change, refused, tried, tryToChange } from './load-and-change.ts';
import { mayCommand, refuseUnlessHeld } from './take-over.ts';

/** Milliseconds for which the outcome of a completion is awaited before it may be called off. */
const CALL_OFF_MS = 5_000;

/** Milliseconds after which a cancel that Twilio never confirmed, but has answered again, is over for us. */
const UNCONFIRMED_MS = 10_000;

/**
 * Cancels a payment. Each repeat asks Twilio anew, under a key of its own, since only a fresh answer tells whether there
 * still is a session. A completion may be called off once its outcome is overdue: it may never have reached Twilio.
 * @throws COMPLETING if its outcome may still come, or what Twilio refused.
 */
export async function cancelPayment(
  ports: PaymentPorts,
  from: Stored<PaymentSession>,
  client: string,
): Promise<Stored<PaymentSession>> {
  if (isCertainlyOver(from.data)) return from;
  const at = ports.clock.now();
  const entry = (outcome: string) => ({ at, client, action: 'cancel', confirmed: '', outcome });
  const noted = await tryToChange(ports, from, (session) => {
    if (isCertainlyOver(session) || isAwaited(session, at)) return session;
    if (!mayCommand(session, ports.client)) return session;
    if (isPending(session.canceling)) return { ...session, canceling: again(session.canceling) };
    return withAudit({ ...session, canceling: tried(session.canceling, at) }, entry('asked'));
  });
  if (isCertainlyOver(noted.data)) return noted;
  refuseUnlessHeld(ports, noted);
  if (isAwaited(noted.data, at)) throw new PaymentError('COMPLETING', { payment: noted });
  const { paymentSid, canceling } = noted.data;
  const isOverdue = at - canceling.at >= UNCONFIRMED_MS;
  try {
    await ports.gateway.end(noted.data, {
      ending: 'cancel',
      idempotencyKey: `cancel-${paymentSid}-${canceling.asked}`,
    });
  } catch (error) {
    if (!(error instanceof PaymentError)) throw error;
    if (error.code === 'TWILIO_NOT_FOUND')
      return change(ports, noted, (session) => applyEvent(session, { canceled: true }));
    if (error.code === 'CALL_NOT_IN_PROGRESS')
      return change(ports, noted, (session) => applyEvent(session, { callEnded: 'ended' }));
    // Ended or busy: a callback tells which, or the next try.
    if (error.code === 'PAYMENT_FINISHED') return isOverdue ? abandon(ports, noted) : noted;
    if (error.wasRefused) {
      await change(ports, noted, (session) =>
        withAudit({ ...session, canceling: refused(session.canceling, canceling.asked) }, entry(error.code)),
      );
    }
    throw error;
  }
  return isOverdue ? abandon(ports, noted) : noted;
}

/** Whether a payment as it was kept is good for noting a cancel. */
export function isGoodToCancel({ clock }: PaymentPorts, { data }: Stored<PaymentSession>): boolean {
  return !isCertainlyOver(data) && !isAwaited(data, clock.now());
}

/** Whether the outcome of a completion may still come by itself. */
function isAwaited({ completing }: PaymentSession, now: number): boolean {
  return isPending(completing) && now - completing.at < CALL_OFF_MS;
}

function abandon(ports: PaymentPorts, stored: Stored<PaymentSession>): Promise<Stored<PaymentSession>> {
  return change(ports, stored, (session) => ({ ...session, abandoned: true }));
}
