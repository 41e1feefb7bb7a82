import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../../cli/functions-process.ts';
import type { Mutant } from './mutants/mutant.ts';

/**
 * Makes one file of the explorer and the product, which runs much faster than what is compiled file by file, and puts a
 * fault into it if there is one.
 * @returns the file's path. It lies two folders below the project's root, as the module does that tells where that is.
 */
export async function bundle(name: string, mutant?: Mutant): Promise<string> {
  const folder = join(root, 'node_modules', '.cache');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `explorer-${name}.mjs`);
  await build({
    entryPoints: [join(root, 'test/labs/explorer/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: mutant ? [{ name: 'mutant', setup: (found) => putIn(found, mutant) }] : [],
  });
  return outfile;
}

function putIn(
  { onLoad }: Parameters<NonNullable<Parameters<typeof build>[0]['plugins']>[number]['setup']>[0],
  { name, file, find, put }: Mutant,
): void {
  const path = join(root, file);
  onLoad({ filter: /\.ts$/ }, (loaded) => {
    if (loaded.path !== path) return undefined;
    const text = readFileSync(path, 'utf8');
    if (text.split(find).length !== 2)
      throw new Error(`${file} does not have exactly once what "${name}" replaces`);
    return { contents: text.replace(find, () => put), loader: 'ts' };
  });
}
