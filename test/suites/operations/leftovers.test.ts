/** What a deploy finds of variables that were emptied, on the simulated Serverless API. `labs/rehearsal` deploys for real. */
import { expect, onTestFinished, test } from 'vitest';
import { findLeftovers, mayRemove } from '../../cli/deploy/leftovers.ts';
import { readDeployOptions } from '../../cli/deploy/options.ts';
import { root } from '../../cli/functions-process.ts';
import { connect } from '../host/connect.ts';

const AT_TWILIO = {
  MCP_TOKENS: 'old',
  MCP_AUTH_TOKEN: 'old',
  CURRENCY: 'EUR',
  // Not ours, and what the platform gives by itself.
  COLOUR: 'red',
  AUTH_TOKEN: 'somebody put it there',
};

/** A service with these variables in its environment dev, and what a deploy with a file finds there. */
async function deployedBefore() {
  const { simulator } = await connect();
  const { accountSid, authToken } = simulator.credentials;
  const post = async (path: string, form: Record<string, string>) => {
    const response = await fetch(`${simulator.url}/v1/Services${path}`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}`,
        'x-simulated-host': 'serverless.twilio.com',
      },
      body: new URLSearchParams(form),
    });
    expect(response.status).toBe(201);
    return (await response.json()) as { sid: string };
  };
  await post('', { UniqueName: 'small', FriendlyName: 'small' });
  for (const suffix of ['dev', 'stage']) {
    const { sid } = await post('/small/Environments', { UniqueName: suffix, DomainSuffix: suffix });
    for (const [Key, Value] of Object.entries(AT_TWILIO))
      await post(`/small/Environments/${sid}/Variables`, { Key, Value });
  }
  const deployer = { username: accountSid, password: authToken, name: '', envFile: '' };
  return {
    simulator,
    there: () => simulator.serverless.environments().map(({ variables }) => Object.keys(variables)),
    find: (variables: Record<string, string>, ...flags: string[]) =>
      findLeftovers(deployer, { ...readDeployOptions(flags, root), name: 'small' }, variables),
  };
}

test('what the file has not is removed: ours alone, and in the environment that is deployed to alone', async () => {
  const { find, there } = await deployedBefore();
  const leftovers = await find({ MCP_AUTH_TOKEN: 'new', MCP_TOKENS: '' });
  expect(leftovers.names).toEqual(['CURRENCY', 'MCP_TOKENS']);
  await leftovers.remove();
  expect(there()).toEqual([['MCP_AUTH_TOKEN', 'COLOUR', 'AUTH_TOKEN'], Object.keys(AT_TWILIO)]);
  expect((await find({ MCP_AUTH_TOKEN: 'new' })).names).toEqual([]);
});

test('before the first deploy there is nothing', async () => {
  const { find } = await deployedBefore();
  expect((await find({}, '--production')).names).toEqual([]);
  expect((await find({}, '--service-sid', `ZS${'0'.repeat(32)}`)).names).toEqual([]);
});

test('what twilio-run takes from the environment of the process is not missing', async () => {
  const { find } = await deployedBefore();
  process.env.CURRENCY = 'GBP';
  onTestFinished(() => {
    delete process.env.CURRENCY;
  });
  const file = { MCP_TOKENS: 'new', MCP_AUTH_TOKEN: 'new', CURRENCY: '' };
  expect((await find(file)).names).toEqual(['CURRENCY']);
  expect((await find(file, '--load-system-env')).names).toEqual([]);
});

test('a Twilio that does not answer is no empty Twilio, and what it did not remove is named', async () => {
  const { simulator, find } = await deployedBefore();
  const leftovers = await find({ MCP_AUTH_TOKEN: 'new', MCP_TOKENS: 'new' });
  simulator.faults.add({ route: 'variables.list', action: { status: 503 } });
  await expect(find({})).rejects.toMatchObject({ status: 503 });
  simulator.faults.add({ route: 'variables.delete', action: { status: 503 } });
  await expect(leftovers.remove()).rejects.toThrow('Twilio did not remove CURRENCY');
});

test.each([
  ['yes\n', false, true],
  ['y', false, false],
  ['', false, false],
  [undefined, false, false],
  [undefined, true, true],
] as const)('on the reply %j, with --yes %j: %j', async (reply, isSure, removes) => {
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return reply;
  };
  const remove = async () => undefined;
  expect(await mayRemove({ names: ['MCP_TOKENS'], remove }, isSure, ask)).toBe(removes);
  expect(await mayRemove({ names: [], remove }, isSure, ask)).toBe(false);
  expect(asked).toHaveLength(isSure ? 0 : 1);
});

test('--yes is ours, and not for twilio-run', () => {
  expect(readDeployOptions(['--yes', '--production'], root)).toMatchObject({
    isSure: true,
    flags: ['--production'],
  });
});
