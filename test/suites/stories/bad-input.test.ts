import { expect, test } from 'vitest';
import { connect, share, TOKEN } from '../host/connect.ts';
import { start, statusOf } from '../host/payment.ts';
import { type RawAgent, type RawAnswer, type RawRequest, rawAgent } from '../host/raw.ts';

/** Stands in every wrong value: nothing that we write may hold it. */
const MARKER = 'zq-marker';

const INTERNALS = /\n\s*at |node_modules|\.[cm]?[jt]s\b|\/functions\/|ZodError|TypeError|"stack"/;

/** What a tool says about arguments that are not right. */
function expectInvalid(result: unknown, about: RegExp): void {
  expect(result).toEqual({
    isError: true,
    content: [{ type: 'text', text: expect.stringMatching(/^INVALID_ARGUMENT: .+\nnextStep: \w+$/s) }],
    structuredContent: {
      nextStep: expect.any(String),
      say: 'One moment, please.',
      why: expect.stringMatching(/^INVALID_ARGUMENT: /),
    },
  });
  const { content } = result as { content: [{ text: string }] };
  expect(content[0].text).toMatch(about);
  expect(content[0].text).not.toContain(MARKER);
  expect(content[0].text).not.toMatch(INTERNALS);
}

/** A refusal below the tools: JSON with a message that says what is wrong, and nothing about the inside. */
function expectRefusal(answer: RawAnswer, status: number, about: RegExp): void {
  expect([answer.status, answer.text]).toEqual([status, expect.any(String)]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(answer.json).toMatchObject({ error: { message: expect.stringMatching(about) } });
  expect(answer.text).not.toContain(MARKER);
  expect(answer.text).not.toMatch(INTERNALS);
}

async function expectAlive(raw: RawAgent): Promise<void> {
  expect((await raw.rpc('ping')).json).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
}

/** What is refused changes nothing, so that one stage does for all of it. */
const shared = share(async (stage) => stage);

const CALL = `CA${'1'.repeat(32)}`;
const PAYMENT = `PK${'2'.repeat(32)}`;
const SIDS = { callSid: CALL, paymentSid: PAYMENT };
const FORM_OF_A_CALL = /callSid: must be CA followed by 32 hexadecimal digits/;
const FORM_OF_A_PAYMENT = /paymentSid: must be PK followed by 32 hexadecimal digits/;

const WRONG_SIDS = ['', MARKER, '..', `${MARKER}/../${CALL}`, `${CALL}0`, CALL.slice(0, -1), ` ${CALL}`];

test.each([
  'captureCardNumber',
  'captureSecurityCode',
  'captureExpirationDate',
  'getPaymentStatus',
  'completePaymentCapture',
  'cancelPaymentCapture',
])('%s says what a SID looks like, and asks Twilio nothing', async (tool) => {
  const { host, simulator } = shared();
  const raw = rawAgent({ host });
  for (const wrong of [...WRONG_SIDS, CALL.toLowerCase(), `${CALL}\n`, PAYMENT, 'CAg'.padEnd(34, 'g')]) {
    expectInvalid(await raw.callTool(tool, { ...SIDS, callSid: wrong }), FORM_OF_A_CALL);
  }
  for (const wrong of [...WRONG_SIDS, CALL, PAYMENT.toLowerCase()]) {
    expectInvalid(await raw.callTool(tool, { ...SIDS, paymentSid: wrong }), FORM_OF_A_PAYMENT);
  }
  for (const wrong of [7, true, [CALL], { sid: CALL }]) {
    const { paymentSid } = SIDS;
    expectInvalid(await raw.callTool(tool, { callSid: wrong, paymentSid }), /callSid: must be a text/);
  }
  expectInvalid(await raw.callTool(tool), /callSid is missing; paymentSid is missing/);
  expectInvalid(await raw.callTool(tool, { callSid: CALL }), /: paymentSid is missing\./);
  expectInvalid(await raw.callTool(tool, { ...SIDS, extra: MARKER }), /unknown argument "extra"/);
  expect(simulator.requests).toEqual([]);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ['no call', {}, /callSid is missing\./],
  ['a call by another name', { callsid: CALL }, /unknown argument "callsid"/],
  ['a made-up call', { callSid: MARKER }, FORM_OF_A_CALL],
  ['an amount as text', { callSid: CALL, chargeAmount: MARKER }, /chargeAmount: must be a number/],
  ['an amount below zero', { callSid: CALL, chargeAmount: -1 }, /chargeAmount: must be at least 0/],
  ['a list of amounts', { callSid: CALL, chargeAmount: [1] }, /chargeAmount: must be a number/],
  ['a currency that is none', { callSid: CALL, currency: MARKER }, /currency: must be an ISO 4217 code/],
  ['a number for a currency', { callSid: CALL, currency: 978 }, /currency: must be a text/],
  [
    'an unknown token type',
    { callSid: CALL, tokenType: MARKER },
    /tokenType: must be one of one-time, reusable/,
  ],
  ['a token of a charge', { callSid: CALL, chargeAmount: 1, tokenType: 'reusable' }, /tokenType: a charge/],
  [
    'a long description',
    { callSid: CALL, description: MARKER.repeat(30) },
    /description: must have at most 200 characters/,
  ],
  ['an object as description', { callSid: CALL, description: { a: MARKER } }, /description: must be a text/],
  ['a word for a yes', { callSid: CALL, anotherPayment: 'yes' }, /anotherPayment: must be true or false/],
  ['its own connector', { callSid: CALL, paymentConnector: MARKER }, /paymentConnector: may be Default/],
  ['a payment', { callSid: CALL, paymentSid: PAYMENT }, /unknown argument "paymentSid"/],
])('a start with %s is refused with what was expected', async (_, args, about) => {
  const stage = shared();
  const raw = rawAgent(stage);
  expectInvalid(await raw.callTool('startPaymentCapture', args), about);
  expect(stage.simulator.requests).toEqual([]);
  expect(stage.host.logs.join('\n')).not.toContain(MARKER);
});

test('an amount beyond all numbers is refused', async () => {
  const { host, simulator } = shared();
  const raw = rawAgent({ host });
  const call = `{"name":"startPaymentCapture","arguments":{"callSid":"${CALL}","chargeAmount":1e999}}`;
  const { json } = await raw.send({
    body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${call}}`,
  });
  expectInvalid((json as { result: unknown }).result, /chargeAmount: must be /);
  expect(simulator.requests).toEqual([]);
});

test.each([['text'], [5], [true], [[SIDS]]])(
  'arguments that are no object are a JSON-RPC error (%j)',
  async (args) => {
    const { host } = shared();
    const raw = rawAgent({ host });
    const answer = await raw.rpc('tools/call', { name: 'getPaymentStatus', arguments: args });
    expect(answer.json).toMatchObject({ id: 1, error: { code: -32602 } });
    expect(answer.text).not.toMatch(INTERNALS);
    await expectAlive(raw);
  },
);

test.each([
  ['tools/call', undefined],
  ['tools/call', {}],
  ['tools/call', { name: 7 }],
  ['prompts/get', {}],
  ['prompts/get', { name: 'Error', arguments: { callSid: 7 } }],
  ['resources/read', {}],
  ['resources/list', { cursor: 7 }],
  ['logging/setLevel', { level: MARKER }],
])('%s with parameters %j is a JSON-RPC error about the parameters', async (method, params) => {
  const { host } = shared();
  const raw = rawAgent({ host });
  const answer = await raw.rpc(method, params);
  expect(answer.json).toMatchObject({ jsonrpc: '2.0', id: 1, error: { code: -32602 } });
  expect(answer.text).not.toContain(MARKER);
  expect(answer.text).not.toMatch(INTERNALS);
  await expectAlive(raw);
});

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
const json = (body: unknown): RawRequest => ({ body: JSON.stringify(body) });
const JSON_RPC = /JSON-RPC/;

test.each<[string, RawRequest, number, RegExp]>([
  ['an empty object', json({}), 400, JSON_RPC],
  ['another object', json({ hello: MARKER }), 400, JSON_RPC],
  ['an empty array', json([]), 400, JSON_RPC],
  ['a list of words', json([MARKER]), 400, JSON_RPC],
  ['another version', json({ ...PING, jsonrpc: '1.0' }), 400, JSON_RPC],
  ['a number as version', json({ ...PING, jsonrpc: 2 }), 400, JSON_RPC],
  ['no version', json({ id: 1, method: 'ping' }), 400, JSON_RPC],
  ['no method', json({ jsonrpc: '2.0', id: 1 }), 400, JSON_RPC],
  ['a number as method', json({ ...PING, method: 7 }), 400, JSON_RPC],
  ['a list as parameters', json({ ...PING, params: [1, 2] }), 400, JSON_RPC],
  ['a text as parameters', json({ ...PING, params: MARKER }), 400, JSON_RPC],
  ['an id that is null', json({ ...PING, id: null }), 400, JSON_RPC],
  ['an id that is an object', json({ ...PING, id: { a: 1 } }), 400, JSON_RPC],
  ['a fraction as id', json({ ...PING, id: 1.5 }), 400, JSON_RPC],
  ['an id beyond whole numbers', json({ ...PING, id: 2 ** 60 }), 400, JSON_RPC],
  ['an id beyond all numbers', { body: '{"jsonrpc":"2.0","method":"ping","id":1e999}' }, 400, JSON_RPC],
  ['a member too many', json({ ...PING, extra: MARKER }), 400, /members/],
  [
    'a member __proto__',
    { body: '{"jsonrpc":"2.0","id":1,"method":"ping","__proto__":{"a":1}}' },
    400,
    /members/,
  ],
  ['a member constructor', json({ ...PING, constructor: { prototype: { a: 1 } } }), 400, /members/],
  ['both a method and a result', json({ ...PING, result: {} }), 400, JSON_RPC],
  [
    'both a result and an error',
    json({ jsonrpc: '2.0', id: 1, result: {}, error: { code: 1, message: '' } }),
    400,
    JSON_RPC,
  ],
  ['parameters in the URL', { ...json(PING), query: `?verbose=${MARKER}` }, 400, /query parameters/],
  ['a token in the URL', { ...json(PING), query: `?token=${TOKEN}` }, 400, /query parameters/],
  ['a session in the URL', { ...json(PING), query: '?sessionId=1&sessionId=2' }, 400, /query parameters/],
  [
    'a message in the URL alone',
    { query: '?jsonrpc=2.0&id=1&method=ping', headers: { 'content-type': '' } },
    405,
    /POST/,
  ],
  [
    'plain text',
    { body: JSON.stringify(PING), headers: { 'content-type': 'text/plain' } },
    415,
    /application\/json/,
  ],
  [
    'a form',
    {
      body: 'jsonrpc=2.0&id=1&method=ping',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    415,
    /application\/json/,
  ],
  [
    'another JSON',
    { body: JSON.stringify(PING), headers: { 'content-type': 'application/jsonl' } },
    415,
    /application\/json/,
  ],
  ['an answer in HTML only', { ...json(PING), headers: { accept: 'text/html' } }, 406, /application\/json/],
  ['no body at all', { body: '' }, 405, /POST/],
])(
  'a request with %s is refused with the reason, and the next one works',
  async (_, request, status, about) => {
    const { host, simulator } = shared();
    const raw = rawAgent({ host });
    const answer = await raw.send(request);
    expectRefusal(answer, status, about);
    expect(answer.json).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: expect.any(Number) } });
    if (status === 405) expect(answer.headers.get('allow')).toBe('POST');
    expect(({} as Record<string, unknown>).a).toBeUndefined();
    expect(simulator.requests).toEqual([]);
    expect(host.logs.join('\n')).not.toContain(MARKER);
    await expectAlive(raw);
  },
);

test('a protocol version that nobody has is refused, and the next request works', async () => {
  const { host } = shared();
  const raw = rawAgent({ host });
  const answer = await raw.send({ ...json(PING), headers: { 'mcp-protocol-version': '2099-01-01' } });
  expectRefusal(answer, 400, /protocol version|Mcp-Method/i);
  await expectAlive(raw);
});

test('a GET is told to authenticate, and with the token that only POST works', async () => {
  const { host } = shared();
  const raw = rawAgent({ host });
  const denied = await raw.send({ method: 'GET', headers: { authorization: '' } });
  expectRefusal(denied, 401, /Authorization: Bearer/);
  expect(denied.headers.get('www-authenticate')).toMatch(/^Bearer realm="agent-payments"/);
  expect(denied.headers.get('www-authenticate')).not.toContain('error=');
  for (const request of [
    {},
    { query: '?jsonrpc=2.0&id=1&method=tools%2Flist' },
    { headers: { accept: 'text/event-stream' } },
    { headers: { 'content-type': 'application/json' } },
  ]) {
    const answer = await raw.send({ method: 'GET', ...request });
    expectRefusal(answer, 405, /POST/);
    expect(answer.headers.get('allow')).toBe('POST');
  }
});

test('a body that poses as the headers of the request is not let in', async () => {
  const { host, simulator } = shared();
  const raw = rawAgent({ host });
  for (const request of [
    { headers: { authorization: 'Bearer guessed', 'content-type': 'application/json' } },
    { headers: [] },
    { headers: MARKER },
    {},
    [],
    MARKER,
    null,
    7,
  ]) {
    const answer = await raw.send(json({ ...PING, request }));
    expectRefusal(answer, 401, /token/i);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
  }
  expectRefusal(await raw.send({ ...json(PING), query: '?request=1' }), 401, /Authorization: Bearer/);
  expect(simulator.requests).toEqual([]);
  await expectAlive(raw);
});

test('names of prototypes are arguments like any other', async () => {
  const { host, simulator } = shared();
  const raw = rawAgent({ host });
  const call = async (args: string) => {
    const params = `{"name":"getPaymentStatus","arguments":${args}}`;
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
    return (await raw.send({ body })).json as { result: unknown };
  };
  for (const name of ['constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__']) {
    const { result } = await call(JSON.stringify({ ...SIDS, [name]: { polluted: true } }));
    expectInvalid(result, new RegExp(`unknown argument "${name}"`));
  }
  // Without SIDs of their own, arguments may not borrow them.
  const inherited = `{"__proto__":${JSON.stringify(SIDS)}}`;
  expectInvalid((await call(inherited)).result, /callSid(?: is missing|: must be a text)/);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(simulator.requests).toEqual([]);
  await expectAlive(raw);
});

test('an argument may be nested as deep as it likes and is still the wrong one', async () => {
  const { host } = shared();
  const raw = rawAgent({ host });
  const nested: unknown = JSON.parse(`${'['.repeat(20)}"${MARKER}"${']'.repeat(20)}`);
  expectInvalid(
    await raw.callTool('getPaymentStatus', { ...SIDS, callSid: nested }),
    /callSid(?: is missing|: must be a text)/,
  );
});

test.each([
  [100, 400, /nested/],
  [5_000, 400, /nested/],
  [25_000, 400, /nested/],
  [200_000, 413, /bytes/],
] as const)('a message that is nested %d deep is refused with the limit', async (depth, status, limit) => {
  const { host, simulator } = shared();
  const raw = rawAgent({ host });
  for (const [open, close] of [
    ['[', ']'],
    ['{"":', '}'],
  ] as const) {
    const nested = `${open.repeat(depth)}1${close.repeat(depth)}`;
    if (open.length * depth > 60_000 && status === 400) continue;
    const args = `{"callSid":${nested},"paymentSid":"${PAYMENT}"}`;
    for (const rest of [
      `"id":1,"method":"tools/call","params":{"name":"getPaymentStatus","arguments":${args}}`,
      `"id":1,"method":"ping","params":{"_meta":{"a":${nested}}}`,
      `"method":"notifications/initialized","params":{"a":${nested}}`,
      `"id":${nested},"method":"ping"`,
    ]) {
      const answer = await raw.send({ body: `{"jsonrpc":"2.0",${rest}}` });
      expectRefusal(answer, status, limit);
      expect(answer.text.length).toBeLessThan(500);
    }
  }
  expect(simulator.requests).toEqual([]);
  await expectAlive(raw);
});

test('a message that is too long is refused with the limit', async () => {
  const { host, simulator } = shared();
  const raw = rawAgent({ host });
  const call = {
    name: 'startPaymentCapture',
    arguments: { callSid: CALL, description: MARKER.repeat(8_000) },
  };
  for (const body of [
    json({ ...PING, method: 'tools/call', params: call }),
    json({ a: 'x'.repeat(900_000) }),
  ]) {
    expectRefusal(await raw.send(body), 413, /at most \d+ bytes/);
  }
  expect(simulator.requests).toEqual([]);
  await expectAlive(raw);
});

test('half of a surrogate pair does no harm', async () => {
  const stage = await connect();
  const raw = rawAgent(stage);
  const half = '"\\ud800"';
  for (const body of [
    `{"jsonrpc":"2.0","id":${half},"method":"ping"}`,
    `{"jsonrpc":"2.0","id":1,"method":${half}}`,
    `{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":${half}}}`,
    `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":${half}}}`,
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"getPaymentStatus","arguments":{"callSid":${half}}}}`,
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"getPaymentStatus","arguments":{${half}:1}}}`,
  ]) {
    const { status, text } = await raw.send({ body });
    expect(status).toBe(200);
    expect(text).not.toMatch(INTERNALS);
  }
  expect(
    await raw.callTool('startPaymentCapture', { callSid: stage.call.sid, description: 'a \ud800 b' }),
  ).toEqual(expect.objectContaining({ content: [expect.objectContaining({ type: 'text' })] }));
  await expectAlive(raw);
});

