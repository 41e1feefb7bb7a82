import fc from 'fast-check';
import { PROMPTS, TOOLS } from '../../suites/host/contract.ts';
import type { Facts } from './stage.ts';
import { type hostile, mutated } from './values.ts';

type Hostile = ReturnType<typeof hostile>;
type Values = Record<string, unknown>;

const VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2026-07-28', '1900-01-01'];

/** Mostly the first, sometimes the second. */
function mostly<A, B>(usual: fc.Arbitrary<A>, odd: fc.Arbitrary<B>, weight = 8): fc.Arbitrary<A | B> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

/** One time in ten. */
function sometimes<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return mostly(fc.constant(undefined), arbitrary, 9);
}

/** Requests to the MCP endpoint: right ones, nearly right ones, and wrong ones. */
export function mcpEvents(facts: Facts, odd: Hostile): fc.Arbitrary<Values> {
  const request = requests(facts, odd);
  const message = fc.oneof(
    { weight: 10, arbitrary: request },
    { weight: 1, arbitrary: notifications(odd) },
    { weight: 1, arbitrary: responses(odd) },
  );
  const head = headers(facts, odd);
  const events = fc.oneof(
    { weight: 12, arbitrary: fc.tuple(head, message) },
    { weight: 4, arbitrary: fc.tuple(head, mutated(message, odd)) },
    { weight: 1, arbitrary: fc.tuple(head, fc.dictionary(odd.key, odd.value, { maxKeys: 6 })) },
    { weight: 4, arbitrary: fc.tuple(head, request, odd.value, fc.nat({ max: 9 })).map(modern) },
    { weight: 2, arbitrary: fc.tuple(head, fc.array(message, { minLength: 1, maxLength: 4 })).map(batch) },
    { weight: 1, arbitrary: fc.tuple(head, fc.array(odd.value, { minLength: 1, maxLength: 12 })).map(batch) },
  );
  const event = events.map(([given, body]) => ({ request: { headers: given, cookies: {} }, ...body }));
  return fc.oneof({ weight: 15, arbitrary: event }, { weight: 1, arbitrary: mutated(event, odd, 2) });
}

/** A batch, as the platform spreads it, in the one revision that has batches. */
function batch([given, messages]: [Values, unknown[]]): [Values, Values] {
  return [{ ...given, 'mcp-protocol-version': '2025-03-26' }, Object.fromEntries(Object.entries(messages))];
}

/** A request as revision 2026-07-28 has it, with one thing odd in half of them. */
function modern([given, request, odd, which]: [Values, Values, unknown, number]): [Values, Values] {
  const prefix = 'io.modelcontextprotocol/';
  const params = Object(request.params) as Values;
  const pick = (number: number, right: unknown): unknown => (number === which ? odd : right);
  const envelope = {
    [`${prefix}protocolVersion`]: pick(0, '2026-07-28'),
    [`${prefix}clientCapabilities`]: pick(1, {}),
    [`${prefix}clientInfo`]: pick(2, { name: 'fuzz', version: '1' }),
    [`${prefix}logLevel`]: pick(3, 'debug'),
  };
  const method = request.method === 'ping' ? 'server/discover' : request.method;
  const named = {
    ...given,
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': pick(4, method),
    'mcp-name': params.name ?? params.uri,
  };
  return [named, { ...request, method, params: { ...params, _meta: envelope } }];
}

/** Right headers with a token that lets in, seven times in ten; else another token, or odd ones. */
function headers({ tokens, issuer }: Facts, odd: Hostile): fc.Arbitrary<Values> {
  const { full, reader, writer, expired } = tokens;
  const right = fc.record({
    authorization: fc.constant(`Bearer ${full}`),
    'content-type': fc.constantFrom('application/json', 'application/json; charset=utf-8'),
    accept: fc.constantFrom('application/json, text/event-stream', 'application/json'),
    'content-length': fc.constant('500'),
  });
  const token = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(reader, writer) },
    { weight: 3, arbitrary: fc.constantFrom(...issuer.valid) },
    { weight: 3, arbitrary: fc.constantFrom(...issuer.odd) },
    { weight: 1, arbitrary: fc.constantFrom(expired, full.slice(0, -1), `${full}x`, full.toUpperCase()) },
  );
  const authorization = mostly(
    token.map((text) => `Bearer ${text}`),
    fc.oneof(
      token,
      token.map((text) => `Basic ${btoa(text)}`),
      token.map((text) => [`Bearer ${text}`, `Bearer ${text}`]),
      token.map((text) => `bearer   ${text} `),
      odd.value,
    ),
  );
  const additions = fc.record(
    {
      'content-type': fc.oneof(
        fc.constantFrom('application/x-www-form-urlencoded', 'text/plain', 'application/jsonp'),
        odd.value,
      ),
      accept: fc.oneof(fc.constantFrom('*/*', 'text/html', 'text/event-stream', ', ,;q=x'), odd.value),
      'content-length': fc.oneof(fc.constantFrom('0', '-5', '99999999', '1e9', 'many'), odd.value),
      'mcp-protocol-version': fc.oneof(fc.constantFrom(...VERSIONS), fc.constantFrom(...VERSIONS), odd.value),
      'mcp-session-id': odd.value,
      'mcp-method': odd.value,
      'mcp-name': odd.value,
      origin: fc.oneof(
        fc.constantFrom('https://fuzz.example.com', 'null', 'https://evil.example.com', 'http://localhost:1'),
        odd.value,
      ),
      host: fc.oneof(fc.constantFrom('fuzz.example.com', 'evil.example.com', ':'), odd.value),
    },
    { requiredKeys: [] },
  );
  const one = fc
    .tuple(additions, fc.nat())
    .map(([all, which]) => Object.entries(all).filter((_, i, { length }) => i === which % length));
  return fc.oneof(
    { weight: 14, arbitrary: right },
    {
      weight: 3,
      arbitrary: fc.tuple(right, authorization).map(([all, given]) => ({ ...all, authorization: given })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(right, one).map(([all, more]) => ({ ...all, ...Object.fromEntries(more) })),
    },
    { weight: 1, arbitrary: mutated(right, odd) },
  );
}

