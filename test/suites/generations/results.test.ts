/** What the results of revision 2026-07-28 say of themselves (specification, basic/index, server/discover, caching). */
import { describe, expect, test } from 'vitest';
import { modern } from '../../../functions/mcp/generations/2026-07-28.ts';
import { connect, type Stage } from '../host/connect.ts';
import { type Sids, start } from '../host/payment.ts';
import { rawAgent } from '../host/raw.ts';
import { ask, bodyOf, NEW, OLD } from './requests.ts';

const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';
const INVALID_PARAMS = -32602;

/** One request for each method that there is. */
function requests({ callSid, paymentSid }: Sids): [string, Record<string, unknown>][] {
  return [
    ['server/discover', {}],
    ['tools/list', {}],
    ['prompts/list', {}],
    ['resources/list', {}],
    ['resources/templates/list', {}],
    ['resources/read', { uri: `payment://${callSid}/${paymentSid}/status` }],
    ['tools/call', { name: 'getPaymentStatus', arguments: { callSid, paymentSid } }],
    ['tools/call', { name: 'getPaymentStatus', arguments: {} }],
    ['prompts/get', { name: 'CardNumber' }],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'CardNumber' }, argument: { name: 'callSid', value: '' } },
    ],
  ];
}

async function started(): Promise<{ stage: Stage; sids: Sids }> {
  const stage = await connect();
  return { stage, sids: await start(stage) };
}

test('server/discover says what initialize says to older clients, and which versions there are', async () => {
  const { agent, host } = await connect();
  const { result } = bodyOf(await ask(rawAgent({ host }), 'server/discover'));
  expect(result).toEqual({
    resultType: 'complete',
    supportedVersions: [NEW, OLD, '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'],
    capabilities: agent.client.getServerCapabilities(),
    instructions: agent.client.getInstructions(),
    ttlMs: expect.any(Number),
    cacheScope: 'public',
    _meta: { [SERVER_INFO]: agent.client.getServerVersion() },
  });
});

test('nothing is declared that needs a stream', async () => {
  const { result } = bodyOf(await ask(rawAgent(await connect()), 'server/discover'));
  expect(JSON.stringify(result?.capabilities)).not.toMatch(/listChanged|subscribe/);
});

test('every result is complete, and says in few words which server gave it', async () => {
  const { stage, sids } = await started();
  const raw = rawAgent(stage);
  const { name, version, ...more } = stage.agent.client.getServerVersion() ?? {};
  for (const [method, params] of requests(sids)) {
    const answer = await ask(raw, method, params);
    const { result } = bodyOf(answer);
    expect([method, answer.status, result?.resultType]).toEqual([method, 200, 'complete']);
    const told = method === 'server/discover' ? { name, version, ...more } : { name, version };
    expect(result?._meta).toEqual({ [SERVER_INFO]: told });
    expect(answer.text).not.toContain('\n');
  }
});

describe('how long a result may be kept, and by whom', () => {
  test('is said of six results and of no other', async () => {
    const { stage, sids } = await started();
    const raw = rawAgent(stage);
    const hints: Record<string, unknown> = {};
    for (const [method, params] of requests(sids)) {
      const { ttlMs, cacheScope } = bodyOf(await ask(raw, method, params)).result ?? {};
      hints[method] = [ttlMs, cacheScope];
    }
    const definitions = [300_000, 'private'];
    expect(hints).toEqual({
      'server/discover': [3_600_000, 'public'],
      'tools/list': definitions,
      'prompts/list': definitions,
      'resources/templates/list': definitions,
      'resources/list': [0, 'private'],
      'resources/read': [0, 'private'],
      'tools/call': [undefined, undefined],
      'prompts/get': [undefined, undefined],
      'completion/complete': [undefined, undefined],
    });
  });

  test('is not said of a result that asks for input', async () => {
    const request = { jsonrpc: '2.0' as const, id: 1, method: 'resources/read', params: { uri: 'test://a' } };
    const result = { resultType: 'input_required', inputRequests: {}, requestState: 'sealed' };
    const exchange = { response: { jsonrpc: '2.0' as const, id: 1, result }, notifications: [] };
    const identity = { name: 'x', version: '1' };
    const about = { capabilities: {}, instructions: '', serverInfo: identity, identity };
    expect((await modern.answer(request, async () => exchange, about)).response).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: { ...result, _meta: { [SERVER_INFO]: identity } },
    });
  });

  test('is the same for each page', async () => {
    const stage = await connect();
    const raw = rawAgent(stage);
    for (let i = 0; i < 60; i++) {
      await start({ ...stage, call: stage.simulator.placeCall() }, {});
    }
    const pages: Record<string, unknown>[] = [];
    let cursor: unknown;
    do {
      const page =
        bodyOf(await ask(raw, 'resources/list', cursor === undefined ? {} : { cursor })).result ?? {};
      pages.push(page);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flatMap(({ resources }) => resources)).toHaveLength(60);
    for (const page of pages) expect(page).toMatchObject({ ttlMs: 0, cacheScope: 'private' });
  });
});

