import { beforeEach, describe, expect, test } from 'vitest';
import type { RecordedCallback, Switches } from '../../simulator/index.ts';
import { Random } from '../../simulator/random.ts';
import { connect, type Stage, VISA } from '../host/connect.ts';
import { forget } from '../host/forget.ts';
import { endState, goOn, passTime, persist } from '../host/go-on.ts';
import { hurry } from '../host/hurry.ts';
import { captureAll, type Sids, STEPS, settledStatus, start, statusOf } from '../host/payment.ts';
import { documentOf, postCallback, sync } from '../host/twilio-side.ts';

beforeEach(hurry);

/** A payment with two wrong entries and a card that is asked for again; `typed` follows each step of the caller. */
async function takeLongPayment(stage: Stage, typed: () => Promise<unknown>): Promise<Sids> {
  const { agent, caller } = stage;
  const sids = await start(stage);
  const entries = [
    ['captureCardNumber', '4242424242424241'],
    ['captureCardNumber', VISA],
    ['captureSecurityCode', ''],
    ['captureSecurityCode', '123'],
    ['captureExpirationDate', '1230'],
    ['captureCardNumber', VISA],
  ] as const;
  for (const [tool, digits] of entries) {
    await agent.call(tool, sids);
    await (digits ? caller.types(digits) : caller.typesNothing());
    await typed();
  }
  await agent.call('completePaymentCapture', sids);
  return sids;
}

const SUCCESS = {
  phase: 'completed',
  result: 'success',
  paymentCardNumber: 'xxxxxxxxxxxx4242',
  paymentCardType: 'visa',
  securityCode: 'xxx',
  expirationDate: '1230',
  required: [],
  lastError: '',
  nextStep: 'done',
};

function writesOf({ simulator }: Stage): number {
  return simulator.requests.filter(
    ({ route }) => route === 'documents.update' || route === 'documents.create',
  ).length;
}

function lostOf({ simulator }: Stage): readonly RecordedCallback[] {
  return simulator.callbacks.filter(({ lost }) => lost);
}

let inOrder: Promise<Record<string, unknown>> | undefined;

/** What the long payment comes to when nothing misbehaves. */
function expectedState(): Promise<Record<string, unknown>> {
  inOrder ??= connect().then(async (stage) =>
    endState(stage, await takeLongPayment(stage, () => stage.simulator.settled())),
  );
  return inOrder;
}

test.each(Array.from({ length: 8 }, (_, i) => i + 1))(
  'any order and any repeats of a payment’s callbacks lead to the same status (seed %d)',
  async (seed) => {
    const expected = await expectedState();
    expect(expected).toMatchObject(SUCCESS);
    const stage = await connect();
    const { delivery, charges, settled } = stage.simulator;
    const random = new Random(seed);
    delivery.hold();
    let seen = 0;
    const sids = await takeLongPayment(stage, async () => {
      // What decides the step comes first or somewhere in the middle, and most of the rest only after the result.
      const fresh = delivery.held.slice(seen);
      seen = delivery.held.length;
      const early = fresh.filter((_, i) => i === fresh.length - 1 || random.chance(0.2));
      for (const callback of random.shuffle(early)) expect(await postCallback(stage, callback)).toBe(200);
    });
    await settled();
    const [created = 0, ...others] = delivery.held.map((_, i) => i);
    const repeated = others.filter(() => random.chance(0.5));
    await delivery.release({ order: [...random.shuffle([...others, ...repeated]), created] });

    const paymentConfirmationCode = charges[0]?.confirmationCode;
    expect(await endState(stage, sids)).toEqual({ ...expected, paymentConfirmationCode });
    expect(charges).toHaveLength(1);
    expect(lostOf(stage)).toEqual([]);
  },
);

