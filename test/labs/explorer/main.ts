/** `npm run explore`: plays schedules until it finds something, is interrupted, or has played as many as asked for. */
import { parseArgs } from 'node:util';
import { runProgram } from '../../cli/program.ts';
import { explore } from './explore.ts';
import { MUTANTS, tryMutant } from './mutants.ts';

const HELP = `Explores the order of everything that can happen to payments, on virtual time.

  npm run explore                      10,000 schedules from a fresh seed
  npm run explore -- --seeds 200000    so many
  npm run explore -- --from 1          begins with this seed
  npm run explore -- --seed 4711       plays one again, and tells its story
  npm run explore -- --mutants         puts faults into a copy, one at a time: each must be found
  npm run explore -- --most 3          stops after so many findings
  npm run explore -- --raw             leaves findings as long as they were

Ends with 1 if it found something. Each finding is made as short as it will go.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '10000' },
      from: { type: 'string' },
      seed: { type: 'string' },
      most: { type: 'string', default: '3' },
      raw: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  if (values.mutants) return tryMutants(Number(values.seeds));
  const first = Number(values.seed ?? values.from ?? Date.now() % 1_000_000_000);
  const count = values.seed === undefined ? Number(values.seeds) : 1;
  const startedAt = performance.now();
  let findings = 0;
  let told = startedAt;
  let seed = first;
  for (; seed < first + count && findings < Number(values.most); seed++) {
    const found = await explore(seed, { isRaw: values.raw });
    if (found) {
      findings += 1;
      console.log(`\nSeed ${seed}: ${found.kind}\n${found.story.join('\n')}\n`);
    }
    if (performance.now() - told < 5_000) continue;
    told = performance.now();
    console.log(
      `${seed - first + 1} of ${count}, ${((seed - first + 1) / ((told - startedAt) / 1000)).toFixed(0)} a second`,
    );
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(
    `${seed - first} schedules from seed ${first} in ${seconds.toFixed(0)} s (${((seed - first) / seconds).toFixed(0)} a second), ${findings} found.`,
  );
  if (findings > 0) process.exitCode = 1;
}

/** Shows that the explorer can fail: each fault that is put in must be found. */
async function tryMutants(seeds: number): Promise<void> {
  let missed = 0;
  for (const mutant of MUTANTS) {
    const { name, schedules, kind } = await tryMutant(mutant, seeds);
    if (schedules === undefined) missed += 1;
    console.log(`${String(schedules ?? 'not found').padStart(9)}  ${name}${kind && `: ${kind}`}`);
  }
  console.log(`${MUTANTS.length - missed} of ${MUTANTS.length} found`);
  if (missed > 0) process.exitCode = 1;
}

void runProgram(main, { whenInterrupted: 130 });
