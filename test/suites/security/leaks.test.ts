import { beforeEach, describe, expect, test } from 'vitest';
import { handler as mcp } from '../../../functions/mcp.ts';
import { handler as paymentStatus } from '../../../functions/payment-status.protected.ts';
import type { FaultAction, Route } from '../../simulator/index.ts';
import { connect, type Stage, TOKEN } from '../host/connect.ts';
import { hurry } from '../host/hurry.ts';
import { captureAll, type Sids, start } from '../host/payment.ts';
import { type RawAgent, rawAgent } from '../host/raw.ts';
import { sync } from '../host/twilio-side.ts';

beforeEach(hurry);

/** Words of Twilio's, or of whatever stands between, that are nobody's business. */
const UPSTREAM = 'upstream-words-at-db7.internal';

/** Makes sure that answers and logs hold nothing that helps an attacker: credentials, hosts, stacks, paths. */
function expectNoLeak(stage: Stage, { answers }: RawAgent): void {
  const { accountSid, authToken, apiKey, apiSecret } = stage.simulator.credentials;
  const secrets = [
    authToken,
    apiSecret,
    apiKey,
    btoa(`${apiKey}:${apiSecret}`),
    btoa(`${accountSid}:${authToken}`),
    TOKEN,
    UPSTREAM,
  ];
  for (const text of [...answers, ...stage.host.logs]) {
    for (const secret of secrets) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/authorization["']?\s*:|\bbasic [a-z0-9+/]{8}/i);
    expect(text).not.toMatch(/twilio\.com|127\.0\.0\.1|localhost/);
    expect(text).not.toContain(new URL(stage.simulator.url).port);
    expect(text).not.toMatch(/(?:^|[\s"'(])(?:\/|[A-Z]:\\)[\w.-]+[/\\]|file:|node_modules|node:internal/);
  }
  for (const text of answers) {
    expect(text).not.toContain(accountSid);
    expect(text).not.toMatch(/\bat [\w.<> ]+\(|\.[cm]?[jt]s:\d/);
    expect(text).not.toMatch(/Axios|RestException|ECONN|ENOTFOUND|socket|ZodError/i);
  }
}

const STATUS_URI = ({ callSid, paymentSid }: Sids) => `payment://${callSid}/${paymentSid}/status`;

/** Everything that an agent can ask for, at once. */
async function askForEverything({ call }: Stage, raw: RawAgent, sids: Sids): Promise<void> {
  const tools = ['captureCardNumber', 'getPaymentStatus', 'completePaymentCapture', 'cancelPaymentCapture'];
  await Promise.all([
    ...tools.map((name) => raw.callTool(name, sids)),
    raw.callTool('startPaymentCapture', { callSid: call.sid, chargeAmount: 12.5 }),
    raw.rpc('resources/list'),
    raw.rpc('resources/read', { uri: STATUS_URI(sids) }),
  ]);
}

describe('what goes wrong between us and Twilio is told without what it holds', () => {
  const faults: [string, FaultAction][] = [
    ['refuses the credentials', { status: 401, code: 20003, message: UPSTREAM }],
    ['forbids it', { status: 403, code: 20003, message: UPSTREAM }],
    ['does not find it', { status: 404, code: 20404, message: UPSTREAM }],
    ['refuses it', { status: 400, code: 64001, message: UPSTREAM }],
    ['refuses it with a code that nobody knows', { status: 422, code: 99_999, message: UPSTREAM }],
    // A pause that long is not waited for.
    ['has an error', { status: 500, message: UPSTREAM, retryAfter: 60 }],
  ];
  /** Sync's requests would be repeated for seconds; that it cannot be reached at all is a test of its own. */
  const broken: [string, FaultAction][] = [
    ['hangs up', 'reset'],
    ['hangs up when it is done', 'lost'],
  ];
  const voice: Route[] = ['calls.fetch', 'calls.list', 'payments.create', 'payments.update'];
  const sync: Route[] = ['documents.fetch', 'documents.create', 'documents.update', 'documents.list'];
  type Case = [string, string, Route[], FaultAction];
  const cases = [
    ...[...faults, ...broken].map(([what, action]): Case => ['Voice', what, voice, action]),
    ...faults.map(([what, action]): Case => ['Sync', what, sync, action]),
  ];

  test.each(cases)('%s %s', async (api, _, hit, action) => {
    const stage = await connect();
    const raw = rawAgent(stage);
    const sids = await start(stage);
    // Only a payment that is ready gets as far as to ask Twilio to complete it.
    if (api === 'Voice') await captureAll(stage, sids);
    await stage.simulator.settled();
    for (const route of hit) stage.simulator.faults.add({ route, action });
    await askForEverything(stage, raw, sids);
    expect(raw.answers).toHaveLength(7);
    expectNoLeak(stage, raw);
  });
});

test('the network hangs: what is known of the request stays here', async () => {
  const stage = await connect();
  const raw = rawAgent(stage);
  stage.simulator.faults.add({ route: 'payments.create', action: 'timeout' });
  await raw.callTool('startPaymentCapture', { callSid: stage.call.sid });
  expect(raw.answers.join()).toContain('TWILIO_UNAVAILABLE: ');
  expectNoLeak(stage, raw);
});

test('Twilio cannot be reached at all', async () => {
  const stage = await connect();
  const raw = rawAgent(stage);
  const sids = await start(stage);
  await stage.simulator.settled();
  const simulator = process.env.TWILIO_SIMULATOR_URL;
  process.env.TWILIO_SIMULATOR_URL = 'http://127.0.0.1:1';
  try {
    await askForEverything(stage, raw, sids);
  } finally {
    process.env.TWILIO_SIMULATOR_URL = simulator;
  }
  expect(raw.answers.join()).toContain('STORE_UNAVAILABLE: ');
  expectNoLeak(stage, raw);
});

describe('what goes wrong in here is told without what it holds', () => {
  const PRIVATE = 'private words /var/task/handlers/secret.js';

  test('a prompt whose text cannot be read', async () => {
    const stage = await connect();
    const raw = rawAgent(stage);
    const { Runtime } = globalThis as unknown as { Runtime: { getAssets(): unknown } };
    Runtime.getAssets = () => {
      throw new Error(PRIVATE);
    };
    const { json } = await raw.rpc('prompts/get', { name: 'CardNumber', arguments: {} });
    expect(json).toMatchObject({ error: { message: expect.stringContaining('INTERNAL_ERROR') } });
    expect([...raw.answers, ...stage.host.logs].join('\n')).not.toContain('private words');
    expectNoLeak(stage, raw);
  });

  test('a document that is not one of ours', async () => {
    const stage = await connect();
    const raw = rawAgent(stage);
    const sids = await start(stage);
    await stage.simulator.settled();
    await sync(stage, 'POST', `/payment-${sids.paymentSid}`, {
      Data: JSON.stringify({ version: 99, note: PRIVATE }),
    });
    await askForEverything(stage, raw, sids);
    expect(raw.answers.join()).toContain('STORE_UNAVAILABLE: ');
    expect([...raw.answers, ...stage.host.logs].join('\n')).not.toContain('private words');
    expectNoLeak(stage, raw);
  });

  test.each([
    ['mcp', mcp],
    ['payment-status', paymentStatus],
  ])('%s: an error that nobody thought of', async (endpoint, handler) => {
    const stage = await connect();
    const context = {
      get ACCOUNT_SID(): string {
        throw new Error(PRIVATE);
      },
      get PUBLIC_URL(): string {
        throw new Error(PRIVATE);
      },
    };
    const answer = await new Promise((resolve) => {
      void handler(context, { request: { headers: {}, cookies: {} } }, (_, response) => resolve(response));
    });
    expect(answer).toMatchObject({ statusCode: 500, body: { error: { code: 'INTERNAL_ERROR' } } });
    expect(JSON.stringify(answer)).not.toMatch(/private words|secret/);
    const line = stage.host.logs.find((text) => text.includes('"event":"unexpected"')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({ level: 'error', endpoint, error: 'Error' });
    expect(line).not.toMatch(/private words|\/var\/task/);
  });

  test.each([
    ['ACCOUNT_SID', 'ACsecretsecret'],
    ['API_KEY', 'SKsecretsecret'],
    ['SYNC_SERVICE_SID', 'ISsecretsecret'],
    ['MAX_CHARGE_AMOUNT', 'secretsecret'],
    ['OAUTH_ISSUER', 'http://secretsecret.example'],
    ['ALLOWED_ORIGINS', 'secretsecret'],
    ['PUBLIC_URL', 'secretsecret'],
  ])('%s is malformed: its name is told, its value is not', async (name, value) => {
    const stage = await connect();
    Object.assign(stage.variables, { [name]: value });
    const raw = rawAgent(stage);
    const { status, text } = await raw.rpc('tools/call', {
      name: 'startPaymentCapture',
      arguments: { callSid: stage.call.sid },
    });
    expect(status).toBe(500);
    expect(text).toContain(name);
    expect([...raw.answers, ...stage.host.logs].join('\n')).not.toContain('secretsecret');
    expectNoLeak(stage, raw);
  });

  test('an API key without its secret', async () => {
    const stage = await connect();
    stage.variables.API_SECRET = '';
    const raw = rawAgent(stage);
    const { text } = await raw.callTool('getPaymentStatus', {}).then(
      () => ({ text: '' }),
      (error: Error) => ({ text: error.message }),
    );
    expect(text).toContain('API_SECRET');
    expectNoLeak(stage, raw);
  });
});

test('the client’s own log holds codes and names alone', async () => {
  const stage = await connect();
  const raw = rawAgent(stage);
  stage.simulator.faults.add({
    route: 'calls.fetch',
    action: { status: 401, code: 20003, message: UPSTREAM },
  });
  const { text } = await raw.rpc(
    'tools/call',
    { name: 'startPaymentCapture', arguments: { callSid: stage.call.sid } },
    { accept: 'application/json, text/event-stream' },
  );
  const [data = ''] = /"data":\{[^}]*\}/.exec(text) ?? [];
  expect(JSON.parse(`{${data}}`)).toEqual({
    data: {
      event: 'tool_failed',
      tool: 'startPaymentCapture',
      code: 'TWILIO_UNAUTHORIZED',
      twilioStatus: 401,
      twilioCode: 20003,
    },
  });
  expectNoLeak(stage, raw);
});
