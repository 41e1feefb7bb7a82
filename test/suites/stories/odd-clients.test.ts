/** What clients and models really send: nulls, blanks, numbers as text, odd envelopes, malformed handshakes, lowered URIs. */
import { createHash } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, askOld, bodyOf } from '../generations/requests.ts';
import { connect, type Stage, share } from '../host/connect.ts';
import { captureAll, settledStatus, start } from '../host/payment.ts';
import { type RawRequest, rawAgent } from '../host/raw.ts';

/** All optional arguments of a start, as frameworks send those that a model leaves out. */
const LEFT_OUT = [
  'chargeAmount',
  'currency',
  'description',
  'tokenType',
  'paymentMethod',
  'bankAccountType',
  'paymentConnector',
  'securityCode',
  'postalCode',
  'minPostalCodeLength',
  'validCardTypes',
  'requireMatchingInputs',
  'timeout',
  'confirmation',
  'parameter',
  'language',
  'anotherPayment',
];

const allOf = (value: unknown, names = LEFT_OUT) => Object.fromEntries(names.map((name) => [name, value]));

function termsOf({ simulator }: Stage): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(simulator.requests.find(({ route }) => route === 'payments.create')?.params ?? {}).filter(
      ([name]) => !['IdempotencyKey', 'StatusCallback'].includes(name),
    ),
  );
}

/** For what is refused, and so changes nothing. */
const shared = share(async (stage) => stage);

describe('a start', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      'null for all that is optional',
      { ...allOf(null), chargeAmount: 12.5 },
      { ChargeAmount: '12.5', Currency: 'USD' },
    ],
    ['blanks for all that is optional', { ...allOf(''), chargeAmount: '12.5' }, { ChargeAmount: '12.5' }],
    [
      'numbers and booleans as text',
      { chargeAmount: '5', timeout: '20', postalCode: 'true', securityCode: 'false' },
      { ChargeAmount: '5', Timeout: '20', PostalCode: 'true', SecurityCode: 'false' },
    ],
    ['a trace inside', { chargeAmount: 5, _meta: { traceparent: '00-1-2-01' } }, { ChargeAmount: '5' }],
    ['nulls inside', { chargeAmount: 5, parameter: { a: 'b', c: null } }, { Parameter: '{"a":"b"}' }],
  ])('is understood with %s', async (_, args, expected) => {
    const stage = await connect();
    const { agent, call } = stage;
    await agent.call('startPaymentCapture', { callSid: call.sid, ...args });
    expect(termsOf(stage)).toMatchObject(expected);
  });

  test.each([
    ['an exponent', { chargeAmount: '1e3' }],
    ['a hexadecimal', { chargeAmount: '0x10' }],
    ['a comma', { chargeAmount: '12,50' }],
    ['a sign in front', { chargeAmount: '+5' }],
    ['a blank around', { chargeAmount: ' 5' }],
    ['a boolean in another spelling', { postalCode: 'TRUE' }],
    ['a boolean for a number', { chargeAmount: true }],
    ['a null for the call', { callSid: null }],
    ['a blank for the call', { callSid: '' }],
    ['a member that nobody knows', { toolCallId: null, sessionId: 'x' }],
  ])('is refused with %s', async (_, args) => {
    const { agent, call, simulator } = shared();
    expect(await agent.fail('startPaymentCapture', { callSid: call.sid, ...args })).toMatch(
      /^INVALID_ARGUMENT: /,
    );
    expect(simulator.requests).toEqual([]);
  });
});

test.each([null, ''])('a confirmation that is %j confirms nothing', async (nothing) => {
  const stage = await connect({ variables: { CONFIRM_CHARGES: 'always' } });
  const { agent, simulator } = stage;
  const sids = await start(stage);
  await captureAll(stage, sids);
  const right = { chargeAmount: '12.5', currency: 'usd', lastFour: '4242' };
  for (const name of Object.keys(right)) {
    const args = { ...sids, ...right, [name]: nothing };
    expect(await agent.fail('completePaymentCapture', args)).toMatch(/^CONFIRMATION_REQUIRED: /);
  }
  expect(simulator.charges).toEqual([]);
  await agent.call('completePaymentCapture', { ...sids, ...right });
  expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
});

