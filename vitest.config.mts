import { defineConfig } from 'vitest/config';

// Vitest 5 asks for Node 22. All that it misses on Node 20 is this, for its report of failures.
Map.groupBy ??= <K, T>(items: Iterable<T>, keyOf: (item: T, index: number) => K) => {
  const groups = new Map<K, T[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};

/** What all suites and labs have in common. */
export const settings = {
  // Most of a file's time would be loading the same modules: each worker loads them once.
  isolate: false,
  // For what hangs: on a machine that is busy with more than this, a test may take ten times as long.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // Many tests wait for time-outs of the payment state; more of them at once than there are cores does no harm.
  maxWorkers: 3,
};

const EXPLORER = 'test/suites/explorer/**/*.test.ts';

export default defineConfig({
  test: {
    ...settings,
    projects: [
      { test: { ...settings, name: 'suites', include: ['test/suites/**/*.test.ts'], exclude: [EXPLORER] } },
      // It takes over the clock, timers and Twilio's client of its process.
      { test: { ...settings, name: 'explorer', include: [EXPLORER], isolate: true } },
    ],
  },
});
