import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../cli/build.ts';
import { root } from '../../cli/functions-process.ts';
import { findFreePort } from '../../cli/ports.ts';
import { type Program, RunError, runProgram } from '../../cli/program.ts';
import { ROUTES, type Simulator, startSimulator, voiceSignature } from '../../simulator/index.ts';
import { Random } from '../../simulator/random.ts';
import { type Cost, capacityReport } from './capacity.ts';
import { type BenchedFunctions, type Invocation, startFunctions } from './functions.ts';
import { type Taken, type ToolCall, takePayment } from './payer.ts';
import { groupBy, mean, quantile, table } from './table.ts';

const HELP = `Takes many payments at once through twilio-run and a simulated Twilio that misbehaves, and prints what came of it.

  npm run bench:load -- [--payments 300] [--concurrency 60] [--faults 0.03] [--seed 1]

  --payments     how many payments
  --concurrency  how many of them at the same time
  --faults       the share of requests to Twilio that fail with 429, 503 or a broken connection, and of updates
                 of Sync documents that fail with 412
  --seed         of the faults and of the order of callbacks

Exit code 1 if an event was lost, a payment did not succeed, or one was charged more than once.`;

/** Payments of the quiet runs that the durations of invocations are taken from. */
const QUIET_PAYMENTS = 6;
/** A person's pace at the keypad. */
const QUIET_KEY_MS = 250;
const REQUEST_MS = 50;
/** What a hasty caller needs for a key: Sync takes no more than about 20 writes of a document in a second. */
const HASTY_KEY_MS = 50;

const nameInvocations = fileURLToPath(new URL('name-invocations.cjs', import.meta.url));

interface Bench {
  simulator: Simulator;
  functions: BenchedFunctions;
  token: string;
}

interface Run {
  taken: Taken[];
  calls: ToolCall[];
  invocations: Invocation[];
  seconds: number;
}

void runProgram(main, { whenInterrupted: 130 });

