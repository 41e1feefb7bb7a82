/** A credential sees and touches the payments that it started. To anybody else a payment does not exist. */
import { describe, expect, test } from 'vitest';
import { ask, askOld } from '../generations/requests.ts';
import { type ClientsStage, connectClients, headersOf } from '../host/clients.ts';
import type { Setup, Stage } from '../host/connect.ts';
import { PROMPTS, TOOLS } from '../host/contract.ts';
import { passTime } from '../host/go-on.ts';
import { arriveLate } from '../host/late-request.ts';
import { captureAll, type Sids, settledStatus, start, statusOf } from '../host/payment.ts';
import { type RawAgent, rawAgent } from '../host/raw.ts';
import { documentOf, sync } from '../host/twilio-side.ts';

const TERMS = { chargeAmount: 12.5, description: 'Invoice of the till' };
const UNKNOWN = `PK${'0'.repeat(32)}`;

/** The till takes a payment; the desk has all rights but over those of others; a supervisor has that too. */
function connectAll(setup?: Setup): Promise<ClientsStage<'till' | 'desk' | 'supervisor'>> {
  return connectClients({ till: 'rwc', desk: 'rwc', supervisor: 'rwca' }, setup);
}
type All = Awaited<ReturnType<typeof connectAll>>;

const ofTill = (stage: All): Stage => ({ ...stage, agent: stage.till });

/** How far the till's payment has come. */
const PHASES: Record<string, (stage: All) => Promise<Sids>> = {
  started: (stage) => start(ofTill(stage), TERMS),
  ready: async (stage) => {
    const sids = await start(ofTill(stage), TERMS);
    await captureAll(ofTill(stage), sids);
    return sids;
  },
  paid: async (stage) => {
    const sids = await PHASES.ready?.(stage);
    if (!sids) throw new Error('There is no such phase');
    await stage.till.call('completePaymentCapture', sids);
    await settledStatus(ofTill(stage), sids);
    return sids;
  },
  canceled: async (stage) => {
    const sids = await start(ofTill(stage), TERMS);
    await stage.till.call('cancelPaymentCapture', sids);
    await settledStatus(ofTill(stage), sids);
    return sids;
  },
};

type Request = [method: string, params: Record<string, unknown>];

/** Everything that can be asked about a payment whose SIDs are guessed. */
function guesses({ callSid, paymentSid }: Sids): Request[] {
  const sids = { callSid, paymentSid };
  const uri = `payment://${callSid}/${paymentSid}/status`;
  return [
    ...TOOLS.slice(1).map((name): Request => ['tools/call', { name, arguments: sids }]),
    ['tools/call', { name: 'getPaymentStatus', arguments: { ...sids, waitSeconds: 0.01 } }],
    [
      'tools/call',
      {
        name: 'completePaymentCapture',
        arguments: { ...sids, chargeAmount: 12.5, currency: 'USD', lastFour: '4242' },
      },
    ],
    ['tools/call', { name: 'captureCardNumber', arguments: { ...sids, captureType: 'payment-card-number' } }],
    // With what would be said beside an answer, and what only a payment that is there could be compared with.
    [
      'tools/call',
      {
        name: 'getPaymentStatus',
        arguments: { ...sids, waitSeconds: 0.01, sinceRevision: 1 },
        _meta: { progressToken: 'p' },
      },
    ],
    [
      'tools/call',
      {
        name: 'completePaymentCapture',
        arguments: sids,
        requestState: 'guessed',
        inputResponses: { confirm: { action: 'accept', content: { confirm: true } } },
      },
    ],
    ['tools/call', { name: 'completePaymentCapture', arguments: { ...sids, chargeAmount: 99 } }],
    ['tools/call', { name: 'captureSecurityCode', arguments: { ...sids, unknown: 1 } }],
    ...PROMPTS.map((name): Request => ['prompts/get', { name, arguments: sids }]),
    ['resources/read', { uri }],
    ['resources/read', { uri: uri.replace('CA', 'ca') }],
    ['resources/read', { uri: `${uri}/` }],
    ['resources/read', { uri: uri.replace('/status', '') }],
    ['resources/subscribe', { uri }],
    ['resources/unsubscribe', { uri }],
    ...PROMPTS.map(
      (name): Request => [
        'completion/complete',
        {
          ref: { type: 'ref/prompt', name },
          argument: { name: 'paymentSid', value: paymentSid },
          context: { arguments: { callSid } },
        },
      ],
    ),
  ];
}

