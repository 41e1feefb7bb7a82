import { execFile } from 'node:child_process';
import type http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { redirectPath } from '../../simulator/index.ts';
import { openScene } from './scene.ts';

const run = promisify(execFile);

/** Status of a request made in one of the ways that `https.request` can be called. */
function statusOf(
  send: (answered: (response: http.IncomingMessage) => void) => http.ClientRequest,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = send((response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end();
  });
}

describe('the redirect', () => {
  test('takes every way to call https.request', async () => {
    const { simulator } = await openScene();
    const { accountSid, authToken } = simulator.credentials;
    const url = `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Calls.json?PageSize=1`;
    const auth = `${accountSid}:${authToken}`;
    const agent = new https.Agent({ keepAlive: true, timeout: 1_000 });
    const { hostname, pathname, search } = new URL(url);
    const ways = [
      (answered: (response: http.IncomingMessage) => void) =>
        https.request(url, { auth, agent, timeout: 500 }, answered),
      (answered: (response: http.IncomingMessage) => void) => https.request(new URL(url), { auth }, answered),
      (answered: (response: http.IncomingMessage) => void) =>
        https.request(
          { hostname, path: pathname + search, auth, agent, protocol: 'https:', port: 443 },
          answered,
        ),
      (answered: (response: http.IncomingMessage) => void) =>
        https.request(
          { host: `${hostname}:443`, path: pathname + search, auth, servername: hostname },
          answered,
        ),
      (answered: (response: http.IncomingMessage) => void) =>
        https.get(
          url,
          { headers: { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } },
          answered,
        ),
      (answered: (response: http.IncomingMessage) => void) =>
        https.get(url.replace('https://', `https://${auth}@`), answered),
    ];
    for (const way of ways) expect(await statusOf(way)).toBe(200);
    expect(simulator.requests.map(({ host, params }) => [host, params])).toEqual(
      ways.map(() => ['api.twilio.com', { PageSize: '1' }]),
    );
  });

  test('leaves other hosts alone', async () => {
    const { simulator } = await openScene();
    for (const host of ['nottwilio.com', 'twilio.com.evil.invalid', 'localhost'])
      await expect(
        statusOf((answered) => https.request({ host, port: 1, timeout: 100 }, answered)),
      ).rejects.toThrow();
    expect(simulator.requests).toEqual([]);
  });

  test('knows regional hosts, and says which it does not know', async () => {
    const { simulator } = await openScene();
    const { accountSid, authToken } = simulator.credentials;
    const ask = (host: string) =>
      statusOf((answered) =>
        https.get(
          { host, path: `/2010-04-01/Accounts/${accountSid}/Calls.json`, auth: `${accountSid}:${authToken}` },
          answered,
        ),
      );
    expect(await ask('api.dublin.ie1.twilio.com')).toBe(200);
    expect(await ask('api.ie1.twilio.com')).toBe(404);
    expect(await ask('sync.sydney.au1.twilio.com')).toBe(404);
    expect(simulator.unknownRequests.map(({ host }) => host)).toEqual([
      'api.ie1.twilio.com',
      'sync.sydney.au1.twilio.com',
    ]);
  });

  test('works as a preload of a process that uses the twilio package', async () => {
    const { simulator, callSid } = await openScene();
    const { accountSid, authToken } = simulator.credentials;
    const program = `
      const { AsyncLocalStorage } = require('node:async_hooks');
      const invocations = globalThis[Symbol.for('agent-payments.invocation')] = new AsyncLocalStorage();
      const client = require('twilio')('${accountSid}', '${authToken}', { timeout: 2000 });
      invocations.run('inv-1', () => client.calls('${callSid}').fetch()).then(({ status }) => console.log(status));`;
    const env = {
      ...process.env,
      NODE_OPTIONS: `--require ${redirectPath}`,
      TWILIO_SIMULATOR_URL: simulator.url,
    };
    const { stdout } = await run(process.execPath, ['-e', program], { env });
    expect(stdout.trim()).toBe('in-progress');
    expect(simulator.requests[0]).toMatchObject({ route: 'calls.fetch', invocation: 'inv-1' });
  });

  test('is off without a simulator', () => {
    const before = https.request;
    createRequire(import.meta.url)(redirectPath);
    expect(https.request).toBe(before);
  });
});