async function main(program: Program): Promise<void> {
  const { values } = parseArgs({
    options: {
      payments: { type: 'string', default: '300' },
      concurrency: { type: 'string', default: '60' },
      faults: { type: 'string', default: '0.03' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const payments = toNumber(values.payments, 'payments', 1, 100_000);
  const concurrency = toNumber(values.concurrency, 'concurrency', 1, 10_000);
  const faults = toNumber(values.faults, 'faults', 0, 0.5);
  const seed = toNumber(values.seed, 'seed', 0, 2 ** 32 - 1);
  await ensureBuilt(root);

  const quiet = await measureQuietly(program, 0);
  const distant = await measureQuietly(program, REQUEST_MS);
  const bench = await startBench(program, seed, [nameInvocations]);
  misbehave(bench, faults, seed);
  console.log(
    `${payments} payments, ${concurrency} at once, ${faults * 100} % of Twilio's answers are faults ...`,
  );
  const run = await takeAll(bench, payments, concurrency, HASTY_KEY_MS);
  console.log(`\n${reportOf(bench, run)}\n\n${capacityReport([quiet, distant])}`);
  const wrong = mistakesOf(bench, run, await findUnstored(bench));
  console.log(
    `\nLost events: ${wrong.lost}. Payments that did not succeed: ${wrong.failed}. Charged twice: ${wrong.chargedTwice}.`,
  );
  if (wrong.lost + wrong.failed + wrong.chargedTwice > 0) throw new RunError(wrong.examples.join('\n'));
}

function toNumber(text: string, name: string, least: number, most: number): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= least && number <= most) return number;
  throw new RunError(`--${name} takes a number from ${least} to ${most}.`);
}

async function startBench(program: Program, seed: number, preloaded: string[] = []): Promise<Bench> {
  const simulator = await startSimulator({ seed });
  program.onClose(() => simulator.close());
  const port = await findFreePort();
  const token = randomBytes(24).toString('base64url');
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const variables = {
    ACCOUNT_SID: accountSid,
    AUTH_TOKEN: authToken,
    API_KEY: apiKey,
    API_SECRET: apiSecret,
    MCP_AUTH_TOKEN: token,
    PUBLIC_URL: `http://localhost:${port}`,
    TWILIO_SIMULATOR_URL: simulator.url,
  };
  return { simulator, functions: await startFunctions(program, { port, variables, preloaded }), token };
}

/** Some payments at a person's pace, nothing going wrong: what an invocation takes where a request takes this long. */
async function measureQuietly(program: Program, requestMs: number): Promise<Cost> {
  const bench = await startBench(program, 1);
  bench.simulator.delivery.mode = 'concurrent';
  await takeAll(bench, 1, 1, 0);
  if (requestMs > 0) bench.simulator.faults.add({ route: '*', action: { latencyMs: requestMs } });
  const callbacksBefore = bench.simulator.callbacks.length;
  const { invocations } = await takeAll(bench, QUIET_PAYMENTS, QUIET_PAYMENTS, QUIET_KEY_MS);
  const durations = groupBy(invocations, ({ what }) => what);
  return {
    requestMs,
    milliseconds: new Map(
      [...durations].map(([what, of]) => [what, mean(of.map((one) => one.milliseconds))]),
    ),
    callbacks: Math.round((bench.simulator.callbacks.length - callbacksBefore) / QUIET_PAYMENTS),
  };
}

function misbehave({ simulator }: Bench, rate: number, seed: number): void {
  Object.assign(simulator.delivery, { mode: 'shuffled', seed, duplicates: 0.1, delayMs: [0, 40] });
  const conflicts = new Random(seed);
  simulator.faults.add({
    route: 'documents.update',
    when: () => conflicts.chance(rate),
    action: { status: 412, code: 54103 },
  });
  simulator.faults.random({ rate, actions: [{ status: 429 }, { status: 503 }, 'reset'], seed });
}

/** Takes payments, so many at once, and waits until Twilio has nothing more to report. */
async function takeAll(bench: Bench, payments: number, concurrency: number, keyMs: number): Promise<Run> {
  const { simulator, functions, token } = bench;
  const { url, invocations, broken } = functions;
  const calls: ToolCall[] = [];
  const taken: Taken[] = [];
  const logged = invocations.length;
  const began = performance.now();
  let left = payments;
  const worker = async () => {
    while (left-- > 0) {
      const onCall = (call: ToolCall) => void calls.push(call);
      taken.push(await takePayment({ simulator, mcpUrl: `${url}/mcp`, token, keyMs, onCall }));
    }
  };
  await Promise.race([Promise.all(Array.from({ length: Math.min(concurrency, payments) }, worker)), broken]);
  await simulator.settled();
  const seconds = (performance.now() - began) / 1000;
  // The last lines of the log are on their way.
  await new Promise((resolve) => setTimeout(resolve, 200));
  return { taken, calls, invocations: invocations.slice(logged), seconds };
}

function reportOf({ simulator }: Bench, { taken, calls, invocations, seconds }: Run): string {
  const { requests, callbacks } = simulator;
  const payments = taken.length;
  const perPayment = (count: number) => (count / payments).toFixed(1);
  const attempts = callbacks.reduce((sum, { attempts: of }) => sum + of, 0);
  const failed = callbacks.reduce(
    (sum, { statuses }) => sum + statuses.filter((status) => status !== 200).length,
    0,
  );
  const count = (...statuses: number[]) =>
    requests.filter(({ status }) => status !== null && statuses.includes(status)).length;
  const errors = calls.flatMap(({ tool, error }) => (error ? [`${tool}: ${error}`] : []));
  const resets = requests.filter(({ outcome }) => outcome === 'reset').length;

  const summary = [
    `${payments} payments in ${seconds.toFixed(1)} s: ${(payments / seconds).toFixed(1)} payments and ${(attempts / seconds).toFixed(0)} callbacks a second, ${(requests.length / seconds).toFixed(0)} requests to Twilio a second.`,
    `Invocations per payment: ${perPayment(calls.length + attempts)} (${perPayment(attempts)} callbacks, ${perPayment(calls.length)} tool calls).`,
    `Conflicts: ${count(412)} updates (412), ${count(409)} creations (409). Faults: ${count(429)} × 429, ${count(503)} × 503, ${resets} broken connections.`,
    requestsOfCallbacks(requests),
    `Retries: ${failed} callbacks posted again by Twilio (answered 503), ${errors.length} tool calls failed and were repeated.`,
  ].join('\n');

  const times = [
    ...[...groupBy(calls, ({ tool }) => tool)].map(([tool, of]) => timesOf(tool, of, payments)),
    timesOf(
      'callback',
      invocations.filter(({ what }) => what === 'callback'),
      payments,
    ),
  ];
  const operations = table(['operation', 'p50 ms', 'p95 ms', 'p99 ms', 'per payment'], times);
  const byRoute = groupBy(requests, ({ route }) => route);
  const routes = table(
    ['requests to Twilio', 'per payment'],
    [
      ...ROUTES.filter((route) => byRoute.has(route)).map((route) => [
        route,
        perPayment(byRoute.get(route)?.length ?? 0),
      ]),
      ['all', perPayment(requests.length)],
    ],
  );
  const errorRows = [...groupBy(errors, (error) => error)].map(([error, of]) => [error, `${of.length}`]);
  const failures = table(['tool calls that failed', 'count'], errorRows.sort());
  return [summary, operations, routes, ...(errors.length > 0 ? [failures] : [])].join('\n\n');
}

/** How many of the callbacks that asked Twilio for anything did so once, as those do whose payment the process has seen. */
function requestsOfCallbacks(requests: Simulator['requests']): string {
  const ofCallbacks = requests.filter(({ invocation }) => invocation?.startsWith('/payment-status '));
  const counts = [...groupBy(ofCallbacks, ({ invocation = '' }) => invocation)].map(([, of]) => of.length);
  const share = (wanted: number) =>
    `${((100 * counts.filter((count) => count === wanted).length) / counts.length).toFixed(0)} %`;
  return `Callbacks took ${mean(counts).toFixed(2)} requests to Twilio on average: ${share(1)} took one, ${share(2)} two.`;
}

function timesOf(name: string, of: readonly { milliseconds: number }[], payments: number): string[] {
  const milliseconds = of.map((one) => one.milliseconds);
  const quantiles = [0.5, 0.95, 0.99].map((share) => quantile(milliseconds, share).toFixed(0));
  return [name, ...quantiles, (of.length / payments).toFixed(1)];
}

/** How many fields a payment asks for. */
const FIELDS = 3;

/** What a payment must have come to; anything else is an event that was lost on the way. */
const EXPECTED = {
  phase: 'completed',
  result: 'success',
  paymentCardNumber: 'xxxxxxxxxxxx4242',
  paymentCardType: 'visa',
  securityCode: 'xxx',
  expirationDate: '1230',
};

/**
 * Delivers each callback but those of single digits once more, with nothing going wrong: whatever is written then
 * had been lost, for a repeat of what is known writes nothing.
 */
async function findUnstored({ simulator, functions }: Bench): Promise<number> {
  simulator.faults.clear();
  const before = simulator.requests.length;
  const again = simulator.callbacks.filter(({ params }) => params.PartialResult !== 'true');
  const worker = async () => {
    for (let callback = again.pop(); callback; callback = again.pop()) {
      const { url, params } = callback;
      const signature = voiceSignature(simulator.credentials.authToken, url, params);
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'X-Twilio-Signature': signature },
        body: new URLSearchParams(params),
      });
      if (!response.ok) throw new RunError(`A repeated callback was answered ${response.status}.`);
    }
  };
  await Promise.race([Promise.all(Array.from({ length: 20 }, worker)), functions.broken]);
  return simulator.requests
    .slice(before)
    .filter(({ route }) => route === 'documents.create' || route === 'documents.update').length;
}

function mistakesOf({ simulator }: Bench, { taken, calls }: Run, unstored: number) {
  const lostCallbacks = simulator.callbacks.filter(({ lost }) => lost);
  const charges = groupBy(simulator.charges, ({ paymentSid }) => paymentSid);
  const failed = taken.filter(({ isStuck, status }) => isStuck || status.result !== 'success');
  const incomplete = taken.filter(
    ({ status }) =>
      status.result === 'success' && Object.entries(EXPECTED).some(([name, value]) => status[name] !== value),
  );
  // No caller mistypes here: a field is only asked for again when what was typed has not arrived.
  const captures = calls.filter(({ tool, error }) => tool.startsWith('capture') && !error);
  const askedAgain = Math.max(0, captures.length - FIELDS * taken.length);
  const examples = [...failed, ...incomplete].slice(0, 3).map(({ status }) => JSON.stringify(status));
  return {
    lost: lostCallbacks.length + incomplete.length + unstored + askedAgain,
    failed: failed.length,
    chargedTwice: [...charges.values()].filter((of) => of.length > 1).length,
    examples: [
      ...examples,
      ...lostCallbacks.slice(0, 3).map(({ params, statuses }) => JSON.stringify({ params, statuses })),
    ],
  };
}
