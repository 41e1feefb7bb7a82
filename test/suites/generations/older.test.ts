/** Revisions up to 2025-11-25, as their clients speak them, and the ways in which headers mislead. */
import { describe, expect, test } from 'vitest';
import { connect } from '../host/connect.ts';
import { start } from '../host/payment.ts';
import { type RawAgent, type RawAnswer, rawAgent } from '../host/raw.ts';
import { askOld, type Body, bodyOf, NEW, OLD } from './requests.ts';

const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;

const VERSIONS = ['2024-10-07', '2024-11-05', '2025-03-26', '2025-06-18', OLD];

function initialize(
  raw: RawAgent,
  protocolVersion: string,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const clientInfo = { name: 'test-agent', version: '1.0.0' };
  return raw.rpc('initialize', { protocolVersion, capabilities: {}, clientInfo }, headers);
}

describe('the version is agreed on', () => {
  test.each(VERSIONS)('%s is spoken where it is asked for', async (version) => {
    const raw = rawAgent(await connect());
    const answer = await initialize(raw, version);
    expect([answer.status, bodyOf(answer).result]).toMatchObject([200, { protocolVersion: version }]);
    expect(answer.headers.get('mcp-session-id')).toBeNull();
    const headers = { 'mcp-protocol-version': version };
    const listed = bodyOf(await raw.rpc('tools/list', {}, headers)).result;
    expect(listed).toEqual({ tools: expect.any(Array) });
  });

  test.each([NEW, '2099-01-01', '1.0'])(
    '%s has no handshake here: the newest that has one is offered',
    async (version) => {
      const answer = await initialize(rawAgent(await connect()), version);
      expect([answer.status, bodyOf(answer).result]).toMatchObject([200, { protocolVersion: OLD }]);
    },
  );

  test('whoever names none speaks an older one', async () => {
    const { result } = bodyOf(await rawAgent(await connect()).rpc('tools/list', {}));
    expect(result).toEqual({ tools: expect.any(Array) });
  });
});

describe('headers mislead', () => {
  test.each([NEW, OLD, '2099-01-01', 'nonsense'])(
    'initialize is the handshake, whatever version its header names (%s)',
    async (version) => {
      const raw = rawAgent(await connect());
      const answer = await initialize(raw, OLD, { 'mcp-protocol-version': version });
      expect([answer.status, bodyOf(answer).result]).toMatchObject([200, { protocolVersion: OLD }]);
      expect(bodyOf(answer).result).not.toHaveProperty('resultType');
    },
  );

  test.each(VERSIONS)('Mcp-Method does not make a message of %s a new one', async (version) => {
    const raw = rawAgent(await connect());
    const headers = { 'mcp-protocol-version': version, 'mcp-method': 'tools/list', 'mcp-name': 'x' };
    const { result } = bodyOf(await raw.rpc('tools/list', {}, headers));
    expect(result).toEqual({ tools: expect.any(Array) });
  });

  test('a wrong Mcp-Method says nothing to the older generation', async () => {
    const answer = await askOld(rawAgent(await connect()), 'ping', {}, { 'mcp-method': 'tools/list' });
    expect(bodyOf(answer).result).toEqual({});
  });

  test.each<[string, number, RegExp]>([
    ['2099-01-01', -32022, /^Unsupported protocol version/],
    ['nonsense', -32022, /^Unsupported protocol version/],
    [NEW, INVALID_PARAMS, /_meta needs/],
    ['2025-06-18, 2025-06-18', -32600, /^MCP-Protocol-Version must name one revision/],
    [' ', -32600, /^MCP-Protocol-Version must name one revision/],
  ])('a request without an envelope that names %j is refused with 400', async (version, code, message) => {
    const { host, simulator } = await connect();
    const raw = rawAgent({ host });
    const answer = await raw.rpc('tools/list', {}, { 'mcp-protocol-version': version });
    expect([answer.status, bodyOf(answer).error]).toMatchObject([
      400,
      { code, message: expect.stringMatching(message) },
    ]);
    expect(simulator.requests).toEqual([]);
  });

  test.each(['{}', '{"progressToken":1}', '{"com.example/anything":"io.modelcontextprotocol/"}'])(
    'an envelope without a version is no new one (%s)',
    async (_meta) => {
      const answer = await askOld(rawAgent(await connect()), 'tools/list', { _meta: JSON.parse(_meta) });
      expect(bodyOf(answer).result).toEqual({ tools: expect.any(Array) });
    },
  );
});

