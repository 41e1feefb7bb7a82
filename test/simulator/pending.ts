/** Counts work that is under way, so that a test can wait until the simulator has nothing left to do. */
export class Pending {
  #count = 0;
  #waiting: (() => void)[] = [];

  /** Notes a piece of work; call the returned function once when it is over. */
  start(): () => void {
    this.#count += 1;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#count -= 1;
      if (this.#count === 0) for (const resolve of this.#waiting.splice(0)) resolve();
    };
  }

  async idle(): Promise<void> {
    // Work that ends may start more in the same turn: look again after the event loop has gone round.
    for (;;) {
      if (this.#count > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#count === 0) return;
    }
  }
}
