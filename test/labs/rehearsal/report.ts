/** Tells what a rehearsal does as it does it, and keeps what the summary says. */
export class Report {
  readonly #startedAt = Date.now();
  readonly #summary: [string, string][] = [];

  /** A line with the time since the start. */
  print(what: string, text: string): void {
    console.log(`${this.seconds.padStart(5)} s  ${what.padEnd(9)} ${text}`);
  }

  /** A line of the summary at the end. */
  remember(what: string, text: string): void {
    this.#summary.push([what, text]);
  }

  get seconds(): string {
    return ((Date.now() - this.#startedAt) / 1000).toFixed(1);
  }

  /** What was found out, for a person to read. */
  conclude(): void {
    console.log('\nDeploy rehearsal passed\n');
    for (const [what, text] of this.#summary) console.log(`  ${what.padEnd(13)} ${text}`);
    console.log(`\n  Nothing left this machine but npm install. It took ${this.seconds} s.`);
  }
}

/** A size as a person reads it. */
export function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
}
