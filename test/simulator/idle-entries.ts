import type { Simulator } from './simulator.ts';

/** Seconds between two digits unless the session was created with a Timeout (Payment resource page). */
const DEFAULT_TIMEOUT = 5;

/**
 * Ends each entry by itself when its caller stops typing, as Twilio does: Timeout seconds after a digit. How long Twilio
 * waits for the first digit is not documented, so that the simulator waits for it as long as it takes. In real time, for
 * people who type; tests say themselves when a caller stops.
 */
export function endIdleEntries(simulator: Simulator): void {
  const timers = new Map<string, NodeJS.Timeout>();
  simulator.on((event) => {
    if (event.type !== 'capture' && event.type !== 'digits' && event.type !== 'result') return;
    const { callSid, paymentSid } = event;
    clearTimeout(timers.get(paymentSid));
    timers.delete(paymentSid);
    if (event.type !== 'digits') return;
    const payment = () => simulator.payments().find(({ sid }) => sid === paymentSid);
    const timer = setTimeout(
      () => {
        const isListening = payment()?.listeningFor === event.field;
        // The caller may hang up at this very moment.
        if (isListening)
          simulator
            .caller(callSid)
            .typesNothing()
            .catch(() => undefined);
      },
      (payment()?.timeout ?? DEFAULT_TIMEOUT) * 1_000,
    );
    timer.unref();
    timers.set(paymentSid, timer);
  });
}
