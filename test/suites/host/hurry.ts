import { onTestFinished } from 'vitest';
import { VirtualTime } from '../../labs/explorer/virtual-time.ts';
import { OVER_CONNECTIONS } from './in-process.ts';

/**
 * Has time pass at once, until the test ends, whenever nothing is left to do but to wait: for clients, Functions and
 * Twilio alike. So nothing waits in real time, and what has a time limit has it however busy the machine is. It is to
 * be called before anything waits, and goes by what this process does: answers over connections would be overtaken.
 */
export function hurry(): void {
  if (OVER_CONNECTIONS) return;
  const time = new VirtualTime(Math.random, Date.now());
  const { setImmediate } = globalThis;
  let turns = 0;
  let waiting = 0;
  const counted = (run: (...args: unknown[]) => void, ...args: unknown[]) => {
    turns += 1;
    waiting += 1;
    return setImmediate(() => {
      waiting -= 1;
      run(...args);
    });
  };
  /** Resolves when promises alone can do nothing more. */
  const idle = async () => {
    let before: number;
    do {
      before = turns;
      await new Promise((resolve) => setImmediate(resolve));
    } while (waiting > 0 || turns > before);
  };
  let isOver = false;
  const run = async () => {
    while (!isOver) {
      await idle();
      if (!isOver && time.next !== undefined) time.pass(Math.max(0, time.next - time.now));
    }
  };
  const { clearTimeout: clearReal } = globalThis;
  time.install();
  const virtual = { set: globalThis.setTimeout, clear: globalThis.clearTimeout };
  const timers = {
    setImmediate: counted,
    // Node's own modules want timers that are objects.
    setTimeout: (run: (...args: unknown[]) => void, milliseconds?: number, ...args: unknown[]) => {
      const id = virtual.set(() => run(...args), milliseconds);
      const timer = { id, ref: () => timer, unref: () => timer };
      return timer;
    },
    clearTimeout: (timer?: { id?: NodeJS.Timeout }) =>
      timer && 'id' in timer ? virtual.clear(timer.id) : clearReal(timer as NodeJS.Timeout),
  };
  Object.assign(globalThis, timers);
  void run();
  onTestFinished(() => {
    isOver = true;
    time.uninstall();
    Object.assign(globalThis, { setImmediate });
  });
}
