/** The simulator's time: the machine's, plus what a test has moved it forward by. */
export class Clock {
  #offset = 0;

  now(): number {
    return Date.now() + this.#offset;
  }

  /** Moves time forward for dates, card expiry and document expiry. Does not hurry network waits. */
  advance(milliseconds: number): void {
    this.#offset += milliseconds;
  }
}

/** ISO 8601 with milliseconds, as in the dates of status callbacks (Payment resource page). */
export function isoWithMilliseconds(time: number): string {
  return new Date(time).toISOString();
}

/** ISO 8601 without a fraction, as in the Sync examples of the OpenAPI file. */
export function isoSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** RFC 2822 with a numeric zone, as in the 2010-04-01 examples of the OpenAPI file. */
export function rfc2822(time: number): string {
  return new Date(time).toUTCString().replace('GMT', '+0000');
}
