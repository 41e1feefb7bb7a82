import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { problemsOf } from './checks/index.ts';
import { file, goodBuild } from './fixture.ts';
import { inspect } from './install.ts';
import { layOut } from './layout.ts';
import { loadAlone } from './loads.ts';
import type { UploadedBuild } from './uploaded-build.ts';

/** What the checks say about a good build with something changed. */
function problemsWith(change: (build: UploadedBuild) => Partial<UploadedBuild>): string[] {
  const { build, expected } = goodBuild();
  return problemsOf({ ...build, ...change(build) }, expected);
}

/** What is wrong with loading one Function alone. */
async function problemsOfLoading(content: string): Promise<readonly string[]> {
  const laidOut = layOut({ ...goodBuild().build, functions: [file('/mcp', content)], dependencies: [] });
  onTestFinished(() => laidOut.remove());
  const [loaded] = await loadAlone(laidOut);
  return loaded?.problems ?? ['nothing was loaded'];
}

test('a good build passes', () => {
  expect(problemsWith(() => ({}))).toEqual([]);
});

describe('the rehearsal fails when', () => {
  test('a Function needs a file beside it', async () => {
    const content = 'const { money } = require("./money"); exports.handler = () => money;';
    const rest = goodBuild().build.functions.slice(1);
    expect(problemsWith(() => ({ functions: [file('/mcp', content), ...rest] }))).toEqual([
      '/mcp needs ./money',
    ]);
    expect(await problemsOfLoading(content)).toEqual([
      "/mcp cannot be loaded: Error: Cannot find module './money'",
    ]);
  });

  test('a Function needs a package that was not uploaded', async () => {
    expect(await problemsOfLoading("require('zod'); exports.handler = () => 1;")).toEqual([
      "/mcp cannot be loaded: Error: Cannot find module 'zod'",
    ]);
  });

  test('a Function leaves something running when it is loaded, or has no handler', async () => {
    expect(await problemsOfLoading('setInterval(() => 1, 1000); exports.handler = () => 1;')).toEqual([
      '/mcp leaves something running when it is loaded: Timeout',
    ]);
    expect(await problemsOfLoading('exports.run = () => 1;')).toEqual(['/mcp exports no handler']);
  });

  test('a dependency is a range', () => {
    const handler = { name: '@twilio/runtime-handler', version: '2.0.1' };
    expect(problemsWith(() => ({ dependencies: [handler, { name: 'twilio', version: '^6.3.1' }] }))).toEqual([
      'twilio is given as ^6.3.1, which is no exact version',
    ]);
  });

  test('a dependency is missing, another one or an old one', () => {
    expect(
      problemsWith(() => ({
        dependencies: [
          { name: '@twilio/runtime-handler', version: '1.1.0' },
          { name: 'zod', version: '4.6.7' },
        ],
      })),
    ).toEqual([
      'twilio is missing',
      '@twilio/runtime-handler is 1.1.0, package.json says 2.0.1',
      'zod is not in package.json',
      '@twilio/runtime-handler is 1.1.0, which Twilio refuses',
    ]);
  });

  test('a dependency brings machine code', () => {
    const modules = join(mkdtempSync(join(tmpdir(), 'rehearsal-modules-')), 'node_modules');
    onTestFinished(() => rmSync(dirname(modules), { recursive: true }));
    for (const path of [
      'plain/package.json',
      'plain/node_modules/@fast/one/build/one.node',
      'two/binding.gyp',
    ]) {
      mkdirSync(dirname(join(modules, path)), { recursive: true });
      writeFileSync(join(modules, path), '');
    }
    expect(inspect(modules)).toEqual({ packages: 1, native: ['@fast/one', 'two'] });
  });

  test('a variable is missing', () => {
    expect(problemsWith(() => ({ variables: {} }))).toEqual(['CURRENCY is missing']);
  });

  test('the account’s credentials were uploaded', () => {
    expect(problemsWith(() => ({ variables: { CURRENCY: 'USD', AUTH_TOKEN: 'secret' } }))).toEqual([
      "AUTH_TOKEN is a variable of Twilio's own",
    ]);
  });

  test('variables are too large', () => {
    const { build, expected } = goodBuild();
    const long = Object.fromEntries(
      Array.from({ length: 7 }, (_, index) => [`LONG_${index}`, 'é'.repeat(220)]),
    );
    const variables = { CURRENCY: 'é'.repeat(226), ...long };
    expect(problemsOf({ ...build, variables }, { ...expected, variables })).toEqual([
      'CURRENCY has 452 bytes, Twilio takes 450',
      expect.stringMatching(/^All variables have \d+ bytes, Twilio takes about 3000$/),
    ]);
  });

  test('a callback is unprotected', () => {
    const unprotected = ({ functions }: UploadedBuild) => ({
      functions: functions.map((code) => ({ ...code, visibility: 'public' as const })),
    });
    expect(problemsWith(unprotected)).toEqual(['Function /payment-status is public, not protected']);
  });

  test('a file is missing, is one too many, is there twice or is too large', () => {
    const large = file('/mcp', 'x'.repeat(1_000_001));
    expect(problemsWith(() => ({ functions: [large, file('/helper', ''), large] }))).toEqual([
      'Function /payment-status is missing',
      'Function /helper should not be there',
      'Function /mcp is there twice',
      '/mcp has 1000001 bytes, 1000000 are allowed',
      '/mcp has 1000001 bytes, 1000000 are allowed',
    ]);
  });

  test('a prompt is public, or has a path that Twilio refuses', () => {
    expect(
      problemsWith(({ assets: [page] }) => ({
        assets: [...(page ? [page] : []), file('/prompts/error.md', ''), file('/prompts/a b.md', '')],
      })),
    ).toEqual([
      'Asset /prompts/error.md is public, not private',
      'Asset /prompts/a b.md should not be there',
      '/prompts/a b.md has a character that is not allowed',
    ]);
  });

  test('the runtime or a name is wrong', () => {
    expect(
      problemsWith(({ service, environment }) => ({
        runtime: 'node20',
        service: { ...service, uniqueName: '@scope/name' },
        environment: { ...environment, domainSuffix: 'x'.repeat(17) },
      })),
    ).toEqual([
      'The runtime is node20, not node22',
      "The service's name @scope/name does not fit",
      'The domain suffix is longer than 16 characters',
    ]);
  });
});
