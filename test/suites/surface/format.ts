import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const biome = fileURLToPath(new URL('../../../node_modules/@biomejs/biome/bin/biome', import.meta.url));

/** A value as JSON in the form that the linter wants committed files to have. */
export function formatted(value: unknown): string {
  return execFileSync(process.execPath, [biome, 'format', '--stdin-file-path=surface.json'], {
    input: JSON.stringify(value, null, 2),
    encoding: 'utf8',
  });
}
