import { execFile } from 'node:child_process';
import type { LaidOutBuild } from './layout.ts';

/** How a Function behaved when it was loaded with nothing else. */
export interface Loaded {
  readonly path: string;
  /** What is wrong; empty where all is well. */
  readonly problems: readonly string[];
  readonly milliseconds: number;
}

/** Loads a file as the first thing that its process does, and says what that left behind. */
const PROGRAM = `
  // Made on first use: no trace of the Function.
  process.stdout.write(''), process.stderr.write('');
  const before = process.getActiveResourcesInfo();
  const startedAt = performance.now();
  const { handler } = require(process.argv[1]);
  const milliseconds = performance.now() - startedAt;
  const left = process.getActiveResourcesInfo();
  for (const name of before) if (left.includes(name)) left.splice(left.indexOf(name), 1);
  process.stdout.write(JSON.stringify({ handler: typeof handler, left, milliseconds }));
  process.exit();`;

const LIMIT_MS = 20_000;

/** Loads each Function alone in a process of its own: it must export a handler, start no timer and open no socket. */
export async function loadAlone({ root, functions }: LaidOutBuild): Promise<Loaded[]> {
  const loaded: Loaded[] = [];
  for (const { path, file } of functions) loaded.push(await load(root, path, file));
  return loaded;
}

function load(cwd: string, path: string, file: string): Promise<Loaded> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['-e', PROGRAM, file],
      { cwd, env: {}, timeout: LIMIT_MS },
      (error, stdout, stderr) => {
        if (error) {
          const reason = /^(?:\w*Error\b.*)$/m.exec(stderr)?.[0] ?? error.message;
          return resolve({ path, problems: [`${path} cannot be loaded: ${reason}`], milliseconds: 0 });
        }
        const { handler, left, milliseconds } = JSON.parse(stdout) as {
          handler: string;
          left: string[];
          milliseconds: number;
        };
        const problems = [
          ...(handler === 'function' ? [] : [`${path} exports no handler`]),
          ...(left.length === 0
            ? []
            : [`${path} leaves something running when it is loaded: ${left.join(', ')}`]),
        ];
        resolve({ path, problems, milliseconds });
      },
    );
  });
}