test('arguments, cursors and prompt arguments that are null or blank are absent', async () => {
  const stage = await connect();
  const raw = rawAgent(stage);
  const sids = await start(stage);
  const errors: unknown[] = [];
  for (const [method, params] of [
    ['tools/list', { cursor: null }],
    ['resources/list', { cursor: null }],
    ['prompts/get', { name: 'CardNumber', arguments: null }],
    ['prompts/get', { name: 'CardNumber', arguments: { callSid: '', paymentSid: null, language: ' ' } }],
    [
      'completion/complete',
      {
        ref: { type: 'ref/prompt', name: 'CardNumber', title: null },
        argument: { name: 'paymentSid', value: '' },
        context: { arguments: { callSid: null } },
      },
    ],
    ['prompts/list', null],
  ] as const) {
    for (const answer of [await ask(raw, method, params ?? {}), await askOld(raw, method, params as never)])
      if (bodyOf(answer).error) errors.push([method, params, bodyOf(answer).error]);
  }
  expect(errors).toEqual([]);
  const called = bodyOf(await askOld(raw, 'tools/call', { name: 'getPaymentStatus', arguments: null }));
  expect(called.result).toMatchObject({ isError: true });
  const empty = { waitSeconds: '', sinceRevision: null, ...sids };
  expect(await raw.callTool('getPaymentStatus', empty)).not.toHaveProperty('isError');
});

const RELATED = { 'io.modelcontextprotocol/related-task': { taskId: 't' } };
const ODD_META: unknown[] = [
  RELATED,
  { progressToken: 1, ...RELATED },
  { progressToken: '', ...RELATED },
  { progressToken: -1.5 },
  { progressToken: { a: 1 } },
  { progressToken: null },
  { 'io.modelcontextprotocol/related-task': 'nonsense' },
  { 'io.modelcontextprotocol/related-task': { taskId: 7 } },
  { __proto__: { a: 1 }, constructor: 'x', toString: null },
  { 'io.modelcontextprotocol/': 1, '': '' },
  'nonsense',
  7,
  true,
  [],
  [RELATED],
];

test('odd envelopes of every kind leave every other client at work', async () => {
  const stage = await connect();
  const raw = rawAgent(stage);
  const rejected: unknown[] = [];
  const note = (reason: unknown) => rejected.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const sids = await start(stage);
  const uri = `payment://${sids.callSid}/${sids.paymentSid}/status`;
  const requests: [string, Record<string, unknown>][] = [
    [
      'initialize',
      { protocolVersion: '2025-11-25', capabilities: { tasks: {} }, clientInfo: { name: 'a', version: '1' } },
    ],
    ['ping', {}],
    ['tools/list', {}],
    ['tools/call', { name: 'getPaymentStatus', arguments: { ...sids, waitSeconds: 0.05, sinceRevision: 0 } }],
    ['tools/call', { name: 'nonsense' }],
    ['prompts/get', { name: 'CardNumber' }],
    ['resources/read', { uri }],
    ['resources/list', {}],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'CardNumber' }, argument: { name: 'language', value: '' } },
    ],
    ['logging/setLevel', { level: 'info' }],
    ['tasks/get', { taskId: 't' }],
    ['tasks/result', { taskId: 't' }],
    ['tasks/cancel', { taskId: 't' }],
  ];
  for (const _meta of ODD_META) {
    for (const [method, params] of requests) {
      const task = { ttl: 1 };
      const notification = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { _meta, task } };
      const isRecord = typeof _meta === 'object' && !Array.isArray(_meta);
      const answers = await Promise.all([
        isRecord
          ? ask(raw, method, { ...params, task, _meta })
          : ask(raw, method, { ...params, task }, { wholeMeta: _meta }),
        ...['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'].map((version) =>
          raw.rpc(
            method,
            { ...params, task, _meta },
            { 'mcp-protocol-version': version, accept: 'text/event-stream, application/json' },
          ),
        ),
        // Another client, working beside them in the same process.
        stage.agent.call('getPaymentStatus', sids).then(() => ({ status: 200, text: '{"id":1}' })),
      ]);
      for (const { status, text } of answers) {
        expect([200, 400, 404]).toContain(status);
        expect(text).toContain('"id":1');
        expect(text).not.toMatch(/-32603|-32600|Zod|invalid_type|\bat .*\.ts:/);
      }
      expect((await raw.send({ body: JSON.stringify(notification) })).status).toBe(202);
    }
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(rejected).toEqual([]);
});

test.each([{ taskId: 't' }, { taskId: 7 }, 'nonsense', null])(
  'what names a task (%j) is served like anything else',
  async (related) => {
    const stage = await connect();
    const sids = await start(stage);
    const params = {
      name: 'getPaymentStatus',
      arguments: { ...sids, waitSeconds: 0.05 },
      task: related,
      _meta: { progressToken: 1, 'io.modelcontextprotocol/related-task': related },
    };
    const headers = { accept: 'text/event-stream, application/json' };
    for (const send of [
      () => askOld(rawAgent(stage), 'tools/call', params, headers),
      () => ask(rawAgent(stage), 'tools/call', params, { headers }),
    ]) {
      const { text } = await send();
      expect(text).toContain(`"structuredContent":{"callSid":"${sids.callSid}"`);
    }
  },
);

