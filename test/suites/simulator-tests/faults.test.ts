import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openScene, refusalOf } from './scene.ts';

describe('a fault', () => {
  test('answers with an error instead of working', async () => {
    const { simulator, start, api, callSid } = await openScene();
    simulator.faults.add({
      route: 'payments.create',
      times: 1,
      skip: 1,
      action: { status: 429, retryAfter: 3 },
    });
    await start();
    const create = { idempotencyKey: 'k', statusCallback: 'https://pay.example.com/' };
    const answer = await refusalOf(api.calls(callSid).payments.create(create));
    expect(answer).toEqual({ status: 429, code: 20429 });
    expect(api.httpClient?.lastResponse?.headers).toMatchObject({ 'retry-after': '3' });
    expect(await refusalOf(start())).toEqual({ status: 400, code: 64021 });
  });

  test('hits only what it names', async () => {
    const { simulator, api, callSid } = await openScene();
    const remove = simulator.faults.add({
      route: '*',
      method: 'GET',
      when: ({ path }) => path.includes('Calls'),
      action: { status: 503, code: 20503 },
    });
    expect(await refusalOf(api.calls(callSid).fetch())).toEqual({ status: 503, code: 20503 });
    expect(await refusalOf(api.sync.v1.services('default').documents.create({}))).toBe('accepted');
    remove();
    expect(await refusalOf(api.calls(callSid).fetch())).toBe('accepted');
  });

  test('breaks the connection before or after the work', async () => {
    const { simulator, start } = await openScene();
    simulator.faults.add({ route: 'payments.create', times: 1, action: 'reset' });
    await expect(start({ idempotencyKey: 'a' })).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(simulator.payments()).toHaveLength(0);
    simulator.faults.add({ route: 'payments.create', times: 1, action: 'lost' });
    await expect(start({ idempotencyKey: 'a' })).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(simulator.payments()).toHaveLength(1);
    expect(await start({ idempotencyKey: 'a' })).toBe(simulator.payments()[0]?.sid);
    await simulator.settled();
    expect(simulator.callbacks).toHaveLength(1);
    expect(simulator.requests.map(({ outcome }) => outcome)).toEqual(['reset', 'lost', 'answered']);
  });

  test('leaves a request without an answer', async () => {
    const { simulator } = await openScene();
    simulator.faults.add({ route: '*', action: 'timeout' });
    const { accountSid, authToken } = simulator.credentials;
    const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
    const patience = new AbortController();
    const asking = fetch(`${simulator.url}/2010-04-01/Accounts/${accountSid}/Calls.json`, {
      headers: { authorization },
      signal: patience.signal,
    });
    const unanswered = expect(asking).rejects.toThrow('aborted');
    await vi.waitUntil(() => simulator.requests[0]?.outcome === 'timeout', { timeout: 30_000 });
    patience.abort();
    await unanswered;
    expect(simulator.requests[0]).toMatchObject({ status: null });
  });

  test('makes a request slow', async () => {
    const { simulator, api, callSid } = await openScene();
    simulator.faults.add({ route: 'calls.fetch', action: { latencyMs: [30, 40] } });
    const before = performance.now();
    await api.calls(callSid).fetch();
    expect(performance.now() - before).toBeGreaterThan(25);
  });

  test('at random hits the same requests with the same seed', async () => {
    const { simulator, api, callSid } = await openScene();
    const run = async () => {
      simulator.faults.random({
        routes: ['calls.fetch'],
        rate: 0.5,
        actions: [{ status: 500 }, { status: 429 }],
        seed: 7,
      });
      const outcomes: unknown[] = [];
      for (let number = 0; number < 20; number += 1)
        outcomes.push(await refusalOf(api.calls(callSid).fetch()));
      return outcomes;
    };
    const first = await run();
    expect(await run()).toEqual(first);
    expect(new Set(first.map((outcome) => JSON.stringify(outcome))).size).toBe(3);
    simulator.faults.clear();
    expect(await refusalOf(api.calls(callSid).fetch())).toBe('accepted');
  });
});

const INVOCATIONS = Symbol.for('agent-payments.invocation');

/** What tells the simulator which invocation a request comes from, for the time of a test. */
function ownInvocations(): AsyncLocalStorage<string> {
  const invocations = new AsyncLocalStorage<string>();
  const before = Reflect.get(globalThis, INVOCATIONS) as unknown;
  Object.assign(globalThis, { [INVOCATIONS]: invocations });
  onTestFinished(() => void Object.assign(globalThis, { [INVOCATIONS]: before }));
  return invocations;
}

describe('a killed Function', () => {
  test.each([0, 1, 2])('gets no answer to request %i and later', async (afterRequests) => {
    const { simulator, api } = await openScene();
    const invocations = ownInvocations();
    const killed = new Promise((resolve) =>
      simulator.on((event) => event.type === 'killed' && resolve(event.invocation)),
    );
    simulator.kill('doomed', afterRequests);
    const documents = api.sync.v1.services('default').documents;
    const answered: string[] = [];
    const doomed = async () => {
      for (const uniqueName of ['one', 'two', 'three']) {
        await documents.create({ uniqueName });
        answered.push(uniqueName);
      }
    };
    // Its open request fails when the simulator closes.
    invocations.run('doomed', doomed).catch(() => undefined);
    expect(await killed).toBe('doomed');
    expect(simulator.documents()).toHaveLength(afterRequests);
    expect(answered).toHaveLength(Math.max(0, afterRequests - 1));
    expect(simulator.requests.at(-1)).toMatchObject({
      invocation: 'doomed',
      status: null,
      outcome: 'swallowed',
    });

    await invocations.run('another', () => documents.create({ uniqueName: 'alive' }));
    expect(simulator.requests.at(-1)).toMatchObject({ invocation: 'another', status: 201 });
  });

  test('still has its callbacks posted', async () => {
    const { simulator, start, receiver } = await openScene();
    const invocations = ownInvocations();
    simulator.kill('doomed', 1);
    const killed = new Promise<void>((resolve) =>
      simulator.on((event) => event.type === 'killed' && resolve()),
    );
    invocations.run('doomed', () => start()).catch(() => undefined);
    await killed;
    await simulator.settled();
    expect(receiver.received).toHaveLength(1);
  });
});
