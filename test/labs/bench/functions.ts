import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { root } from '../../cli/functions-process.ts';
import { type Program, RunError } from '../../cli/program.ts';
import { redirectPath } from '../../simulator/index.ts';

/** One line of a Function's log, which is one invocation. */
export interface Invocation {
  /** A tool's name, or `callback`. */
  what: string;
  status: number;
  milliseconds: number;
}

export interface BenchedFunctions {
  readonly url: string;
  /** What the Functions have done so far. */
  readonly invocations: Invocation[];
  /** Rejects when twilio-run ends by itself. */
  readonly broken: Promise<never>;
}

const twilioRun = createRequire(import.meta.url).resolve('twilio-run/bin/twilio-run.js');
const endWithParent = fileURLToPath(new URL('../../cli/end-with-parent.cjs', import.meta.url));
const READY_MS = 30_000;

/** Runs `dist` in one twilio-run process that keeps its modules, as an instance on Twilio does. */
export async function startFunctions(
  program: Program,
  {
    port,
    variables,
    preloaded = [],
  }: { port: number; variables: Record<string, string>; preloaded?: string[] },
): Promise<BenchedFunctions> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-payments-'));
  program.onClose(() => rmSync(folder, { recursive: true, force: true }));
  const envFile = join(folder, 'env');
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(envFile, lines.join(''), { mode: 0o600 });

  const preloads = [...preloaded, endWithParent, redirectPath].flatMap((file) => ['--require', file]);
  const flags = ['--no-fork-process', '--no-live', '--no-logs', '--log-level', 'error'];
  const child = spawn(
    process.execPath,
    [...preloads, twilioRun, 'start', '--port', String(port), '--env', envFile, ...flags],
    { cwd: root, stdio: 'pipe', env: { ...process.env, ...variables } },
  );
  const invocations: Invocation[] = [];
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      const invocation = toInvocation(line);
      if (invocation) invocations.push(invocation);
      else said = `${said}${line}\n`.slice(-4_000);
    });
  }
  let stopping = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  program.onClose(async () => {
    stopping = true;
    child.kill();
    await ended;
  });
  const broken = ended.then((how): Promise<never> => {
    if (stopping) return new Promise(() => undefined);
    throw new RunError(`twilio-run ended unexpectedly (${how}).\n${said}`);
  });
  broken.catch(() => undefined);
  const url = `http://localhost:${port}`;
  await Promise.race([untilReady(url), broken]);
  return { url, invocations, broken };
}

async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (!(await fetch(`${url}/mcp`).catch(() => undefined))) {
    if (Date.now() > deadline) throw new RunError(`twilio-run does not answer after ${READY_MS / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function toInvocation(line: string): Invocation | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { event, tool, status, milliseconds } = JSON.parse(line) as Record<string, unknown>;
    if (typeof milliseconds !== 'number') return undefined;
    const what = event === 'callback' ? 'callback' : String(tool ?? 'other');
    return { what, status: Number(status), milliseconds };
  } catch {
    return undefined;
  }
}
