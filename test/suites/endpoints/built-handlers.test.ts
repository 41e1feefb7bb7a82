import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { redirectPath, type Simulator, startSimulator, voiceSignature } from '../../simulator/index.ts';

type Callback = (error: unknown, response?: unknown) => void;
type Handler = (context: unknown, event: unknown, callback: Callback) => Promise<void>;

/** The platform's own response class, as local runs use it. */
interface PlatformResponse {
  statusCode: number;
  headers: Record<string, unknown>;
  body: unknown;
  serialize(): { statusCode: number; body: unknown; headers: Record<string, unknown> };
}

const load = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('../../../dist/functions/', import.meta.url));
const ENDPOINTS = [
  'mcp',
  'desk',
  'payment-status.protected',
  '.well-known/oauth-protected-resource',
  '.well-known/oauth-protected-resource/mcp',
] as const;

const TOKEN = 'token-of-the-built-handlers';
const JSON_HEADERS = {
  authorization: `Bearer ${TOKEN}`,
  'content-type': 'application/json',
  'content-length': '100',
  accept: 'application/json',
};

let simulator: Simulator;
let context: Record<string, unknown>;
let Response: new () => PlatformResponse;
const handlers = new Map<string, Handler>();
const logs: string[] = [];
const webResponse = globalThis.Response;

beforeAll(async () => {
  if (!existsSync(folder)) throw new Error('There is no dist: run npm run build first, or npm test.');
  load(redirectPath);
  const runtime = dirname(load.resolve('@twilio/runtime-handler/dev'));
  ({ Response } = load(join(runtime, 'internal/response.js')) as { Response: typeof Response });
  // The platform sets these before it loads a function, and takes the place of the web's Response too.
  Object.assign(globalThis, {
    Twilio: { Response },
    Runtime: { getAssets: () => ({}) },
    Response,
  });
  for (const name of ENDPOINTS) {
    handlers.set(name, (load(join(folder, `${name}.js`)) as { handler: Handler }).handler);
  }
  simulator = await startSimulator();
  process.env.TWILIO_SIMULATOR_URL = simulator.url;
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  context = {
    ACCOUNT_SID: accountSid,
    AUTH_TOKEN: authToken,
    API_KEY: apiKey,
    API_SECRET: apiSecret,
    MCP_AUTH_TOKEN: TOKEN,
    DOMAIN_NAME: 'agent-payments-1234-dev.twil.io',
    PATH: '/mcp',
    getTwilioClient: () => {
      throw new Error('The platform’s own client is not used');
    },
  };
});

afterAll(async () => {
  globalThis.Response = webResponse;
  await simulator.close();
});

beforeEach(() => {
  logs.length = 0;
  for (const level of ['log', 'info', 'warn', 'error'] as const) {
    const spy = vi.spyOn(console, level).mockImplementation((...parts) => void logs.push(parts.join(' ')));
    onTestFinished(() => spy.mockRestore());
  }
});

/** Calls a handler as the platform does and gives its one answer. */
async function invoke(
  name: string,
  event: unknown,
  { variables }: { variables: unknown } = { variables: context },
): Promise<PlatformResponse> {
  const answers: unknown[][] = [];
  const returned = handlers.get(name)?.(variables, event, (...answer) => void answers.push(answer));
  expect(returned).toBeInstanceOf(Promise);
  expect(await returned).toBeUndefined();
  await new Promise((resolve) => setImmediate(resolve));
  expect(answers).toEqual([[null, expect.any(Response)]]);
  const [, response] = answers[0] as [null, PlatformResponse];
  expect(Number.isInteger(response.statusCode)).toBe(true);
  const { body, headers } = response.serialize();
  // What goes over the wire: text or nothing, and headers that HTTP can carry.
  expect(body === null || typeof body === 'string').toBe(true);
  for (const value of Object.values(headers).flat()) expect(String(value)).toMatch(/^[\x20-\x7e]*$/);
  for (const text of [String(body), ...logs]) {
    expect(text).not.toContain(TOKEN);
    expect(text).not.toContain(String(simulator.credentials.authToken));
  }
  expect(String(body)).not.toMatch(/\n\s*at |node_modules|"stack"/);
  return response;
}

const textOf = (response: PlatformResponse) => String(response.serialize().body);

function withoutPrototype(members: object): object {
  return Object.assign(Object.create(null), members);
}

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const request = { headers: JSON_HEADERS, cookies: {} };

