import type { PaymentPorts, Stored } from '../ports.ts';
import { applyEvent } from '../session/fold.ts';
import { isFinished } from '../session/phase.ts';
import type { PaymentSession } from '../session/session.ts';
import { change, load } from './load-and-change.ts';
import { awaitChange, type Wait } from './wait.ts';

/** Milliseconds without a change after which a read of a payment's status looks up its call as well. */
const QUIET_MS = 15_000;

/** Final call statuses (https://www.twilio.com/docs/voice/api/call-resource#call-status-values). */
export const CALL_ENDED = ['completed', 'busy', 'failed', 'no-answer', 'canceled'];

/**
 * Where a payment stands. One read, or as many as it takes until something has changed; the call of a payment that has
 * been quiet for a while is looked up as well.
 */
export async function readStatus(
  ports: PaymentPorts,
  callSid: string,
  paymentSid: string,
  wait?: Wait,
): Promise<Stored<PaymentSession>> {
  const first = await load(ports, callSid, paymentSid);
  const looking = noteEndOfCall(ports, first);
  if (!wait) return looking;
  // Beside the wait, which hears of what it finds like of any other change, and is not held up by it.
  looking.catch(() => undefined);
  return awaitChange(ports, first, wait);
}

async function noteEndOfCall(
  ports: PaymentPorts,
  stored: Stored<PaymentSession>,
): Promise<Stored<PaymentSession>> {
  const { data: session } = stored;
  const isQuiet = ports.clock.now() - Date.parse(stored.updatedAt) >= QUIET_MS;
  if (!isQuiet || isFinished(session) || session.callEnded) return stored;
  const call = await ports.gateway.fetchCall(session.callSid).catch(() => undefined);
  if (!call || !CALL_ENDED.includes(call.status)) return stored;
  const ended = (current: PaymentSession) => applyEvent(current, { callEnded: call.status });
  // The call is over whether or not that can be noted: a status is never withheld for a note of its own.
  return change(ports, stored, ended).catch(() => ({ ...stored, data: ended(session) }));
}
