import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { RunError } from './program.ts';

/** Builds `dist` where it is missing or older than what it is made of. */
export async function ensureBuilt(root: string): Promise<void> {
  const sources = [...times(root, 'functions'), ...times(root, 'assets'), ...times(root, 'build.mjs')];
  const built = times(root, 'dist', 'functions');
  const isBuilt = built.length > 0 && times(root, 'dist', 'assets').length > 0;
  if (isBuilt && Math.max(...sources) <= Math.min(...built)) return;
  console.log(built.length > 0 ? 'The sources are newer than dist/: building it ...' : 'Building dist/ ...');
  await build(root);
}

async function build(root: string): Promise<void> {
  const child = spawn(process.execPath, ['build.mjs'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new RunError(`The build failed (npm run build):\n${output.trim()}`);
}

/** When each file under a path was changed; empty where there is none. */
function times(...path: string[]): number[] {
  const place = join(...path);
  const found = statSync(place, { throwIfNoEntry: false });
  if (!found) return [];
  return found.isDirectory() ? readdirSync(place).flatMap((name) => times(place, name)) : [found.mtimeMs];
}
