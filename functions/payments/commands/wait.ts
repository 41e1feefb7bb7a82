import type { PaymentPorts, Stored } from '../ports.ts';
import { isFinished } from '../session/phase.ts';
import { revisionOf } from '../session/readings.ts';
import type { PaymentSession } from '../session/session.ts';
import { load } from './load-and-change.ts';

/** Milliseconds between two reads: each pause is longer than the one before, as long as nothing changes. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 1_000;
const GROWTH = 1.4;
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

/**
 * Reads until something that an agent cares about has changed, the payment is over, or the time is up. A change that this
 * instance stores itself is read at once.
 */
export async function awaitChange(
  ports: Pick<PaymentPorts, 'sessions' | 'clock' | 'client'>,
  first: Stored<PaymentSession>,
  { until: asked, sinceRevision = revisionOf(first.data), onRead }: Wait,
): Promise<Stored<PaymentSession>> {
  const { clock, sessions } = ports;
  const { callSid, paymentSid } = first.data;
  const until = Math.min(asked, clock.now() + clock.left() - ANSWER_MS);
  let stored = first;
  let late: Promise<void> | undefined;
  let pause = FIRST_PAUSE_MS;
  let wake: () => void = () => undefined;
  const nextNews = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  let news = nextNews();
  const stop = sessions.listen(paymentSid, (session) => {
    if (revisionOf(session) !== sinceRevision) wake();
  });
  try {
    while (!isFinished(stored.data) && revisionOf(stored.data) === sinceRevision && clock.now() < until) {
      late ??= clock.sleep(until + LATE_MS - clock.now());
      await Promise.race([news, clock.sleep(Math.min(pause, until - clock.now()))]);
      // What comes while this reads is read after it.
      news = nextNews();
      const { revision } = stored;
      // A read that fails is made up for by the next one.
      const reading = load(ports, callSid, paymentSid).catch(() => undefined);
      stored = (await Promise.race([reading, late])) ?? stored;
      pause = stored.revision === revision ? Math.min(pause * GROWTH, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
      onRead(stored.data);
    }
  } finally {
    stop();
  }
  return stored;
}
