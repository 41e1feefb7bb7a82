import { availableParallelism } from 'node:os';
import { readFlags } from '../../cli/flags.ts';
import { type Program, RunError, runProgram } from '../../cli/program.ts';
import { Copy } from './copy.ts';
import { MUTANTS } from './mutants.ts';

/** How many of the mutants must be found. */
const LEAST = 0.9;

const HELP = `Puts faults into a copy of the project, one at a time, and prints which test finds each.

  npm run mutants                     all; about an hour
  npm run mutants -- --only log       those whose file or name holds the text
  npm run mutants -- --help           prints this

Ends with 1 if less than ${LEAST * 100} % were found.`;

async function main({ onClose }: Program): Promise<void> {
  const { only, help } = readFlags('npm run mutants', { only: { type: 'string', default: '' } });
  if (help) return console.log(HELP);
  const waiting = MUTANTS.flatMap((faulty) => faulty.faults.map((fault) => ({ faulty, fault }))).filter(
    ({ faulty, fault: [name] }) => `${faulty.file} ${name}`.includes(only),
  );
  const all = waiting.length;
  const survivors: string[] = [];
  const newCopy = () => {
    const copy = new Copy();
    onClose(() => copy.remove());
    return copy;
  };
  const copies = Array.from({ length: Math.min(2, availableParallelism()) }, newCopy);

  const suites = [...new Set(waiting.flatMap(({ faulty }) => faulty.suites))];
  const failing = await copies[0]?.failure(suites);
  if (failing) throw new RunError(`Without any fault, this fails: ${failing}`);

  console.log('| file | fault | found by | seconds |\n|---|---|---|---|');
  const tryAll = async (copy: Copy) => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { faulty, fault } = next;
      const began = performance.now();
      const by = await copy.notice(faulty, fault);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      if (by === undefined) survivors.push(fault[0]);
      console.log(`| ${faulty.file} | ${fault[0]} | ${by ?? '**nothing**'} | ${seconds} |`);
    }
  };
  await Promise.all(copies.map(tryAll));
  const found = all - survivors.length;
  console.log(`Found ${found} of ${all}.${survivors.map((name) => `\nNot found: ${name}`).join('')}`);
  if (found < all * LEAST) throw new RunError(`At least ${LEAST * 100} % must be found.`);
}

void runProgram(main, { whenInterrupted: 130 });
