import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { RunError } from '../../cli/program.ts';

export interface Installed {
  /** All of them, those that others need included. */
  readonly packages: number;
  /** Those that hold machine code or sources of it, which Twilio does not take (limits page). */
  readonly native: readonly string[];
}

/** Installs what package.json of a folder lists, and nothing that is not there. */
export async function npmInstall(folder: string): Promise<Installed> {
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
  return inspect(join(folder, 'node_modules'));
}

/** Looks through installed packages, scopes and nested ones included. */
export function inspect(modules: string): Installed {
  let packages = 0;
  const native = new Set<string>();
  for (const { name, parentPath } of readdirSync(modules, { withFileTypes: true, recursive: true })) {
    if (name === 'package.json' && /node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+$/.test(parentPath))
      packages += 1;
    if (name === 'binding.gyp' || name.endsWith('.node')) native.add(packageOf(parentPath));
  }
  return { packages, native: [...native].sort() };
}

function packageOf(folder: string): string {
  return /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(folder)?.[1] ?? basename(folder);
}