describe('an error', () => {
  test('for an unknown tool is a JSON-RPC error, not a result', async () => {
    const answer = await ask(rawAgent(await connect()), 'tools/call', { name: 'chargeEverybody' });
    expect(answer.status).toBe(200);
    expect(bodyOf(answer)).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: { code: INVALID_PARAMS, message: expect.not.stringContaining('chargeEverybody') },
    });
  });

  test('for an unknown prompt is a JSON-RPC error', async () => {
    const { error } = bodyOf(await ask(rawAgent(await connect()), 'prompts/get', { name: 'Poem' }));
    expect(error?.code).toBe(INVALID_PARAMS);
  });

  test('for an unknown resource is a JSON-RPC error that names it', async () => {
    const { stage, sids } = await started();
    const raw = rawAgent(stage);
    const unknown = `payment://${sids.callSid}/PK${'0'.repeat(32)}/status`;
    for (const uri of [unknown, 'payment://x/y/status', 'file:///etc/passwd', 'test://表']) {
      const body = bodyOf(await ask(raw, 'resources/read', { uri }));
      expect(body).toEqual({
        jsonrpc: '2.0',
        id: 1,
        error: { code: INVALID_PARAMS, message: expect.any(String), data: { uri } },
      });
    }
  });

  test('never has a code that the revision has given up', async () => {
    const { stage, sids } = await started();
    const raw = rawAgent(stage);
    stage.simulator.faults.add({ route: 'documents.fetch', action: { status: 503 } });
    for (const [method, params] of requests(sids)) {
      const { code = 0 } = bodyOf(await ask(raw, method, params)).error ?? {};
      expect([-32002, -32042, -32000]).not.toContain(code);
    }
  });

  test('inside a tool is a result', async () => {
    const params = { name: 'getPaymentStatus', arguments: { callSid: 'mine' } };
    const answer = await ask(rawAgent(await connect()), 'tools/call', params);
    expect([answer.status, bodyOf(answer).result]).toMatchObject([
      200,
      { resultType: 'complete', isError: true },
    ]);
  });
});

describe('of the log a client hears', () => {
  const failing = { name: 'getPaymentStatus', arguments: {} };
  const both = { accept: 'application/json, text/event-stream' };

  /** The messages of a buffered event stream. */
  const eventsOf = (text: string) =>
    text
      .split('\n\n')
      .slice(0, -1)
      .map(
        (event) => JSON.parse(event.split('\n')[1]?.replace(/^data: /, '') ?? '') as Record<string, unknown>,
      );

  test('nothing, unless it asks for it with the request', async () => {
    const answer = await ask(rawAgent(await connect()), 'tools/call', failing, { headers: both });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(bodyOf(answer).result).toMatchObject({ isError: true });
  });

  test.each(['debug', 'info'])(
    'what has the level that it asks for (%s), before the result',
    async (logLevel) => {
      const raw = rawAgent(await connect());
      const answer = await ask(raw, 'tools/call', failing, { headers: both, meta: { logLevel } });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/event-stream');
      expect(answer.headers.get('x-accel-buffering')).toBe('no');
      expect(eventsOf(answer.text)).toEqual([
        {
          jsonrpc: '2.0',
          method: 'notifications/message',
          params: {
            level: 'info',
            logger: 'agent-payments',
            data: expect.objectContaining({ event: 'tool_refused' }),
          },
        },
        { jsonrpc: '2.0', id: 1, result: expect.objectContaining({ resultType: 'complete', isError: true }) },
      ]);
    },
  );

  test.each(['notice', 'warning', 'error', 'critical', 'alert', 'emergency'])(
    'nothing below the level that it asks for (%s)',
    async (logLevel) => {
      const raw = rawAgent(await connect());
      const answer = await ask(raw, 'tools/call', failing, { headers: both, meta: { logLevel } });
      expect(answer.headers.get('content-type')).toBe('application/json');
    },
  );

  test('errors, where it asks for errors', async () => {
    const { stage, sids } = await started();
    stage.simulator.faults.add({ route: 'documents.fetch', action: { status: 401, code: 20003 } });
    const params = { name: 'getPaymentStatus', arguments: sids };
    const answer = await ask(rawAgent(stage), 'tools/call', params, {
      headers: both,
      meta: { logLevel: 'error' },
    });
    expect(eventsOf(answer.text)[0]).toMatchObject({ params: { level: 'error' } });
  });

  test('nothing where it takes JSON alone, and gets its result', async () => {
    const raw = rawAgent(await connect());
    const answer = await ask(raw, 'tools/call', failing, { meta: { logLevel: 'debug' } });
    expect(bodyOf(answer).result).toMatchObject({ isError: true });
  });
});
