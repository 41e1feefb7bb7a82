/** `npm run fuzz`: many events for the built Functions, and a summary of what they did. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../cli/build.ts';
import { root } from '../../cli/functions-process.ts';
import { RunError, runProgram } from '../../cli/program.ts';
import type { Handler, Handlers } from './functions.ts';
import { describeEvent, fuzz, type Report } from './fuzz.ts';

const HELP = `Calls the built Functions with generated events against a simulated Twilio.

  npm run fuzz                                    10000 events
  npm run fuzz -- --events 100000 --seed 7        so many, made from that seed
  npm run fuzz -- --seed 7 --batch 31 --events 500    one batch of an earlier run again

Ends with 1 where a Function did what it must not do.`;

const PATHS = {
  mcp: 'mcp.js',
  'payment-status': 'payment-status.protected.js',
  metadata: '.well-known/oauth-protected-resource.js',
  'metadata-of-mcp': '.well-known/oauth-protected-resource/mcp.js',
} as const;

async function main(): Promise<void> {
  const { events, seed, batch, help } = readOptions();
  if (help) return console.log(HELP);
  await ensureBuilt(root);
  const handlers = builtHandlers();
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  console.log(`${events} events, seed ${seed} ...`);
  const report = await fuzz({
    handlers,
    events,
    seed,
    firstBatch: batch,
    silences: true,
    onBatch: ({ events: done, findings }, number) => {
      if (number % 10 === 0) console.log(`${done} events, ${findings.length} findings, ${seconds()} s`);
    },
  });
  printSummary(report, seconds());
  if (report.findings.length > 0) throw new RunError(`\n${report.findings.length} rules were broken.`);
}

function builtHandlers(): Handlers {
  const require = createRequire(import.meta.url);
  const load = (path: string) =>
    (require(join(root, 'dist', 'functions', path)) as { handler: Handler }).handler;
  return Object.fromEntries(Object.entries(PATHS).map(([name, path]) => [name, load(path)])) as Handlers;
}

function printSummary({ events, requests, slowest, statuses, findings }: Report, seconds: number): void {
  console.log(
    `\n${events} events in ${seconds} s, ${requests} requests to Twilio, slowest answer ${Math.round(slowest)} ms.`,
  );
  for (const [status, times] of Object.entries(statuses).sort())
    console.log(`  ${status.padEnd(24)} ${times}`);
  for (const finding of findings) {
    console.log(
      `\n${finding.rule} (${finding.times} times, first in batch ${finding.batch}): ${finding.detail}`,
    );
    console.log(`  ${describeEvent(finding.event)}`);
  }
}

interface Options {
  events: number;
  seed: number;
  batch: number;
  help: boolean;
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        events: { type: 'string', default: '10000' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        batch: { type: 'string', default: '0' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const number = (name: 'events' | 'seed' | 'batch') => {
      if (!/^\d{1,9}$/.test(values[name])) throw new Error(`--${name} takes a number.`);
      return Number(values[name]);
    };
    return { events: number('events'), seed: number('seed'), batch: number('batch'), help: values.help };
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new RunError(`${text} See npm run fuzz -- --help`);
  }
}

void runProgram(main, { whenInterrupted: 130 });
