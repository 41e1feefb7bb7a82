import { type ApiAnswer, ApiError } from './api.ts';
import type { Switches } from './switches.ts';

/**
 * Remembers the answers by IdempotencyKey. Scope, lifetime and the answer to a replay are not established. Here a
 * key counts per resource and operation (one key for a whole payment is known to work), and only accepted requests
 * are remembered, so that a refused one may be repeated with its key.
 */
export class IdempotencyKeys {
  readonly #switches: Switches;
  readonly #answers: Map<string, ApiAnswer>;

  /** @param answers those given so far, by operation and key. */
  constructor(switches: Switches, answers: Map<string, ApiAnswer>) {
    this.#switches = switches;
    this.#answers = answers;
  }

  /** Runs the work unless this key has had its answer. */
  once(operation: string, key: string, work: () => ApiAnswer): ApiAnswer {
    const id = JSON.stringify([operation, key]);
    const earlier = this.#answers.get(id);
    if (earlier && this.#switches.idempotencyReplay === 'replay') return earlier;
    if (earlier && this.#switches.idempotencyReplay === 'refused')
      throw new ApiError(this.#switches.paymentErrorStatus, 64021, 'This IdempotencyKey was used before');
    const answer = work();
    // A replay must not post the callbacks again.
    this.#answers.set(id, { status: answer.status, body: answer.body });
    return answer;
  }
}
