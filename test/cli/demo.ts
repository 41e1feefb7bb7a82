/** `npm run demo`: one whole payment over MCP, with a simulated Twilio and a simulated caller, printed as it happens. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type Status, takePayment } from './agent.ts';
import { ensureBuilt } from './build.ts';
import { type Line, pictureOf } from './demo-picture.ts';
import { root } from './functions-process.ts';
import { findFreePort } from './ports.ts';
import { type Program, RunError, runProgram } from './program.ts';
import { type SimulatedRun, startSimulatedRun } from './simulated.ts';
import { MISTYPED_NUMBER, TEST_CARD } from './test-card.ts';

const LIMIT_MS = 120_000;
const KEY_MS = 150;

/** What the caller types for each field, one entry after another. */
const ENTRIES = {
  'payment-card-number': [MISTYPED_NUMBER, TEST_CARD.number],
  'security-code': [TEST_CARD.securityCode],
  'expiration-date': [TEST_CARD.expirationDate],
};

const startedAt = Date.now();
const printed: Line[] = [];

function print(who: string, text: string): void {
  const at = (Date.now() - startedAt) / 1000;
  printed.push({ at, who, text });
  console.log(`${at.toFixed(1).padStart(5)} s  ${who.padEnd(8)} ${text}`);
}

const HELP = `Takes one whole payment over MCP, with a simulated Twilio and a simulated caller, and prints it as it happens.

  npm run demo
  npm run demo -- --svg FILE    also draws it, as docs/payment.svg
  npm run demo -- --help        prints this

It needs no account, reads no .env, and ends with 1 unless the card was charged once and its number stayed with Twilio.`;

async function demo(program: Program): Promise<void> {
  const { help, svg } = readOptions();
  if (help) return console.log(HELP);
  await ensureBuilt(root);
  print('demo', 'starting the Functions with twilio-run, and a simulated Twilio ...');
  const run = await startSimulatedRun(program, { port: await findFreePort(), showOutput: false });
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    const tooLong = new RunError(`The demo is not through after ${LIMIT_MS / 1000} s.`);
    timer = setTimeout(() => reject(tooLong), LIMIT_MS - (Date.now() - startedAt));
  });
  try {
    await Promise.race([play(program, run), run.functions.broken, timeUp]);
    if (svg) writeFileSync(svg, pictureOf(printed));
  } catch (error) {
    const logs = run.functions.output().trim().split('\n').slice(-20).join('\n');
    if (logs) console.error(`The last lines that the Functions logged:\n${logs}`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function readOptions(): { help: boolean; svg: string | undefined } {
  try {
    const { values } = parseArgs({
      options: { svg: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
    });
    return { help: values.help, svg: values.svg };
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new RunError(`${text?.replace(/\.?$/, '.')} See npm run demo -- --help`);
  }
}

async function play(program: Program, run: SimulatedRun): Promise<void> {
  const { simulator, call, mcpUrl, token } = run;
  const client = new Client({ name: 'demo-agent', version: '1.0.0' });
  program.onClose(() => client.close());
  const transport = new StreamableHTTPClientTransport(new URL(mcpUrl), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  print('mcp', `connected to ${client.getServerVersion()?.name ?? 'the server'} at ${mcpUrl}`);
  print('phone', `call ${call.sid} is in progress`);

  const caller = simulatedCaller(run);
  let shown = '';
  const status = await Promise.race([
    takePayment(
      client,
      {
        say(text, askedFor) {
          print('agent', `"${text}"`);
          if (askedFor) caller.types(askedFor);
        },
        async confirm(question) {
          print('agent', `"${question}"`);
          print('caller', '"Yes."');
          return true;
        },
        onStatus(tool, status) {
          if (tool !== 'getPaymentStatus') print('tool', tool);
          const line = describe(status);
          if (line !== shown) print('status', line);
          shown = line;
        },
      },
      { callSid: call.sid, chargeAmount: 49.9, currency: 'USD', description: 'Invoice 1001' },
    ),
    caller.failed,
  ]);
  check(run, status, caller.typed);
  const { amount, currency } = simulator.charges[0] ?? {};
  print(
    'demo',
    `charged once: ${amount} ${currency}. No card number in any request, callback, document or log.`,
  );
  console.log(`\nConfirmation code: ${status.paymentConfirmationCode}`);
}

interface DemoCaller {
  /** Types the next entry for a field, key by key, in the background. */
  types(field: string): void;
  /** Rejects when the caller cannot type. */
  failed: Promise<never>;
  /** All that was typed so far. */
  typed: string[];
}

function simulatedCaller({ simulator, call }: SimulatedRun): DemoCaller {
  const entries = new Map(Object.entries(ENTRIES).map(([field, digits]) => [field, [...digits]]));
  const typed: string[] = [];
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);
  return {
    typed,
    failed,
    types(field) {
      const digits = entries.get(field)?.shift();
      if (!digits) return fail(new Error(`The caller knows nothing to type for ${field}`));
      typed.push(digits);
      print('caller', `types ${digits.length} digits`);
      simulator.caller(call.sid).types(digits, { everyMs: KEY_MS }).catch(fail);
    },
  };
}

/** A status as one line: what is known, masked as the agent sees it. */
function describe(status: Status): string {
  const {
    phase,
    partial,
    paymentCardNumber,
    paymentCardType,
    securityCode,
    expirationDate,
    result,
    nextStep,
    why,
  } = status;
  const known = [
    paymentCardNumber && `card ${paymentCardNumber}${paymentCardType && ` (${paymentCardType})`}`,
    securityCode && `code ${securityCode}`,
    expirationDate && `expires ${expirationDate}`,
    result && `result ${result}`,
  ].filter(Boolean);
  const next = partial || nextStep === 'done' ? '' : `next: ${nextStep}`;
  return [phase, ...known, why, next].filter(Boolean).join(' | ');
}

/** @throws RunError unless the payment went through, once, and the digits stayed where they belong. */
function check({ simulator, functions }: SimulatedRun, status: Status, typed: string[]): void {
  if (status.result !== 'success' || !status.paymentConfirmationCode) {
    throw new RunError(`The payment did not go through: ${status.phase}. ${status.why}`);
  }
  if (simulator.charges.length !== 1)
    throw new RunError(`The card was charged ${simulator.charges.length} times.`);
  const written = [simulator.everythingWritten(), functions.output(), JSON.stringify(status)].join('\n');
  if (typed.some((digits) => digits.length > 4 && written.includes(digits))) {
    throw new RunError('A card number was written somewhere.');
  }
}

void runProgram(demo, { whenInterrupted: 130 });
