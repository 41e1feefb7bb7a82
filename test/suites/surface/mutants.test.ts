import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../cli/functions-process.ts';
import { MUTANTS } from '../../labs/explorer/mutants.ts';

test.each(MUTANTS)('the explorer can still make this fault: $name', ({ file, find }) => {
  expect(readFileSync(join(root, file), 'utf8').split(find)).toHaveLength(2);
});
