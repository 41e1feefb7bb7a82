/** Time and chance, for all that the adapters and the core do; whoever tests puts one of its own in place. */
export interface Time {
  /** Epoch milliseconds. */
  now(): number;
  /** At least 0, less than 1. Nothing depends on its being hard to guess. */
  random(): number;
  /** Runs something after so many milliseconds. @returns what takes that back. */
  after(milliseconds: number, run: () => void): () => void;
}

/** The machine's own. */
export const machineTime: Time = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Resolves after so many milliseconds. */
export function sleep(time: Time, milliseconds: number): Promise<void> {
  return new Promise((resolve) => time.after(milliseconds, resolve));
}
