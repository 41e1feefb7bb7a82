import { replay, seeded } from './choices.ts';
import { type Finding, type Outcome, playSchedule } from './schedule.ts';
import { settingOf } from './setting.ts';

/** How often schedules from a seed take another way. */
const ODDS = { order: 0.06, late: 0.15, fault: 0.15, act: 0.5, caller: 0.3, instance: 0.4 };

export interface Found extends Finding {
  seed: number;
  choices: number[];
}

export function play(
  seed: number,
  choices = seeded(seed, ODDS),
  setting = settingOf(seed),
): Promise<Outcome> {
  return playSchedule(setting, choices);
}

/** Plays a seed; what it finds is made as short as it will go. */
export async function explore(seed: number, { isRaw = false } = {}): Promise<Found | undefined> {
  const { finding, taken } = await play(seed);
  if (!finding) return undefined;
  if (isRaw) return { ...finding, seed, choices: taken };
  return shrink(finding, taken, (choices) => play(seed, replay(choices))).then((found) => ({
    seed,
    ...found,
  }));
}

/** The fewest choices that still lead to the same kind of finding: each is taken back, first in large pieces. */
async function shrink(
  finding: Finding,
  taken: number[],
  again: (choices: number[]) => Promise<Outcome>,
): Promise<Finding & { choices: number[] }> {
  let choices = [...taken];
  let story = finding.story;
  const kindOf = (kind: string) => kind.replace(/\d+(\.\d+)?/g, '#').slice(0, 40);
  for (let size = Math.max(1, choices.length >> 1); size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let from = 0; from < choices.length; from += size) {
      if (choices.slice(from, from + size).every((choice) => choice === 0)) continue;
      const tried = choices.map((choice, i) => (i >= from && i < from + size ? 0 : choice));
      const outcome = await again(tried);
      if (!outcome.finding || kindOf(outcome.finding.kind) !== kindOf(finding.kind)) continue;
      choices = outcome.taken;
      story = outcome.finding.story;
    }
  }
  while (choices.at(-1) === 0) choices.pop();
  return { kind: finding.kind, story, choices };
}