function requests(facts: Facts, odd: Hostile): fc.Arbitrary<Values> {
  const id = mostly(fc.oneof(fc.integer(), fc.string({ maxLength: 8 })), odd.value, 30);
  const meta = fc.oneof(
    fc.record({ progressToken: mostly(fc.integer(), odd.value) }),
    fc.record({ 'io.modelcontextprotocol/related-task': fc.record({ taskId: odd.value }) }),
    odd.value,
  );
  const cursor = mostly(
    fc.constantFrom(
      '',
      Buffer.from('PTabc 1').toString('base64url'),
      Buffer.from('../x 2').toString('base64url'),
    ),
    odd.value,
  );
  const sids = fc.constantFrom(...facts.payments);
  const methods: [string, fc.Arbitrary<unknown>, number][] = [
    ['tools/call', toolCalls(facts, odd), 24],
    [
      'prompts/get',
      fc.record({
        name: mostly(fc.constantFrom(...PROMPTS), odd.text),
        arguments: promptArguments(facts, odd),
      }),
      4,
    ],
    [
      'resources/read',
      fc.record({
        uri: mostly(
          sids.map(({ callSid, paymentSid }) => `payment://${callSid}/${paymentSid}/status`),
          fc.oneof(
            odd.value,
            odd.text.map((text) => `payment://${text}/status`),
          ),
          2,
        ),
      }),
      4,
    ],
    ['resources/list', fc.record({ cursor }, { requiredKeys: [] }), 2],
    [
      'initialize',
      fc.record({
        protocolVersion: mostly(fc.constantFrom(...VERSIONS), odd.value),
        capabilities: mostly(fc.constant({}), odd.value),
        clientInfo: mostly(
          fc.constant({ name: 'fuzz', version: '1' }),
          fc.record({ name: odd.value, version: odd.value }),
        ),
      }),
      2,
    ],
    ['tools/list', fc.record({ cursor: odd.value }, { requiredKeys: [] }), 1],
    ['prompts/list', fc.constant({}), 1],
    ['resources/templates/list', fc.constant({}), 1],
    ['resources/subscribe', fc.record({ uri: odd.value }), 1],
    ['ping', fc.constant({}), 1],
    ['logging/setLevel', fc.record({ level: mostly(fc.constantFrom('debug', 'error'), odd.value) }), 1],
    ['completion/complete', completions(facts, odd), 3],
    ['tasks/get', fc.record({ taskId: odd.value }), 1],
    ['notifications/initialized', fc.constant({}), 1],
  ];
  const oneOfThem = fc.oneof(
    ...methods.map(([method, params, weight]) => ({
      weight,
      arbitrary: fc.record({
        jsonrpc: fc.constant('2.0'),
        id,
        method: fc.constant(method),
        params: fc
          .tuple(params, sometimes(meta))
          .map(([given, _meta]) => (_meta === undefined ? given : { ...(given as object), _meta })),
      }),
    })),
    {
      weight: 1,
      arbitrary: fc.record({ jsonrpc: fc.constant('2.0'), id, method: odd.text, params: odd.value }),
    },
  );
  return oneOfThem;
}

