import { Random } from './random.ts';
import type { RecordedRequest } from './request-record.ts';
import { ROUTES, type Route } from './routes.ts';

/**
 * What goes wrong with a request. A status: answered with an error, no work done. `reset`: the connection is
 * destroyed before any work. `timeout`: no work, no answer. `lost`: the work is done, then the connection is
 * destroyed. `latencyMs`: the request waits, then goes on as usual.
 */
export type FaultAction =
  | {
      readonly status: number;
      readonly code?: number;
      readonly retryAfter?: number;
      readonly message?: string;
    }
  | 'reset'
  | 'timeout'
  | 'lost'
  | { readonly latencyMs: number | readonly [number, number] };

export interface Fault {
  readonly route: Route | '*';
  readonly method?: string;
  /** How many requests it hits; without it, every one. */
  readonly times?: number;
  /** How many matching requests pass first. */
  readonly skip?: number;
  readonly when?: (request: RecordedRequest) => boolean;
  readonly action: FaultAction;
}

export interface RandomFaults {
  readonly routes?: readonly Route[];
  /** Probability from 0 to 1. */
  readonly rate: number;
  readonly actions: readonly FaultAction[];
  readonly seed: number;
}

export interface Faults {
  /** Adds a fault; the first one added that matches is the one that counts. Returns how to take it away. */
  add(fault: Fault): () => void;
  /** Hits requests at random, where no added fault matches. Replaces earlier random faults. */
  random(faults: RandomFaults): void;
  clear(): void;
}

/** The faults in force. */
export class FaultList implements Faults {
  #faults: { fault: Fault; skipped: number; used: number }[] = [];
  #random: { faults: RandomFaults; draw: Random } | undefined;

  add(fault: Fault): () => void {
    const entry = { fault, skipped: 0, used: 0 };
    this.#faults.push(entry);
    return () => {
      this.#faults = this.#faults.filter((other) => other !== entry);
    };
  }

  random(faults: RandomFaults): void {
    this.#random = { faults, draw: new Random(faults.seed) };
  }

  clear(): void {
    this.#faults = [];
    this.#random = undefined;
  }

  /** The fault that hits this request, if any; counts it as used. */
  hit(request: RecordedRequest): FaultAction | undefined {
    for (const entry of this.#faults) {
      const { fault } = entry;
      if (!matches(fault, request) || entry.used >= (fault.times ?? Number.POSITIVE_INFINITY)) continue;
      if (entry.skipped < (fault.skip ?? 0)) {
        entry.skipped += 1;
        continue;
      }
      entry.used += 1;
      return fault.action;
    }
    if (!this.#random) return undefined;
    const { faults, draw } = this.#random;
    if (!(faults.routes ?? ROUTES).some((route) => route === request.route)) return undefined;
    return draw.chance(faults.rate) ? faults.actions[draw.integer(0, faults.actions.length - 1)] : undefined;
  }
}

function matches({ route, method, when }: Fault, request: RecordedRequest): boolean {
  return (
    (route === '*' || route === request.route) &&
    (method === undefined || method.toUpperCase() === request.method) &&
    (when === undefined || when(request))
  );
}
