import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Program, RunError } from '../../cli/program.ts';

/** Packages with a lockfile of their own, which `npm ci` at the top does not install. */
export interface Packages {
  /** The Node.js that came with them: newer than the one that the project asks for. */
  readonly node: string;
  /** The file behind a path inside a package. */
  file(path: string): string;
}

/** Installs the packages of a folder where they are missing or older than their lockfile. */
export async function installPackages(program: Program, folder: string): Promise<Packages> {
  const installed = writtenAt(join(folder, 'node_modules', '.package-lock.json'));
  if (installed < writtenAt(join(folder, 'package-lock.json'))) {
    console.log(`Installing the packages of ${folder} ...`);
    await npmCi(program, folder);
  }
  const file = (path: string) => join(folder, 'node_modules', path);
  return { node: file(process.platform === 'win32' ? 'node/bin/node.exe' : 'node/bin/node'), file };
}

async function npmCi(program: Program, folder: string): Promise<void> {
  const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--prefix', folder], {
    cwd: folder,
    // The package that brings Node.js fetches it in a script, whatever whoever runs this has set for others.
    env: { ...process.env, npm_config_ignore_scripts: 'false' },
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  program.onClose(() => child.kill());
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new RunError(`npm ci failed in ${folder}:\n${output.trim()}`);
}

/** Epoch milliseconds; 0 where there is no such file. */
function writtenAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