test('the scheme of the token may be written in any case', async () => {
  const raw = rawAgent(shared());
  for (const authorization of [`bearer ${TOKEN}`, `BEARER ${TOKEN}`, `Bearer  ${TOKEN}`]) {
    expect((await raw.rpc('ping', undefined, { authorization })).status).toBe(200);
  }
});

test.each<[string, Record<string, string>]>([
  ['ACCOUNT_SID', { ACCOUNT_SID: '' }],
  ['ACCOUNT_SID', { ACCOUNT_SID: `AC${MARKER}` }],
  ['AUTH_TOKEN', { API_KEY: '', API_SECRET: '', AUTH_TOKEN: '' }],
  ['API_KEY', { API_KEY: MARKER }],
  ['API_KEY', { API_KEY: '' }],
  ['API_SECRET', { API_SECRET: '' }],
  ['SYNC_SERVICE_SID', { SYNC_SERVICE_SID: MARKER }],
  ['PAYMENT_TTL_SECONDS', { PAYMENT_TTL_SECONDS: '1' }],
  ['CALLBACK_SIGNATURE', { CALLBACK_SIGNATURE: MARKER }],
  ['PUBLIC_URL', { PUBLIC_URL: MARKER }],
  ['PUBLIC_URL', { PUBLIC_URL: `ftp://${MARKER}` }],
  ['TWILIO_REGION', { TWILIO_EDGE: 'dublin' }],
  ['TWILIO_EDGE', { TWILIO_REGION: 'ie1' }],
  ['TWILIO_EDGE', { TWILIO_EDGE: `${MARKER}.example/`, TWILIO_REGION: 'ie1' }],
])('a wrong %s is named without its value (%j)', async (variable, changes) => {
  const { host, simulator, variables } = await connect();
  const raw = rawAgent({ host });
  const before = { ...variables };
  Object.assign(variables, changes);
  expectRefusal(
    await raw.rpc('tools/list'),
    500,
    new RegExp(`^Missing or malformed: ${variable}\\. .*\\.env`),
  );
  const callback = { path: '/payment-status', body: '{}' };
  expectRefusal(await raw.send(callback), 503, /not configured/);
  const errors = host.logs.filter((line) => line.includes('"level":"error"')).map((line) => JSON.parse(line));
  expect(new Set(errors.map(({ endpoint }) => endpoint))).toEqual(new Set(['mcp', 'payment-status']));
  for (const line of errors) expect(line).toMatchObject({ event: 'configuration', variables: [variable] });
  expect(host.logs.join('\n')).not.toContain(MARKER);
  for (const secret of [before.API_SECRET, before.AUTH_TOKEN, TOKEN]) {
    expect([...host.logs, ...raw.answers].join('\n')).not.toContain(secret);
  }
  expect(simulator.requests).toEqual([]);

  for (const name of Object.keys(changes)) delete variables[name];
  Object.assign(variables, before);
  await expectAlive(raw);
});