/** Everything that lists payments, or could. */
function lists({ callSid }: Sids): Request[] {
  const prompt = { type: 'ref/prompt', name: 'CardNumber' };
  const resource = { type: 'ref/resource', uri: 'payment://{callSid}/{paymentSid}/status' };
  const completions = [prompt, resource].flatMap((ref): Request[] => [
    ['completion/complete', { ref, argument: { name: 'callSid', value: '' } }],
    ['completion/complete', { ref, argument: { name: 'paymentSid', value: 'PK' } }],
    [
      'completion/complete',
      { ref, argument: { name: 'paymentSid', value: '' }, context: { arguments: { callSid } } },
    ],
  ]);
  return [
    ...completions,
    ['resources/list', {}],
    ['resources/templates/list', {}],
    ['tools/list', {}],
    ['prompts/list', {}],
    ['resources/read', { uri: 'payment://live' }],
    ['resources/read', { uri: 'payment://calls' }],
  ];
}

type Speak = (raw: RawAgent, client: string, request: Request) => Promise<string>;

/** Both generations, each with all that it may say beside an answer. */
const GENERATIONS: [string, Speak][] = [
  [
    '2025-11-25',
    async (raw, client, [method, params]) => (await askOld(raw, method, params, credentialOf(client))).text,
  ],
  [
    '2026-07-28',
    async (raw, client, [method, params]) => {
      const meta = { logLevel: 'debug' };
      return (await ask(raw, method, params, { headers: credentialOf(client), meta })).text;
    },
  ],
];

function credentialOf(client: string): Record<string, string> {
  const { Authorization: authorization } = headersOf(client);
  return { authorization, accept: 'application/json, text/event-stream' };
}

/** What every other answer looks like, whatever is asked about. */
function withoutSid(text: string, { paymentSid }: Sids): string {
  return text.replaceAll(paymentSid, UNKNOWN);
}

describe.each(GENERATIONS)('in revision %s', (_, speak) => {
  test.each(Object.keys(PHASES))(
    'a guess tells nobody that there is a payment, %s, of another client',
    async (phase) => {
      const stage = await connectAll();
      const raw = rawAgent(stage);
      const sids = (await PHASES[phase]?.(stage)) as Sids;
      const nobodys = { ...sids, paymentSid: UNKNOWN };
      const before = documentOf(stage, sids.paymentSid);
      const requests = stage.simulator.requests.length;
      const unknown = guesses(nobodys);
      for (const [i, guess] of guesses(sids).entries()) {
        const answer = withoutSid(await speak(raw, 'desk', guess), sids);
        expect(answer).toBe(await speak(raw, 'desk', unknown[i] as Request));
        expect(answer).not.toMatch(/"till"|Invoice of|12\.5|4242/);
      }
      await stage.simulator.settled();
      // Nothing was done to it, either.
      expect(documentOf(stage, sids.paymentSid)).toEqual(before);
      const routes = stage.simulator.requests.slice(requests).map(({ route }) => route);
      // The completions of prompts list; all else reads one document.
      expect(new Set(routes)).toEqual(new Set(['documents.fetch', 'documents.list']));
    },
  );

  test.each(Object.keys(PHASES))('no list holds a payment, %s, of another client', async (phase) => {
    const stage = await connectAll();
    const raw = rawAgent(stage);
    const sids = (await PHASES[phase]?.(stage)) as Sids;
    const mine = await start({ ...stage, agent: stage.desk, call: stage.simulator.placeCall() }, TERMS);
    for (const list of lists(sids)) {
      const seen = await speak(raw, 'desk', list);
      for (const secret of [sids.paymentSid, '"till"']) expect(seen).not.toContain(secret);
    }
    const found = async (client: string) =>
      (await Promise.all(lists(sids).map((list) => speak(raw, client, list)))).join('\n');
    expect(await found('desk')).toContain(mine.paymentSid);
    const ofSupervisor = await found('supervisor');
    expect(ofSupervisor).toContain(sids.paymentSid);
    expect(ofSupervisor).toContain(mine.paymentSid);
  });

  test('its own client and a supervisor are told of it by all of these', async () => {
    const stage = await connectAll();
    const raw = rawAgent(stage);
    const sids = await start(ofTill(stage), TERMS);
    const reads = guesses(sids).filter(
      ([method, { name }]) => method === 'prompts/get' || name === 'getPaymentStatus',
    );
    for (const client of ['till', 'supervisor']) {
      for (const read of reads) expect(await speak(raw, client, read)).toMatch(/12\.5/);
      expect(await speak(raw, client, ['resources/read', { uri: uriOf(sids) }])).toContain('Invoice of');
    }
  });
});

function uriOf({ callSid, paymentSid }: Sids): string {
  return `payment://${callSid}/${paymentSid}/status`;
}

