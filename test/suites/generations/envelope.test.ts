/** What a request of revision 2026-07-28 has to bring with it (specification, Streamable HTTP and basic/index). */
import { describe, expect, test } from 'vitest';
import { connect, share } from '../host/connect.ts';
import { start } from '../host/payment.ts';
import { type RawAgent, rawAgent } from '../host/raw.ts';
import { ask, base64, bodyOf, type Changes, NEW } from './requests.ts';

const HEADER_MISMATCH = -32020;
const UNSUPPORTED_VERSION = -32022;
const INVALID_PARAMS = -32602;
const METHOD_NOT_FOUND = -32601;

const OTHER = '2027-01-01';

interface Case {
  method?: string;
  params?: Record<string, unknown>;
  changes: Changes;
}

async function expectRefused(raw: RawAgent, request: Case, status: number, code: number): Promise<void> {
  const { method = 'tools/list', params, changes } = request;
  for (const id of [7, 'seven', '', 0]) {
    const answer = await ask(raw, method, params, { ...changes, id });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(bodyOf(answer)).toEqual({
      jsonrpc: '2.0',
      id,
      error: expect.objectContaining({ code, message: expect.stringMatching(/\w/) }),
    });
  }
}

const named = { method: 'tools/call', params: { name: 'getPaymentStatus', arguments: {} } };

const refused: [string, Case, number, number][] = [
  ['no Mcp-Method', { changes: { headers: { 'mcp-method': '' } } }, 400, HEADER_MISMATCH],
  ['another Mcp-Method', { changes: { headers: { 'mcp-method': 'prompts/list' } } }, 400, HEADER_MISMATCH],
  ['Mcp-Method in capitals', { changes: { headers: { 'mcp-method': 'TOOLS/LIST' } } }, 400, HEADER_MISMATCH],
  [
    'Mcp-Method in Base64, which it has no form for',
    { changes: { headers: { 'mcp-method': base64('tools/list') } } },
    400,
    HEADER_MISMATCH,
  ],
  ['no Mcp-Name', { ...named, changes: { headers: { 'mcp-name': '' } } }, 400, HEADER_MISMATCH],
  [
    'another Mcp-Name',
    { ...named, changes: { headers: { 'mcp-name': 'completePaymentCapture' } } },
    400,
    HEADER_MISMATCH,
  ],
  [
    'Mcp-Name in capitals',
    { ...named, changes: { headers: { 'mcp-name': 'GETPAYMENTSTATUS' } } },
    400,
    HEADER_MISMATCH,
  ],
  [
    'no name in the body',
    { method: 'tools/call', params: {}, changes: { headers: { 'mcp-name': 'getPaymentStatus' } } },
    400,
    HEADER_MISMATCH,
  ],
  ['a name nowhere', { method: 'tools/call', params: {}, changes: {} }, 400, HEADER_MISMATCH],
  [
    'a prompt that is not the one of Mcp-Name',
    { method: 'prompts/get', params: { name: 'Error' }, changes: { headers: { 'mcp-name': 'CardNumber' } } },
    400,
    HEADER_MISMATCH,
  ],
  [
    'a resource that is not the one of Mcp-Name',
    {
      method: 'resources/read',
      params: { uri: 'payment://a/b/status' },
      changes: { headers: { 'mcp-name': 'payment://a/c/status' } },
    },
    400,
    HEADER_MISMATCH,
  ],
  ['no envelope', { changes: { wholeMeta: undefined } }, 400, INVALID_PARAMS],
  ['an empty envelope', { changes: { wholeMeta: {} } }, 400, INVALID_PARAMS],
  ['no version in the envelope', { changes: { meta: { protocolVersion: undefined } } }, 400, INVALID_PARAMS],
  ['a number as version', { changes: { meta: { protocolVersion: 20260728 } } }, 400, INVALID_PARAMS],
  ['no capabilities', { changes: { meta: { clientCapabilities: undefined } } }, 400, INVALID_PARAMS],
  ['null as capabilities', { changes: { meta: { clientCapabilities: null } } }, 400, INVALID_PARAMS],
  ['a list as capabilities', { changes: { meta: { clientCapabilities: [] } } }, 400, INVALID_PARAMS],
  ['a text as clientInfo', { changes: { meta: { clientInfo: 'x' } } }, 400, INVALID_PARAMS],
  ['a nameless clientInfo', { changes: { meta: { clientInfo: { version: '1' } } } }, 400, INVALID_PARAMS],
  ['a text as capabilities', { changes: { meta: { clientCapabilities: 'all' } } }, 400, INVALID_PARAMS],
  ['no MCP-Protocol-Version', { changes: { headers: { 'mcp-protocol-version': '' } } }, 400, HEADER_MISMATCH],
  [
    'an older MCP-Protocol-Version',
    { changes: { headers: { 'mcp-protocol-version': '2025-11-25' } } },
    400,
    HEADER_MISMATCH,
  ],
  [
    'another version in the envelope, whatever else is missing',
    {
      changes: {
        meta: { protocolVersion: OTHER, clientCapabilities: undefined },
        headers: { 'mcp-method': '', 'mcp-protocol-version': '' },
      },
    },
    400,
    UNSUPPORTED_VERSION,
  ],
  [
    'another version in the envelope than in the header',
    { changes: { meta: { protocolVersion: OTHER } } },
    400,
    HEADER_MISMATCH,
  ],
  [
    'a version that nobody has',
    { changes: { headers: { 'mcp-protocol-version': OTHER }, meta: { protocolVersion: OTHER } } },
    400,
    UNSUPPORTED_VERSION,
  ],
  [
    'a version of the older generation in an envelope, which those did not have',
    {
      changes: {
        headers: { 'mcp-protocol-version': '2025-11-25' },
        meta: { protocolVersion: '2025-11-25' },
      },
    },
    400,
    UNSUPPORTED_VERSION,
  ],
  ['an unknown method', { method: 'payments/list', changes: {} }, 404, METHOD_NOT_FOUND],
  ['a method of prototypes', { method: 'constructor', changes: {} }, 404, METHOD_NOT_FOUND],
  ['no known log level', { changes: { meta: { logLevel: 'loud' } } }, 400, INVALID_PARAMS],
];

