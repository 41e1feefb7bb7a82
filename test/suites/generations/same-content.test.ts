/** Both generations get the same content for the same request: definitions, answers, errors. */
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../functions/runtime/bearer-tokens.ts';
import { connect, type Stage, VISA } from '../host/connect.ts';
import { start } from '../host/payment.ts';
import { type RawAgent, rawAgent } from '../host/raw.ts';
import { ask, askOld, type Body, bodyOf } from './requests.ts';

type Params = Record<string, unknown>;

/** What was said beyond the dress of the generation: a result or an error. */
async function saidOld(raw: RawAgent, method: string, params: Params): Promise<Body> {
  const answer = await askOld(raw, method, params);
  expect(answer.status).toBe(200);
  return timeless(bodyOf(answer));
}

/** Without what runs with the clock. */
function timeless(body: Body): Body {
  return JSON.parse(
    JSON.stringify(body).replaceAll(/(At|at|Seconds|secondsLeft)(\\?":)\d+/g, '$1$20'),
  ) as Body;
}

async function saidNew(raw: RawAgent, method: string, params: Params): Promise<Body> {
  const answer = await ask(raw, method, params);
  expect(answer.status).toBe(200);
  const { result, ...body } = timeless(bodyOf(answer));
  if (!result) return body;
  const { resultType, ttlMs: _, cacheScope: __, _meta, ...content } = result;
  expect(resultType).toBe('complete');
  expect(Object.keys(_meta as object)).toEqual(['io.modelcontextprotocol/serverInfo']);
  return { ...body, result: content };
}

/** Asks for the same in both generations, where asking changes nothing, and gives what both said. */
async function expectSame(raw: RawAgent, method: string, params: Params = {}): Promise<Body> {
  const old = await saidOld(raw, method, params);
  expect(await saidNew(raw, method, params)).toEqual(old);
  return old;
}

function listOf<T>({ result }: Body, name: string): T[] {
  const list = result?.[name];
  if (!Array.isArray(list) || list.length === 0) throw new Error(`There are no ${name}`);
  return list as T[];
}

test('what the server says of itself is the same', async () => {
  const { host, agent } = await connect();
  const { result } = bodyOf(await ask(rawAgent({ host }), 'server/discover'));
  const { client } = agent;
  expect([result?.capabilities, result?.instructions]).toEqual([
    client.getServerCapabilities(),
    client.getInstructions(),
  ]);
});

test.each(['tools/list', 'prompts/list', 'resources/templates/list'])('%s is the same', async (method) => {
  const raw = rawAgent(await connect());
  listOf(
    await expectSame(raw, method),
    method.split('/').at(-2)?.replace('templates', 'resourceTemplates') ?? '',
  );
});

describe('prompts', () => {
  test('each is the same, with and without its arguments', async () => {
    const stage = await connect();
    const raw = rawAgent(stage);
    const { callSid, paymentSid } = await start(stage);
    const prompts = listOf<{ name: string }>(await saidOld(raw, 'prompts/list', {}), 'prompts');
    let texts = 0;
    for (const { name } of prompts) {
      for (const args of [
        undefined,
        { callSid },
        { callSid, paymentSid },
        { callSid: 'mine' },
        { other: 'x' },
      ]) {
        const { result } = await expectSame(raw, 'prompts/get', { name, ...(args && { arguments: args }) });
        if (result) texts += 1;
      }
    }
    expect(texts).toBeGreaterThanOrEqual(prompts.length * 2);
    expect((await expectSame(raw, 'prompts/get', { name: 'Poem' })).error?.code).toBe(-32602);
  });
});

describe('resources', () => {
  test('each page of the list is the same, and so is each resource', async () => {
    const stage = await connect();
    const raw = rawAgent(stage);
    for (let i = 0; i < 55; i++) await start({ ...stage, call: stage.simulator.placeCall() }, {});
    let cursor: unknown;
    const uris: string[] = [];
    do {
      const page = await expectSame(raw, 'resources/list', cursor === undefined ? {} : { cursor });
      uris.push(...listOf<{ uri: string }>(page, 'resources').map(({ uri }) => uri));
      cursor = page.result?.nextCursor;
    } while (cursor !== undefined);
    expect(new Set(uris).size).toBe(55);
    for (const uri of uris.slice(0, 5)) {
      listOf(await expectSame(raw, 'resources/read', { uri }), 'contents');
    }
  });

  test('what is not there is refused in the same words', async () => {
    const raw = rawAgent(await connect());
    const call = `CA${'0'.repeat(32)}`;
    for (const uri of [
      `payment://${call}/PK${'0'.repeat(32)}/status`,
      `payment://${call}`,
      'file:///x',
      '表',
    ]) {
      const older = await saidOld(raw, 'resources/read', { uri });
      const newer = await saidNew(raw, 'resources/read', { uri });
      expect(older.error).toMatchObject({ code: -32002, data: { uri } });
      expect(newer.error).toEqual({ ...older.error, code: -32602 });
    }
    for (const cursor of ['', 'nonsense']) {
      expect((await expectSame(raw, 'resources/list', { cursor })).error?.code).toBe(-32602);
    }
  });
});

test('completions are the same', async () => {
  const stage = await connect();
  const raw = rawAgent(stage);
  const { callSid, paymentSid } = await start(stage);
  const prompt = { type: 'ref/prompt', name: 'CardNumber' };
  const resource = { type: 'ref/resource', uri: 'payment://{callSid}/{paymentSid}/status' };
  for (const ref of [prompt, resource]) {
    for (const [name, expected] of [
      ['callSid', callSid],
      ['paymentSid', paymentSid],
    ] as const) {
      const { result } = await expectSame(raw, 'completion/complete', { ref, argument: { name, value: '' } });
      expect(result).toMatchObject({ completion: { values: [expected] } });
      const none = { ref, argument: { name, value: 'nobody' } };
      expect((await expectSame(raw, 'completion/complete', none)).result).toMatchObject({
        completion: { values: [] },
      });
    }
  }
  const context = { arguments: { callSid: `CA${'0'.repeat(32)}` } };
  const other = { ref: resource, argument: { name: 'paymentSid', value: '' }, context };
  expect((await expectSame(raw, 'completion/complete', other)).result).toMatchObject({
    completion: { values: [] },
  });
  const unknown = { ref: prompt, argument: { name: 'cardNumber', value: '' } };
  expect((await expectSame(raw, 'completion/complete', unknown)).error?.code).toBe(-32602);
});

describe('tools', () => {
  /** A payment that one generation takes, on a call of its own. */
  interface Lane {
    callSid: string;
    paymentSid: string;
    call(name: string, args: Params): Promise<Body>;
  }

  /** What differs from payment to payment, and from second to second. */
  function withoutNames(body: Body, { callSid, paymentSid }: Lane): unknown {
    const text = JSON.stringify(body)
      .replaceAll(callSid, 'CALL')
      .replaceAll(paymentSid || 'no payment yet', 'PAYMENT')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replaceAll(/\bch_\w+/g, 'CHARGE');
    return JSON.parse(text);
  }

  function lanesOf(stage: Stage): [Lane, Lane] {
    const raw = rawAgent(stage);
    const lane = (say: typeof saidOld): Lane => ({
      callSid: stage.simulator.placeCall().sid,
      paymentSid: '',
      call: (name, args) => say(raw, 'tools/call', { name, arguments: args }),
    });
    return [lane(saidOld), lane(saidNew)];
  }

  /** Calls a tool in both lanes and expects the same of both. */
  async function both(lanes: [Lane, Lane], name: string, args?: (lane: Lane) => Params): Promise<Body> {
    const [old, modern] = lanes;
    const argsOf = args ?? (({ callSid, paymentSid }: Lane) => ({ callSid, paymentSid }));
    const first = await old.call(name, argsOf(old));
    const second = await modern.call(name, argsOf(modern));
    for (const [lane, { result }] of [
      [old, first],
      [modern, second],
    ] as const) {
      const { paymentSid } = (result?.structuredContent ?? {}) as { paymentSid?: string };
      if (paymentSid !== undefined) lane.paymentSid = paymentSid;
    }
    expect(withoutNames(second, modern)).toEqual(withoutNames(first, old));
    return first;
  }

  test('each gives the same at each step of a payment, and leads to the same charge', async () => {
    const stage = await connect();
    const { simulator } = stage;
    const lanes = lanesOf(stage);
    const called = new Set<string>();
    const step = async (name: string, args?: (lane: Lane) => Params) => {
      const { result } = await both(lanes, name, args);
      expect([name, result?.isError]).toEqual([name, undefined]);
      called.add(name);
      if (name !== 'getPaymentStatus') await look();
    };
    const look = async () => {
      await simulator.settled();
      await step('getPaymentStatus');
      const raw = rawAgent(stage);
      for (const { callSid, paymentSid } of lanes) {
        await expectSame(raw, 'resources/read', { uri: `payment://${callSid}/${paymentSid}/status` });
      }
    };
    const type = async (digits: string) => {
      for (const { callSid } of lanes) await simulator.caller(callSid).types(digits);
      await look();
    };

    const terms = { chargeAmount: 12.5, postalCode: true };
    await step('startPaymentCapture', ({ callSid }) => ({ callSid, ...terms }));
    await step('startPaymentCapture', ({ callSid }) => ({ callSid, ...terms }));
    await step('captureCardNumber');
    await type(VISA.slice(0, 6));
    await type(`${VISA.slice(6, -1)}1`);
    await step('captureCardNumber');
    await type(VISA);
    await step('captureSecurityCode');
    await type('123');
    await step('captureExpirationDate');
    await type('1230');
    await step('capturePostalCode');
    await type('94105#');
    await step('completePaymentCapture');
    await step('completePaymentCapture');

    await step('startPaymentCapture', ({ callSid }) => ({
      callSid,
      anotherPayment: true,
      tokenType: 'one-time',
      paymentMethod: 'ach-debit',
      parameter: { AVSName: 'A. Caller' },
    }));
    await step('captureBankRoutingNumber');
    await type('110000000');
    await step('captureBankAccountNumber');
    await type('000123456789#');
    await step('cancelPaymentCapture');

    const { tools } = bodyOf(await askOld(rawAgent(stage), 'tools/list')).result as {
      tools: { name: string }[];
    };
    expect([...called].sort()).toEqual(tools.map(({ name }) => name).sort());
    expect(simulator.charges.map(({ amount }) => amount)).toEqual(
      Array(2).fill(simulator.charges[0]?.amount),
    );
  });

  test('each fails in the same words', async () => {
    const stage = await connect();
    const lanes = lanesOf(stage);
    const { tools } = bodyOf(await askOld(rawAgent(stage), 'tools/list')).result as {
      tools: { name: string }[];
    };
    const fails = async (name: string, args?: (lane: Lane) => Params) => {
      const { result } = await both(lanes, name, args);
      expect([name, result?.isError]).toEqual([name, true]);
    };
    for (const { name } of tools) {
      await fails(name, () => ({}));
      await fails(name, ({ callSid }) => ({ callSid, cvv: '123' }));
      await fails(name, ({ callSid }) => ({ callSid, description: VISA }));
      if (name === 'startPaymentCapture') continue;
      await fails(name, ({ callSid }) => ({ callSid, paymentSid: `PK${'0'.repeat(32)}` }));
    }
    await fails('startPaymentCapture', () => ({ callSid: `CA${'0'.repeat(32)}` }));
    await fails('startPaymentCapture', ({ callSid }) => ({ callSid, chargeAmount: 1_000_000 }));
    await both(lanes, 'startPaymentCapture', ({ callSid }) => ({ callSid }));
    await fails('completePaymentCapture');
    await fails('startPaymentCapture', ({ callSid }) => ({ callSid, chargeAmount: 3 }));
    stage.simulator.faults.add({ route: 'payments.update', action: { status: 400, code: 64_000 } });
    await fails('captureCardNumber');
    const { error } = await both(lanes, 'chargeEverybody');
    expect(error?.code).toBe(-32602);
  });
});

test('credentials with fewer scopes see the same lists and are refused in the same words', async () => {
  const token = 'reader-token-of-the-desk';
  const stage = await connect({ variables: { MCP_TOKENS: `reader:r::${digestOf(token)}` } });
  const raw = rawAgent(stage);
  const authorization = `Bearer ${token}`;
  const lists = [
    bodyOf(await askOld(raw, 'tools/list', {}, { authorization })),
    bodyOf(await ask(raw, 'tools/list', {}, { headers: { authorization } })),
  ].map(({ result }) => result?.tools as { name: string }[]);
  expect(lists[1]).toEqual(lists[0]);
  expect(lists[0]?.map(({ name }) => name)).toEqual(['getPaymentStatus']);
  const params = { name: 'startPaymentCapture', arguments: { callSid: stage.call.sid } };
  const refusals = [
    await askOld(raw, 'tools/call', params, { authorization }),
    await ask(raw, 'tools/call', params, { headers: { authorization } }),
  ];
  expect(refusals[1]).toMatchObject({ status: 403, json: refusals[0]?.json });
  expect(refusals[1]?.headers.get('www-authenticate')).toBe(refusals[0]?.headers.get('www-authenticate'));
});
