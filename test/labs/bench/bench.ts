import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { TOOL_DEFINITIONS } from '../../../functions/mcp/tools/definitions.ts';
import { ensureBuilt } from '../../cli/build.ts';
import { root } from '../../cli/functions-process.ts';
import { type Program, RunError, runProgram } from '../../cli/program.ts';
import { redirectPath } from '../../simulator/index.ts';
import { writeFunctions } from './bare-functions.ts';
import { type BenchRun, startBenchRun } from './bench-run.ts';
import { measurePayments, type PaymentCost } from './payment-cost.ts';
import { PaymentPool } from './payment-pool.ts';

const HELP = `Measures our Functions against bare ones that make the same Twilio requests, on the same host in the same run.

  npm run bench                    everything; some minutes
  npm run bench -- --pairs 50      fewer pairs of warm calls (default 200) and cold ones (a fifth)
  npm run bench -- --requests 0    leaves the memory run out (default 10000)
  npm run bench -- --latency 0     no wait in the simulated Twilio (default 20 ms for each request: the real one takes
                                   tens of milliseconds, loopback alone takes one)

Exits 1 where a bound is broken.`;

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '200' },
    requests: { type: 'string', default: '10000' },
    latency: { type: 'string', default: '20' },
    help: { type: 'boolean', short: 'h' },
  },
});

createRequire(import.meta.url)(redirectPath);

interface Row {
  what: string;
  ours: string;
  bare: string;
  ratio?: number;
  bound?: number;
}

async function main(program: Program): Promise<void> {
  const pairs = Number(values.pairs);
  const latencyMs = Number(values.latency);
  await ensureBuilt(root);
  const { folder, remove } = writeFunctions(root);
  program.onClose(remove);
  const functionsFolder = relative(root, folder);
  const rows: Row[] = [];

  console.log('Warm: one process, reused ...');
  const warm = await startBenchRun(program, {
    functionsFolder,
    flags: ['--no-fork-process', '--no-live'],
    latencyMs,
  });
  const pool = new PaymentPool(warm);
  await pool.fill(WARM_UP + 2 * pairs);
  for (const pair of operationsOf(warm, pool)) rows.push(...(await compareWarm(warm, pair, pairs)));
  const costs = await measurePayments(
    warm.simulator,
    async (name, args) => JSON.parse(await warm.result(name, { paymentSid: undefined, ...args })),
    warm.cpuMs,
  );
  if (Number(values.requests) > 0) rows.push(await memoryOf(warm, Number(values.requests)));
  await warm.stop();

  console.log('Cold: a new process for each request ...');
  const cold = await startBenchRun(program, { functionsFolder, flags: [], latencyMs });
  rows.push(...(await compareCold(cold, Math.max(20, Math.round(pairs / 5)))));
  await cold.stop();

  rows.push(sizeRow('mcp.js', 280_000), sizeRow('payment-status.protected.js', 150_000));
  const list = JSON.stringify({ tools: TOOL_DEFINITIONS }).length;
  rows.push(countRow('tools/list, bytes', list, 11_000));
  for (const { what, of, bounds } of PAYMENTS) {
    const cost = costs[of];
    rows.push(
      countRow(`${what}, tool calls`, cost.calls, bounds.calls),
      countRow(`${what}, bytes of text`, cost.bytes, bounds.bytes),
      countRow(`${what}, Twilio requests`, cost.requests, bounds.requests),
      countRow(`${what}, invocations`, cost.invocations, bounds.invocations),
      { what: `${what}, CPU`, ours: `${cost.cpuMs.toFixed(0)} ms`, bare: '' },
    );
  }
  print(rows);
}

/** What whole payments may cost: the numbers of the table in docs/limits.md, and the budget of bytes. */
const PAYMENTS: readonly {
  what: string;
  of: 'plain' | 'mistyped' | 'watched';
  bounds: Omit<PaymentCost, 'cpuMs'>;
}[] = [
  { what: 'a payment', of: 'plain', bounds: { calls: 9, bytes: 6_500, requests: 50, invocations: 40 } },
  {
    what: 'a payment with a mistyped number',
    of: 'mistyped',
    bounds: { calls: 11, bytes: 8_000, requests: 72, invocations: 60 },
  },
  {
    what: 'a payment that a desk watches',
    of: 'watched',
    bounds: { calls: 9, bytes: 6_500, requests: 70, invocations: 60 },
  },
];

