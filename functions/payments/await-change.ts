import { isFinished } from './phase.ts';
import type { PaymentPorts, Stored } from './ports.ts';
import type { PaymentSession } from './session.ts';
import { load } from './sessions.ts';
import { revisionOf } from './status.ts';

/** Often enough to tell of a change within a second, seldom enough for 16 reads in the longest wait. */
const POLL_MS = 600;
/** How late the last read of a wait may answer; what is known already is told otherwise. */
const LATE_MS = 300;
/** Time kept back of the invocation, to answer in. */
const ANSWER_MS = 300;

export interface Wait {
  /** Milliseconds at most. */
  waitMs: number;
  /** What the agent knows already; without it, a change counts from now on. */
  sinceRevision?: number | undefined;
  /** Hears of what every read finds. */
  onRead(session: PaymentSession): void;
}

/** Reads until something that an agent cares about has changed, the payment is over, or the time is up. */
export async function awaitChange(
  ports: Pick<PaymentPorts, 'sessions' | 'clock'>,
  first: Stored<PaymentSession>,
  { waitMs, sinceRevision = revisionOf(first.data), onRead }: Wait,
): Promise<Stored<PaymentSession>> {
  const { clock } = ports;
  const { callSid, paymentSid } = first.data;
  const until = clock.now() + Math.min(waitMs, clock.left() - ANSWER_MS);
  let stored = first;
  while (!isFinished(stored.data) && revisionOf(stored.data) === sinceRevision && clock.now() < until) {
    await clock.sleep(Math.min(POLL_MS, until - clock.now()));
    // A read that fails is made up for by the next one.
    const reading = load(ports, callSid, paymentSid).catch(() => undefined);
    stored = (await Promise.race([reading, clock.sleep(until + LATE_MS - clock.now())])) ?? stored;
    onRead(stored.data);
  }
  return stored;
}
