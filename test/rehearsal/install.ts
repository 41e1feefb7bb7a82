import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RunError } from '../local/program.ts';

/** Installs what package.json of a folder lists, and nothing that is not there. Gives the number of packages. */
export async function npmInstall(folder: string): Promise<number> {
  const args = ['install', '--prefix', folder, '--prefer-offline', '--no-audit', '--no-fund'];
  const child = spawn('npm', args, {
    cwd: folder,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new RunError(`npm install failed in ${folder}:\n${output.trim()}`);
  return countPackages(join(folder, 'node_modules'));
}

/** Folders with a package.json, scopes and nested ones included. */
function countPackages(modules: string): number {
  let count = 0;
  for (const entry of readdirSync(modules, { withFileTypes: true, recursive: true }))
    if (entry.name === 'package.json' && /node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+$/.test(entry.parentPath))
      count += 1;
  return count;
}
