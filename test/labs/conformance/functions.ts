import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ensureBuilt } from '../../cli/build.ts';
import { toEnvText, type Variables, writeEnvFile } from '../../cli/environment.ts';
import { root } from '../../cli/functions-process.ts';
import { findFreePort } from '../../cli/ports.ts';
import { type Program, RunError } from '../../cli/program.ts';
import { redirectPath, startSimulator } from '../../simulator/index.ts';

const twilioRun = createRequire(import.meta.url).resolve('twilio-run/bin/twilio-run.js');
const endWithParent = fileURLToPath(new URL('../../cli/end-with-parent.cjs', import.meta.url));
const everything = fileURLToPath(new URL('./everything/mcp.ts', import.meta.url));

const READY_MS = 60_000;

/** Runs the Functions of `dist` against a simulated Twilio with a payment under way. Gives their address. */
export async function startPayments(program: Program, token: string): Promise<string> {
  await ensureBuilt(root);
  const simulator = await startSimulator();
  program.onClose(() => simulator.close());
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const url = await runFunctions(program, {
    folder: join(root, 'dist'),
    token,
    variables: {
      ACCOUNT_SID: accountSid,
      AUTH_TOKEN: authToken,
      API_KEY: apiKey,
      API_SECRET: apiSecret,
      TWILIO_SIMULATOR_URL: simulator.url,
    },
    preload: [redirectPath],
  });
  const params = { name: 'startPaymentCapture', arguments: { callSid: simulator.placeCall().sid } };
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  const text = await response.text();
  if (!text.includes('"paymentSid"')) throw new RunError(`No payment could be started: ${text}`);
  return url;
}

/** Bundles the test Function into a folder of its own and runs it. Gives its address. */
export async function startEverything(program: Program, token: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-payments-everything-'));
  program.onClose(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'assets'));
  await build({
    entryPoints: [everything],
    outfile: join(folder, 'functions/mcp.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
  });
  return runFunctions(program, { folder, token });
}

interface RunOptions {
  /** Holds `functions` and `assets`. */
  folder: string;
  token: string;
  variables?: Variables;
  preload?: string[];
}

/**
 * Runs Functions with twilio-run, in its own process as a warm instance would: some checks of the suite wait for
 * half a second, in which a busy machine may not get a fork to answer.
 */
async function runFunctions(program: Program, options: RunOptions): Promise<string> {
  const { folder, token, variables = {}, preload = [] } = options;
  const port = await findFreePort();
  const url = `http://localhost:${port}`;
  const envFile = writeEnvFile(program, toEnvText({ ...variables, MCP_AUTH_TOKEN: token, PUBLIC_URL: url }));
  // twilio-run joins these to the folder that it runs in, which has to be the one with the packages.
  const folders = ['functions', 'assets'].flatMap((name) => [
    `--${name}-folder`,
    relative(root, join(folder, name)),
  ]);
  const flags = ['--no-logs', '--log-level', 'warn', '--no-fork-process', '--no-live'];
  const child = spawn(
    process.execPath,
    [
      ...[endWithParent, ...preload].flatMap((file) => ['--require', file]),
      twilioRun,
      'start',
      ...['--port', String(port), '--env', envFile.path],
      ...flags,
      ...folders,
    ],
    { cwd: root, stdio: 'pipe' },
  );
  program.onClose(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const deadline = Date.now() + READY_MS;
  while ((await statusOf(url, token)) !== 405) {
    if (Date.now() > deadline || child.exitCode !== null) {
      throw new RunError(`The Functions of ${folder} do not answer as they should.\n${output.trim()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return url;
}

/** What a GET is answered; undefined where nothing is. */
async function statusOf(url: string, token: string): Promise<number | undefined> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/mcp`, { headers }).catch(() => undefined);
  await response?.text();
  return response?.status;
}
