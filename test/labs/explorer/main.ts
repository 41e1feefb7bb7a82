/** The explorer by itself: `run.ts` bundles and starts it. */
import { parseArgs } from 'node:util';
import { explore } from './explore.ts';
import { exhaust, WORLDS } from './worlds.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string' },
    seed: { type: 'string' },
    most: { type: 'string', default: '3' },
    raw: { type: 'boolean', default: false },
    worlds: { type: 'boolean', default: false },
    deep: { type: 'boolean', default: false },
    'until-found': { type: 'boolean', default: false },
  },
});

let isInterrupted = false;

/** Tells every five seconds how far it has come, and how fast that is. */
class Progress {
  schedules = 0;
  readonly #startedAt = performance.now();
  #told = this.#startedAt;

  another(of: string): void {
    this.schedules += 1;
    const now = performance.now();
    if (now - this.#told < 5_000) return;
    this.#told = now;
    console.log(`${this.schedules}${of}, ${this.speed}`);
  }

  /** By the clock, and by the processor's time, which does not count what else the machine does. */
  get speed(): string {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const { user, system } = process.cpuUsage();
    const perSecond = (time: number) => Math.round(this.schedules / time);
    return `${perSecond(seconds)} a second, ${perSecond((user + system) / 1e6)} for a second of one core`;
  }
}

async function main(): Promise<void> {
  process.once('SIGINT', () => {
    isInterrupted = true;
  });
  if (values['until-found']) return untilFound();
  if (values.worlds) return playWorlds();
  const first = Number(values.seed ?? values.from ?? Date.now() % 1_000_000_000);
  const count = values.seed === undefined ? Number(values.seeds) : 1;
  const findings: string[] = [];
  const progress = new Progress();
  for (
    let seed = first;
    seed < first + count && findings.length < Number(values.most) && !isInterrupted;
    seed++
  ) {
    const found = await explore(seed, { isRaw: values.raw });
    if (found) {
      findings.push(`seed ${seed}: ${found.kind}`);
      console.log(`\nSeed ${seed}: ${found.kind}\n${found.story.join('\n')}\n`);
    }
    progress.another(` of ${count}`);
  }
  console.log(`${progress.schedules} schedules from seed ${first}: ${progress.speed}.`);
  console.log(findings.length > 0 ? findings.join('\n') : 'Nothing was found.');
  if (findings.length > 0) process.exitCode = 1;
}

/** Plays small worlds through, each with so many things that go another way. */
async function playWorlds(): Promise<void> {
  const deviations = values.deep ? 2 : 1;
  const progress = new Progress();
  for (const world of WORLDS) {
    if (isInterrupted) break;
    const name = `${world.begins ?? 'nothing'}: ${world.commands.join(' | ')}`;
    const { schedules, found } = await exhaust(world, deviations, () => progress.another(''));
    console.log(`${String(schedules).padStart(6)} schedules  ${name}`);
    if (!found) continue;
    console.log(`\n${found.kind}\n${found.story.join('\n')}\n`);
    process.exitCode = 1;
  }
  console.log(`${progress.schedules} schedules: ${progress.speed}.`);
}

/** Says how many schedules it takes to find something: seeds, then small worlds. */
async function untilFound(): Promise<void> {
  let schedules = 0;
  const told = (kind: string) => console.log(`Found after ${schedules}: ${kind}`);
  const first = Number(values.from ?? 1);
  const few = Math.min(SEEDS_BEFORE_WORLDS, Number(values.seeds));
  for (let seed = first; seed < first + Number(values.seeds); seed++) {
    if (seed === first + few) {
      for (const world of WORLDS) {
        const { schedules: played, found } = await exhaust(world, 1);
        schedules += played;
        if (found) return told(found.kind);
      }
    }
    schedules += 1;
    const found = await explore(seed, { isRaw: true });
    if (found) return told(found.kind);
  }
}

/** What is found at all is mostly found in so many seeds, or in small worlds. */
const SEEDS_BEFORE_WORLDS = 200;

void main();
