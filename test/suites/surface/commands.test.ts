import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { HELP as DEPLOY_HELP } from '../../cli/deploy/options.ts';
import { root } from '../../cli/functions-process.ts';
import { makeToken } from '../../cli/token.ts';
import { connect, TOKEN } from '../host/connect.ts';
import { blocksOf, textOf, USER_PAGES } from './pages.ts';

const run = promisify(execFile);

const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
  scripts: Record<string, string>;
};

/** What pages tell to type, in one line each, without comments. */
const commands = USER_PAGES.flatMap((page) =>
  blocksOf(textOf(page), 'sh')
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .flatMap((line) => line.replace(/(^|\s)# .*$/, '').split(' && '))
    .map((command) => command.trim())
    .filter(Boolean),
);

/** Programs that are installed by whoever uses them, and what was done here to see that their lines are right. */
const ELSEWHERE =
  /^(?:claude|gemini|twilio|mcp-publisher|npm install|npx @modelcontextprotocol\/inspector|cp )/;

test('every command of the pages is one that a test runs, or another program’s', () => {
  expect(commands.length).toBeGreaterThan(20);
  const unknown = commands.filter(
    (command) => !ELSEWHERE.test(command) && !/^(?:npm |curl |npx twilio-run )/.test(command),
  );
  expect(unknown).toEqual([]);
});

test('every script that the pages name is there', () => {
  const inProse = USER_PAGES.flatMap((page) => [...textOf(page).matchAll(/`npm (?:run )?([\w:]+)[^`]*`/g)]);
  const inBlocks = commands.flatMap((command) => [...command.matchAll(/^npm (?:run )?([\w:]+)/g)]);
  const names = [...inProse, ...inBlocks].map(([, name = '']) => name);
  const unknown = names.filter((name) => !scripts[name] && !['ci', 'install'].includes(name));
  expect(unknown).toEqual([]);
});

/** The flags of a command line. */
const flagsOf = (command: string) => [...command.matchAll(/ --([a-z-]+)/g)].map(([, flag = '']) => flag);

/** The flags of one of twilio-run's commands, which has no types for them. */
function flagsOfTwilioRun(command: string): string[] {
  const { cliInfo } = createRequire(import.meta.url)(`twilio-run/dist/commands/${command}`) as {
    cliInfo: { options: Record<string, { alias?: string | string[] }> };
  };
  return Object.entries(cliInfo.options).flatMap(([name, { alias = [] }]) => [name, alias].flat());
}

test('every flag of the pages is one that the program knows', async () => {
  const flags: Record<string, (command: string) => Promise<string[]> | string[]> = {
    'npm run token': (command) => {
      const [, args = ''] = command.split(' -- ');
      expect(makeToken(args.split(' '))).toMatch(/MCP_TOKENS/);
      return flagsOf(command);
    },
    'npm run deploy': () => [...flagsOf(DEPLOY_HELP), ...flagsOfTwilioRun('deploy')],
    'npx twilio-run promote': () => flagsOfTwilioRun('promote'),
    'npx twilio-run list': () => flagsOfTwilioRun('list'),
    // It reads all of its flags before it helps, and ends with 1 on one that it does not know.
    'npm run doctor': async (command) => {
      const args = ['test/cli/run.cjs', 'test/cli/doctor.ts', ...command.split(' ').slice(4), '--help'];
      await run(process.execPath, args, { cwd: root });
      return flagsOf(command);
    },
  };
  const lines = [...new Set(commands)].filter(
    (command) => / --(?:[a-z]| )/.test(command) && !ELSEWHERE.test(command),
  );
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) {
    const [, known] = Object.entries(flags).find(([program]) => line.startsWith(program)) ?? [];
    const there = (await known?.(line)) ?? [];
    expect([line, flagsOf(line).filter((flag) => !there.includes(flag))]).toEqual([line, []]);
  }
});

test('every line for curl is answered with the tools', async () => {
  const { host } = await connect();
  const lines = commands.filter((command) => command.startsWith('curl https://NAME.twil.io/mcp'));
  expect(lines.length).toBe(2);
  for (const line of lines) {
    const here = line.replace('https://NAME.twil.io', host.url).replace('curl', 'curl -s');
    const { stdout } = await run('bash', ['-c', here], { env: { ...process.env, TOKEN } });
    expect(stdout).toContain('"startPaymentCapture"');
  }
});
