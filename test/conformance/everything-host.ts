import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { toEnvText, writeEnvFile } from '../local/environment.ts';
import { root } from '../local/functions-process.ts';
import { findFreePort } from '../local/ports.ts';
import { type Program, RunError } from '../local/program.ts';

const twilioRun = createRequire(import.meta.url).resolve('twilio-run/bin/twilio-run.js');
const endWithParent = fileURLToPath(new URL('../local/end-with-parent.cjs', import.meta.url));
const entry = fileURLToPath(new URL('./everything/mcp.ts', import.meta.url));

const READY_MS = 30_000;

/** Bundles the test Function into a folder of its own and runs it with twilio-run. Gives its address. */
export async function startEverything(program: Program, token: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-payments-everything-'));
  program.onClose(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'assets'));
  await build({
    entryPoints: [entry],
    outfile: join(folder, 'functions/mcp.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'error',
  });
  const port = await findFreePort();
  const url = `http://localhost:${port}`;
  const envFile = writeEnvFile(program, toEnvText({ MCP_AUTH_TOKEN: token, PUBLIC_URL: url }));
  // twilio-run joins the folders to the project's, whose packages the Functions use.
  const folders = ['functions', 'assets'].flatMap((name) => [
    `--${name}-folder`,
    relative(root, join(folder, name)),
  ]);
  const options = ['--port', String(port), '--env', envFile.path, '--no-logs', '--log-level', 'warn', '--no-fork-process'];
  const child = spawn(
    process.execPath,
    ['--require', endWithParent, twilioRun, 'start', ...options, ...folders],
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
      throw new RunError(`The test Function does not answer as it should.\n${output.trim()}`);
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
