import { describe } from 'vitest';
import { executablePath, MISSING } from './browser.ts';

/** A suite that needs a browser. Without one it says so and is skipped; CI demands one. */
export function describeInBrowser(name: string, suite: () => void): void {
  if (executablePath) return void describe(name, suite);
  if (process.env.REQUIRE_BROWSER) throw new Error(MISSING);
  console.warn(MISSING);
  describe.skip(`${name} (${MISSING})`, suite);
}
