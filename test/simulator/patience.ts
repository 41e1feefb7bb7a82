import { stopTyping } from './capture.ts';
import type { PaymentSession } from './payment-session.ts';
import type { World } from './world.ts';

/** Seconds between two digits, if the session says nothing else (Payment resource page, Timeout). */
const BETWEEN_DIGITS = 5;
/** Seconds for the first digit, if the session says nothing else: not established, long enough to take out a card. */
const FIRST_DIGIT = 20;

/** How long Twilio waits for the next digit of what a session listens for, in milliseconds. */
export function patienceOf({ terms, listening }: PaymentSession): number {
  return (terms.timeout ?? (listening?.digits ? BETWEEN_DIGITS : FIRST_DIGIT)) * 1_000;
}

/** Lets the time for typing run out by itself, as on a telephone. @returns what ends that. */
export function losePatience(world: World): () => void {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const stop = world.events.on((event) => {
    if (event.type !== 'capture' && event.type !== 'digits') return;
    const session = world.sessions.get(event.paymentSid);
    clearTimeout(timers.get(event.paymentSid));
    if (!session) return;
    const timer = setTimeout(() => {
      const { listening } = session;
      if (listening && listening.capture !== 'confirmation')
        void world.delivery.hand(stopTyping(world, session, listening.capture));
    }, patienceOf(session));
    timer.unref();
    timers.set(event.paymentSid, timer);
  });
  return () => {
    stop();
    for (const timer of timers.values()) clearTimeout(timer);
  };
}
