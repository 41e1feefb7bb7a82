/** What happens in the simulator, for printing a demo or driving a test. Never carries a digit that a caller typed. */
export type SimulatorHappening =
  | { readonly type: 'call'; readonly callSid: string; readonly status: string }
  | { readonly type: 'payment'; readonly callSid: string; readonly paymentSid: string }
  | {
      readonly type: 'capture';
      readonly callSid: string;
      readonly paymentSid: string;
      readonly field: string;
    }
  | {
      readonly type: 'digits';
      readonly callSid: string;
      readonly paymentSid: string;
      readonly field: string;
      /** One `x` per digit heard so far. */
      readonly mask: string;
    }
  | {
      readonly type: 'result';
      readonly callSid: string;
      readonly paymentSid: string;
      readonly result: string;
    }
  | {
      readonly type: 'callback';
      readonly callSid: string;
      readonly paymentSid: string;
      readonly url: string;
      readonly params: Readonly<Record<string, string>>;
      readonly delivered: boolean;
      readonly statuses: readonly (number | string)[];
    }
  | {
      readonly type: 'request';
      readonly method: string;
      readonly route: string;
      readonly status: number | null;
    }
  | { readonly type: 'killed'; readonly invocation: string };

export type SimulatorEvent = SimulatorHappening & { readonly at: string };

/** Hands each event to every listener, in order. */
export class EventHub {
  readonly #listeners = new Set<(event: SimulatorEvent) => void>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  emit(happening: SimulatorHappening): void {
    const event: SimulatorEvent = { ...happening, at: new Date(this.#now()).toISOString() };
    for (const listener of [...this.#listeners]) listener(event);
  }

  on(listener: (event: SimulatorEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