const SPREAD: Partial<Switches>[] = [
  { donePartialResult: 'missing', requiredNames: 'camel' },
  { donePartialResult: 'empty', requiredPresent: false },
  { donePartialResult: 'missing', requiredPresent: false, earlierFieldsInCallbacks: false },
  { cardMask: 'dashed', securityMask: 'stars', finalFields: 'full' },
  { errorCarriesPartialResult: true, errorCarriesRequired: false, updateEcho: false },
  { errorCarriesPartialResult: true, requiredPresent: false },
  { errorCarriesRequired: false, donePartialResult: 'empty', requiredNames: 'camel' },
  { callbackCallSid: 'leg', callbacksBeforeAnswer: true },
  { extraParameters: true, finalFields: 'full', partialCardType: true },
  { updateEcho: false, requiredPresent: false },
  { expirationInCallbacks: false, finalFields: 'full' },
  { expirationInCallbacks: false, earlierFieldsInCallbacks: false, updateEcho: false },
  { earlierFieldsInCallbacks: false, requiredNames: 'camel', cardMask: 'dashed' },
  { callbacksBeforeAnswer: true, donePartialResult: 'missing', updateEcho: false },
  { missingDocumentCode: 54100, extraParameters: true },
  { sidShapedNames: 'refused', syncRateLimits: true },
  { numericCodes: 'luhn', finalFields: 'full', callbacksBeforeAnswer: true },
  { captureWhileCapturing: 'refused', paymentErrorStatus: 409, idempotencyReplay: 'ignored' },
  { completeAfterFailure: 'allowed', sessionInProgress: 'both', idempotencyReplay: 'refused' },
];

test.each(
  SPREAD.map((switches, i) => ({
    mode: i % 2 === 0 ? ('shuffled' as const) : ('ordered' as const),
    switches,
    name: JSON.stringify(switches),
  })),
)('a payment with wrong entries ends right ($mode, $name)', async ({ mode, switches }) => {
  const stage = await connect({ switches });
  const { simulator } = stage;
  const legs = simulator.placeCallWithAgentLeg({ caller: 'child' });
  const onLeg = { ...stage, call: legs.caller, caller: simulator.caller(legs.caller.sid) };
  Object.assign(simulator.delivery, { mode, seed: 7, duplicates: 0.2 });
  const sids = await takeLongPayment(onLeg, () => simulator.settled());

  expect(await endState(onLeg, sids)).toMatchObject({
    ...SUCCESS,
    paymentCardNumber: switches.cardMask === 'dashed' ? 'xxxx-xxxx-xxxx-4242' : 'xxxxxxxxxxxx4242',
    securityCode: switches.securityMask === 'stars' ? '***' : 'xxx',
    expirationDate: switches.expirationInCallbacks === false ? '' : '1230',
    paymentConfirmationCode: simulator.charges[0]?.confirmationCode,
  });
  expect(simulator.charges).toHaveLength(1);
  expect(simulator.unknownRequests).toEqual([]);
  expect(lostOf(stage)).toEqual([]);
  expect(stage.everythingWritten()).not.toContain(VISA);
});

test.each([1, 2, 3, 4])(
  'callbacks at the same moment are all stored, although Sync answers some with 412 and 429 (seed %d)',
  async (seed) => {
    const stage = await connect({ eachDigit: true });
    const { simulator, agent, caller } = stage;
    simulator.delivery.mode = 'concurrent';
    const sids = await start(stage);
    simulator.faults.random({
      routes: ['documents.fetch', 'documents.create', 'documents.update'],
      rate: 0.15,
      actions: [
        { status: 412, code: 54103 },
        { status: 429, code: 54009 },
      ],
      seed,
    });
    await persist(agent, 'captureCardNumber', sids);
    const before = simulator.callbacks.length;
    await caller.types(VISA);
    expect(simulator.callbacks.length - before).toBeGreaterThan(16);
    await simulator.settled();
    expect(await goOn(stage, sids)).toMatchObject(SUCCESS);
    expect(lostOf(stage)).toEqual([]);
    expect(simulator.charges).toHaveLength(1);
    expect(simulator.requests.filter(({ status }) => status === 412).length).toBeGreaterThan(2);
  },
);

test('all callbacks of a payment at one moment, before there is a document, teach all that they have to say', async () => {
  const stage = await connect({ eachDigit: true });
  const { simulator } = stage;
  const sids = await takeLongPayment(stage, () => simulator.settled());
  await simulator.settled();
  const { fields, seen, outcome, paymentMethod } = documentOf(stage, sids.paymentSid).data;
  await sync(stage, 'DELETE', `/payment-${sids.paymentSid}`);
  expect(simulator.callbacks.length).toBeGreaterThan(60);
  const answers = await Promise.all(simulator.callbacks.map((callback) => postCallback(stage, callback)));
  expect(new Set(answers)).toEqual(new Set([200]));
  expect(documentOf(stage, sids.paymentSid).data).toMatchObject({ fields, seen, outcome, paymentMethod });
});

/** The StatusCallback URL of the payment's latest request, to which Twilio posts what it has not posted yet. */
function latestUrl({ simulator }: Stage): string {
  return simulator.payments().at(-1)?.statusCallback ?? '';
}