const ODD_EVENTS: [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a text', 'jsonrpc'],
  ['a number', 7],
  ['a list', [ping]],
  ['an empty object', {}],
  ['no prototype', Object.create(null)],
  [
    'no prototype, but a request',
    withoutPrototype({ request: withoutPrototype({ headers: withoutPrototype({}) }) }),
  ],
  ['a frozen object', Object.freeze({ request: Object.freeze({ headers: Object.freeze({}) }) })],
  ['a text as request', { ...ping, request: 'headers' }],
  ['a list as request', { ...ping, request: [1, 2] }],
  ['null as request', { ...ping, request: null }],
  ['a request without headers', { ...ping, request: { cookies: {} } }],
  ['null as headers', { ...ping, request: { headers: null } }],
  ['a text as headers', { ...ping, request: { headers: 'authorization' } }],
  [
    'numbers and objects as headers',
    { request: { headers: { authorization: 7, accept: {}, 'content-type': null } } },
  ],
  [
    'lists as headers',
    { request: { headers: { authorization: ['Bearer a', 'Bearer b'], accept: [], host: [1] } } },
  ],
  ['symbols as headers', { request: { headers: { authorization: Symbol('a') } } }],
  ['headers without text', { request: { headers: { authorization: Object.create(null) } } }],
  [
    'a getter that throws',
    {
      get request() {
        throw new Error('zq-marker');
      },
    },
  ],
  [
    'a proxy that throws',
    new Proxy(
      {},
      {
        get: () => {
          throw new TypeError('zq-marker');
        },
        ownKeys: () => {
          throw new TypeError('zq-marker');
        },
      },
    ),
  ],
  [
    'a member that throws',
    {
      request,
      get jsonrpc() {
        throw new Error('zq-marker');
      },
    },
  ],
  ['a body that is undefined', { request, body: undefined }],
  [
    'members that are undefined',
    { request, jsonrpc: undefined, id: undefined, method: undefined, Sid: undefined },
  ],
  ['functions as members', { request, jsonrpc: () => '2.0', method: () => 'ping' }],
  [
    'a circle',
    (() => {
      const event: Record<string, unknown> = { request, jsonrpc: '2.0', id: 1, method: 'tools/call' };
      event.params = { name: 'getPaymentStatus', arguments: event };
      return event;
    })(),
  ],
  ['a date and a number beyond JSON', { request, jsonrpc: '2.0', id: 10n, method: new Date(0) }],
  [
    'names of prototypes',
    JSON.parse('{"__proto__":{"jsonrpc":"2.0"},"constructor":1,"request":{"__proto__":{"headers":{}}}}'),
  ],
  [
    'lists for every parameter',
    { request, AccountSid: ['a', 'b'], CallSid: [], Sid: [[]], command: ['1', '1'], call: [] },
  ],
];

describe.each(ENDPOINTS)('%s, as it is deployed,', (name) => {
  test.each(ODD_EVENTS)('answers once, and not with a yes, to %s', async (_, event) => {
    const response = await invoke(name, event);
    expect(response.statusCode).toBeGreaterThanOrEqual(400);
    const { error } = JSON.parse(textOf(response)) as { error: { message: string } };
    expect(error.message).toMatch(/\w/);
    expect([textOf(response), ...logs].join('\n')).not.toContain('zq-marker');
    expect(simulator.requests).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['no variable', {}],
    [
      'variables that are no texts',
      { ACCOUNT_SID: 7, AUTH_TOKEN: {}, MCP_AUTH_TOKEN: ['a'], DOMAIN_NAME: null },
    ],
    [
      'only what the platform sets',
      { ACCOUNT_SID: `AC${'0'.repeat(32)}`, AUTH_TOKEN: '0'.repeat(32), DOMAIN_NAME: 'a.twil.io' },
    ],
    [
      'a getter that throws',
      {
        get ACCOUNT_SID() {
          throw new Error('zq-marker');
        },
      },
    ],
  ])('answers once, and not with a yes, where the context has %s', async (_, variables) => {
    for (const event of [{ request, ...ping }, { request, Sid: `PK${'0'.repeat(32)}` }, {}]) {
      const response = await invoke(name, event, { variables });
      expect(response.statusCode).toBeGreaterThanOrEqual(400);
      expect([textOf(response), ...logs].join('\n')).not.toContain('zq-marker');
    }
    expect(simulator.requests).toEqual([]);
  });

  test('answers once to anything at all', async () => {
    const names = [
      'jsonrpc',
      'id',
      'method',
      'params',
      'result',
      'error',
      'AccountSid',
      'CallSid',
      'Sid',
      'command',
    ];
    const member = fc.oneof(fc.constantFrom(...names, 'request', 'call', '__proto__', '0'), fc.string());
    const headers = fc.oneof(
      fc.constant(JSON_HEADERS),
      fc.dictionary(
        fc.constantFrom(...Object.keys(JSON_HEADERS), 'origin', 'host', 'x-twilio-signature'),
        fc.anything(),
      ),
      fc.anything(),
    );
    const event = fc
      .tuple(fc.dictionary(member, fc.anything({ withNullPrototype: true, withBigInt: true })), headers)
      .map(([members, given]) => ({ request: { headers: given }, ...members }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(event, fc.anything()), async (odd) => {
        logs.length = 0;
        const { statusCode } = await invoke(name, odd);
        expect(statusCode === 202 || statusCode >= 400).toBe(true);
      }),
      { numRuns: 150 },
    );
    expect(simulator.requests).toEqual([]);
  });
});