describe('what only the older generation has', () => {
  test('ping is answered with nothing', async () => {
    for (const version of VERSIONS) {
      const raw = rawAgent(await connect());
      const answer = await raw.rpc('ping', undefined, { 'mcp-protocol-version': version });
      expect(bodyOf(answer)).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    }
  });

  test('logging/setLevel is accepted for each level, though there is no session to keep it', async () => {
    const raw = rawAgent(await connect());
    for (const level of ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']) {
      expect(bodyOf(await askOld(raw, 'logging/setLevel', { level })).result).toEqual({});
    }
    expect(bodyOf(await askOld(raw, 'logging/setLevel', { level: 'loud' })).error).toBeDefined();
    const failing = { name: 'getPaymentStatus', arguments: {} };
    const answer = await askOld(raw, 'tools/call', failing, {
      accept: 'application/json, text/event-stream',
    });
    expect(answer.text).toContain('notifications/message');
  });

  test.each([
    'resources/subscribe',
    'resources/unsubscribe',
    'subscriptions/listen',
    'tasks/list',
    'constructor',
  ])('%s is neither offered nor there', async (method) => {
    const answer = await askOld(rawAgent(await connect()), method, { uri: 'payment://a/b/status' });
    expect([answer.status, bodyOf(answer).error?.code]).toEqual([200, METHOD_NOT_FOUND]);
  });

  test('server/discover belongs to the new generation, whatever the header says', async () => {
    const answer = await askOld(
      rawAgent(await connect()),
      'server/discover',
      {},
      { 'mcp-method': 'server/discover' },
    );
    expect([answer.status, bodyOf(answer).error?.code]).toEqual([400, INVALID_PARAMS]);
  });

  test('results say nothing of the new generation', async () => {
    const stage = await connect();
    const raw = rawAgent(stage);
    const { callSid, paymentSid } = await start(stage);
    for (const [method, params] of [
      ['tools/list', {}],
      ['prompts/list', {}],
      ['resources/list', {}],
      ['resources/templates/list', {}],
      ['resources/read', { uri: `payment://${callSid}/${paymentSid}/status` }],
      ['tools/call', { name: 'getPaymentStatus', arguments: { callSid, paymentSid } }],
      ['prompts/get', { name: 'CardNumber' }],
    ] as const) {
      const { result = {} } = bodyOf(await askOld(raw, method, params));
      for (const member of ['resultType', 'ttlMs', 'cacheScope', '_meta']) {
        expect(result).not.toHaveProperty(member);
      }
    }
  });
});

describe('batches', () => {
  const BATCHED = '2025-03-26';
  const ping = (id: number) => ({ jsonrpc: '2.0', id, method: 'ping' });

  function send(raw: RawAgent, messages: unknown[], version: string, headers: Record<string, string> = {}) {
    return raw.send({
      body: JSON.stringify(messages),
      headers: { ...(version && { 'mcp-protocol-version': version }), ...headers },
    });
  }

  test('are answered in one array by the revision that has them', async () => {
    const { host } = await connect();
    const raw = rawAgent({ host });
    const answer = await send(
      raw,
      [
        ping(1),
        { jsonrpc: '2.0', method: 'notifications/initialized' },
        { jsonrpc: '2.0', id: 'two', method: 'tools/list' },
        { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'nonsense' } },
      ],
      BATCHED,
    );
    expect(answer.status).toBe(200);
    const bodies = answer.json as Body[];
    expect(bodies.map(({ id }) => id)).toEqual([1, 'two', 3]);
    expect(bodies).toMatchObject([{ result: {} }, { result: {} }, { error: { code: INVALID_PARAMS } }]);
  });

  test('of notifications alone are answered 202', async () => {
    const raw = rawAgent(await connect());
    const answer = await send(raw, [{ jsonrpc: '2.0', method: 'notifications/initialized' }], BATCHED);
    expect([answer.status, answer.text]).toEqual([202, '']);
  });

  test('bring their notifications before the responses, where the client takes a stream', async () => {
    const raw = rawAgent(await connect());
    const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'getPaymentStatus' } };
    const accept = 'application/json, text/event-stream';
    const answer = await send(raw, [ping(1), call], BATCHED, { accept });
    const said = answer.text.match(/^data: .*$/gm)?.map((line) => JSON.parse(line.slice('data: '.length)));
    expect(said).toMatchObject([{ method: 'notifications/message' }, [{ id: 1 }, { id: 2 }]]);
  });

  test('are answered without a header too, which means that revision', async () => {
    const answer = await send(rawAgent(await connect()), [ping(1), ping(2)], '');
    expect([answer.status, answer.json]).toMatchObject([200, [{ id: 1 }, { id: 2 }]]);
  });

  test.each(['2024-11-05', '2025-06-18', OLD, NEW, 'nonsense'])(
    'are refused by all others (%s)',
    async (version) => {
      const { host, simulator } = await connect();
      const raw = rawAgent({ host });
      for (const messages of [[ping(1)], [ping(1), ping(2)]]) {
        const answer = await send(raw, messages, version);
        expect([answer.status, bodyOf(answer).error?.message]).toEqual([
          400,
          expect.stringContaining(BATCHED),
        ]);
      }
      expect(simulator.requests).toEqual([]);
    },
  );

  test('do not hide a message of the new generation', async () => {
    const raw = rawAgent(await connect());
    const message = { jsonrpc: '2.0', id: 9, method: 'server/discover', params: {} };
    const answer = await send(raw, [ping(1), message], BATCHED);
    expect([answer.status, bodyOf(answer)]).toMatchObject([
      400,
      { error: { message: expect.stringMatching(/^Send one message per request/) } },
    ]);
  });
});

test('what asks to be done as a task is done at once, and an unknown method is not repeated for it', async () => {
  const stage = await connect();
  const task = { ttl: 1000 };
  const { call } = stage;
  const params = { name: 'startPaymentCapture', arguments: { callSid: call.sid }, task };
  const started = await askOld(rawAgent(stage), 'tools/call', params);
  expect(bodyOf(started)).toMatchObject({ result: { structuredContent: { phase: 'started' } } });
  const unknown = await askOld(rawAgent(stage), '4242-4242-4242-4242', { task });
  expect(bodyOf(unknown)).toMatchObject({ error: { code: -32601, message: 'Method not found' } });
});