describe('a start on the call of a payment of another client', () => {
  const starts = [TERMS, { chargeAmount: 7 }, { ...TERMS, anotherPayment: true }];

  test.each(['started', 'ready', 'paid', 'unknown'])(
    '%s: is refused in the same words, and charges nothing',
    async (phase) => {
      const stage = await connectAll();
      const sids = await (PHASES[phase] ?? unknownOutcome)(stage);
      const charges = stage.simulator.charges.length;
      const answers = new Set<string>();
      for (const terms of starts) {
        const args = { callSid: sids.callSid, ...terms };
        answers.add(await stage.desk.fail('startPaymentCapture', args));
      }
      expect([...answers]).toEqual([
        "CALL_BUSY: The call is not free for a payment of yours: it has, or had, one of another client's. Hand over to a person who may see all payments.\nsay: I can't finish this myself. Let me get a colleague to help you.\nnextStep: done",
      ]);
      expect(stage.simulator.payments()).toHaveLength(1);
      expect(stage.simulator.charges).toHaveLength(charges);
    },
  );

  test('that was canceled: goes through, and either sees its own', async () => {
    const stage = await connectAll();
    const first = await (PHASES.canceled as (stage: All) => Promise<Sids>)(stage);
    const second = await start({ ...stage, agent: stage.desk }, TERMS);
    expect(second.paymentSid).not.toBe(first.paymentSid);
    expect(await stage.till.fail('getPaymentStatus', second)).toMatch(/^PAYMENT_NOT_FOUND: /);
    expect(await stage.desk.fail('getPaymentStatus', first)).toMatch(/^PAYMENT_NOT_FOUND: /);
  });

  test('a supervisor is told what there is', async () => {
    const stage = await connectAll();
    const sids = await (PHASES.paid as (stage: All) => Promise<Sids>)(stage);
    const args = { callSid: sids.callSid, chargeAmount: 7 };
    expect(await stage.supervisor.fail('startPaymentCapture', args)).toContain(
      `ALREADY_PAID: It was ${sids.paymentSid}.`,
    );
    await stage.supervisor.call('startPaymentCapture', { ...args, anotherPayment: true });
  });

  test('whose documents have expired: its own client may pay again, and nobody else may', async () => {
    const stage = await connectAll();
    const sids = await (PHASES.paid as (stage: All) => Promise<Sids>)(stage);
    await sync(stage, 'DELETE', `/payment-${sids.paymentSid}`);
    const args = { callSid: sids.callSid, ...TERMS };
    expect(await stage.desk.fail('startPaymentCapture', { ...args, anotherPayment: true })).toMatch(
      /^CALL_BUSY: /,
    );
    expect(await stage.till.fail('startPaymentCapture', args)).toMatch(/^MAY_BE_CHARGED: /);
    await stage.till.call('startPaymentCapture', { ...args, anotherPayment: true });
  });

  test('that was lost on the way stays that of who began it', async () => {
    const stage = await connectAll({ switches: { idempotencyReplay: 'replay' } });
    const { simulator, till, desk, call } = stage;
    const args = { callSid: call.sid, ...TERMS };
    simulator.faults.add({ route: 'payments.create', times: 1, action: 'lost' });
    await till.fail('startPaymentCapture', args);
    await simulator.settled();
    expect(await desk.fail('startPaymentCapture', args)).toMatch(/^CALL_BUSY: /);
    const { paymentSid } = await till.call('startPaymentCapture', args);
    expect(simulator.payments().map(({ sid }) => sid)).toEqual([paymentSid]);
    expect(await desk.fail('getPaymentStatus', { callSid: call.sid, paymentSid })).toMatch(
      /^PAYMENT_NOT_FOUND: /,
    );
  });

  test('that was lost before its callback came leads nobody else to its payment', async () => {
    const stage = await connectAll({ switches: { idempotencyReplay: 'replay' } });
    const { simulator, till, desk, call } = stage;
    const args = { callSid: call.sid, ...TERMS };
    simulator.faults.add({ route: 'payments.create', times: 1, action: 'lost' });
    simulator.delivery.hold();
    await till.fail('startPaymentCapture', args);
    expect(await desk.fail('startPaymentCapture', args)).toMatch(/^CALL_BUSY: /);
    await simulator.delivery.release();
    const { paymentSid } = await till.call('startPaymentCapture', args);
    expect(simulator.payments().map(({ sid }) => sid)).toEqual([paymentSid]);
  });
});