test('the built MCP endpoint answers a message with JSON and a notification with nothing', async () => {
  const answer = await invoke('mcp', { request, ...ping });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['Content-Type']).toBe('application/json');
  expect(JSON.parse(textOf(answer))).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
  const notified = await invoke('mcp', { request, jsonrpc: '2.0', method: 'notifications/initialized' });
  expect([notified.statusCode, notified.serialize().body]).toEqual([202, null]);
  expect(notified.headers).not.toHaveProperty('Content-Type');
});

test('headers may come in any case, and repeated ones as lists', async () => {
  const headers = {
    Authorization: [`Bearer ${TOKEN}`],
    'CONTENT-TYPE': 'application/json; charset=utf-8',
    Accept: ['application/json', 'text/event-stream'],
  };
  const answer = await invoke('mcp', { request: { headers }, ...ping });
  expect(answer.statusCode).toBe(200);
});

test('a payment starts and its callback is stored by the built handlers, whose global Response is the platform’s', async () => {
  expect(globalThis.Response).toBe(Response);
  const call = simulator.placeCall();
  simulator.delivery.hold();
  const params = { name: 'startPaymentCapture', arguments: { callSid: call.sid, chargeAmount: 5 } };
  const started = await invoke('mcp', { request, jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  const { result } = JSON.parse(textOf(started)) as { result: { structuredContent: { paymentSid: string } } };
  const { paymentSid } = result.structuredContent;
  expect(paymentSid).toBe(simulator.payments()[0]?.sid);

  const url = `https://${String(context.DOMAIN_NAME)}/payment-status?call=${call.sid}&command=0`;
  expect(simulator.callbacks[0]?.url).toMatch(
    /^https:\/\/agent-payments-1234-dev\.twil\.io\/payment-status\?call=CA/,
  );
  const { accountSid, authToken } = simulator.credentials;
  const form = { AccountSid: accountSid, CallSid: call.sid, Sid: paymentSid, Result: 'caller-hung-up' };
  const headers = { 'x-twilio-signature': voiceSignature(authToken, url, form) };
  const event = { request: { headers }, call: call.sid, command: '0', ...form };
  const stored = await invoke('payment-status.protected', event);
  expect([stored.statusCode, stored.serialize().body]).toEqual([200, null]);
  expect(stored.headers).not.toHaveProperty('Content-Type');
  expect(JSON.stringify(simulator.documents())).toContain('caller-hung-up');

  const forged = await invoke('payment-status.protected', { ...event, Result: 'success' });
  expect(forged.statusCode).toBe(403);
});

test('a promise that nobody waits for leaves the process at work, and everybody served by it', () => {
  const program = `
    Object.assign(globalThis, { Twilio: { Response: class {} }, Runtime: {} });
    for (const name of ['mcp', 'payment-status.protected']) require(${JSON.stringify(folder)} + name);
    Promise.reject(new Error('nobody waits'));
    setTimeout(() => console.log('at work', process.listenerCount('unhandledRejection')));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, expect.stringMatching(/at work 1\n$/)]);
  expect(stderr).toContain('unhandled_rejection');
});
