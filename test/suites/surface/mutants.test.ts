import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../cli/functions-process.ts';
import { MUTANTS as ENGINE } from '../../labs/explorer/mutants/index.ts';
import { MUTANTS } from '../../labs/mutants/mutants.ts';

const FAULTS = [
  ...ENGINE.map(({ name, file, find }) => [name, file, find] as const),
  ...MUTANTS.flatMap(({ file, faults }) => faults.map(([name, find]) => [name, file, find] as const)),
];

test.each(FAULTS)('this fault can still be made: %s (%s)', (_, file, find) => {
  expect(readFileSync(join(root, file), 'utf8').split(find)).toHaveLength(2);
});

test.each(MUTANTS)('the suites that look for faults in $file are there', ({ suites }) => {
  for (const suite of suites)
    expect(existsSync(join(root, `test/suites/${suite}.test.ts`)), suite).toBe(true);
});