/** Calls of tools with arguments of which each is right, odd or absent. */
function toolCalls({ calls, payments }: Facts, odd: Hostile): fc.Arbitrary<object> {
  const optional = { requiredKeys: [] };
  const sids = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...payments) },
    {
      weight: 1,
      arbitrary: fc.record({
        callSid: fc.constantFrom(...calls),
        paymentSid: fc.constant(`PK${'f'.repeat(32)}`),
      }),
    },
    { weight: 2, arbitrary: fc.record({ callSid: odd.value, paymentSid: odd.value }, optional) },
  );
  const start = fc.record({
    callSid: mostly(fc.constantFrom(...calls), fc.oneof(fc.constant(`CA${'e'.repeat(32)}`), odd.value), 12),
  });
  const terms = fc.record(
    {
      chargeAmount: mostly(fc.constantFrom(12.5, 12.5, 20, 0, 1000, 1000.01), odd.value),
      currency: mostly(fc.constantFrom('USD', 'USD', 'usd', 'EUR', 'XXX'), odd.value),
      description: mostly(fc.constantFrom('Order 17', ''), odd.value, 3),
      tokenType: mostly(fc.constantFrom('one-time', 'reusable'), odd.value),
      anotherPayment: mostly(fc.boolean(), odd.value),
    },
    optional,
  );
  const extra = sometimes(fc.dictionary(odd.key, odd.value, { minKeys: 1, maxKeys: 2 }));
  const fields: Record<string, string> = {
    captureCardNumber: 'payment-card-number',
    captureSecurityCode: 'security-code',
    captureExpirationDate: 'expiration-date',
  };
  const call = fc.constantFrom(...TOOLS).chain((name) => {
    const captureType = mostly(fc.constant(fields[name]), odd.value);
    const rest = name in fields ? fc.record({ captureType }, optional) : fc.constant({});
    const parts = name === 'startPaymentCapture' ? [start, terms] : [sids, rest];
    return fc
      .tuple(fc.tuple(...parts), extra)
      .map(([[one, other], more]) => ({ name, arguments: Object.assign({}, one, other, more) }));
  });
  return fc.oneof(
    { weight: 12, arbitrary: call },
    { weight: 1, arbitrary: fc.tuple(call, odd.value).map(([given, task]) => ({ ...given, task })) },
    { weight: 1, arbitrary: call.map((given) => ({ ...given, task: { ttl: 1000 } })) },
    {
      weight: 1,
      arbitrary: fc.record({ name: fc.oneof(fc.constantFrom(...TOOLS), odd.value), arguments: odd.value }),
    },
  );
}

function promptArguments({ calls, payments }: Facts, odd: Hostile): fc.Arbitrary<unknown> {
  const given = fc.record(
    {
      callSid: mostly(fc.constantFrom(...calls), odd.value, 4),
      paymentSid: mostly(
        fc.constantFrom(...payments).map(({ paymentSid }) => paymentSid),
        odd.value,
        4,
      ),
      language: mostly(fc.constantFrom('en', 'de-AT', 'zh'), odd.value, 4),
    },
    { requiredKeys: [] },
  );
  return mostly(given, fc.oneof(odd.value, mutated(given, odd)), 4);
}

function completions({ calls }: Facts, odd: Hostile): fc.Arbitrary<object> {
  const ref = fc.constantFrom<object>(
    { type: 'ref/prompt', name: 'StartCapture' },
    { type: 'ref/resource', uri: 'payment://{callSid}/{paymentSid}/status' },
  );
  return fc.record(
    {
      ref: mostly(ref, odd.value),
      argument: mostly(
        fc.record({
          name: mostly(fc.constantFrom('callSid', 'paymentSid', 'language'), odd.value),
          value: mostly(fc.constantFrom('', 'CA', 'pk'), odd.value, 3),
        }),
        odd.value,
      ),
      context: fc.record({ arguments: fc.record({ callSid: mostly(fc.constantFrom(...calls), odd.value) }) }),
    },
    { requiredKeys: ['ref', 'argument'] },
  );
}

function notifications(odd: Hostile): fc.Arbitrary<Values> {
  const method = fc.oneof(
    fc.constantFrom(
      'notifications/initialized',
      'notifications/cancelled',
      'notifications/progress',
      'tools/call',
    ),
    odd.text,
  );
  const params = fc.oneof(fc.record({ requestId: odd.value, reason: odd.value }), odd.value);
  return fc.record({ jsonrpc: fc.constant('2.0'), method, params }, { requiredKeys: ['jsonrpc', 'method'] });
}

function responses(odd: Hostile): fc.Arbitrary<Values> {
  const error = fc.record({
    code: mostly(fc.constant(-32600), odd.value),
    message: odd.value,
    data: odd.value,
  });
  const id = fc.oneof(fc.integer(), odd.value);
  return fc.record(
    { jsonrpc: fc.constant('2.0'), id, result: fc.oneof(fc.constant({}), odd.value), error },
    { requiredKeys: ['jsonrpc', 'id'] },
  );
}
