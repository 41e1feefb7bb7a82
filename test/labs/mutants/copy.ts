import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { root } from '../../cli/functions-process.ts';
import type { Fault, Faulty } from './faulty.ts';

/** Minutes for one mutant: what hangs is found by that. A machine that does much else needs a tenth of it. */
const LIMIT_MS = 5 * 60_000;

/** A copy of the project, in which one fault at a time is made. */
export class Copy {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mutants-'));
  #child: ChildProcess | undefined;

  constructor() {
    cpSync(root, this.#folder, {
      recursive: true,
      filter: (path) => !/^(?:node_modules|\.git|\.env)(?:\/|$)/.test(relative(root, path)),
    });
    symlinkSync(join(root, 'node_modules'), join(this.#folder, 'node_modules'));
  }

  /** Makes a fault and runs the suites. Gives what noticed it; undefined if nothing did. */
  async notice(
    { file, suites, isBuilt = false }: Faulty,
    [name, find, put]: Fault,
  ): Promise<string | undefined> {
    const path = join(this.#folder, file);
    const text = readFileSync(path, 'utf8');
    if (text.split(find).length !== 2)
      throw new Error(`${file} does not have exactly once what "${name}" replaces`);
    writeFileSync(
      path,
      text.replace(find, () => put),
    );
    try {
      if (isBuilt && !(await this.#build())) return 'the build';
      for (const suite of suites) {
        const failed = await this.failure([suite]);
        if (failed) return failed;
      }
      return undefined;
    } finally {
      writeFileSync(path, text);
      if (isBuilt) await this.#build();
    }
  }

  /** Runs suites until a test fails, and names it. */
  async failure(suites: readonly string[]): Promise<string | undefined> {
    const report = join(this.#folder, 'report.json');
    rmSync(report, { force: true });
    const files = suites.map((suite) => `test/suites/${suite}.test.ts`);
    const flags = ['--bail=1', '--maxWorkers=1', '--reporter=json', `--outputFile=${report}`];
    const code = await this.#run(['node_modules/vitest/vitest.mjs', 'run', ...files, ...flags]);
    if (code === 0) return undefined;
    if (code === undefined) return 'the time limit';
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    const failed = testResults
      .flatMap((suite) => suite.assertionResults)
      .find(({ status }) => status === 'failed');
    return failed?.fullName ?? testResults.find(({ status }) => status === 'failed')?.name ?? 'vitest';
  }

  remove(): void {
    this.#child?.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #build(): Promise<boolean> {
    return (await this.#run(['build.mjs'])) === 0;
  }

  /** Gives the exit code; undefined if the time was up. */
  #run(args: readonly string[]): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, { cwd: this.#folder, stdio: 'ignore' });
      this.#child = child;
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        child.kill('SIGKILL');
      }, LIMIT_MS);
      child.once('error', reject);
      child.once('close', (code) => {
        clearTimeout(timer);
        resolve(isLate ? undefined : (code ?? 1));
      });
    });
  }
}

interface Report {
  testResults: {
    name: string;
    status: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}
