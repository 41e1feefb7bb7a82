/** What was, or may have been, charged on a call keeps further payments on it back, unless the caller agreed to them. */
import { beforeEach, expect, test } from 'vitest';
import type { RecordedCallback } from '../../simulator/index.ts';
import { connect, type Stage } from '../host/connect.ts';
import { passTime } from '../host/go-on.ts';
import { hurry } from '../host/hurry.ts';
import { arriveLate } from '../host/late-request.ts';
import { captureAll, type Sids, settledStatus, start, statusOf } from '../host/payment.ts';
import { postCallback } from '../host/twilio-side.ts';

beforeEach(hurry);

const LATE = { chargeAmount: 20 };

/** A payment is charged; then the create of a start before it reaches Twilio, which makes a session of 20 that nobody agreed to. */
async function paidWithLateSession(): Promise<{ stage: Stage; paid: Sids; late: Sids }> {
  const stage = await connect();
  const { agent, call, simulator } = stage;
  simulator.faults.add({ route: 'payments.create', times: 1, action: 'reset' });
  await agent.fail('startPaymentCapture', { callSid: call.sid, ...LATE });
  const lost = simulator.requests.find(({ route }) => route === 'payments.create');
  if (!lost) throw new Error('Nothing was lost');
  passTime(10_000);
  const paid = await start(stage);
  await captureAll(stage, paid);
  await agent.call('completePaymentCapture', paid);
  expect(await settledStatus(stage, paid)).toMatchObject({ result: 'success' });
  expect(await arriveLate(stage, lost)).toBe(201);
  const paymentSid = simulator.payments().find(({ chargeAmount }) => chargeAmount === '20')?.sid ?? '';
  return { stage, paid, late: { callSid: call.sid, paymentSid } };
}

test('a start on a call that was paid on is not handed a session that lives there', async () => {
  const { stage, paid, late } = await paidWithLateSession();
  const { agent } = stage;
  const args = { callSid: late.callSid, ...LATE };
  expect(await agent.fail('startPaymentCapture', args)).toMatch(
    new RegExp(`^ALREADY_PAID: It was ${paid.paymentSid}\\.(?:.|\\n)*\\nthenCall: startPaymentCapture\\n`),
  );
  expect(await start(stage, { ...LATE, anotherPayment: true })).toEqual(late);
});

test('a session that nobody agreed to beside a paid one is not charged, and once they agree it is', async () => {
  const { stage, late } = await paidWithLateSession();
  const { agent, simulator } = stage;
  await captureAll(stage, late);
  const text = await agent.fail('completePaymentCapture', late);
  expect(text).toMatch(
    /^ALREADY_PAID: (?:.|\n)*\nthenCall: startPaymentCapture\nifNo: cancelPaymentCapture\n/,
  );
  expect(simulator.charges).toHaveLength(1);
  expect(await statusOf(agent, late)).toMatchObject({ phase: 'ready' });
  await start(stage, { ...LATE, anotherPayment: true });
  await agent.call('completePaymentCapture', late);
  expect(await settledStatus(stage, late)).toMatchObject({ phase: 'completed' });
  expect(simulator.charges).toHaveLength(2);
});

test('after a no it is canceled, and nothing of it is charged', async () => {
  const { stage, late } = await paidWithLateSession();
  const { agent, simulator } = stage;
  await captureAll(stage, late);
  await agent.fail('completePaymentCapture', late);
  await agent.call('cancelPaymentCapture', late);
  expect(await settledStatus(stage, late)).toMatchObject({ phase: 'canceled', nextStep: 'done' });
  expect(simulator.charges).toHaveLength(1);
});

test('a payment that was declined, or whose completion was refused before it was canceled, keeps no other back', async () => {
  const stage = await connect({ switches: { processorOutcome: 'decline' } });
  const { agent, simulator } = stage;
  const declined = await start(stage);
  await captureAll(stage, declined);
  await agent.call('completePaymentCapture', declined);
  await simulator.settled();
  simulator.switches.processorOutcome = 'approve';
  const refused = await start(stage);
  await captureAll(stage, refused);
  simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 400, code: 64001 } });
  await agent.fail('completePaymentCapture', refused);
  await agent.call('cancelPaymentCapture', refused);
  await simulator.settled();
  const third = await start(stage);
  await captureAll(stage, third);
  await agent.call('completePaymentCapture', third);
  expect(await settledStatus(stage, third)).toMatchObject({ phase: 'completed' });
  expect(simulator.charges).toHaveLength(1);
});

test('one whose completion was refused keeps another session back while it lives, for it may be completed again', async () => {
  const stage = await connect();
  const { agent, call, caller, simulator } = stage;
  simulator.faults.add({ route: 'payments.create', times: 1, action: 'reset' });
  await agent.fail('startPaymentCapture', { callSid: call.sid, ...LATE });
  const lost = simulator.requests.find(({ route }) => route === 'payments.create');
  if (!lost) throw new Error('Nothing was lost');
  passTime(10_000);
  const refused = await start(stage);
  await captureAll(stage, refused);
  simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 429, code: 20429 } });
  await agent.fail('completePaymentCapture', refused);
  // It ends at Twilio, and nobody here has heard of that yet.
  await agent.call('captureCardNumber', refused);
  await simulator.settled();
  let ended: RecordedCallback | undefined;
  const stop = simulator.delivery.drop((callback) => {
    ended = callback;
    return true;
  });
  await caller.pressesStar();
  await simulator.settled();
  stop();
  expect(await arriveLate(stage, lost)).toBe(201);
  const paymentSid = simulator.payments().find(({ chargeAmount }) => chargeAmount === '20')?.sid ?? '';
  const late = { callSid: call.sid, paymentSid };
  await captureAll(stage, late);
  expect(await agent.fail('completePaymentCapture', late)).toMatch(
    new RegExp(`^MAY_BE_CHARGED: It was ${refused.paymentSid}\\.`),
  );
  expect(ended?.params).toMatchObject({ Sid: refused.paymentSid, Result: 'caller-interrupted-with-star' });
  if (ended) await postCallback(stage, ended);
  await agent.call('completePaymentCapture', late);
  expect(await settledStatus(stage, late)).toMatchObject({ phase: 'completed' });
  expect(simulator.charges).toMatchObject([{ amount: '20' }]);
});