test('late callbacks of an older command change nothing', async () => {
  const stage = await connect();
  const { agent, caller, simulator } = stage;
  const sids = await start(stage);
  await simulator.settled();
  simulator.delivery.hold();
  await agent.call('captureCardNumber', sids);
  await caller.types(VISA);
  const older = [...simulator.delivery.held];
  for (const callback of older.slice(0, 3)) await postCallback(stage, callback);
  await agent.call('captureCardNumber', sids);
  await caller.types('5555555555554444');
  for (const callback of simulator.delivery.held.slice(older.length)) await postCallback(stage, callback);
  const before = await endState(stage, sids);
  expect(before).toMatchObject({ paymentCardNumber: 'xxxxxxxxxxxx4444', paymentCardType: 'mastercard' });
  const writes = writesOf(stage);
  for (const callback of older) expect(await postCallback(stage, callback)).toBe(200);
  expect(await endState(stage, sids)).toEqual(before);
  expect(writesOf(stage)).toBe(writes);
});

test('a late final value of another field that came under a newer command counts', async () => {
  const stage = await connect();
  const { agent, caller, simulator } = stage;
  const sids = await start(stage);
  await agent.call('captureExpirationDate', sids);
  await simulator.settled();
  simulator.delivery.hold();
  await caller.types('1230');
  const crossing = [...simulator.delivery.held];
  await agent.call('captureCardNumber', sids);
  await caller.types('42');
  await simulator.delivery.release({ order: [simulator.delivery.held.length - 1] });
  for (const { params } of crossing) await postCallback(stage, { url: latestUrl(stage), params });
  expect(await statusOf(agent, sids)).toMatchObject({
    expirationDate: '1230',
    capturing: 'payment-card-number',
    paymentCardNumber: 'xx',
    required: ['payment-card-number', 'security-code'],
    nextStep: 'wait',
  });
  await caller.types(VISA.slice(2));
  expect(await goOn(stage, sids)).toMatchObject(SUCCESS);
});

test.each([
  ['a digit', { PartialResult: 'true', PaymentCardNumber: 'xxxxx' }],
  ['an error', { ErrorType: 'invalid-card-number' }],
] as const)(
  '%s of a replaced capture that comes under the newer command does not hold the payment up',
  async (_, late) => {
    const stage = await connect();
    const { agent, caller, simulator } = stage;
    const sids = await start(stage);
    await agent.call('captureCardNumber', sids);
    await caller.types(VISA.slice(0, 4));
    await agent.call('captureExpirationDate', sids);
    const { AccountSid = '', CallSid = '', Sid = '' } = simulator.callbacks[0]?.params ?? {};
    const params = { AccountSid, CallSid, Sid, Capture: 'payment-card-number', ...late };
    const url = latestUrl(stage);
    await postCallback(stage, { url, params });
    expect(await statusOf(agent, sids)).toMatchObject({
      capturing: 'expiration-date',
      nextStep: 'askCaller',
    });
    await caller.types('1230');
    expect(await settledStatus(stage, sids)).toMatchObject({
      expirationDate: '1230',
      nextStep: 'captureCardNumber',
    });
    expect(await goOn(stage, sids)).toMatchObject(SUCCESS);
  },
);

test.each(['replaces', 'refused'] as const)(
  'a running capture may be replaced by one of another field (%s)',
  async (captureWhileCapturing) => {
    const stage = await connect({ switches: { captureWhileCapturing } });
    const { agent, caller, simulator } = stage;
    const sids = await start(stage);
    await agent.call('captureCardNumber', sids);
    await caller.types(VISA.slice(0, 5));
    if (captureWhileCapturing === 'replaces') {
      await agent.call('captureExpirationDate', sids);
      await caller.types('1230');
      expect(await settledStatus(stage, sids)).toMatchObject({
        expirationDate: '1230',
        required: ['payment-card-number', 'security-code'],
        nextStep: 'captureCardNumber',
      });
    } else {
      expect(await agent.fail('captureExpirationDate', sids)).toMatch(/^TWILIO_REFUSED: .*64021/s);
      await caller.types(VISA.slice(5));
      expect(await settledStatus(stage, sids)).toMatchObject({ paymentCardNumber: 'xxxxxxxxxxxx4242' });
    }
    expect(await goOn(stage, sids)).toMatchObject(SUCCESS);
    expect(simulator.charges).toHaveLength(1);
  },
);

