import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Program, RunError } from '../../cli/program.ts';
import type { Packages } from './packages.ts';

export type Revision = '2025-11-25' | '2026-07-28';

/** One check of a scenario, as the suite writes it. */
export interface Check {
  id: string;
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  errorMessage?: string;
}

/** A scenario as the suite lists it, with the revisions that it is for. */
export interface SuiteEntry {
  name: string;
  revisions: string[];
}

/** The checks of each scenario that was run. */
export type Results = Map<string, Check[]>;

const COMMAND = '@modelcontextprotocol/conformance/dist/index.js';
const LIMIT_MS = 5 * 60_000;

/** All scenarios for servers that the suite has. */
export async function listSuite({ node, file }: Packages): Promise<SuiteEntry[]> {
  const { stdout } = await promisify(execFile)(node, [file(COMMAND), 'list', '--server']);
  const entries = [...stdout.matchAll(/^ +- (\S+) \[(.+)\]$/gm)];
  if (entries.length === 0) throw new RunError(`The suite lists no scenarios:\n${stdout}`);
  return entries.map(([, name = '', revisions = '']) => ({ name, revisions: revisions.split(',') }));
}

/** Runs all scenarios of the suite that there are for a revision. */
export async function runSuite(
  program: Program,
  { node, file }: Packages,
  { url, revision }: { url: string; revision: Revision },
): Promise<Results> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-payments-conformance-'));
  program.onClose(() => rmSync(folder, { recursive: true, force: true }));
  const options = ['--url', url, '--suite', 'all', '--spec-version', revision, '--output-dir', folder];
  const child = spawn(node, [file(COMMAND), 'server', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  program.onClose(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  clearTimeout(timer);
  // The suite's own verdict counts scenarios that cannot apply. Its last line shows that it came to its end.
  if (!/^Total: \d+ passed, \d+ failed$/m.test(output)) {
    throw new RunError(`The suite did not come to its end:\n${output.split('\n').slice(-30).join('\n')}`);
  }
  return readResults(folder, output);
}

/** The results by scenario: one folder for each that ran, named `server-<scenario>-<time>`. */
function readResults(folder: string, output: string): Results {
  const results: Results = new Map();
  for (const name of readdirSync(folder)) {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT/.exec(name)?.[1];
    if (scenario === undefined) throw new RunError(`Results of an unknown form: ${name}`);
    results.set(scenario, readChecks(join(folder, name, 'checks.json'), scenario, output));
  }
  return results;
}

/** A scenario that threw leaves no checks behind. */
function readChecks(path: string, scenario: string, output: string): Check[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Check[];
  } catch {
    const at = output.indexOf(`Failed to run scenario ${scenario}:`);
    const errorMessage = at < 0 ? 'It left no checks behind.' : (output.slice(at).split('\n')[0] ?? '');
    return [{ id: scenario, status: 'FAILURE', errorMessage }];
  }
}
