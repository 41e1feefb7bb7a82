import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { digestOf, findPrincipal, readBearerTokens } from '../../../functions/runtime/bearer-tokens.ts';
import { root } from '../../cli/functions-process.ts';
import { RunError } from '../../cli/program.ts';
import { makeToken } from '../../cli/token.ts';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: { token: string };
};
const folder = mkdtempSync(join(tmpdir(), 'agent-payments-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DAY_MS = 24 * 60 * 60 * 1000;
let files = 0;

/** What the script prints, with an `.env` file of its own. */
function printed(args: string[], env = ''): string {
  const envFile = join(folder, `${++files}.env`);
  writeFileSync(envFile, env);
  return makeToken([...args, '--env', envFile]);
}

/** The lines that are set in: the token, the header, the entry, the variable. */
function madeBy(output: string): { token: string; entry: string; variable: string } {
  const [token = '', , entry = '', variable = ''] = output
    .split('\n')
    .filter((line) => /^ {2}\S+(?: \S+)*$/.test(line) && !/^ {2}\d\. /.test(line))
    .map((line) => line.trim());
  return { token, entry, variable: variable.replace('MCP_TOKENS=', '') };
}

/** Runs the script without npm. */
function run(...args: string[]): Promise<{ code: number; output: string; errors: string }> {
  const words = scripts.token.split(' ').slice(1);
  return new Promise((resolve) => {
    execFile(process.execPath, [...words, ...args], { cwd: root }, (error, output, errors) => {
      resolve({ code: error ? Number(error.code) : 0, output, errors });
    });
  });
}

test('a token comes with an entry that lets exactly it in, as long and as far as asked for', () => {
  const output = printed(['--name', 'desk', '--scopes', 'read,write', '--days', '90']);
  const { token, entry, variable } = madeBy(output);
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(output.split(token)).toHaveLength(2);
  expect(entry).toMatch(new RegExp(`^desk:rw:\\d{8}:${digestOf(token)}$`));
  expect(variable).toBe(entry);

  const tokens = readBearerTokens({ MCP_TOKENS: variable });
  expect(tokens.malformed).toBe(0);
  const now = Date.now();
  const desk = { client: 'desk', scopes: ['payments:read', 'payments:write'] };
  expect(findPrincipal(tokens, token, now)).toEqual(desk);
  expect(findPrincipal(tokens, token, now + 90 * DAY_MS)).toEqual(desk);
  expect(findPrincipal(tokens, token, now + 91 * DAY_MS)).toBe('expired');
  expect(findPrincipal(tokens, `${token}x`, now)).toBeUndefined();
  for (const words of ['MCP_TOKENS', 'deploy', 'without downtime', '(UTC)']) {
    expect(output).toContain(words);
  }
});

test('every token is another one, and may last for ever', () => {
  const args = ['--name', 'till', '--scopes', 'payments:charge', '--days', '0'];
  const [first, second] = [madeBy(printed(args)), madeBy(printed(args))];
  expect(first.token).not.toBe(second.token);
  const { token, entry } = first;
  expect(entry).toMatch(/^till:c::/);
  const inAHundredYears = Date.now() + 36_525 * DAY_MS;
  expect(findPrincipal(readBearerTokens({ MCP_TOKENS: entry }), token, inAHundredYears)).toEqual({
    client: 'till',
    scopes: ['payments:charge'],
  });
});

test('it is put beside the entries that there are, and a name that there is means a rotation', () => {
  const before = `desk:rw:20991231:${digestOf('old')} reports:r::${digestOf('reports')}`;
  const output = printed(['--name', 'desk', '--scopes', 'read write'], `MCP_TOKENS=${before}\n`);
  const { token, entry, variable } = madeBy(output);
  expect(variable).toBe(`${before} ${entry}`);
  const tokens = readBearerTokens({ MCP_TOKENS: variable });
  expect([token, 'old', 'reports'].map((each) => findPrincipal(tokens, each, Date.now()))).toMatchObject([
    { client: 'desk' },
    { client: 'desk' },
    { client: 'reports' },
  ]);
  expect(output).toContain('There is an entry of desk already');
  expect(output).not.toContain('Beware');
});

test('it warns where Twilio would not take the variable, and of entries that cannot be read', () => {
  const args = ['--name', 'desk', '--scopes', 'read'];
  const entries = Array.from({ length: 7 }, (_, i) => `client-${i}:rwc:20991231:${digestOf(`${i}`)}`);
  const long = printed(args, `MCP_TOKENS=${entries.join(' ')}\n`);
  const { length } = madeBy(long).variable;
  expect(length).toBeGreaterThan(450);
  expect(long).toContain(
    `Beware: With this entry MCP_TOKENS has ${length} bytes, and Twilio takes 450 at most`,
  );
  expect(long).not.toContain('cannot be read');
  const broken = printed(args, 'MCP_TOKENS=desk:rw\n');
  expect(broken).toContain('Beware: MCP_TOKENS has entries that cannot be read: 1.');
  expect(broken).not.toContain('450');
});

test('help is printed where it is asked for', () => {
  for (const flag of ['--name', '--scopes', '--days', '--env']) {
    expect(makeToken(['--help'])).toContain(flag);
  }
});

test.each([
  [[], '--name is missing'],
  [['--name', 'desk'], '--scopes is missing'],
  [['--name', 'night desk', '--scopes', 'read'], '--name takes letters'],
  [['--name', 'desk:rwc::', '--scopes', 'read'], '--name takes letters'],
  [['--name', 'd'.repeat(33), '--scopes', 'read'], '--name takes letters'],
  [['--name', 'desk', '--scopes', 'read,admin'], '--scopes takes read, write, charge and any'],
  [['--name', 'desk', '--scopes', ','], '--scopes takes read, write, charge and any'],
  [['--name', 'desk', '--scopes', 'read', '--days', 'ninety'], '--days takes a number'],
  [['--name', 'desk', '--scopes', 'read', '--days=-1'], '--days takes a number'],
  [['--name', 'desk', '--scopes', 'read', '--admin'], "Unknown option '--admin'"],
  [['desk', '--scopes', 'read'], "Unexpected argument 'desk'"],
])('bad flags are one clear line: %j', (args, line) => {
  expect(() => printed(args)).toThrow(RunError);
  expect(() => printed(args)).toThrow(/^[^\n]+ See npm run token -- --help$/);
  expect(() => printed(args)).toThrow(line);
});

test('the program exits with 0 and the text, or with 1 and one line', async () => {
  const [good, bad] = await Promise.all([run('--name', 'desk', '--scopes', 'read'), run('--admin')]);
  expect(good).toMatchObject({ code: 0, errors: '' });
  expect(madeBy(good.output).token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(bad).toMatchObject({ code: 1, output: '' });
  expect(bad.errors).toMatch(/^Unknown option '--admin' See npm run token -- --help\n$/);
});