test('asking again for a field is a capture of its own, also if nothing was heard of the one before', async () => {
  const stage = await connect();
  const { agent, caller, simulator } = stage;
  const sids = await start(stage);
  const keys = () =>
    simulator.requests
      .filter(({ route }) => route === 'payments.update')
      .map(({ params }) => params.IdempotencyKey);
  await agent.call('captureCardNumber', sids);
  await simulator.settled();
  await agent.call('captureCardNumber', sids);
  await caller.types('4');
  await agent.call('captureCardNumber', sids);
  expect(new Set(keys()).size).toBe(3);
  expect(await goOn(stage, sids)).toMatchObject(SUCCESS);
});

test('two captures at the same moment leave the newer one listening and none forgotten', async () => {
  const stage = await connect();
  const { agent, simulator } = stage;
  const sids = await start(stage);
  await Promise.all([agent.call('captureCardNumber', sids), agent.call('captureExpirationDate', sids)]);
  const { capturing } = await settledStatus(stage, sids);
  expect(capturing).toBe(simulator.payments()[0]?.listeningFor);
  expect(await goOn(stage, sids)).toMatchObject(SUCCESS);
});

/** Retries end after 15 s: a longer outage loses callbacks for good. */
describe('callbacks that never arrive do not leave a payment stuck', () => {
  test.each([
    ['of all digits', () => true, VISA],
    ['of the accepted entry', ({ params }: RecordedCallback) => params.PartialResult !== 'true', VISA],
    ['of the refused entry', ({ params }: RecordedCallback) => 'ErrorType' in params, '4242424242424241'],
    ['of the pause', () => true, ''],
  ])('%s', async (_, isLost, digits) => {
    const stage = await connect();
    const { agent, caller, simulator } = stage;
    const sids = await start(stage);
    await agent.call('captureCardNumber', sids);
    await simulator.settled();
    const works = simulator.delivery.drop(isLost);
    await (digits ? caller.types(digits) : caller.typesNothing());
    works();
    expect(await settledStatus(stage, sids)).toMatchObject({ capturing: 'payment-card-number' });
    passTime(60_000);
    expect(await statusOf(agent, sids)).toMatchObject({
      nextStep: 'captureCardNumber',
      why: expect.stringMatching(/[Nn]othing .*heard/),
    });
    expect(await goOn(stage, sids)).toMatchObject(SUCCESS);
    expect(simulator.charges).toHaveLength(1);
  });

  test.each(['replay', 'ignored', 'refused'] as const)(
    'of the cancel (idempotency keys: %s)',
    async (idempotencyReplay) => {
      const stage = await connect({ switches: { idempotencyReplay } });
      const { agent, simulator } = stage;
      const sids = await start(stage);
      await simulator.settled();
      simulator.delivery.drop(({ paymentSid }) => paymentSid === sids.paymentSid);
      await agent.call('cancelPaymentCapture', sids);
      expect(await statusOf(agent, sids)).toMatchObject({ nextStep: 'wait' });
      passTime(60_000);
      expect(await statusOf(agent, sids)).toMatchObject({ nextStep: 'cancelPaymentCapture' });
      expect(await goOn(stage, sids)).toMatchObject({ phase: 'canceled' });
      const again = await start(stage);
      expect(again.paymentSid).not.toBe(sids.paymentSid);
      expect(await goOn(stage, again)).toMatchObject(SUCCESS);
    },
  );

  test.each(['replay', 'ignored'] as const)(
    'of the star key that ended it (idempotency keys: %s)',
    async (idempotencyReplay) => {
      const stage = await connect({ switches: { idempotencyReplay } });
      const { agent, caller, simulator } = stage;
      const sids = await start(stage);
      await agent.call('captureCardNumber', sids);
      await simulator.settled();
      const works = simulator.delivery.drop(() => true);
      await caller.pressesStar();
      works();
      passTime(60_000);
      const { nextStep } = await statusOf(agent, sids);
      expect(await agent.fail(String(nextStep), sids)).toMatch(
        /^TWILIO_REFUSED: .*cancel this payment and start.*64021/s,
      );
      // Twilio says that it has ended or is busy: only that it goes on saying so makes an end of it.
      expect(await agent.call('cancelPaymentCapture', sids)).toMatchObject({ nextStep: 'wait' });
      passTime(10_000);
      expect(await statusOf(agent, sids)).toMatchObject({ nextStep: 'cancelPaymentCapture' });
      expect(await agent.call('cancelPaymentCapture', sids)).toMatchObject({ phase: 'canceled' });
      expect(await goOn(stage, await start(stage))).toMatchObject(SUCCESS);
    },
  );
});

