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
  #now: number;
  /** By time, and of the same time by age. */
  readonly #timers: Timer[] = [];
  #ids = 0;
  readonly random: () => number;

  constructor(random: () => number, now = Date.UTC(2026, 0, 5, 9)) {
    this.random = random;
    this.#now = now;
  }

  get now(): number {
    return this.#now;
  }

  /** Epoch milliseconds of the next timer. */
  get next(): number | undefined {
    return this.#timers[0]?.at;
  }

  install(): void {
    Date.now = () => this.#now;
    Math.random = this.random;
    Object.assign(globalThis, {
      setTimeout: (run: () => void, milliseconds = 0) => this.#add(run, milliseconds),
      clearTimeout: (id: number | undefined) => {
        const place = this.#timers.findIndex((timer) => timer.id === id);
        if (place >= 0) this.#timers.splice(place, 1);
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
      const due = this.#timers[0];
      if (!due || due.at > until) break;
      this.#timers.shift();
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = until;
  }

  #add(run: () => void, milliseconds: number): number {
    this.#ids += 1;
    const timer = { id: this.#ids, at: this.#now + Math.max(0, milliseconds), run };
    let place = this.#timers.length;
    while (place > 0 && (this.#timers[place - 1]?.at ?? 0) > timer.at) place -= 1;
    this.#timers.splice(place, 0, timer);
    return timer.id;
  }
}

/** Resolves when every promise that can go on by itself has done so: they all do before the next tick. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** Lets the machine have its turn: signals, and what modules load when they are first needed. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => real.setImmediate(resolve));
}