/** For what changes nothing. */
const shared = share(async (stage) => stage);

describe('a request is refused, with its id, and Twilio hears nothing of it', () => {
  test.each(refused)('with %s', async (_, request, status, code) => {
    const { host, simulator } = shared();
    await expectRefused(rawAgent({ host }), request, status, code);
    expect(simulator.requests).toEqual([]);
  });

  test.each([
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'resources/unsubscribe',
    'subscriptions/listen',
    'sampling/createMessage',
    'elicitation/create',
    'roots/list',
    'tasks/list',
  ])('for the method %s, which is gone or not offered', async (method) => {
    const raw = rawAgent(shared());
    await expectRefused(raw, { method, changes: {} }, 404, METHOD_NOT_FOUND);
  });
});

test('an unsupported version is answered with all revisions that are served', async () => {
  const raw = rawAgent(shared());
  const headers = { 'mcp-protocol-version': OTHER };
  const refusal = await ask(raw, 'server/discover', {}, { headers, meta: { protocolVersion: OTHER } });
  const { result } = bodyOf(await ask(raw, 'server/discover'));
  const supported = [NEW, '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'];
  expect(bodyOf(refusal).error?.data).toEqual({ supported, requested: OTHER });
  expect(result?.supportedVersions).toEqual(supported);
});

describe('what is checked first is what is told', () => {
  /** Each breaks one thing, in the order of the checks; the names are those of a call of a tool. */
  const broken: [string, number, Changes][] = [
    ['the version', UNSUPPORTED_VERSION, { meta: { protocolVersion: OTHER } }],
    ['the envelope', INVALID_PARAMS, { meta: { clientCapabilities: undefined } }],
    ['MCP-Protocol-Version', HEADER_MISMATCH, { headers: { 'mcp-protocol-version': '' } }],
    ['Mcp-Method', HEADER_MISMATCH, { headers: { 'mcp-method': '' } }],
    ['Mcp-Name', HEADER_MISMATCH, { headers: { 'mcp-name': '' } }],
    ['the log level', INVALID_PARAMS, { meta: { logLevel: 'loud' } }],
  ];
  const messages = [
    /version/,
    /clientCapabilities/,
    /MCP-Protocol-Version/,
    /Mcp-Method/,
    /Mcp-Name/,
    /logLevel/,
  ];

  test.each(broken.map(([name, code], i) => [name, code, i] as const))(
    '%s comes before all that follows',
    async (_, code, from) => {
      const raw = rawAgent(shared());
      const wrong = broken.slice(from).map(([, , changes]) => changes);
      const headers = Object.assign({}, ...wrong.map((changes) => changes.headers)) as Record<string, string>;
      const meta = Object.assign({}, ...wrong.map((changes) => changes.meta)) as Record<string, unknown>;
      const answer = await ask(raw, named.method, named.params, { headers, meta });
      expect(bodyOf(answer).error).toMatchObject({
        code,
        message: expect.stringMatching(messages[from] ?? /^$/),
      });
    },
  );
});

