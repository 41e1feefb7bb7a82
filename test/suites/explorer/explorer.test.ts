import { expect, test } from 'vitest';
import { exhaust, explore } from '../../labs/explorer/explore.ts';
import type { Setting } from '../../labs/explorer/schedule.ts';

const FIRST = 1_000;
const SEEDS = 250;

test(`the money is right in ${SEEDS} schedules`, async () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const found = await explore(seed);
    expect(found && [`seed ${found.seed}: ${found.kind}`, ...found.story].join('\n')).toBeUndefined();
  }
});

/** Two agents, each with one act: their choices come first, one for the agent whose turn it is and one for the act. */
test.each<[string, Setting]>([
  ['two starts at once', { agents: 2, acts: 2, faults: 1 }],
  ['one agent that starts and goes on', { agents: 1, acts: 3, faults: 1 }],
])('the money is right in every schedule of a small world that goes wrong once: %s', async (_, setting) => {
  const { schedules, found } = await exhaust(setting, { deviations: 1 });
  expect(found && [found.kind, ...found.story].join('\n')).toBeUndefined();
  expect(schedules).toBeGreaterThan(50);
});
