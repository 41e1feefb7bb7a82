import { defineConfig } from 'vitest/config';
import { settings } from './vitest.config.mts';

/** For what hangs: a process that starts beside many others may take a minute by itself. */
const LIMIT_MS = 300_000;

/** The tests of the labs, which start many processes, but for the desk's, which need a browser: `npm run test:labs`. */
export default defineConfig({
  test: {
    ...settings,
    isolate: true,
    testTimeout: LIMIT_MS,
    hookTimeout: LIMIT_MS,
    include: ['test/labs/{fuzz,processes,rehearsal}/**/*.test.ts'],
  },
});
