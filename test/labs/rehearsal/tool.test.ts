import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runTwilioRun } from '../../cli/deploy/tool.ts';
import { redirectPath, startSimulator } from '../../simulator/index.ts';

test('the real tool deploys, promotes to production and rolls back, and removes a variable', async () => {
  const simulator = await startSimulator();
  const folder = mkdtempSync(join(tmpdir(), 'tool-test-'));
  onTestFinished(async () => {
    rmSync(folder, { recursive: true, force: true });
    await simulator.close();
  });
  const { accountSid, authToken } = simulator.credentials;
  mkdirSync(join(folder, 'functions'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'small' }));
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
  const account = `ACCOUNT_SID=${accountSid}\nAUTH_TOKEN=${authToken}\n`;
  write('.env', `${account}COLOUR=red\nEMPTY=\n`);
  write('.env.production', `${account}COLOUR=blue\n`);
  const run = (...args: string[]) =>
    runTwilioRun(args, {
      cwd: folder,
      preload: [redirectPath],
      env: { TWILIO_SIMULATOR_URL: simulator.url },
    });
  const live = () =>
    simulator.serverless.environments().map(({ environment, build, variables }) => ({
      suffix: environment.domainSuffix,
      code: build?.versions.map(({ path, visibility, content }) => [path, visibility, content.toString()]),
      variables,
    }));

  write('functions/one.protected.js', 'first');
  expect(await run('deploy')).toMatchObject({ code: 0 });
  write('functions/one.protected.js', 'second');
  expect(await run('deploy')).toMatchObject({ code: 0 });
  const second = { suffix: 'dev', code: [['/one', 'protected', 'second']], variables: { COLOUR: 'red' } };
  expect(live()).toEqual([second]);

  const toProduction = ['--production', '--env', '.env.production'];
  const promotion = ['promote', '--from', 'dev', ...toProduction];
  expect((await run(...promotion)).stderr).toMatch(/Could not find environment/);
  expect(await run(...promotion, '--create-environment')).toMatchObject({ code: 0 });
  const production = { suffix: undefined, variables: { COLOUR: 'blue' } };
  expect(live()).toEqual([second, { ...production, code: second.code }]);
  expect((await run(...promotion)).stderr).toMatch(/Environment already has requested deployment/);

  const [first] = simulator.serverless.builds();
  expect(await run('promote', '--build-sid', first?.sid ?? '', ...toProduction)).toMatchObject({ code: 0 });
  expect(live()).toEqual([second, { ...production, code: [['/one', 'protected', 'first']] }]);
  expect(await run('env', 'unset', '--production', '--key', 'COLOUR')).toMatchObject({ code: 0 });
  expect(live().map(({ variables }) => variables)).toEqual([{ COLOUR: 'red' }, {}]);
  expect(simulator.unknownRequests).toEqual([]);
});
