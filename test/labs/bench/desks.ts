/**
 * `npm run bench:desks`: what desks cost that watch a payment. In a browser, how soon a digit shows on one desk and on
 * three; without one, how many desks fit into Twilio's 30 invocations at once beside the callbacks of as many callers.
 */
import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { ensureBuilt } from '../../cli/build.ts';
import { readFlags } from '../../cli/flags.ts';
import { root } from '../../cli/functions-process.ts';
import { findFreePort } from '../../cli/ports.ts';
import { type Program, RunError, runProgram } from '../../cli/program.ts';
import { type Simulator, startSimulator } from '../../simulator/index.ts';
import { type Passed, startProxy } from '../conformance/proxy.ts';
import { executablePath, launch, MISSING } from '../desk/browser.ts';
import { startFunctions } from './functions.ts';
import { quantile, table } from './table.ts';

const REQUEST_MS = 50;
const AT_ONCE = 30;
const CARD = '4242424242424242';
/** Between two keys of a caller. */
const KEY_MS = 400;
/** What a desk does: `QUICKEST_MS` of functions/desk/page.ts, and the pauses of reader.ts after failures. */
const READ_MS = 600;
const LONGEST_MS = 30_000;
/** A digit must show so soon, in the middle. */
const MOST_MS = 1_200;
/** Agents ask for the card number at any time within so long. */
const TALK_MS = 5_000;
/** For what hangs. */
const LIMIT_MS = 120_000;

const HELP = `Measures what desks cost that watch a payment, through twilio-run and a simulated Twilio.

  npm run bench:desks               how soon a digit shows (in Chromium), and what 10 to 120 desks take; some minutes
  npm run bench:desks -- --help     prints this

Ends with 1 where a bound is broken or something was lost.`;

interface Bench {
  simulator: Simulator;
  url: string;
  token: string;
  /** Requests that went through since it was emptied. */
  passed: Passed[];
}

void runProgram(main, { whenInterrupted: 130 });

async function main(program: Program): Promise<void> {
  if (readFlags('npm run bench:desks', {}).help) return console.log(HELP);
  await ensureBuilt(root);
  const bench = await start(program);
  if (!executablePath) console.warn(MISSING);
  const slowest = executablePath ? await showDigits(program, bench) : 0;
  const rows: string[][] = [];
  let lost = 0;
  for (const desks of [10, 30, 60, 120]) {
    const row = await crowd(bench, desks);
    console.log(`${desks} desks: ${row.cells.slice(1).join(', ')}`);
    rows.push(row.cells);
    lost += row.lost;
  }
  const heads = [
    'desks, each with a caller who types',
    'reads a second',
    'reads refused',
    'callbacks refused',
    'lost',
  ];
  console.log(`\n${table(heads, rows)}`);
  if (slowest > MOST_MS)
    throw new RunError(`A digit takes ${slowest.toFixed(0)} ms to show, more than ${MOST_MS}.`);
  if (lost > 0) throw new RunError(`${lost} callbacks were lost.`);
}

/** Functions of which no more than 30 run at once, callbacks included, against a Twilio that takes its time. */
async function start(program: Program): Promise<Bench> {
  const simulator = await startSimulator();
  program.onClose(() => simulator.close());
  simulator.delivery.mode = 'concurrent';
  const port = await findFreePort();
  const token = randomBytes(24).toString('base64url');
  const passed: Passed[] = [];
  const { url } = await startProxy(program, {
    target: `http://localhost:${port}`,
    atOnce: AT_ONCE,
    onPassed: (one) => void passed.push(one),
  });
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const variables = {
    ACCOUNT_SID: accountSid,
    AUTH_TOKEN: authToken,
    API_KEY: apiKey,
    API_SECRET: apiSecret,
    MCP_AUTH_TOKEN: token,
    PUBLIC_URL: url,
    TWILIO_SIMULATOR_URL: simulator.url,
  };
  await startFunctions(program, { port, variables });
  simulator.faults.add({ route: '*', action: { latencyMs: REQUEST_MS } });
  return { simulator, url, token, passed };
}

interface Sids {
  callSid: string;
  paymentSid: string;
}

async function startPayment(bench: Bench): Promise<Sids> {
  const { sid: callSid } = bench.simulator.placeCall();
  const { paymentSid } = await persist(bench, 'startPaymentCapture', { callSid, chargeAmount: 5 });
  return { callSid, paymentSid: String(paymentSid) };
}

async function persist(bench: Bench, name: string, args: object): Promise<Record<string, unknown>> {
  let said = '';
  for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline; ) {
    const response = await ask(bench, 'tools/call', { name, arguments: args });
    const text = await response.text();
    // A refusal for too many at once is no JSON.
    const { result } = (text.startsWith('{') ? JSON.parse(text) : {}) as Answer;
    if (result?.structuredContent && !result.isError) return result.structuredContent;
    said = `${response.status} ${text.slice(0, 300)}`;
    await pause(500);
  }
  throw new RunError(`${name} keeps failing: ${said}`);
}