describe('a handshake', () => {
  const right = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } };
  test.each<[string, Record<string, unknown>]>([
    ['no clientInfo', { ...right, clientInfo: undefined }],
    ['null as clientInfo', { ...right, clientInfo: null }],
    ['a text as clientInfo', { ...right, clientInfo: 'marker' }],
    ['no capabilities', { ...right, capabilities: undefined }],
    ['digits as a capability', { ...right, capabilities: { experimental: { '4242424242424242': 1 } } }],
    ['no version', { ...right, protocolVersion: undefined }],
    ['a number as version', { ...right, protocolVersion: 7 }],
  ])(
    'with %s is refused as any other method’s parameters are, and nothing is repeated',
    async (_, params) => {
      const { host, simulator } = shared();
      const answer = await rawAgent({ host }).rpc('initialize', params);
      expect([answer.status, bodyOf(answer).error]).toEqual([
        200,
        { code: -32602, message: expect.stringMatching(/^The parameters do not fit the method/) },
      ]);
      expect(answer.text).not.toMatch(/4242|marker|Zod|invalid_type/);
      expect(simulator.requests).toEqual([]);
    },
  );
});

test('scheme and host of a URI count in capitals and small letters', async () => {
  const stage = await connect();
  const { callSid, paymentSid } = await start(stage);
  for (const uri of [
    `payment://${callSid.toLowerCase()}/${paymentSid}/status`,
    `PAYMENT://${callSid}/${paymentSid}/status`,
    `Payment://${callSid.toUpperCase()}/${paymentSid}/status`,
    `PAYMENT://${callSid.toLowerCase()}/${paymentSid}/status`,
  ]) {
    const { contents } = await stage.agent.client.readResource({ uri });
    expect(contents).toMatchObject([{ uri, text: expect.stringContaining(paymentSid) }]);
  }
  const path = `payment://${callSid}/${paymentSid.toLowerCase()}/status`;
  await expect(stage.agent.client.readResource({ uri: path })).rejects.toThrow(/no such payment/);
});

describe('a page of an allowed origin', () => {
  const ORIGIN = 'https://desk.example';
  const READABLE = {
    'access-control-allow-origin': ORIGIN,
    'access-control-expose-headers': 'WWW-Authenticate',
    vary: 'Origin',
  };
  const NOTHING = {
    'access-control-allow-origin': null,
    'access-control-expose-headers': null,
    vary: 'Origin',
  };
  const readToken = 'token-that-may-read-and-nothing-else-0123456789';
  const variables = {
    ALLOWED_ORIGINS: ORIGIN,
    MCP_TOKENS: `reader:r::${createHash('sha256').update(readToken).digest('base64url')}`,
  };
  const cancel = { name: 'cancelPaymentCapture', arguments: {} };
  const allowing = share(async (stage) => rawAgent(stage), { variables });

  test.each<[number, Record<string, unknown>, RawRequest]>([
    [200, { id: 1, method: 'tools/list' }, {}],
    [202, { method: 'notifications/initialized' }, {}],
    [400, { id: 1, method: 'tools/list' }, { headers: { 'mcp-protocol-version': 'nonsense' } }],
    [401, { id: 1, method: 'tools/list' }, { headers: { authorization: 'Bearer wrong' } }],
    [
      403,
      { id: 1, method: 'tools/call', params: cancel },
      { headers: { authorization: `Bearer ${readToken}` } },
    ],
    [415, { id: 1, method: 'tools/list' }, { headers: { 'content-type': 'text/plain' } }],
    [404, {}, { path: '/.well-known/oauth-protected-resource/mcp', headers: { authorization: '' } }],
  ])('can read an answer with %i, and another page nothing', async (status, message, request) => {
    const raw = allowing();
    for (const [origin, readable] of [
      [ORIGIN, READABLE],
      ['https://evil.example', NOTHING],
      ['', NOTHING],
    ] as const) {
      const body = JSON.stringify({ jsonrpc: '2.0', ...message });
      const answer = await raw.send({ body, ...request, headers: { origin, ...request.headers } });
      expect(
        Object.fromEntries(Object.keys(READABLE).map((name) => [name, answer.headers.get(name)])),
      ).toEqual(readable);
      if (origin === ORIGIN) expect(answer.status).toBe(status);
    }
  });
});
