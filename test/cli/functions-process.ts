import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type Program, RunError } from './program.ts';

/** The top of the project: where package.json, .twilioserverlessrc and dist/ are. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

const twilioRun = createRequire(import.meta.url).resolve('twilio-run/bin/twilio-run.js');
const ownPreloads = ['end-with-parent.cjs', 'host-errors.cjs'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);

const READY_MS = 30_000;
const PROBE_MS = 10_000;
const STOP_MS = 3_000;

export interface FunctionsOptions {
  port: number;
  /** The file with the Functions' variables. twilio-run reads it once, as it starts. */
  envFile: string;
  /** Modules that twilio-run and every process that it forks load first. */
  preload?: string[];
  /** The token to ask with whether all is well; without it, the Functions have to refuse. */
  token?: string;
  /** Whether to print what the Functions write, once they are ready. Otherwise it is kept. */
  showOutput: boolean;
}

export interface FunctionsProcess {
  readonly url: string;
  /** Rejects if twilio-run ends before it is stopped. Never resolves. */
  readonly broken: Promise<never>;
  /** What the Functions have written, where it is not printed. */
  output(): string;
}

/**
 * Runs what is in `dist` with twilio-run, as a process group of its own, and resolves when it answers. It ends with
 * the program.
 */
export async function startFunctions(program: Program, options: FunctionsOptions): Promise<FunctionsProcess> {
  const { port, envFile, preload = [], token, showOutput } = options;
  // Forks inherit these arguments of Node's, but not the environment: twilio-run replaces it by the variables.
  const preloads = [...ownPreloads, ...preload].flatMap((file) => ['--require', file]);
  // One process for all requests, as a warm instance on Twilio has: a process for each takes a quarter of a second.
  const flags = [
    '--port',
    String(port),
    '--env',
    envFile,
    '--no-logs',
    '--log-level',
    'warn',
    '--no-fork-process',
    '--no-live',
  ];
  const child = spawn(process.execPath, [...preloads, twilioRun, 'start', ...flags], {
    cwd: root,
    detached: process.platform !== 'win32',
    stdio: 'pipe',
  });
  let output = '';
  let showing = false;
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    from.setEncoding('utf8').on('data', (text: string) => {
      if (showing) to.write(text);
      else output += text;
    });
  }

  let stopping = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const kill = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      if (process.platform === 'win32') child.kill(signal);
      else process.kill(-child.pid, signal);
    } catch {
      // There is nobody left in the group.
    }
  };
  const killRest = () => kill('SIGKILL');
  process.once('exit', killRest);
  program.onClose(async () => {
    stopping = true;
    kill('SIGTERM');
    const timer = setTimeout(killRest, STOP_MS);
    await ended;
    clearTimeout(timer);
    // Forks may outlive twilio-run by a moment.
    killRest();
    process.off('exit', killRest);
  });
  const broken = ended.then((how): Promise<never> => {
    if (stopping) return new Promise(() => undefined);
    const said = output.trim();
    throw new RunError(`twilio-run ended unexpectedly (${how}).${said && `\n${said}`}`);
  });
  broken.catch(() => undefined);

  const url = `http://localhost:${port}`;
  await Promise.race([untilReady(url, token), broken]);
  if (showOutput) {
    // What was written until here is our own question.
    showing = true;
    output = '';
  }
  return { url, broken, output: () => output };
}

/** Asks until there is an answer, and checks that it is the one of this endpoint with these variables. */
async function untilReady(url: string, token: string | undefined): Promise<void> {
  const deadline = Date.now() + READY_MS;
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  for (;;) {
    const signal = AbortSignal.timeout(PROBE_MS);
    const response = await fetch(`${url}/mcp`, { headers, signal }).catch(() => undefined);
    if (response) return judge(response, token === undefined ? 401 : 405);
    if (Date.now() > deadline) throw new RunError(`twilio-run does not answer after ${READY_MS / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function judge(response: Response, expected: number): Promise<void> {
  const body = (await response.json().catch(() => undefined)) as ErrorBody | undefined;
  const { code, message } = body?.error ?? {};
  if (code === 'NOT_CONFIGURED') throw new RunError(message ?? 'No credential is configured.');
  if (response.status === expected) return;
  throw new RunError(
    `${response.url} answers ${response.status}, not ${expected}: ${message ?? 'another server took the port.'}`,
  );
}

interface ErrorBody {
  error?: { code?: unknown; message?: string };
}
