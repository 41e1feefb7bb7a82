import { onTestFinished } from 'vitest';

const real = Date.now;
/** So many seconds of the machine are one of the service. */
const SLOWNESS = 10;

/**
 * Has the time of the service and of the simulated Twilio pass slowly until the test ends: a field that is open for long
 * because the machine is busy is not one of which nothing was heard.
 */
export function slowClock(): void {
  if (Date.now !== real) return;
  const began = real();
  Date.now = () => began + Math.floor((real() - began) / SLOWNESS);
  onTestFinished(() => {
    Date.now = real;
  });
}
