import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import twilio from 'twilio';
import { toEnvText, writeEnvFile } from '../../cli/environment.ts';
import { root } from '../../cli/functions-process.ts';
import { findFreePort } from '../../cli/ports.ts';
import { type Program, RunError } from '../../cli/program.ts';
import { redirectPath, type Simulator, startSimulator } from '../../simulator/index.ts';

const TOKEN = 'token-of-the-bench';
const READY_MS = 30_000;

export interface BenchRun {
  readonly simulator: Simulator;
  readonly url: string;
  /** Of twilio-run. */
  readonly pid: number;
  readonly sids: { callSid: string; paymentSid: string };
  /** Calls a tool with the payment's SIDs, or with other arguments, and gives its result's JSON. */
  result(tool: string, args?: Record<string, unknown>): Promise<string>;
  callTool(tool: string): Promise<void>;
  rpc(method: string, params?: Record<string, unknown>): Promise<void>;
  post(path: string, body: string, headers: Record<string, string>, expected?: number): Promise<string>;
  /** Milliseconds of CPU that the process of the Functions has taken so far. */
  cpuMs(): Promise<number>;
  /** Puts the payment's document back to what it was after the start. */
  resetPayment(): Promise<void>;
  stop(): Promise<void>;
}

/** twilio-run on a folder of Functions, against a simulator in this process, with a payment started. */
export async function startBenchRun(
  program: Program,
  { functionsFolder, flags, latencyMs }: { functionsFolder: string; flags: string[]; latencyMs: number },
): Promise<BenchRun> {
  const simulator = await startSimulator();
  // Callbacks of its own would come between the two requests of a bare Function, which does not try again.
  Object.assign(simulator.switches, { syncRateLimits: false, updateEcho: false });
  if (latencyMs > 0) simulator.faults.add({ route: '*', action: { latencyMs } });
  process.env.TWILIO_SIMULATOR_URL = simulator.url;
  const port = await findFreePort();
  const url = `http://localhost:${port}`;
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const variables = {
    ACCOUNT_SID: accountSid,
    AUTH_TOKEN: authToken,
    API_KEY: apiKey,
    API_SECRET: apiSecret,
    MCP_AUTH_TOKEN: TOKEN,
    PUBLIC_URL: url,
    TWILIO_SIMULATOR_URL: simulator.url,
  };
  const envFile = writeEnvFile(program, toEnvText(variables));
  const twilioRun = createRequire(import.meta.url).resolve('twilio-run/bin/twilio-run.js');
  const child = spawn(
    process.execPath,
    [
      ...['--require', redirectPath, twilioRun, 'start', '--port', String(port), '--env', envFile.path],
      ...['--functions-folder', functionsFolder, '--no-logs', '--log-level', 'error', ...flags],
    ],
    { cwd: root, stdio: 'ignore', detached: true },
  );
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    if (child.pid) process.kill(-child.pid, 'SIGKILL');
    await simulator.close();
  };
  program.onClose(stop);

  const post: BenchRun['post'] = async (path, body, headers, expected = 200) => {
    const response = await fetch(new URL(path, url), { method: 'POST', headers, body });
    const text = await response.text();
    if (response.status !== expected)
      throw new RunError(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return text;
  };
  const send = (method: string, params: Record<string, unknown>) =>
    post('/mcp', JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), {
      Authorization: `Bearer ${TOKEN}`,
      'Content-Type': 'application/json',
      Accept: 'application/json',
    });
  await untilReady(url);

  const call = simulator.placeCall();
  const started = await send('tools/call', {
    name: 'startPaymentCapture',
    arguments: { callSid: call.sid, chargeAmount: 12.5 },
  });
  await simulator.settled();
  const { paymentSid } = JSON.parse(started).result.structuredContent as { paymentSid: string };
  const sids = { callSid: call.sid, paymentSid };
  const result: BenchRun['result'] = async (tool, args = {}) => {
    const text = await send('tools/call', { name: tool, arguments: { ...sids, ...args } });
    const { result: found } = JSON.parse(text) as { result: { isError?: boolean } };
    if (found.isError) throw new RunError(`${tool} failed: ${text.slice(0, 300)}`);
    return JSON.stringify(found);
  };

  const client = twilio(apiKey, apiSecret, { accountSid });
  const document = client.sync.v1.services('default').documents(`payment-${paymentSid}`);
  const { data } = await document.fetch();
  return {
    simulator,
    url,
    pid: child.pid ?? 0,
    sids,
    result,
    callTool: async (tool) => void (await result(tool)),
    rpc: async (method, params = {}) => void (await send(method, params)),
    post,
    async cpuMs() {
      const answer = await post('/cpu', '{}', { 'Content-Type': 'application/json' });
      return (JSON.parse(answer) as { microseconds: number }).microseconds / 1000;
    },
    resetPayment: async () => void (await document.update({ data, ttl: 3600 })),
    stop,
  };
}

async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const response = await fetch(`${url}/mcp`).catch(() => undefined);
    if (response?.status === 401) return;
    if (Date.now() > deadline) throw new RunError('twilio-run does not answer.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
