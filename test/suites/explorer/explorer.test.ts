import { expect, test } from 'vitest';
import { explore } from '../../labs/explorer/explore.ts';
import { exhaust, WORLDS } from '../../labs/explorer/worlds.ts';

const FIRST = 1_000;
const SEEDS = 400;
/** Far more than it takes, for machines that do other things as well. */
const PATIENCE_MS = 600_000;

test(`the money is right in ${SEEDS} schedules`, { timeout: PATIENCE_MS }, async () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const found = await explore(seed);
    expect(found && [`seed ${found.seed}: ${found.kind}`, ...found.story].join('\n')).toBeUndefined();
  }
});

test('the money is right in every schedule of two commands at once in which one thing goes wrong', {
  timeout: PATIENCE_MS,
}, async () => {
  let played = 0;
  for (const world of WORLDS) {
    const { schedules, found } = await exhaust(world, 1);
    expect(found && [found.kind, ...found.story].join('\n')).toBeUndefined();
    played += schedules;
  }
  expect(played).toBeGreaterThan(1_000);
});
