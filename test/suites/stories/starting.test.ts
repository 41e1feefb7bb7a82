import { beforeEach, expect, test } from 'vitest';
import { connect } from '../host/connect.ts';
import { hurry } from '../host/hurry.ts';
import { reach } from '../host/in-process.ts';
import { captureAll, settledStatus, start } from '../host/payment.ts';

beforeEach(hurry);

test('starting twice gives the same payment', async () => {
  const stage = await connect();
  const first = await start(stage);
  expect(await start(stage)).toEqual(first);
  expect(stage.simulator.payments()).toHaveLength(1);
});

test.each(['replay', 'ignored', 'refused'] as const)(
  'starting at the same moment gives one payment (idempotency keys: %s)',
  async (idempotencyReplay) => {
    const stage = await connect({ switches: { idempotencyReplay } });
    const started = await Promise.all(Array.from({ length: 5 }, () => start(stage)));
    expect(new Set(started.map(({ paymentSid }) => paymentSid)).size).toBe(1);
    expect(stage.simulator.payments()).toHaveLength(1);
  },
);

test.each(['replay', 'ignored', 'refused'] as const)(
  'a start whose answer was lost is found again (idempotency keys: %s)',
  async (idempotencyReplay) => {
    const stage = await connect({ switches: { idempotencyReplay } });
    stage.simulator.faults.add({ route: 'payments.create', times: 1, action: 'lost' });
    expect(await stage.agent.fail('startPaymentCapture', { callSid: stage.call.sid })).toMatch(
      /^TWILIO_UNAVAILABLE: /,
    );
    const { paymentSid } = await start(stage, {});
    expect(stage.simulator.payments().map(({ sid }) => sid)).toEqual([paymentSid]);
  },
);

test.each(['rest', 'callback', 'both'] as const)(
  'a start whose answer was lost and whose create callback is late is found again (%s)',
  async (sessionInProgress) => {
    const stage = await connect({ switches: { idempotencyReplay: 'ignored', sessionInProgress } });
    const { simulator, agent } = stage;
    simulator.faults.add({ route: 'payments.create', times: 1, action: 'lost' });
    simulator.delivery.hold();
    await agent.fail('startPaymentCapture', { callSid: stage.call.sid });
    setTimeout(() => void simulator.delivery.release(), 1_000);
    const { paymentSid } = await start(stage, {});
    expect(simulator.payments()[0]?.sid).toBe(paymentSid);
    await captureAll(stage, { callSid: stage.call.sid, paymentSid });
    await agent.call('completePaymentCapture', { callSid: stage.call.sid, paymentSid });
    expect(await settledStatus(stage, { callSid: stage.call.sid, paymentSid })).toMatchObject({
      result: 'success',
    });
    expect(simulator.charges).toHaveLength(1);
  },
);

test('other terms are refused while the payment lives, and allowed after it ended', async () => {
  const stage = await connect();
  const { agent, call } = stage;
  const sids = await start(stage, { chargeAmount: 10 });
  const other = { callSid: call.sid, chargeAmount: 11 };
  expect(await agent.fail('startPaymentCapture', other)).toMatch(/^PAYMENT_IN_PROGRESS: .*PK/);
  await agent.call('cancelPaymentCapture', sids);
  await stage.simulator.settled();
  expect((await start(stage, { chargeAmount: 11 })).paymentSid).not.toBe(sids.paymentSid);
});

test('a second payment on a call that has paid needs anotherPayment', async () => {
  const stage = await connect();
  const { agent, call } = stage;
  const sids = await start(stage);
  await captureAll(stage, sids);
  await agent.call('completePaymentCapture', sids);
  expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
  const again = { callSid: call.sid, chargeAmount: 12.5 };
  expect(await agent.fail('startPaymentCapture', again)).toMatch(/^ALREADY_PAID: /);
  const second = await start(stage, { chargeAmount: 12.5, anotherPayment: true });
  expect(second.paymentSid).not.toBe(sids.paymentSid);
  expect(await start(stage, { chargeAmount: 12.5, anotherPayment: true })).toEqual(second);
});

