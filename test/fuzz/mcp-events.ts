import fc from 'fast-check';
import type { Facts } from './stage.ts';
import { type hostile, mutated } from './values.ts';

type Hostile = ReturnType<typeof hostile>;

const TOOLS = [
  'startPaymentCapture',
  'captureCardNumber',
  'captureSecurityCode',
  'captureExpirationDate',
  'getPaymentStatus',
  'completePaymentCapture',
  'cancelPaymentCapture',
];
const PROMPTS = [
  'StartCapture',
  'CardNumber',
  'SecurityCode',
  'ExpirationDate',
  'FinishCapture',
  'Completion',
  'Error',
];
const VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2026-07-28', '1900-01-01'];

/** Mostly the first, sometimes the second. */
function mostly<A, B>(usual: fc.Arbitrary<A>, odd: fc.Arbitrary<B>, weight = 8): fc.Arbitrary<A | B> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

/** Requests to the MCP endpoint: right ones, nearly right ones, and wrong ones. */
export function mcpEvents(facts: Facts, odd: Hostile): fc.Arbitrary<Record<string, unknown>> {
  const message = fc.oneof(
    { weight: 6, arbitrary: requests(facts, odd) },
    { weight: 1, arbitrary: notifications(odd) },
    { weight: 1, arbitrary: responses(odd) },
  );
  const body = fc.oneof(
    { weight: 6, arbitrary: message },
    { weight: 4, arbitrary: mutated(message, odd) },
    { weight: 1, arbitrary: fc.dictionary(odd.key, odd.value, { maxKeys: 6 }) },
    // A batch, as the platform spreads it.
    {
      weight: 1,
      arbitrary: fc
        .array(message, { minLength: 1, maxLength: 3 })
        .map((batch) => Object.fromEntries(Object.entries(batch))),
    },
  );
  const event = fc
    .tuple(headers(facts, odd), body)
    .map(([given, members]) => ({ request: { headers: given, cookies: {} }, ...members }));
  return fc.oneof({ weight: 9, arbitrary: event }, { weight: 1, arbitrary: mutated(event, odd, 2) });
}

function headers({ tokens, issuer }: Facts, odd: Hostile): fc.Arbitrary<Record<string, unknown>> {
  const { full, reader, writer, expired } = tokens;
  const token = fc.oneof(
    { weight: 14, arbitrary: fc.constant(full) },
    { weight: 3, arbitrary: fc.constantFrom(reader, writer) },
    { weight: 2, arbitrary: fc.constantFrom(...issuer.valid) },
    { weight: 2, arbitrary: fc.constantFrom(...issuer.odd) },
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
    20,
  );
  const usual = fc.record(
    {
      authorization,
      'content-type': mostly(
        fc.constantFrom('application/json', 'application/json; charset=utf-8'),
        fc.oneof(
          fc.constantFrom('application/x-www-form-urlencoded', 'text/plain', 'application/jsonp'),
          odd.value,
        ),
        15,
      ),
      accept: mostly(
        fc.constantFrom('application/json, text/event-stream', 'application/json', '*/*'),
        fc.oneof(fc.constantFrom('text/html', 'text/event-stream', ', ,;q=x'), odd.value),
      ),
      'content-length': mostly(
        fc.constantFrom('120', '2000'),
        fc.oneof(fc.constantFrom('0', '-5', '99999999', '1e9', 'many'), odd.value),
      ),
      'mcp-protocol-version': mostly(fc.constantFrom(...VERSIONS), odd.value),
      'mcp-session-id': mostly(fc.constant('a-session'), odd.value),
      origin: mostly(
        fc.constant('https://fuzz.example.com'),
        fc.oneof(fc.constantFrom('null', 'https://evil.example.com', 'http://localhost:1'), odd.value),
      ),
      host: mostly(
        fc.constant('fuzz.example.com'),
        fc.oneof(fc.constantFrom('evil.example.com', ':'), odd.value),
      ),
    },
    { requiredKeys: ['authorization', 'content-type'] },
  );
  return fc.oneof(
    { weight: 12, arbitrary: usual },
    { weight: 1, arbitrary: mutated(usual, odd) },
    { weight: 1, arbitrary: fc.constant({}) },
  );
}

function requests(facts: Facts, odd: Hostile): fc.Arbitrary<Record<string, unknown>> {
  const id = mostly(fc.oneof(fc.integer(), fc.string({ maxLength: 8 })), odd.value, 20);
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
    [
      'completion/complete',
      fc.record({ ref: odd.value, argument: fc.record({ name: odd.value, value: odd.value }) }),
      1,
    ],
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
          .tuple(params, fc.option(meta, { freq: 12, nil: undefined }))
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
      currency: mostly(fc.constantFrom('USD', 'usd', 'EUR', 'XXX'), odd.value),
      description: mostly(fc.constantFrom('Order 17', ''), odd.value, 3),
      tokenType: mostly(fc.constantFrom('one-time', 'reusable'), odd.value),
      anotherPayment: mostly(fc.boolean(), odd.value),
    },
    optional,
  );
  const extra = fc.option(fc.dictionary(odd.key, odd.value, { minKeys: 1, maxKeys: 2 }), {
    freq: 8,
    nil: {},
  });
  const captureType = fc.record(
    { captureType: mostly(fc.constant('payment-card-number'), odd.value) },
    optional,
  );
  const call = fc.constantFrom(...TOOLS).chain((name) => {
    const parts =
      name === 'startPaymentCapture'
        ? [start, terms]
        : [sids, name.startsWith('capture') ? captureType : fc.constant({})];
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
    },
    { requiredKeys: [] },
  );
  return mostly(given, fc.oneof(odd.value, mutated(given, odd)), 4);
}

function notifications(odd: Hostile): fc.Arbitrary<Record<string, unknown>> {
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

function responses(odd: Hostile): fc.Arbitrary<Record<string, unknown>> {
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