describe('what can’t be stored', () => {
  test.each([
    ['Sync answers 503', { status: 503 }, 5],
    ['Sync breaks every connection', 'reset', 5],
    ['Sync does the work and breaks the connection', 'lost', 5],
    ['Sync does not take the credentials', { status: 401, code: 20003 }, 2],
  ] as const)('is answered 503, comes again and ends stored: %s', async (_, action, times) => {
    const stage = await connect();
    const { agent, caller, simulator } = stage;
    const sids = await start(stage);
    await agent.call('captureCardNumber', sids);
    await simulator.settled();
    expect(simulator.payments()[0]?.statusCallback).toMatch(
      /^[^#]+\?call=CA\w{32}&command=1[^#]*#rc=5&rp=all$/,
    );
    forget();
    simulator.faults.add({ route: 'documents.fetch', times, action });
    await caller.types('4');
    await simulator.settled();
    const callback = simulator.callbacks.at(-1);
    expect(callback?.statuses.slice(0, -1)).not.toEqual([]);
    expect(new Set(callback?.statuses.slice(0, -1))).toEqual(new Set([503]));
    expect(callback?.statuses.at(-1)).toBe(200);
    expect(await statusOf(agent, sids)).toMatchObject({ paymentCardNumber: 'x', nextStep: 'wait' });
    await caller.types(VISA.slice(1));
    expect(await goOn(stage, sids)).toMatchObject(SUCCESS);
    expect(lostOf(stage)).toEqual([]);
  });
});

test('repeats of all callbacks write nothing', async () => {
  const stage = await connect();
  const { simulator } = stage;
  const sids = await takeLongPayment(stage, () => simulator.settled());
  const before = await endState(stage, sids);
  const writes = writesOf(stage);
  const documents = JSON.stringify(simulator.documents());
  for (const callback of simulator.callbacks) expect(await postCallback(stage, callback)).toBe(200);
  await Promise.all(simulator.callbacks.map((callback) => postCallback(stage, callback)));
  expect(writesOf(stage)).toBe(writes);
  expect(JSON.stringify(simulator.documents())).toBe(documents);
  expect(await endState(stage, sids)).toEqual(before);
});

test('the documents stay small and alive however long the payment is', async () => {
  const stage = await connect({ variables: { PAYMENT_TTL_SECONDS: '3600' } });
  const { agent, caller, simulator } = stage;
  const sids = await start(stage, { chargeAmount: 12.5, description: '支'.repeat(200) });
  const expiries: number[] = [];
  for (let round = 0; round < 8; round++) {
    for (const [tool, wrong] of [
      ['captureCardNumber', '4242424242424241'],
      ['captureExpirationDate', '0120'],
      ['captureCardNumber', VISA],
      ['captureSecurityCode', ''],
    ] as const) {
      await agent.call(tool, sids);
      await (wrong ? caller.types(wrong) : caller.typesNothing());
      await simulator.settled();
    }
    expiries.push(documentOf(stage, sids.paymentSid).dateExpires?.getTime() ?? 0);
    simulator.advance(600_000);
  }
  for (let i = 1; i < expiries.length; i++) {
    const renewed = (expiries[i] ?? 0) - (expiries[i - 1] ?? 0);
    expect(renewed).toBeGreaterThanOrEqual(600_000);
  }
  const sizes = simulator.documents().map(({ data }) => Buffer.byteLength(JSON.stringify(data)));
  expect(Math.max(...sizes)).toBeLessThan(4 * 1024);
  // So many failures are too many for the advice to go on, but not for the payment.
  expect(await statusOf(agent, sids)).toMatchObject({ thenCall: 'cancelPaymentCapture' });
  for (const [tool, keys] of STEPS.slice(1)) {
    await agent.call(tool, sids);
    await caller.types(keys);
  }
  expect(await goOn(stage, sids)).toMatchObject(SUCCESS);
  expect(simulator.charges).toHaveLength(1);
}, 60_000);

test('a payment whose document has expired is not found, and its late callbacks break nothing', async () => {
  const stage = await connect({ variables: { PAYMENT_TTL_SECONDS: '60' } });
  const { agent, simulator } = stage;
  const sids = await takeLongPayment(stage, () => simulator.settled());
  await simulator.settled();
  simulator.advance(61_000);
  // What may have been charged on the call is still known.
  expect(simulator.documents().map(({ uniqueName }) => uniqueName)).toEqual([`call-${sids.callSid}`]);
  for (const tool of [
    'getPaymentStatus',
    'captureCardNumber',
    'completePaymentCapture',
    'cancelPaymentCapture',
  ])
    expect(await agent.fail(tool, sids)).toMatch(/^PAYMENT_NOT_FOUND: .*\nnextStep: startPaymentCapture/s);
  await expect(
    agent.client.readResource({ uri: `payment://${sids.callSid}/${sids.paymentSid}/status` }),
  ).rejects.toThrow(/no such payment/);
  for (const callback of simulator.callbacks) expect(await postCallback(stage, callback)).toBe(200);
  expect(await statusOf(agent, sids)).toMatchObject({
    phase: 'completed',
    result: 'success',
    chargeAmount: 12.5,
  });
});

test('the callback of a start that finds no ledger of its call is sent again, for nobody else may tell what the start led to', async () => {
  const stage = await connect({ switches: { idempotencyReplay: 'ignored' } });
  const { agent, call, simulator } = stage;
  simulator.delivery.hold();
  // Its answer is lost, and the start ends before it has heard what it led to.
  simulator.faults.add({ route: 'payments.create', times: 1, action: 'lost' });
  await agent.fail('startPaymentCapture', { callSid: call.sid, chargeAmount: 12.5 });
  simulator.faults.add({
    route: 'documents.fetch',
    times: 1,
    when: ({ path }) => path.endsWith(`call-${call.sid}`),
    action: { status: 404, code: 20404 },
  });
  await simulator.delivery.release();
  await simulator.settled();
  const [paymentSid] = simulator.payments().map(({ sid }) => sid);
  expect(await start(stage)).toEqual({ callSid: call.sid, paymentSid });
});

test('a document of another version is read without a crash', async () => {
  const stage = await connect();
  const { agent, simulator, host } = stage;
  const sids = await start(stage);
  await simulator.settled();
  const other = { ...stage, call: simulator.placeCall() };
  const uri = (which: Sids) => `payment://${which.callSid}/${which.paymentSid}/status`;
  const { paymentSid } = await start(other);
  const readable = { callSid: other.call.sid, paymentSid };
  const name = `payment-${sids.paymentSid}`;
  const data = { ...documentOf(stage, sids.paymentSid).data, version: 2, fields: 'elsewhere' };
  await sync(stage, 'POST', `/${name}`, { Data: JSON.stringify(data) });

  for (const tool of [
    'getPaymentStatus',
    'captureCardNumber',
    'completePaymentCapture',
    'cancelPaymentCapture',
  ])
    expect(await agent.fail(tool, sids)).toMatch(/^STORE_UNAVAILABLE: .*another version.*\nnextStep: done/s);
  expect(await agent.fail('startPaymentCapture', { callSid: sids.callSid, chargeAmount: 12.5 })).toMatch(
    /^STORE_UNAVAILABLE: .*another version/,
  );
  await expect(agent.client.readResource({ uri: uri(sids) })).rejects.toThrow(/another version/);
  const { resources } = await agent.client.listResources();
  expect(resources.map((resource) => resource.uri)).toEqual([uri(readable)]);
  const [callback] = simulator.callbacks;
  if (callback) expect(await postCallback(stage, callback)).toBe(503);
  expect(documentOf(stage, sids.paymentSid).data).toEqual(data);
  expect(host.logs.join('\n')).not.toContain('"unexpected"');
});

test.each(['result', 'both', 'hung-up'] as const)(
  'a caller who hangs up while the payment is completed: nobody says that nothing was charged (%s)',
  async (hangupWhileCompleting) => {
    const stage = await connect({ switches: { hangupWhileCompleting, processorMs: 400 } });
    const { agent, caller, simulator } = stage;
    const sids = await start(stage);
    await captureAll(stage, sids);
    await agent.call('completePaymentCapture', sids);
    await caller.hangsUp();
    const before = await statusOf(agent, sids);
    expect(JSON.stringify(before)).not.toMatch(/nothing was charged/i);
    const after = await settledStatus(stage, sids);
    expect(simulator.charges).toHaveLength(1);
    if (hangupWhileCompleting !== 'hung-up') {
      expect(after).toMatchObject(SUCCESS);
      return;
    }
    expect(after).toMatchObject({ phase: 'failed', result: 'caller-hung-up', nextStep: 'done' });
    expect(after.why).toMatch(/outcome is unknown.*before charging again/);
    expect(JSON.stringify(after)).not.toMatch(/nothing was charged/i);
  },
);
