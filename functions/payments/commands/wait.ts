import type { PaymentPorts, Stored } from '../ports.ts';
import { isFinished } from '../session/phase.ts';
import { revisionOf } from '../session/readings.ts';
import type { PaymentSession } from '../session/session.ts';
import { load } from './load-and-change.ts';

/** Often enough to tell of a change within a second, seldom enough for 16 reads in the longest wait. */
const POLL_MS = 600;
/** How late the last read of a wait may answer; what is known already is told otherwise. */
const LATE_MS = 300;
/** Time kept back of the invocation, to answer in. */
const ANSWER_MS = 300;

export interface Wait {
  /** Epoch milliseconds at which the answer is due at the latest. */
  until: number;
  /** What the agent knows already; without it, a change counts from now on. */
  sinceRevision?: number | undefined;
  /** Hears of what every read finds. */
  onRead(session: PaymentSession): void;
}

/** Reads until something that an agent cares about has changed, the payment is over, or the time is up. */
export async function awaitChange(
  ports: Pick<PaymentPorts, 'sessions' | 'clock' | 'client'>,
  first: Stored<PaymentSession>,
  { until: asked, sinceRevision = revisionOf(first.data), onRead }: Wait,
): Promise<Stored<PaymentSession>> {
  const { clock } = ports;
  const { callSid, paymentSid } = first.data;
  const until = Math.min(asked, clock.now() + clock.left() - ANSWER_MS);
  let stored = first;
  let late: Promise<void> | undefined;
  while (!isFinished(stored.data) && revisionOf(stored.data) === sinceRevision && clock.now() < until) {
    late ??= clock.sleep(until + LATE_MS - clock.now());
    await clock.sleep(Math.min(POLL_MS, until - clock.now()));
    // A read that fails is made up for by the next one.
    const reading = load(ports, callSid, paymentSid).catch(() => undefined);
    stored = (await Promise.race([reading, late])) ?? stored;
    onRead(stored.data);
  }
  return stored;
}