test('a payment whose document has expired while it was being completed still counts as charged when it is heard of', async () => {
  const stage = await connect({ variables: { PAYMENT_TTL_SECONDS: '60' } });
  const { agent, simulator } = stage;
  const sids = await start(stage);
  simulator.delivery.hold();
  await agent.call('captureCardNumber', sids);
  const [early] = simulator.delivery.held;
  if (!early) throw new Error('Nothing was held');
  await simulator.delivery.release();
  await captureAll(stage, sids);
  simulator.delivery.hold();
  await agent.call('completePaymentCapture', sids);
  passTime(90_000);
  const isExpired = () =>
    simulator.documents().every(({ uniqueName }) => uniqueName === `call-${sids.callSid}`);
  expect(isExpired()).toBe(true);
  expect(await agent.fail('startPaymentCapture', { callSid: sids.callSid })).toMatch(/^MAY_BE_CHARGED: /);
  expect(isExpired()).toBe(true);

  expect(await postCallback(stage, early)).toBe(200);
  expect(await statusOf(agent, sids)).toMatchObject({
    phase: 'completing',
    chargeAmount: 12.5,
    nextStep: 'done',
    why: expect.stringMatching(/outcome is unknown/),
  });
  expect(await agent.fail('startPaymentCapture', { callSid: sids.callSid })).toMatch(/^MAY_BE_CHARGED: /);
  await simulator.delivery.release();
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed', result: 'success' });
  expect(await agent.fail('startPaymentCapture', { callSid: sids.callSid })).toMatch(/^ALREADY_PAID: /);
});

test('one whose completion never reached Twilio, and whose document has expired, can still be ended and started anew', async () => {
  const stage = await connect({ variables: { PAYMENT_TTL_SECONDS: '60' } });
  const { agent, simulator } = stage;
  const sids = await start(stage);
  await captureAll(stage, sids);
  simulator.faults.add({ route: 'payments.update', times: 1, action: 'reset' });
  await agent.fail('completePaymentCapture', sids);
  passTime(90_000);
  const again = { callSid: sids.callSid, chargeAmount: 12.5, anotherPayment: true };
  expect(await agent.fail('startPaymentCapture', again)).toMatch(
    new RegExp(`^PAYMENT_IN_PROGRESS: It is ${sids.paymentSid}\\.`),
  );
  await agent.call('cancelPaymentCapture', sids);
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'canceled', nextStep: 'done' });
  expect((await start(stage, { chargeAmount: 12.5, anotherPayment: true })).paymentSid).not.toBe(
    sids.paymentSid,
  );
});

test.each(['rest', 'both'] as const)(
  'a call is free again once the document of its canceled payment has expired, and not if Twilio says that one lives (%s)',
  async (sessionInProgress) => {
    const stage = await connect({
      variables: { PAYMENT_TTL_SECONDS: '60' },
      switches: { sessionInProgress },
    });
    const { agent, simulator } = stage;
    const sids = await start(stage);
    await agent.call('cancelPaymentCapture', sids);
    expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'canceled' });
    passTime(90_000);
    const second = await start(stage, { chargeAmount: 7 });
    expect(second.paymentSid).not.toBe(sids.paymentSid);

    passTime(90_000);
    expect(simulator.documents().map(({ uniqueName }) => uniqueName)).toEqual([`call-${sids.callSid}`]);
    const third = { callSid: sids.callSid, chargeAmount: 9 };
    expect(await agent.fail('startPaymentCapture', third)).toMatch(
      new RegExp(`^PAYMENT_IN_PROGRESS: It is ${second.paymentSid}\\.`),
    );
    await agent.call('cancelPaymentCapture', second);
    expect(await settledStatus(stage, second)).toMatchObject({ phase: 'canceled' });
    expect((await start(stage, { chargeAmount: 9 })).paymentSid).not.toBe(second.paymentSid);
  },
);

test('a call on which Twilio refuses each session by a callback alone is free once what is in the way was canceled', async () => {
  const stage = await connect({ switches: { sessionInProgress: 'callback' } });
  const { agent, simulator } = stage;
  const sids = await start(stage);
  // For the service this payment is over, and at Twilio it lives.
  simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 404, code: 20404 } });
  await agent.call('cancelPaymentCapture', sids);
  const other = { callSid: sids.callSid, chargeAmount: 9 };
  const refused = await start(stage, other);
  expect(await settledStatus(stage, refused)).toMatchObject({ phase: 'failed' });
  const inTheWay = async () => {
    const text = await agent.fail('startPaymentCapture', other);
    return /^PAYMENT_IN_PROGRESS: It is (PK\w{32})/.exec(text)?.[1] ?? text;
  };
  expect(await inTheWay()).toBe(sids.paymentSid);
  await agent.call('cancelPaymentCapture', sids);
  await simulator.settled();
  expect(await inTheWay()).toBe(refused.paymentSid);
  await agent.call('cancelPaymentCapture', refused);
  const free = await start(stage, other);
  expect(await settledStatus(stage, free)).toMatchObject({ phase: 'started' });
});