interface Answer {
  result?: { isError?: boolean; structuredContent?: Record<string, unknown> };
}

function ask({ url, token }: Bench, method: string, params: object): Promise<Response> {
  return fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      Accept: 'application/json',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Times how long a digit takes from the key to the screen, on one desk and on three. @returns the larger median, ms */
async function showDigits(program: Program, bench: Bench): Promise<number> {
  const browser = await launch();
  program.onClose(() => browser.close());
  let slowest = 0;
  const rows: string[][] = [];
  for (const desks of [1, 3]) {
    const sids = await startPayment(bench);
    const { callSid, paymentSid } = sids;
    const pages = await Promise.all(
      Array.from({ length: desks }, async () => {
        // A window each: a tab behind another one is hidden, and reads nothing.
        const page = await (await browser.newContext()).newPage();
        await page.addInitScript(`sessionStorage.setItem('desk-token', ${JSON.stringify(bench.token)})`);
        await page.goto(`${bench.url}/desk#call=${callSid}&payment=${paymentSid}`);
        await page.locator('.row').first().waitFor({ timeout: LIMIT_MS });
        await page.evaluate(WATCH);
        return page;
      }),
    );
    // Only now: a field of which nothing is heard for long is asked for again.
    await persist(bench, 'captureCardNumber', sids);
    bench.passed.length = 0;
    const pressed: number[] = [];
    const typing: Promise<unknown>[] = [];
    for (const digit of CARD) {
      pressed.push(Date.now());
      typing.push(bench.simulator.caller(callSid).types(digit));
      await pause(KEY_MS);
    }
    await Promise.all(typing);
    for (const page of pages) await page.locator('.row.done').waitFor({ timeout: LIMIT_MS });
    const delays = (await Promise.all(pages.map((page) => delaysOf(page, pressed)))).flat();
    const reads = bench.passed.filter(({ path }) => path === '/mcp').length;
    const median = quantile(delays, 0.5);
    rows.push([`${desks}`, median.toFixed(0), quantile(delays, 0.95).toFixed(0), `${reads}`]);
    slowest = Math.max(slowest, median);
    await Promise.all(pages.map((page) => page.close()));
  }
  await browser.close();
  console.log(
    table(['desks on one payment', 'digit shows, median ms', 'p95 ms', 'reads for a card number'], rows),
  );
  return slowest;
}

/** Notes in the page when each number of marks was there first. The whole number comes as a mask without marks. */
const WATCH = `{
  window.shown = [];
  new MutationObserver(() => {
    const marks = document.querySelector('.row.done') ? ${CARD.length} : document.querySelectorAll('.marks i').length;
    for (let count = window.shown.length; count < marks; count++) window.shown.push(Date.now());
  }).observe(document.body, { childList: true, subtree: true, attributes: true });
}`;

async function delaysOf(page: Page, pressed: number[]): Promise<number[]> {
  const shown = (await page.evaluate('window.shown')) as number[];
  return shown.map((at, place) => at - (pressed[place] ?? at));
}

/** Has so many desks read at once while as many callers are asked for a card number and type it. */
async function crowd(bench: Bench, desks: number): Promise<{ cells: string[]; lost: number }> {
  const { simulator, passed } = bench;
  const payments: Sids[] = [];
  while (payments.length < desks) payments.push(await startPayment(bench));
  const callbacksBefore = simulator.callbacks.length;
  passed.length = 0;
  const began = Date.now();
  let isOver = false;
  const reads = { count: 0, refused: 0 };
  const readers = payments.map(async ({ callSid, paymentSid }) => {
    const uri = `payment://${callSid}/${paymentSid}/status`;
    await pause(Math.random() * READ_MS);
    let failures = 0;
    while (!isOver) {
      const { status } = await ask(bench, 'resources/read', { uri });
      reads.count += 1;
      if (status === 429) reads.refused += 1;
      failures = status === 429 ? failures + 1 : 0;
      const backoff = Math.min(LONGEST_MS, READ_MS * 2 ** failures) * (0.75 + Math.random() / 2);
      await pause(failures > 0 ? backoff : READ_MS);
    }
  });
  await Promise.all(
    payments.map(async (sids) => {
      const { callSid } = sids;
      await pause(Math.random() * TALK_MS);
      await persist(bench, 'captureCardNumber', sids);
      await simulator.caller(callSid).types(CARD, { everyMs: KEY_MS });
    }),
  );
  await simulator.settled();
  const seconds = (Date.now() - began) / 1000;
  isOver = true;
  await Promise.all(readers);
  const callbacks = simulator.callbacks.slice(callbacksBefore);
  const refused = callbacks.filter(({ statuses }) => statuses.includes(429)).length;
  const lost = callbacks.filter((callback) => callback.lost).length;
  const share = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
  return {
    lost,
    cells: [
      `${desks}`,
      (reads.count / seconds).toFixed(0),
      share(reads.refused, reads.count),
      share(refused, callbacks.length),
      `${lost}`,
    ],
  };
}