describe('a request is served', () => {
  test.each<[string, Changes]>([
    ['as it is', {}],
    ['without clientInfo', { meta: { clientInfo: undefined } }],
    ['with capabilities that nobody knows', { meta: { clientCapabilities: { telepathy: {} } } }],
    ['with more in the envelope', { meta: { 'other/thing': 1 } }],
    ['with blanks around a header', { headers: { 'mcp-method': '  tools/list ' } }],
    ['with a session id, which is ignored', { headers: { 'mcp-session-id': 'made-up' } }],
    ['with Last-Event-ID, which is ignored', { headers: { 'last-event-id': '5' } }],
    ['with Mcp-Name where none is asked for', { headers: { 'mcp-name': 'anything' } }],
    ['with an argument in a header that no tool names', { headers: { 'mcp-param-region': 'us' } }],
    ['with trace context', { wholeMeta: undefined, headers: {} }],
  ])('%s', async (name, changes) => {
    const raw = rawAgent(shared());
    const traced = name === 'with trace context';
    const params = { _meta: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01' } };
    const answer = await ask(raw, 'tools/list', traced ? params : {}, traced ? {} : changes);
    expect([answer.status, bodyOf(answer).result?.resultType]).toEqual([200, 'complete']);
    expect(answer.headers.get('mcp-session-id')).toBeNull();
  });

  test('whatever the letters of the names of its headers', async () => {
    const raw = rawAgent(shared());
    const headers = { 'mcp-method': '', 'mcp-protocol-version': '', 'MCP-METHOD': 'tools/list' };
    const answer = await ask(raw, 'tools/list', {}, { headers: { ...headers, 'Mcp-Protocol-VERSION': NEW } });
    expect(answer.status).toBe(200);
  });
});

describe('Mcp-Name in Base64', () => {
  test('is decoded before it is compared', async () => {
    const stage = await connect();
    const raw = rawAgent(stage);
    const { callSid, paymentSid } = await start(stage);
    const uri = `payment://${callSid}/${paymentSid}/status`;
    for (const [method, params, value] of [
      ['tools/call', { name: 'getPaymentStatus', arguments: { callSid, paymentSid } }, 'getPaymentStatus'],
      ['prompts/get', { name: 'CardNumber' }, 'CardNumber'],
      ['resources/read', { uri }, uri],
    ] as const) {
      const answer = await ask(raw, method, params, { headers: { 'mcp-name': base64(value) } });
      expect([answer.status, bodyOf(answer).result?.resultType]).toEqual([200, 'complete']);
    }
  });

  test.each(['täg', '表', ' blanks ', 'two\nlines', '=?base64?dG9vbA==?=', '💳'])(
    'carries a name that a header cannot hold (%j)',
    async (name) => {
      const raw = rawAgent(shared());
      const answer = await ask(raw, 'tools/call', { name });
      // It got as far as the tool's name: there is no such tool.
      expect([answer.status, bodyOf(answer).error]).toMatchObject([
        200,
        { code: INVALID_PARAMS, message: expect.stringMatching(/no such tool/) },
      ]);
    },
  );

  test.each([
    ['the value of another name', base64('CardNumbe')],
    ['capitals in the marker', base64('CardNumber').replace('base64', 'BASE64')],
    ['no padding', '=?base64?Q2FyZE51bWJlcg?='],
    ['padding too much', '=?base64?Q2FyZE51bWJlcg===?='],
    ['a blank in it', '=?base64?Q2Fy ZE51bWJlcg==?='],
    ['nothing in it', '=?base64??='],
    ['no end', '=?base64?Q2FyZE51bWJlcg=='],
    ['something behind its end', `${base64('CardNumber')}x`],
    ['a name that is encoded twice', base64(base64('CardNumber'))],
  ])('is refused with %s', async (_, value) => {
    const raw = rawAgent(shared());
    const request = {
      method: 'prompts/get',
      params: { name: 'CardNumber' },
      changes: { headers: { 'mcp-name': value } },
    };
    await expectRefused(raw, request, 400, HEADER_MISMATCH);
  });

  test.each([
    ['bytes that are no text, though they would be shown as the name', '\ufffd', '=?base64?/w==?='],
    ['the alphabet of URLs, though it would be read as the name', '???', '=?base64?Pz8_?='],
  ])('is refused with %s', async (_, name, value) => {
    const changes = { headers: { 'mcp-name': value } };
    const request = { method: 'prompts/get', params: { name }, changes };
    await expectRefused(rawAgent(shared()), request, 400, HEADER_MISMATCH);
  });
});

test.each([
  { method: 'notifications/cancelled', params: { requestId: 1 } },
  { method: 'notifications/anything' },
])('a notification is accepted with 202 and nothing else (%j)', async (message) => {
  const { host, simulator } = shared();
  const raw = rawAgent({ host });
  for (const headers of [{}, { 'mcp-method': message.method }]) {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    const answer = await raw.send({ body, headers: { 'mcp-protocol-version': NEW, ...headers } });
    expect([answer.status, answer.text]).toEqual([202, '']);
  }
  expect(simulator.requests).toEqual([]);
});

test('messages come one by one: a batch is refused', async () => {
  const raw = rawAgent(shared());
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
  const answer = await raw.send({
    body: JSON.stringify([message]),
    headers: { 'mcp-protocol-version': NEW, 'mcp-method': 'tools/list' },
  });
  expect([answer.status, bodyOf(answer).error?.message]).toEqual([
    400,
    expect.stringMatching(/one message/i),
  ]);
});

test('GET has no stream, whatever the headers say', async () => {
  const raw = rawAgent(shared());
  const answer = await raw.send({
    method: 'GET',
    headers: { 'mcp-protocol-version': NEW, accept: 'text/event-stream' },
  });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
});
