/** `npm run explore`: bundles the explorer and runs it, or runs it with a fault put in, one after another. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.ts';
import { HELP } from './help.ts';
import { MUTANTS } from './mutants/index.ts';

/** Nearly all that a schedule makes is thrown away with it: much room for what is new halves the time to collect it. */
const NODE = ['--max-semi-space-size=64'];

async function main(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(HELP);
    return 0;
  }
  const { values } = parseArgs({
    args,
    strict: false,
    options: { mutants: { type: 'boolean' }, named: { type: 'string' }, seeds: { type: 'string' } },
  });
  if (values.mutants) return tryMutants(String(values.seeds ?? 20_000), String(values.named ?? ''));
  const path = await bundle('main');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...NODE, path, ...args], { stdio: 'inherit' });
    // The terminal tells both of an interrupt; the explorer sums up and ends by itself.
    process.on('SIGINT', () => undefined);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Shows that the explorer can fail: each fault that is put in must be found. */
async function tryMutants(seeds: string, named: string): Promise<number> {
  const chosen = MUTANTS.filter(({ name }) => name.includes(named));
  console.log('schedules  mutant: what was found');
  let missed = 0;
  for (const mutant of chosen) {
    const path = await bundle(`mutant-${process.pid}`, mutant);
    const { schedules, kind } = await untilFound(path, seeds);
    if (!kind) missed += 1;
    console.log(`${(kind ? schedules : 'not found').padStart(9)}  ${mutant.name}${kind && `: ${kind}`}`);
    rmSync(path);
  }
  console.log(`${chosen.length - missed} of ${chosen.length} found`);
  return missed > 0 ? 1 : 0;
}

/** Small worlds first, then seeds. */
function untilFound(path: string, seeds: string): Promise<{ schedules: string; kind: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...NODE, path, '--until-found', '--from', '1', '--seeds', seeds], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += String(chunk);
    });
    child.once('close', () => {
      const [, schedules = '', kind = ''] = /^Found after (\d+): (.*)$/m.exec(output) ?? [];
      resolve({ schedules, kind });
    });
  });
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
