import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // For what hangs: on a machine that is busy with more than this, a test may take ten times as long.
    testTimeout: 60_000,
    // Many tests wait for time-outs of the payment state; more of them at once than there are cores does no harm.
    maxWorkers: 3,
  },
});
