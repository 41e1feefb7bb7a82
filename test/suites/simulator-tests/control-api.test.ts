import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import twilio from 'twilio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openReceiver, openScene } from './scene.ts';

const ACCOUNT = `AC${'1'.repeat(32)}`;
const TOKEN = '2'.repeat(32);
const main = fileURLToPath(new URL('../../simulator/main.ts', import.meta.url));

let child: ChildProcess;
let url: string;
let callSid: string;

beforeAll(async () => {
  const options = ['--port', '0', '--account-sid', ACCOUNT, '--auth-token', TOKEN, '--call'];
  child = spawn(process.execPath, ['--import', 'tsx', main, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('No output');
  const [line] = await once(createInterface(child.stdout), 'line');
  ({ url, callSid } = JSON.parse(String(line)));
}, 15_000);

afterAll(async () => {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
});

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/simulator${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // Tests look into bodies of many shapes.
  return { status: response.status, body: Object(await response.json()) };
}

describe('a simulator in a process of its own', () => {
  test('takes a whole payment under HTTP control', async () => {
    process.env.TWILIO_SIMULATOR_URL = url;
    const receiver = await openReceiver(TOKEN);
    const client = twilio(ACCOUNT, TOKEN);
    const request = { statusCallback: receiver.url };
    const start = { ...request, idempotencyKey: 'start', chargeAmount: 7, postalCode: false };
    const { sid } = await client.calls(callSid).payments.create(start);
    const fields = {
      'payment-card-number': '4111111111111111',
      'expiration-date': '1230',
      'security-code': '123',
    };
    for (const [capture, digits] of Object.entries(fields)) {
      const waiting = ask('GET', `/calls/${callSid}/waits-for?field=${capture}`);
      await client
        .calls(callSid)
        .payments(sid)
        .update({ ...request, idempotencyKey: capture, ...Object({ capture }) });
      await waiting;
      const typed = await ask('POST', `/calls/${callSid}/type`, { digits });
      expect(typed.body).toEqual({ callSid, field: capture, heard: digits.length, lost: 0 });
    }
    await client
      .calls(callSid)
      .payments(sid)
      .update({ ...request, idempotencyKey: 'end', status: 'complete' });
    await ask('GET', '/settled');
    expect((await ask('GET', '/charges')).body).toMatchObject([{ paymentSid: sid, amount: '7' }]);
    expect((await ask('GET', '/payments')).body).toMatchObject([
      { sid, state: 'finished', result: 'success' },
    ]);
    expect((await ask('GET', '/callbacks')).body.at(-1)).toMatchObject({
      delivered: true,
      params: { Result: 'success' },
    });
    expect((await ask('GET', '/requests')).body).toHaveLength(5);
    expect((await ask('GET', '/unknown-requests')).body).toEqual([]);
    expect((await ask('GET', '/everything-written')).body.text).not.toContain('4111111111111111');
    expect(receiver.received.every(({ genuine }) => genuine)).toBe(true);
  });

  test('places calls and plays callers', async () => {
    const { sid } = (await ask('POST', '/calls', { from: '+15005550001' })).body;
    expect((await ask('GET', '/calls')).body).toContainEqual(
      expect.objectContaining({ sid, from: '+15005550001' }),
    );
    expect((await ask('POST', `/calls/${sid}/type?digits=12`)).body).toMatchObject({ heard: 0, lost: 2 });
    expect((await ask('POST', `/calls/${sid}/star`)).body).toMatchObject({ heard: 0, lost: 1 });
    expect((await ask('POST', `/calls/${sid}/nothing`)).status).toBe(200);
    expect((await ask('POST', `/calls/${sid}/hang-up`)).body).toEqual({ done: true });
    const typed = await ask('POST', `/calls/${sid}/type`, { digits: '4111111111111111' });
    expect(typed.status).toBe(400);
    expect(JSON.stringify(typed.body)).not.toContain('4111');
    const legs = (await ask('POST', '/calls/with-agent-leg', { caller: 'child' })).body;
    expect(legs.caller.parentCallSid).toBe(legs.agent.sid);
    expect((await ask('POST', '/calls', { status: 'lost' })).status).toBe(400);
    expect((await ask('POST', '/calls/CA0/star')).body).toEqual({ error: 'No such call' });
  });

  test('changes switches, delivery and faults', async () => {
    expect((await ask('PUT', '/switches', { cardMask: 'dashed', processorMs: 5 })).body).toMatchObject({
      cardMask: 'dashed',
    });
    expect((await ask('PUT', '/switches', { cardMask: 'pink' })).status).toBe(400);
    expect((await ask('PUT', '/switches', { nonsense: true })).body.error).toContain('cardMask');
    expect((await ask('PUT', '/delivery', { mode: 'shuffled', delayMs: [0, 1] })).body).toMatchObject({
      mode: 'shuffled',
    });
    expect((await ask('PUT', '/delivery', { duplicates: 2 })).status).toBe(400);
    expect((await ask('POST', '/delivery/hold')).body).toMatchObject({ holding: true });
    await ask('POST', '/delivery/release', { order: 'reversed' });
    expect((await ask('GET', '/delivery')).body).toMatchObject({ holding: false, held: 0 });
    expect(
      (await ask('POST', '/faults', { route: 'calls.fetch', times: 1, action: { status: 500 } })).status,
    ).toBe(200);
    process.env.TWILIO_SIMULATOR_URL = url;
    await expect(twilio(ACCOUNT, TOKEN).calls(callSid).fetch()).rejects.toMatchObject({ status: 500 });
    expect((await ask('POST', '/faults', { route: 'nowhere', action: 'lost' })).status).toBe(400);
    expect((await ask('POST', '/faults', { route: '*', action: 'explode' })).status).toBe(400);
    expect((await ask('POST', '/faults/random', { rate: 0, actions: ['lost'], seed: 1 })).status).toBe(200);
    expect((await ask('DELETE', '/faults')).body).toEqual({ done: true });
    expect((await ask('POST', '/advance', { ms: 10 })).status).toBe(200);
    expect((await ask('POST', '/kill', { invocation: 'x', afterRequests: 1 })).status).toBe(200);
  });

  test('says what it knows about, to local programs only', async () => {
    const unknown = await ask('GET', '/nonsense');
    expect(unknown.status).toBe(404);
    expect(unknown.body.paths).toContainEqual(expect.stringMatching(/^POST \/simulator\/calls: /));
    expect((await ask('GET', '/calls', undefined, { origin: 'https://evil.example' })).status).toBe(403);
  });

  test('streams what happens', async () => {
    const response = await fetch(`${url}/simulator/events`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe(': listening\n\n');
    await ask('POST', '/calls');
    expect((await reader?.read())?.value).toMatch(/^event: call\ndata: \{"type":"call","callSid":"CA/);
    await reader?.cancel();
  });

  test('ends when told to', async () => {
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

test('events never carry a digit of a card', async () => {
  const { simulator, start, capture } = await openScene();
  const masks: string[] = [];
  simulator.on((event) => {
    if (event.type === 'digits') masks.push(event.mask);
  });
  await capture(await start(), 'expiration-date');
  expect(masks).toEqual(['x', 'xx', 'xxx', 'xxxx']);
});
