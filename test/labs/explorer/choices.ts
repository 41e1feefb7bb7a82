/** What a choice is about: who comes next, what takes its time, what goes wrong, what somebody does, which instance serves. */
export type ChoiceKind = 'order' | 'late' | 'fault' | 'act' | 'caller' | 'instance';

/** What decides a schedule: each choice is a number, 0 being what happens if all goes well. */
export interface Choices {
  /** Chooses one of so many, and remembers it. */
  choose(count: number, kind: ChoiceKind): number;
  readonly taken: number[];
  /** Of how many each was, for who wants to try all. */
  readonly counts: number[];
}

/** The same numbers again; 0 once they are used up. */
export function replay(numbers: readonly number[]): Choices {
  const taken: number[] = [];
  const counts: number[] = [];
  return {
    taken,
    counts,
    choose(count) {
      counts.push(count);
      const wanted = numbers[taken.length] ?? 0;
      const chosen = wanted < count ? wanted : 0;
      taken.push(chosen);
      return chosen;
    },
  };
}

/** How often something other than the usual is chosen, from 0 to 1. */
export type Odds = Record<ChoiceKind, number>;

/** Numbers from a seed. */
export function seeded(seed: number, odds: Odds): Choices {
  const random = randomOf(seed);
  const taken: number[] = [];
  const counts: number[] = [];
  return {
    taken,
    counts,
    choose(count, kind) {
      counts.push(count);
      const chosen = count > 1 && random() < odds[kind] ? 1 + Math.floor(random() * (count - 1)) : 0;
      taken.push(chosen);
      return chosen;
    },
  };
}

/** A small generator of numbers from 0 to 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
