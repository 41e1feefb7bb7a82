import { defineConfig } from 'vitest/config';
import { settings } from './vitest.config.mts';

/** Every state of the payment desk and every way between them, in a browser: `npm run test:desk`. */
export default defineConfig({
  // Browsers take several processes each: beside another suite on two cores, a test may take ten times as long.
  test: {
    ...settings,
    testTimeout: 180_000,
    include: ['test/labs/desk/**/*.test.ts'],
    maxWorkers: 2,
  },
});
