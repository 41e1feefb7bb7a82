/** What a monitor learns of the service, and what it costs. */
import { afterEach, expect, test, vi } from 'vitest';
import { version } from '../../../package.json';
import { connect, type Stage } from '../host/connect.ts';

afterEach(() => {
  vi.useRealTimers();
});

async function healthOf({
  host,
}: Stage): Promise<{ status: number; body: Record<string, unknown>; text: string }> {
  const response = await fetch(`${host.url}/health`);
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text), text };
}

/** Lets so many seconds pass for whoever looks at the clock. */
function pass(seconds: number): void {
  const later = Date.now() + seconds * 1_000;
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(later);
}

test('a service that can take payments says so, with its version and nothing else', async () => {
  const stage = await connect();
  const { status, body } = await healthOf(stage);
  expect(status).toBe(200);
  expect(body).toEqual({ status: 'ok', version, configuration: 'ok', sync: 'ok' });
});

test('an answer is kept for some seconds, whoever asks', async () => {
  const stage = await connect();
  const before = stage.simulator.requests.length;
  await Promise.all([healthOf(stage), healthOf(stage)]);
  stage.simulator.faults.add({ route: 'documents.list', action: { status: 503 } });
  expect((await healthOf(stage)).status).toBe(200);
  expect(stage.simulator.requests.slice(before).map(({ route }) => route)).toEqual(['documents.list']);
  pass(6);
  expect((await healthOf(stage)).status).toBe(503);
  const response = await fetch(`${stage.host.url}/health`);
  expect(response.headers.get('cache-control')).toBe('public, max-age=5');
});

test.each([
  ['is in trouble', { status: 503 }, 503],
  ['refuses the credentials', { status: 401, code: 20003 }, 401],
  ['cuts the connection', 'reset', 0],
] as const)(
  'Sync that %s makes it 503, and the log says what Sync answered',
  async (_, action, twilioStatus) => {
    const stage = await connect();
    stage.simulator.faults.add({ route: 'documents.list', action });
    const { status, body } = await healthOf(stage);
    expect([status, body.sync, body.configuration]).toEqual([503, 'failed', 'ok']);
    const line = JSON.parse(stage.host.logs.find((text) => text.includes('sync_unavailable')) ?? '{}');
    expect(line).toMatchObject({ level: 'error', endpoint: 'health', twilioStatus });
  },
);

test('Sync that does not answer is given up before a monitor gives up', async () => {
  const stage = await connect();
  stage.simulator.faults.add({ route: 'documents.list', action: 'timeout' });
  const began = performance.now();
  expect((await healthOf(stage)).body.sync).toBe('failed');
  expect(performance.now() - began).toBeLessThan(5_000);
});

test('a variable that cannot be read makes it 503; the log names it, and the answer nothing', async () => {
  const stage = await connect();
  stage.variables.MAX_CHARGE_AMOUNT = 'much-money';
  const { status, body, text } = await healthOf(stage);
  expect([status, body]).toEqual([
    503,
    { status: 'failed', version, configuration: 'failed', sync: 'unknown' },
  ]);
  expect(stage.host.logs.join('\n')).toContain('"variables":["MAX_CHARGE_AMOUNT"]');
  expect(text + stage.host.logs.join('\n')).not.toContain('much-money');
});

test('whatever comes with the request is ignored', async () => {
  const stage = await connect();
  const body = JSON.stringify({ jsonrpc: '2.0', ACCOUNT_SID: 'x', request: { headers: null } });
  const response = await fetch(`${stage.host.url}/health?sync=failed`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(await response.json()).toMatchObject({ status: 'ok' });
});
