/**
 * `npm run test:clients`: MCP clients that people use, each taking a whole payment on the Functions that twilio-run
 * runs, against a simulated Twilio with a caller who types. Prints a table. With names, only those clients;
 * with SHOW_TRAFFIC=1, each of their requests.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../../cli/build.ts';
import { root } from '../../cli/functions-process.ts';
import { findFreePort } from '../../cli/ports.ts';
import { type Program, RunError, runProgram } from '../../cli/program.ts';
import { type SimulatedRun, startSimulatedRun } from '../../cli/simulated.ts';
import { MISTYPED_NUMBER, TEST_CARD } from '../../cli/test-card.ts';
import type { Charge } from '../../simulator/index.ts';
import { installPackages, type Packages } from '../conformance/packages.ts';
import { startProxy } from '../conformance/proxy.ts';
import { executablePath, MISSING } from '../desk/browser.ts';
import type { Outcome } from './drive.ts';
import { describe, type Row, table } from './table.ts';
import { Traffic } from './traffic.ts';

const here = fileURLToPath(new URL('./', import.meta.url));

interface ClientProgram {
  /** The package that it is about, as it is installed. */
  package: string;
  /** The revision that it has to negotiate. */
  revision: string;
  /** It cannot be told a token: the proxy adds it. */
  withoutToken?: true;
  /** It runs in a browser. */
  inBrowser?: true;
  /** Its caller mistypes the card number once. */
  mistyped?: true;
}

const OLDER = '2025-03-26';
const OLD = '2025-11-25';
const NEW = '2026-07-28';

const CLIENTS: Record<string, ClientProgram> = {
  'sdk-1': { package: '@modelcontextprotocol/sdk', revision: OLD },
  'sdk-2': { package: '@modelcontextprotocol/client', revision: NEW },
  inspector: { package: '@modelcontextprotocol/inspector', revision: OLD },
  'inspector-web': {
    package: '@modelcontextprotocol/inspector',
    revision: OLD,
    withoutToken: true,
    inBrowser: true,
    mistyped: true,
  },
  'mcp-remote': { package: 'mcp-remote', revision: OLD },
  langchain: { package: '@langchain/mcp-adapters', revision: OLD },
  'openai-agents': { package: '@openai/agents', revision: NEW },
  'ai-sdk': { package: '@ai-sdk/mcp', revision: NEW },
  anthropic: { package: '@anthropic-ai/sdk', revision: OLD },
  'sdk-1-12': { package: 'sdk-1.12', revision: OLDER },
  mastra: { package: '@mastra/mcp', revision: NEW },
  strands: { package: '@strands-agents/sdk', revision: OLD },
  mcporter: { package: 'mcporter', revision: OLD },
};

/** What the caller types for each field. */
const ENTRIES: Record<string, string> = {
  'payment-card-number': TEST_CARD.number,
  'security-code': TEST_CARD.securityCode,
  'expiration-date': TEST_CARD.expirationDate,
};
const KEY_MS = 10;
const LIMIT_MS = 300_000;

const HELP = `Has MCP clients that people use take a whole payment each, on the Functions as twilio-run runs them.

  npm run test:clients                       all of them; npm installs them from the registry
  npm run test:clients -- sdk-2 langchain    only these
  npm run test:clients -- --help             prints this

SHOW_TRAFFIC=1 prints each of their requests, too. The clients: ${Object.keys(CLIENTS).join(', ')}.`;

