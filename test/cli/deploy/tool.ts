import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

/** How a deploy tool ended, and what it wrote. */
export interface ToolRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolOptions {
  /** The project's folder. */
  readonly cwd: string;
  /** Modules that the tool loads first. */
  readonly preload?: readonly string[];
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

const require = createRequire(import.meta.url);
const twilioRun = require.resolve('twilio-run/bin/twilio-run.js');

export const twilioRunVersion = (require('twilio-run/package.json') as { version: string }).version;

/** Runs the project's own twilio-run to its end. */
export function runTwilioRun(args: readonly string[], options: ToolOptions): Promise<ToolRun> {
  return runTool(twilioRun, args, options);
}

/** Runs a Node.js program to its end and keeps what it writes. */
export async function runTool(
  program: string,
  args: readonly string[],
  { cwd, preload = [], env = {} }: ToolOptions,
): Promise<ToolRun> {
  const preloads = preload.flatMap((file) => ['--require', file]);
  const child = spawn(process.execPath, [...preloads, program, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('close', (status) => resolve(status ?? 1));
  });
  process.off('exit', end);
  return { code, ...written };
}
