import type { ChoiceKind, Choices } from './choices.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What all who take part in a schedule share: its choices, its time, its story, and what may still go wrong. */
export class Scheduler {
  readonly story: string[] = [];
  readonly time: VirtualTime;
  /** Whether only faults that differ in what they lead to are chosen. */
  readonly isPlain: boolean;
  /** Nothing goes wrong, and nobody has second thoughts. */
  isCalm = true;
  readonly #choices: Choices;
  #faults: number;

  constructor(
    time: VirtualTime,
    choices: Choices,
    { faults, isPlain }: { faults: number; isPlain: boolean },
  ) {
    this.time = time;
    this.#choices = choices;
    this.#faults = faults;
    this.isPlain = isPlain;
  }

  get mayFail(): boolean {
    return !this.isCalm && this.#faults > 0;
  }

  choose(count: number, kind: ChoiceKind): number {
    if (this.isCalm) return 0;
    // In small worlds what comes next is decided by what takes its time alone, and that counts as going wrong.
    if (this.isPlain && kind === 'order') return 0;
    return this.#choices.choose(count, kind);
  }

  tell(line: string): void {
    this.story.push(`${((this.time.now % 3_600_000) / 1000).toFixed(2).padStart(8)}  ${line}`);
  }

  /** Something went wrong. */
  failed(line: string): void {
    this.#faults -= 1;
    this.tell(`! ${line}`);
  }
}