interface Pair {
  what: string;
  bound: number | undefined;
  /** Done before each call of ours, and not measured. */
  prepare?: () => Promise<void>;
  ours(): Promise<void>;
  bare(): Promise<void>;
}

/** The operations that are compared, each with a bare Function that makes the same requests to Twilio. */
function operationsOf(run: BenchRun, pool: PaymentPool): Pair[] {
  const { sids, callTool, rpc, post, resetPayment } = run;
  const { callSid, paymentSid } = sids;
  let command = 0;
  const bare =
    (path: string, body: Record<string, string> = {}) =>
    async () => {
      await post(path, JSON.stringify({ paymentSid, callSid, ...body }), {
        'Content-Type': 'application/json',
      });
    };
  const statusCallback = `${run.url}/payment-status`;
  const bareCapture = () => bare('/bare-capture', { key: `bare-${++command}`, statusCallback })();
  return [
    {
      what: 'getPaymentStatus',
      bound: 1.15,
      // A payment that has been quiet for a while has its call looked up, which the bare Function does not do.
      prepare: resetPayment,
      ours: () => callTool('getPaymentStatus'),
      bare: bare('/bare-status'),
    },
    {
      what: 'captureCardNumber',
      bound: 1.15,
      ours: () => pool.captureForgotten(),
      bare: bareCapture,
    },
    {
      what: 'captureCardNumber, payment seen',
      bound: 1.15,
      prepare: () => pool.startSeen(),
      ours: () => pool.captureSeen(),
      bare: bareCapture,
    },
    {
      what: 'status callback',
      bound: 1.15,
      prepare: () => pool.prepareForgottenDigit(),
      ours: () => pool.typeForgotten(),
      bare: bare('/bare-callback'),
    },
    {
      what: 'status callback, payment seen',
      bound: 0.65,
      prepare: () => pool.prepareSeenDigit(),
      ours: () => pool.typeSeen(),
      bare: bare('/bare-callback'),
    },
    { what: 'tools/list', bound: undefined, ours: () => rpc('tools/list'), bare: bare('/bare-answer') },
    {
      what: 'initialize',
      bound: undefined,
      ours: () =>
        rpc('initialize', {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'bench', version: '1' },
        }),
      bare: bare('/bare-answer'),
    },
  ];
}

/** Calls that are not measured: V8 has compiled what they use then. */
const WARM_UP = 20;

/** Medians of the time that a call takes, and the CPU time that ours takes beyond the bare one. */
async function compareWarm(run: BenchRun, pair: Pair, pairs: number): Promise<Row[]> {
  const { what, bound, ours, bare, prepare } = pair;
  await repeat(WARM_UP, ours, prepare);
  await repeat(WARM_UP, bare);
  const times = await alternate(pairs, ours, bare, prepare);
  const cpu = await alternateCpu(run, pairs, pair);
  const own = cpu.ours - cpu.bare;
  return [
    timeRow(`${what}, warm`, times, bound),
    {
      what: `${what}, own CPU ms`,
      ours: cpu.ours.toFixed(2),
      bare: cpu.bare.toFixed(2),
      ratio: own,
      bound: 2,
    },
  ];
}

async function compareCold(run: BenchRun, pairs: number): Promise<Row[]> {
  const operations = operationsOf(run, new PaymentPool(run));
  const [list, initialize] = operations.slice(-2);
  const answer = list?.bare ?? (async () => undefined);
  const refused = async () => {
    await run.post(
      '/payment-status',
      'Sid=none',
      { 'Content-Type': 'application/x-www-form-urlencoded' },
      403,
    );
  };
  const rows: Row[] = [];
  for (const [what, ours] of [
    ['tools/list', list?.ours ?? answer],
    ['initialize', initialize?.ours ?? answer],
    ['status callback (refused)', refused],
  ] as const) {
    await repeat(2, ours);
    await repeat(2, answer);
    rows.push(timeRow(`${what}, cold`, await alternate(pairs, ours, answer), 1.2));
  }
  return rows;
}

