/** The machine's own functions, for what must really wait. */
const real = {
  now: Date.now,
  random: Math.random,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
};

interface Timer {
  id: number;
  at: number;
  run: () => void;
}

/** Time that passes only when a schedule says so: it takes the place of the clock, of timers and of chance. */
export class VirtualTime {
  #now = Date.UTC(2026, 0, 5, 9);
  #timers: Timer[] = [];
  #ids = 0;
  readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  get now(): number {
    return this.#now;
  }

  /** Epoch milliseconds of the next timer. */
  get next(): number | undefined {
    return this.#timers.reduce<number | undefined>(
      (least, { at }) => (least === undefined || at < least ? at : least),
      undefined,
    );
  }

  install(): void {
    Date.now = () => this.#now;
    Math.random = this.random;
    Object.assign(globalThis, {
      setTimeout: (run: () => void, milliseconds = 0) => this.#add(run, milliseconds),
      clearTimeout: (id: number | undefined) => {
        this.#timers = this.#timers.filter((timer) => timer.id !== id);
      },
    });
  }

  uninstall(): void {
    Date.now = real.now;
    Math.random = real.random;
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
  }

  /** Lets time pass, and runs what is due by then. */
  pass(milliseconds: number): void {
    const until = this.#now + milliseconds;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.id - b.id)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = until;
  }

  #add(run: () => void, milliseconds: number): number {
    this.#ids += 1;
    this.#timers.push({ id: this.#ids, at: this.#now + Math.max(0, milliseconds), run });
    return this.#ids;
  }
}

/** Resolves when every promise that can go on by itself has done so. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => real.setImmediate(resolve));
}
