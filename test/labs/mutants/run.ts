import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Copy } from './copy.ts';
import { MUTANTS } from './mutants.ts';

/** How many of the mutants must be found. */
const LEAST = 0.9;

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });

/** `npm run mutants`, `npm run mutants -- --only log`: those whose file or name holds the text. */
const waiting = MUTANTS.flatMap((faulty) => faulty.faults.map((fault) => ({ faulty, fault }))).filter(
  ({ faulty, fault: [name] }) => `${faulty.file} ${name}`.includes(values.only),
);
const all = waiting.length;
const survivors: string[] = [];

/** Tries one mutant after another in a copy of its own. */
async function work(): Promise<void> {
  const copy = new Copy();
  try {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { faulty, fault } = next;
      const began = performance.now();
      const by = await copy.notice(faulty, fault);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      if (by === undefined) survivors.push(fault[0]);
      console.log(`| ${faulty.file} | ${fault[0]} | ${by ?? '**nothing**'} | ${seconds} |`);
    }
  } finally {
    copy.remove();
  }
}

const copy = new Copy();
try {
  const suites = [...new Set(waiting.flatMap(({ faulty }) => faulty.suites))];
  const failing = await copy.failure(suites);
  if (failing) throw new Error(`Without any fault, this fails: ${failing}`);
} finally {
  copy.remove();
}
console.log('| file | fault | found by | seconds |\n|---|---|---|---|');
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
console.log(`Found ${all - survivors.length} of ${all}.`);
if (survivors.length > 0) console.log(`Not found: ${survivors.join('; ')}`);
if (all - survivors.length < all * LEAST) process.exitCode = 1;
