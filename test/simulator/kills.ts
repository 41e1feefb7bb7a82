import type { EventHub } from './events.ts';

/** What a request of an invocation gets: an answer, its work but no answer, or nothing at all. */
export type Fate = 'answered' | 'last' | 'swallowed';

/** Function invocations that die on the way: Twilio works off their first requests, and never hears of the rest. */
export class Kills {
  readonly #doomed = new Map<string, { left: number; announces: boolean }>();
  readonly #events: EventHub;

  constructor(events: EventHub) {
    this.#events = events;
  }

  /** The answer to the request with this number and everything after it is swallowed; 0 swallows everything. */
  kill(invocation: string, afterRequests: number): void {
    this.#doomed.set(invocation, { left: afterRequests, announces: afterRequests === 0 });
  }

  /** Decides about the next request of an invocation. With 0 the first request is what tells that it is dead. */
  fateOf(invocation: string | undefined): Fate {
    const doomed = invocation === undefined ? undefined : this.#doomed.get(invocation);
    if (invocation === undefined || !doomed) return 'answered';
    if (doomed.left === 0) {
      if (doomed.announces) this.announce(invocation);
      doomed.announces = false;
      return 'swallowed';
    }
    doomed.left -= 1;
    return doomed.left === 0 ? 'last' : 'answered';
  }

  /** Tells that the last request was worked off. */
  announce(invocation: string): void {
    this.#events.emit({ type: 'killed', invocation });
  }
}
