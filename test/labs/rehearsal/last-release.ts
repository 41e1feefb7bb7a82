import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { RunError } from '../../cli/program.ts';
import { LAST_RELEASE } from '../../suites/operations/last-release/release.ts';
import type { UploadedBuild, UploadedFile } from './uploaded-build.ts';

/** Builds the release before from the history, with the packages of this one. Undefined if this copy has no such history. */
export async function buildLastRelease(
  root: string,
): Promise<Pick<UploadedBuild, 'functions' | 'assets'> | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'rehearsal-last-release-'));
  try {
    const archive = join(folder, 'release.tar');
    const packed = await run('git', ['-C', root, 'archive', '--output', archive, LAST_RELEASE]);
    if (packed.code !== 0) return undefined;
    await succeed('tar', ['-xf', archive, '-C', folder]);
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    await succeed(process.execPath, [join(folder, 'build.mjs')], folder);
    return { functions: filesOf(folder, 'functions'), assets: filesOf(folder, 'assets') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const TYPES: readonly [extension: string, type: string][] = [
  ['.js', 'application/javascript'],
  ['.html', 'text/html'],
  ['.svg', 'image/svg+xml'],
  ['.json', 'application/json'],
  ['.md', 'text/markdown'],
];

/** The files of a build under the paths that a deploy gives them: the marker of their visibility is taken out. */
function filesOf(folder: string, kind: 'functions' | 'assets'): UploadedFile[] {
  const from = join(folder, 'dist', kind);
  return readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const name = relative(from, join(entry.parentPath, entry.name));
      const [, visibility = 'public'] = /\.(protected|private)\.\w+$/.exec(name) ?? [];
      const plain = `/${name.split(sep).join('/')}`.replace(`.${visibility}.`, '.');
      const [, contentType = 'application/octet-stream'] = TYPES.find(([end]) => name.endsWith(end)) ?? [];
      return {
        path: kind === 'functions' ? plain.replace(/\.js$/, '') : plain,
        visibility: visibility as UploadedFile['visibility'],
        contentType,
        content: readFileSync(join(from, name)),
      };
    });
}

async function succeed(program: string, args: readonly string[], cwd?: string): Promise<void> {
  const { code, output } = await run(program, args, cwd);
  if (code !== 0) throw new RunError(`The release before could not be built:\n${output.trim()}`);
}

function run(
  program: string,
  args: readonly string[],
  cwd?: string,
): Promise<{ code: number; output: string }> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve) => {
    child
      .once('error', (error) => resolve({ code: 1, output: error.message }))
      .once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
