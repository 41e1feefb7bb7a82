import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    // Many tests wait for time-outs of the payment state; more of them at once than there are cores does no harm.
    maxWorkers: 3,
  },
});