test.each<[string, Record<string, string>]>([
  ['PAYMENT_CONNECTOR', { PAYMENT_CONNECTOR: MARKER.repeat(12) }],
  ['CURRENCY', { CURRENCY: MARKER }],
  ['TOKEN_TYPE', { TOKEN_TYPE: MARKER }],
  ['MAX_CHARGE_AMOUNT', { MAX_CHARGE_AMOUNT: MARKER }],
  ['MAX_CHARGE_AMOUNT', { MAX_CHARGE_AMOUNT: '-5' }],
  ['CONFIRM_CHARGES', { CONFIRM_CHARGES: MARKER }],
])('a wrong %s stops agents, but no callback is lost for it (%j)', async (variable, changes) => {
  const stage = await connect();
  const { host, variables, agent, caller, simulator } = stage;
  const raw = rawAgent({ host });
  const sids = await start(stage);
  await agent.call('captureCardNumber', sids);
  const before = { ...variables };
  Object.assign(variables, changes);
  expectRefusal(
    await raw.rpc('tools/list'),
    500,
    new RegExp(`^Missing or malformed: ${variable}\\. .*\\.env`),
  );
  await caller.types('4242424242424242');
  await simulator.settled();
  expect(host.logs.join('\n')).not.toContain(MARKER);
  for (const name of Object.keys(changes)) delete variables[name];
  Object.assign(variables, before);
  expect(await statusOf(agent, sids)).toMatchObject({ paymentCardNumber: 'xxxxxxxxxxxx4242' });
});

test('all wrong variables are named at once', async () => {
  const { host, variables } = await connect();
  const raw = rawAgent({ host });
  Object.assign(variables, { CURRENCY: 'money', ACCOUNT_SID: 'me', TOKEN_TYPE: 'gold' });
  expectRefusal(await raw.rpc('ping'), 500, /ACCOUNT_SID, CURRENCY, TOKEN_TYPE\./);
});
