import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SCOPES } from '../../../functions/runtime/scopes.ts';
import { root } from '../../cli/functions-process.ts';

const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');

/** The rows of the threat model: what stands in their last column. */
const proofs = page
  .split('\n')
  .filter((line) => /^\|.*\.test\.ts/.test(line))
  .map((line) => line.split('|').at(-2) ?? '');

test('each row of the threat model names tests that there are', () => {
  expect(proofs.length).toBeGreaterThan(15);
  for (const proof of proofs) {
    // A file, and titles in it, or the beginnings of titles.
    for (const [, file = '', titles = ''] of proof.matchAll(
      /`([\w/-]+\.test\.ts)`(?:: ((?:"[^"]+"(?:, )?)+))?/g,
    )) {
      const path = join(root, 'test', file);
      expect(existsSync(path), file).toBe(true);
      const text = readFileSync(path, 'utf8');
      for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) expect(text, file).toContain(`'${title}`);
    }
  }
});

test('every scope, and every variable that decides who gets in, is explained', () => {
  const names = [...SCOPES, 'MCP_AUTH_TOKEN', 'MCP_TOKENS'];
  for (const name of [...names, 'OAUTH_ISSUER', 'OAUTH_AUDIENCE', 'ALLOWED_ORIGINS', 'AUTH_TOKEN']) {
    expect(page).toContain(`\`${name}\``);
  }
});
