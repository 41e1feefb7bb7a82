import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../../simulator/index.ts';

test('secrets are rotated: a secondary Auth Token works beside the primary one until it is promoted, a deleted key no more', async () => {
  const simulator = await startSimulator();
  onTestFinished(() => simulator.close());
  const { account } = simulator;
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const statuses = (pairs: string[]) =>
    Promise.all(
      pairs.map(async (pair) => {
        const url = `${simulator.url}/2010-04-01/Accounts/${accountSid}/Calls.json`;
        return (await fetch(url, { headers: { authorization: `Basic ${btoa(pair)}` } })).status;
      }),
    );
  const old = [`${accountSid}:${authToken}`, `${apiKey}:${apiSecret}`];
  const secondary = account.makeSecondaryToken();
  const key = account.makeKey();
  const fresh = [`${accountSid}:${secondary}`, `${key.apiKey}:${key.apiSecret}`];
  expect(await statuses([...old, ...fresh])).toEqual([200, 200, 200, 200]);
  expect(simulator.credentials).toMatchObject({ authToken, ...key });
  account.promoteSecondaryToken();
  account.deleteKey(apiKey);
  expect(await statuses([...old, ...fresh])).toEqual([401, 401, 200, 200]);
  expect(simulator.credentials).toEqual({ accountSid, authToken: secondary, ...key });
  expect(() => account.promoteSecondaryToken()).toThrow('no secondary');
  expect(() => account.deleteKey(apiKey)).toThrow('no such');
});
