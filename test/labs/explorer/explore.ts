import { replay, seeded } from './choices.ts';
import { type Finding, type Outcome, Schedule, type Setting } from './schedule.ts';

/** How often schedules from a seed take another way. */
const ODDS = { order: 0.06, late: 0.2, fault: 0.12, act: 0.5 };

export interface Found extends Finding {
  seed: number;
  choices: number[];
}

export function settingOf(seed: number): Setting {
  const replays = ['replay', 'ignored', 'refused'] as const;
  const begins = ([undefined, 'capturing', 'ready', 'ready', 'completed'] as const)[seed % 6];
  return {
    ...(begins && { begins }),
    agents: 2 + (seed % 2),
    acts: 4 + (seed % 5),
    faults: seed % 4,
    switches: {
      idempotencyReplay: replays[seed % 5 === 0 ? 1 : seed % 7 === 0 ? 2 : 0] ?? 'replay',
      sessionInProgress: 'rest',
      processorMs: [50, 50, 4_000, 12_000][seed % 4] ?? 50,
    },
  };
}

export function play(
  seed: number,
  choices = seeded(seed, ODDS),
  setting = settingOf(seed),
): Promise<Outcome> {
  return new Schedule(setting, choices).play();
}

/** Plays a seed; what it finds is made as short as it will go. */
export async function explore(seed: number, { isRaw = false } = {}): Promise<Found | undefined> {
  const { finding, taken } = await play(seed);
  if (!finding) return undefined;
  if (isRaw) return { ...finding, seed, choices: taken };
  return shrink(seed, finding, taken);
}

/** The fewest choices that still lead to the same kind of finding: each is taken back, first in large pieces. */
export async function shrink(seed: number, finding: Finding, taken: number[]): Promise<Found> {
  let choices = [...taken];
  let story = finding.story;
  const kindOf = (kind: string) => kind.replace(/\d+(\.\d+)?/g, '#').slice(0, 40);
  for (let size = Math.max(1, choices.length >> 1); size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let from = 0; from < choices.length; from += size) {
      if (choices.slice(from, from + size).every((choice) => choice === 0)) continue;
      const tried = choices.map((choice, i) => (i >= from && i < from + size ? 0 : choice));
      const again = await play(seed, replay(tried));
      if (!again.finding || kindOf(again.finding.kind) !== kindOf(finding.kind)) continue;
      choices = again.taken;
      story = again.finding.story;
    }
  }
  while (choices.at(-1) === 0) choices.pop();
  return { seed, kind: finding.kind, story, choices };
}

/**
 * Every schedule of a small world with so many choices other than the usual ones, from the first on that is open.
 * @returns how many there were, and what the first of them that was wrong shows.
 */
export async function exhaust(
  setting: Setting,
  { deviations, begins = [] }: { deviations: number; begins?: readonly number[] },
): Promise<{ schedules: number; found: Finding | undefined }> {
  let schedules = 0;
  let open: { choices: number[]; left: number }[] = [{ choices: [...begins], left: deviations }];
  while (open.length > 0) {
    const next: typeof open = [];
    for (const { choices, left } of open) {
      const played = replay(choices);
      const { finding } = await new Schedule(setting, played).play();
      schedules += 1;
      if (finding) return { schedules, found: finding };
      if (left === 0) continue;
      for (let at = choices.length; at < played.counts.length; at++) {
        for (let other = 1; other < (played.counts[at] ?? 1); other++)
          next.push({ choices: [...played.taken.slice(0, at), other], left: left - 1 });
      }
    }
    open = next;
  }
  return { schedules, found: undefined };
}