async function alternate(
  pairs: number,
  ours: () => Promise<void>,
  bare: () => Promise<void>,
  prepare?: () => Promise<void>,
) {
  const times = { ours: [] as number[], bare: [] as number[] };
  for (let i = 0; i < pairs; i++) {
    const order = i % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const);
    for (const which of order) {
      if (which === 'ours') await prepare?.();
      const start = performance.now();
      await (which === 'ours' ? ours() : bare());
      times[which].push(performance.now() - start);
    }
  }
  return times;
}

async function repeat(
  times: number,
  work: () => Promise<void>,
  prepare?: () => Promise<void>,
): Promise<void> {
  for (let i = 0; i < times; i++) {
    await prepare?.();
    await work();
  }
}

/** Blocks in which CPU time is measured: what V8 compiles meanwhile then falls on both sides. */
const CPU_BLOCKS = 10;

/** Medians of the CPU milliseconds that a call takes. */
async function alternateCpu(run: BenchRun, pairs: number, { ours, bare, prepare }: Pair) {
  const times = { ours: [] as number[], bare: [] as number[] };
  const calls = Math.max(1, Math.round(pairs / CPU_BLOCKS));
  for (let i = 0; i < CPU_BLOCKS; i++) {
    times.ours.push(await cpuPerCall(run, calls, ours, prepare));
    times.bare.push(await cpuPerCall(run, calls, bare));
  }
  return { ours: median(times.ours), bare: median(times.bare) };
}

/** Milliseconds of CPU that the Functions' process takes for one call. */
async function cpuPerCall(
  run: BenchRun,
  calls: number,
  work: () => Promise<void>,
  prepare?: () => Promise<void>,
): Promise<number> {
  let spent = 0;
  for (let i = 0; i < calls; i++) {
    await prepare?.();
    const before = await run.cpuMs();
    await work();
    spent += (await run.cpuMs()) - before;
  }
  return spent / calls;
}

/** What the process holds after a fifth and after all of the requests: flat means that nothing is kept. */
async function memoryOf(run: BenchRun, requests: number): Promise<Row> {
  const heldMb = async () => {
    const answer = await run.post('/memory', '{}', { 'Content-Type': 'application/json' });
    return (JSON.parse(answer) as { bytes: number }).bytes / 2 ** 20;
  };
  const work = async () => {
    await Promise.all([run.rpc('tools/list'), run.callTool('getPaymentStatus')]);
  };
  await repeat(Math.round(requests / 10), work);
  const early = await heldMb();
  await repeat(Math.round((requests * 4) / 10), work);
  const late = await heldMb();
  return {
    what: `held after ${requests} requests, MB (bare: after a fifth)`,
    ours: late.toFixed(1),
    bare: early.toFixed(1),
    ratio: late / early,
    bound: 1.05,
  };
}

function timeRow(what: string, times: { ours: number[]; bare: number[] }, bound: number | undefined): Row {
  const ours = median(times.ours);
  const bare = median(times.bare);
  const ratio = median(times.ours.map((time, i) => time / (times.bare[i] ?? time)));
  return {
    what,
    ours: `${ours.toFixed(1)} ms`,
    bare: `${bare.toFixed(1)} ms`,
    ratio,
    ...(bound && { bound }),
  };
}

function sizeRow(name: string, bound: number): Row {
  return countRow(`${name}, bytes`, statSync(join(root, 'dist', 'functions', name)).size, bound);
}

function countRow(what: string, count: number, bound: number): Row {
  return { what, ours: String(count), bare: '', ratio: count, bound };
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function print(rows: Row[]): void {
  const shown = rows.map(({ what, ours, bare, ratio, bound }) => ({
    what,
    ours,
    bare,
    'ratio or difference': ratio === undefined ? '' : Number(ratio.toFixed(2)),
    bound: bound ?? '',
    verdict: bound === undefined || ratio === undefined ? '' : ratio <= bound ? 'ok' : 'BROKEN',
  }));
  console.table(shown);
  const broken = shown.filter(({ verdict }) => verdict === 'BROKEN');
  if (broken.length > 0) throw new RunError(`Bounds broken: ${broken.map(({ what }) => what).join('; ')}.`);
}

if (values.help) console.log(HELP);
else void runProgram(main, { whenInterrupted: 130 });