async function main(program: Program): Promise<void> {
  const names = process.argv.slice(2);
  if (names.includes('--help') || names.includes('-h')) return console.log(HELP);
  const unknown = names.find((name) => !(name in CLIENTS));
  if (unknown !== undefined)
    throw new RunError(
      `${unknown} is none of ${Object.keys(CLIENTS).join(', ')}. See npm run test:clients -- --help`,
    );
  const packages = await installPackages(program, here);
  await checkTypes();
  await ensureBuilt(root);
  const run = await startSimulatedRun(program, { port: await findFreePort(), showOutput: false });
  /** The calls whose callers are yet to mistype their card number. */
  const mistyping = new Set<string>();
  run.simulator.on((event) => {
    if (event.type !== 'capture') return;
    const isMistyped = event.field === 'payment-card-number' && mistyping.delete(event.callSid);
    const digits = isMistyped ? MISTYPED_NUMBER : (ENTRIES[event.field] ?? '');
    run.simulator.caller(event.callSid).types(digits, { everyMs: KEY_MS }).catch(console.error);
  });

  const rows: Row[] = [];
  for (const [name, client] of Object.entries(CLIENTS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    if (client.inBrowser && !executablePath) {
      if (process.env.REQUIRE_BROWSER) throw new RunError(MISSING);
      console.warn(`${name}: ${MISSING}`);
      continue;
    }
    console.log(`${name} ...`);
    rows.push(
      await Promise.race([
        tryClient(program, { run, packages, name, client, mistyping }),
        run.functions.broken,
      ]),
    );
  }
  console.log(`\n${table(rows)}\n`);
  const failed = rows.filter(({ problem }) => problem !== undefined);
  for (const { name, problem } of failed) console.error(`${name}: ${problem}\n`);
  const written = [run.simulator.everythingWritten(), run.functions.output()].join('\n');
  if (written.includes(TEST_CARD.number)) throw new RunError('The card number was written somewhere.');
  console.log(`${rows.length - failed.length} passed, ${failed.length} failed`);
  if (failed.length > 0) throw new RunError('Not every client can take a payment.');
}

interface Trial {
  run: SimulatedRun;
  packages: Packages;
  name: string;
  client: ClientProgram;
  mistyping: Set<string>;
}

/** Has one client take a payment on a call of its own. */
async function tryClient(program: Program, { run, packages, name, client, mistyping }: Trial): Promise<Row> {
  const { simulator, functions, token } = run;
  const traffic = new Traffic();
  const { url } = await startProxy(program, {
    target: functions.url,
    ...(client.withoutToken && { headers: { authorization: `Bearer ${token}` } }),
    onPassed: (passed) => traffic.add(passed),
  });
  const call = simulator.placeCall();
  if (client.mistyped) mistyping.add(call.sid);
  const row = { name, ...manifestOf(packages, client.package) };
  try {
    const outcome = await runClient(program, packages, name, {
      MCP_URL: `${url}/mcp`,
      MCP_TOKEN: token,
      CALL_SID: call.sid,
    });
    await simulator.settled();
    check({
      outcome,
      traffic,
      client,
      charges: simulator.charges.filter(({ callSid }) => callSid === call.sid),
    });
    return { ...row, ...describe(outcome, traffic) };
  } catch (error) {
    return {
      ...row,
      ...describe(undefined, traffic),
      problem: error instanceof Error ? error.message : String(error),
    };
  } finally {
    if (process.env.SHOW_TRAFFIC) console.log(traffic.lines().join('\n'));
  }
}

interface Findings {
  outcome: Outcome;
  traffic: Traffic;
  client: ClientProgram;
  charges: Charge[];
}

/** @throws Error unless the client paid once, learned of it, and spoke the revision that it has to. */
function check({ outcome, traffic, client, charges }: Findings): void {
  const { phase, result, confirmationCode, protocolVersion } = outcome;
  if (phase !== 'completed' || result !== 'success') throw new Error(`It ended as ${phase}, ${result}.`);
  if (charges.length !== 1) throw new Error(`The card was charged ${charges.length} times.`);
  if (charges[0]?.confirmationCode !== confirmationCode)
    throw new Error('Its confirmation code is another one.');
  const spoken = traffic.revisions('tools/call');
  if (spoken.join() !== client.revision) throw new Error(`It spoke ${spoken.join(' and ')}.`);
  if (protocolVersion !== undefined && protocolVersion !== client.revision) {
    throw new Error(`It says that it speaks ${protocolVersion}.`);
  }
}

/** Runs a client's program with the newer Node.js. Gives what it prints last. */
async function runClient(
  program: Program,
  { node }: Packages,
  name: string,
  environment: Record<string, string>,
): Promise<Outcome> {
  // Some clients keep files of their own there.
  const home = mkdtempSync(join(tmpdir(), 'agent-payments-home-'));
  const { PATH = '' } = process.env;
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(here, 'clients', `${name}.ts`)], {
    cwd: here,
    env: { PATH, HOME: home, USERPROFILE: home, OPENAI_AGENTS_DISABLE_TRACING: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  program.onClose(() => child.kill('SIGKILL'));
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  clearTimeout(timer);
  rmSync(home, { recursive: true, force: true });
  if (code !== 0) throw new Error(`It ended with ${code}.\n${(errors || output).trim()}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Outcome;
}

function manifestOf({ file }: Packages, folder: string): { package: string; version: string } {
  const text = readFileSync(file(`${folder}/package.json`), 'utf8');
  const { name, version } = JSON.parse(text) as { name: string; version: string };
  return { package: name, version };
}

/** The clients' programs are no part of the project's own check of types: that one does without their packages. */
async function checkTypes(): Promise<void> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const child = spawn(process.execPath, [tsc, '--noEmit', '-p', here], { cwd: root, stdio: 'inherit' });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new RunError('The clients do not pass the check of types.');
}

void runProgram(main, { whenInterrupted: 130 });
