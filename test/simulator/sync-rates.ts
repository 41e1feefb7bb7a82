import { ApiError } from './api.ts';
import type { Clock } from './clock.ts';
import type { Switches } from './switches.ts';

const WINDOW_MS = 10_000;
const ALLOWED_IN_WINDOW = 20 * (WINDOW_MS / 1_000);

/** About 20 reads and 20 writes a second for each document, judged over 10 s (Sync limits page; error 54009). */
export class SyncRates {
  readonly #times = new Map<string, number[]>();
  readonly #clock: Clock;
  readonly #switches: Switches;

  constructor(clock: Clock, switches: Switches) {
    this.#clock = clock;
    this.#switches = switches;
  }

  count(kind: 'read' | 'write', sid: string): void {
    if (!this.#switches.syncRateLimits) return;
    const now = this.#clock.now();
    const recent = (this.#times.get(`${kind} ${sid}`) ?? []).filter((time) => time > now - WINDOW_MS);
    this.#times.set(`${kind} ${sid}`, recent);
    if (recent.length >= ALLOWED_IN_WINDOW) throw new ApiError(429, 54009, 'Rate limit exceeded');
    recent.push(now);
  }
}
