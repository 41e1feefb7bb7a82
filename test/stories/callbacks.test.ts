import { expect, test } from 'vitest';
import { connect, type Setup, type Stage, VISA } from '../host/connect.ts';
import { endState, goOn, persist } from '../host/go-on.ts';
import { captureAll, type Sids, settledStatus, start, statusOf } from '../host/payment.ts';
import { documentOf, postCallback, sync } from '../host/twilio-side.ts';
import type { RecordedCallback, Switches } from '../simulator/index.ts';
import { Random } from '../simulator/random.ts';

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

test('any order and any repeats of a payment’s callbacks lead to the same status', async () => {
  const reference = await connect();
  const expected = await endState(
    reference,
    await takeLongPayment(reference, () => reference.simulator.settled()),
  );
  expect(expected).toMatchObject(SUCCESS);

  for (let seed = 1; seed <= 25; seed++) {
    const stage = await connect();
    const { simulator } = stage;
    const { delivery, charges } = simulator;
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
    await simulator.settled();
    const [created = 0, ...others] = delivery.held.map((_, i) => i);
    const repeated = others.filter(() => random.chance(0.5));
    await delivery.release({ order: [...random.shuffle([...others, ...repeated]), created] });

    const status = await endState(stage, sids);
    const paymentConfirmationCode = charges[0]?.confirmationCode;
    expect(status, `seed ${seed}`).toEqual({ ...expected, ...sids, paymentConfirmationCode });
    expect(charges).toHaveLength(1);
    expect(lostOf(stage)).toEqual([]);
  }
}, 60_000);

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
  SPREAD.flatMap((switches) =>
    (['ordered', 'shuffled'] as const).map((mode) => ({ mode, switches, name: JSON.stringify(switches) })),
  ),
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
    const stage = await connect();
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
    expect(simulator.requests.filter(({ status }) => status === 412).length).toBeGreaterThan(5);
  },
);

test('all callbacks of a payment at one moment, before there is a document, teach all that they have to say', async () => {
  const stage = await connect();
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
] as const)('%s of a replaced capture that comes under the newer command does not hold the payment up', async (_, late) => {
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
  expect(await statusOf(agent, sids)).toMatchObject({ capturing: 'expiration-date', nextStep: 'askCaller' });
  await caller.types('1230');
  expect(await settledStatus(stage, sids)).toMatchObject({
    expirationDate: '1230',
    nextStep: 'captureCardNumber',
  });
  expect(await goOn(stage, sids)).toMatchObject(SUCCESS);
});

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
