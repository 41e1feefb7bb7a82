import type { Command } from './acts.ts';
import { replay } from './choices.ts';
import { type Finding, playSchedule } from './schedule.ts';
import { type Begins, PLAIN_SETTING, type Setting } from './setting.ts';

/** Two commands at once, on a call that has come so far. */
export interface World {
  begins: Begins | undefined;
  /** Whether the first client asks a person before a charge. */
  isAsking?: boolean;
  switches?: Setting['switches'];
  commands: readonly [Command, Command];
}

const STARTS = ['starts the same', 'starts another amount', 'starts another payment'] as const;
const STEPS = [
  'has the card typed anew',
  'completes as shown',
  'completes what it agreed',
  'cancels',
] as const;

/** Pairs of commands that can come to something together, from each beginning. */
export const WORLDS: readonly World[] = [
  ...pairs(STARTS).map((commands) => ({ begins: undefined, commands })),
  // Twilio may carry a request out that comes again with the same key.
  ...pairs(STARTS).map((commands) => ({
    begins: undefined,
    commands,
    switches: { idempotencyReplay: 'ignored' as const },
  })),
  ...pairs(STARTS).map((commands) => ({ begins: 'canceled' as const, commands })),
  // The processor takes longer than a repeated completion waits.
  ...(['completes as shown', 'cancels', 'reads'] as const).map((other) => ({
    begins: 'ready' as const,
    commands: ['completes as shown', other] as const,
    switches: { processorMs: 12_000 },
  })),
  ...pairs([...STARTS.slice(1), ...STEPS.slice(1)]).map((commands) => ({
    begins: 'ready' as const,
    commands,
  })),
  ...STEPS.slice(1).map((step) => ({ begins: 'ready' as const, commands: [STEPS[0], step] as const })),
  ...pairs(STARTS).map((commands) => ({ begins: 'completed' as const, commands })),
  ...pairs(['starts another amount', 'cancels'] as const).map((commands) => ({
    begins: 'started' as const,
    commands,
  })),
  ...(['has the card typed anew', 'completes another amount', 'cancels'] as const).map((other) => ({
    begins: 'ready' as const,
    isAsking: true,
    commands: ['completes as shown', other] as const,
  })),
];

function pairs<T>(from: readonly T[]): (readonly [T, T])[] {
  return from.flatMap((one, i) => from.slice(i).map((other) => [one, other] as const));
}

function settingOf({ begins, isAsking, commands, switches }: World, faults: number): Setting {
  const settings = { ...PLAIN_SETTING.switches, ...switches };
  return { ...PLAIN_SETTING, begins, asking: isAsking ? 1 : 0, commands, faults, switches: settings };
}

/**
 * Every schedule of a small world in which so many things, at most, go another way: a request or a callback fails, or
 * takes its time until all others are through.
 * @param hear is told of each schedule; what it finds ends the search.
 * @returns how many schedules there were, and what was found.
 */
export async function exhaust(
  world: World,
  deviations: number,
  hear: () => void = () => undefined,
): Promise<{ schedules: number; found: Finding | undefined }> {
  const setting = settingOf(world, deviations);
  let schedules = 0;
  let open: { choices: number[]; left: number }[] = [{ choices: [], left: deviations }];
  while (open.length > 0) {
    const next: typeof open = [];
    for (const { choices, left } of open) {
      const { finding, taken, counts } = await playSchedule(setting, replay(choices));
      schedules += 1;
      hear();
      if (finding) return { schedules, found: finding };
      if (left === 0) continue;
      for (let at = choices.length; at < counts.length; at++) {
        for (let other = 1; other < (counts[at] ?? 1); other++)
          next.push({ choices: [...taken.slice(0, at), other], left: left - 1 });
      }
    }
    open = next;
  }
  return { schedules, found: undefined };
}