test.each([400, 409] as const)(
  'a session that somebody else started is explained (HTTP %d)',
  async (paymentErrorStatus) => {
    const stage = await connect({ switches: { paymentErrorStatus } });
    const { simulator, call, agent, variables } = stage;
    const response = await reach(
      `${simulator.url}/2010-04-01/Accounts/${variables.ACCOUNT_SID}/Calls/${call.sid}/Payments.json`,
      {
        method: 'POST',
        headers: {
          Authorization: `Basic ${btoa(`${variables.API_KEY}:${variables.API_SECRET}`)}`,
          'Content-Type': 'application/x-www-form-urlencoded',
          'x-simulated-host': 'api.twilio.com',
        },
        body: 'IdempotencyKey=other&StatusCallback=https%3A%2F%2Felsewhere.example%2Fcallback',
      },
    );
    expect(response.status).toBe(201);
    expect(await agent.fail('startPaymentCapture', { callSid: call.sid })).toMatch(
      /^SESSION_IN_PROGRESS: .*64021/s,
    );
  },
);

test('a start that Twilio refuses says why and can be repeated', async () => {
  const stage = await connect({ variables: { PAYMENT_CONNECTOR: 'Nowhere' } });
  const { agent, call } = stage;
  for (let i = 0; i < 2; i++) {
    expect(await agent.fail('startPaymentCapture', { callSid: call.sid })).toMatch(
      /^TWILIO_REFUSED: .*PAYMENT_CONNECTOR.*Twilio error 64004/s,
    );
  }
});

test.each([
  ['queued', /^CALL_NOT_IN_PROGRESS: The call is queued/],
  ['completed', /^CALL_NOT_IN_PROGRESS: The call is completed/],
] as const)('a call that is %s is refused', async (status, message) => {
  const { agent, simulator } = await connect();
  const call = simulator.placeCall({ status });
  expect(await agent.fail('startPaymentCapture', { callSid: call.sid })).toMatch(message);
  expect(simulator.documents().filter(({ uniqueName }) => uniqueName?.startsWith('payment-'))).toEqual([]);
});

test('an unknown call is refused', async () => {
  const { agent } = await connect();
  expect(await agent.fail('startPaymentCapture', { callSid: `CA${'0'.repeat(32)}` })).toMatch(
    /^CALL_NOT_FOUND: /,
  );
});

test.each(['parent', 'child'] as const)(
  "the agent's leg is refused and the caller's named (the %s)",
  async (side) => {
    const { agent, simulator } = await connect();
    const legs = simulator.placeCallWithAgentLeg({ caller: side });
    const text = await agent.fail('startPaymentCapture', { callSid: legs.agent.sid });
    expect(text).toMatch(/^NOT_THE_CALLERS_LEG: /);
    expect(text).toContain(legs.caller.sid);
  },
);

test("the look-up of the caller's leg may fail quietly", async () => {
  const { agent, simulator } = await connect();
  const legs = simulator.placeCallWithAgentLeg({ caller: 'child' });
  simulator.faults.add({ route: 'calls.list', action: { status: 500 } });
  expect(await agent.fail('startPaymentCapture', { callSid: legs.agent.sid })).toMatch(
    /^NOT_THE_CALLERS_LEG: /,
  );
});

test.each(['parent', 'leg'] as const)('callbacks may name the %s', async (callbackCallSid) => {
  const stage = await connect({ switches: { callbackCallSid } });
  const legs = stage.simulator.placeCallWithAgentLeg({ caller: 'child' });
  const onLeg = { ...stage, call: legs.caller, caller: stage.simulator.caller(legs.caller.sid) };
  const sids = await start(onLeg);
  await captureAll(onLeg, sids);
  await stage.agent.call('completePaymentCapture', sids);
  expect(await settledStatus(onLeg, sids)).toMatchObject({
    result: 'success',
    paymentCardNumber: 'xxxxxxxxxxxx4242',
  });
});

test('whoever asks again under an attempt of another start asks with the terms of that one', async () => {
  const stage = await connect();
  const { agent, simulator } = stage;
  const { sid: callSid } = stage.call;
  simulator.delivery.hold();
  simulator.faults.add({ route: 'payments.create', times: 1, action: 'lost' });
  await agent.fail('startPaymentCapture', { callSid, chargeAmount: 5 });
  expect(await agent.fail('startPaymentCapture', { callSid, chargeAmount: 500 })).toMatch(
    /^PAYMENT_IN_PROGRESS: /,
  );
  const creates = simulator.requests.filter(({ route }) => route === 'payments.create');
  expect(creates.map(({ params }) => [params.ChargeAmount, params.IdempotencyKey])).toEqual([
    ['5', `start-${callSid}-1`],
    ['500', `start-${callSid}-2`],
    ['5', `start-${callSid}-1`],
  ]);
});