describe('of a payment of another client on the call nobody is told', () => {
  test('when it lives on at Twilio after its cancel, and is in the way of a start', async () => {
    const stage = await connectAll();
    const { simulator, till, desk } = stage;
    const sids = await start(ofTill(stage), TERMS);
    simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 404, code: 20404 } });
    await till.call('cancelPaymentCapture', sids);
    const text = await desk.fail('startPaymentCapture', { callSid: sids.callSid, ...TERMS });
    expect(text).toMatch(/^CALL_BUSY: /);
    expect(text).not.toContain(sids.paymentSid);
  });

  test('when it was charged, and keeps a completion back', async () => {
    const stage = await connectAll();
    const { simulator, desk, call } = stage;
    simulator.faults.add({ route: 'payments.create', times: 1, action: 'reset' });
    await desk.fail('startPaymentCapture', { callSid: call.sid, chargeAmount: 20 });
    const lost = simulator.requests.find(({ route }) => route === 'payments.create');
    if (!lost) throw new Error('Nothing was lost');
    passTime(10_000);
    const paid = await (PHASES.paid as (stage: All) => Promise<Sids>)(stage);
    expect(await arriveLate(stage, lost)).toBe(201);
    const late = simulator.payments().find(({ chargeAmount }) => chargeAmount === '20');
    const sids = { callSid: call.sid, paymentSid: late?.sid ?? '' };
    await captureAll({ ...stage, agent: desk }, sids);
    const text = await desk.fail('completePaymentCapture', sids);
    expect(text).toMatch(/^CALL_BUSY: /);
    expect(text).not.toContain(paid.paymentSid);
    expect(simulator.charges).toHaveLength(1);
  });

  test('when it finds what a start of the other one led to', async () => {
    const stage = await connectAll();
    const { till, desk, simulator, call } = stage;
    simulator.delivery.hold();
    simulator.faults.add({ route: 'payments.create', times: 1, action: 'lost' });
    await till.fail('startPaymentCapture', { callSid: call.sid, ...TERMS });
    passTime(10_000);
    expect(await desk.fail('startPaymentCapture', { callSid: call.sid, chargeAmount: 3 })).toMatch(
      /^CALL_BUSY: /,
    );
    const [paymentSid = ''] = simulator.payments().map(({ sid }) => sid);
    expect(documentOf(stage, paymentSid).data).toMatchObject({
      startedBy: 'till',
      audit: [{ client: 'till', action: 'start' }],
    });
  });

  test('when it was declined before', async () => {
    const stage = await connectAll({ switches: { processorOutcome: 'decline' } });
    const declined = async (agent: All['till']) => {
      const own = { ...stage, agent };
      const sids = await start(own, TERMS);
      await captureAll(own, sids);
      await agent.call('completePaymentCapture', sids);
      return (await settledStatus(own, sids)).why;
    };
    const first = await declined(stage.till);
    expect(await declined(stage.desk)).toBe(first);
    expect(await declined(stage.till)).toMatch(/Another payment was declined before/);
  });
});

/** A payment of which nobody knows whether it was charged: the call ended in the middle of it. */
async function unknownOutcome(stage: All): Promise<Sids> {
  const sids = await (PHASES.ready as (stage: All) => Promise<Sids>)(stage);
  stage.simulator.faults.add({ route: 'payments.update', times: 1, action: 'timeout' });
  await stage.till.fail('completePaymentCapture', sids);
  return sids;
}

describe('whose a payment is, the name of the credential says:', () => {
  test('a new token of the same name goes on with it', async () => {
    const stage = await connectClients({ till: 'rwc' });
    const sids = await start({ ...stage, agent: stage.till }, TERMS);
    const { MCP_TOKENS = '' } = stage.variables;
    const { digestOf } = await import('../../../functions/runtime/bearer-tokens.ts');
    stage.variables.MCP_TOKENS = `till:rwc::${digestOf('the-new-token')}`;
    expect(stage.variables.MCP_TOKENS).not.toBe(MCP_TOKENS);
    const again = await stage.connectAgent({ Authorization: 'Bearer the-new-token' });
    expect(await statusOf(again, sids)).toMatchObject({ phase: 'started', nextStep: 'captureCardNumber' });
    await again.call('captureCardNumber', sids);
  });

  test('a document of the release before tells it in its history, and without one a supervisor alone sees it', async () => {
    const stage = await connectAll();
    const sids = await start(ofTill(stage), TERMS);
    const change = async (alter: (data: Record<string, unknown>) => void) => {
      const data = structuredClone(documentOf(stage, sids.paymentSid).data) as Record<string, unknown>;
      alter(data);
      await sync(stage, 'POST', `/payment-${sids.paymentSid}`, { Data: JSON.stringify(data) });
    };
    await change((data) => delete data.startedBy);
    expect(await statusOf(stage.till, sids)).toMatchObject({ phase: 'started' });
    expect(await stage.desk.fail('getPaymentStatus', sids)).toMatch(/^PAYMENT_NOT_FOUND: /);
    await change((data) => {
      data.audit = [];
    });
    expect(await stage.till.fail('getPaymentStatus', sids)).toMatch(/^PAYMENT_NOT_FOUND: /);
    expect(await statusOf(stage.supervisor, sids)).toMatchObject({ phase: 'started' });
    await stage.supervisor.call('cancelPaymentCapture', sids);
  });
});
