/** Two commands at the same moment, where it matters which of their writes comes first. */
import { expect, test } from 'vitest';
import { connect, type Stage } from '../host/connect.ts';
import { forget } from '../host/forget.ts';
import { passTime } from '../host/go-on.ts';
import { arriveLate } from '../host/late-request.ts';
import { captureAll, type Sids, settledStatus, start, statusOf } from '../host/payment.ts';
import { barrier, useCases } from '../host/use-cases.ts';

const BY_A = { repeated: {}, canAsk: false };

async function ready(): Promise<[Stage, Sids]> {
  const stage = await connect();
  const sids = await start(stage);
  await captureAll(stage, sids);
  stage.simulator.delivery.hold();
  return [stage, sids];
}

/** The use cases of an invocation whose nth write of a payment is slow. */
function withSlowWrite(stage: Stage, nth: number, slow: ReturnType<typeof barrier>) {
  let writes = 0;
  return useCases(stage, ({ sessions }) => ({
    sessions: {
      ...sessions,
      async update(...args) {
        writes += 1;
        if (writes === nth) await slow.pass();
        return sessions.update(...args);
      },
    },
  }));
}

test('a refused completion does not count as not done once a repeat has asked again', async () => {
  const [stage, sids] = await ready();
  const { agent, simulator } = stage;
  simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 429, code: 20429 } });
  const slow = barrier();
  const first = withSlowWrite(stage, 2, slow).complete(sids, BY_A);
  first.catch(() => undefined);
  await slow.reached;
  await useCases(stage).complete(sids, BY_A);
  slow.open();
  await expect(first).rejects.toMatchObject({ code: 'TWILIO_RATE_LIMITED' });
  expect(await statusOf(agent, sids)).toMatchObject({ phase: 'completing', nextStep: 'wait' });
  passTime(60_000);
  expect(await agent.fail('startPaymentCapture', { callSid: sids.callSid, chargeAmount: 1 })).toMatch(
    /^MAY_BE_CHARGED: /,
  );
  await simulator.delivery.release();
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed' });
  expect(simulator.charges).toHaveLength(1);
});

test('a repeat that comes after the refusal was noted is a completion of its own', async () => {
  const [stage, sids] = await ready();
  const { simulator } = stage;
  const slow = barrier();
  // Its second write of the payment notes that it asks again.
  const stop = simulator.faults.add({ route: 'payments.update', action: { status: 429, code: 20429 } });
  const refusal = barrier();
  const first = withSlowWrite(stage, 2, refusal).complete(sids, BY_A);
  first.catch(() => undefined);
  await refusal.reached;
  const repeat = withSlowWrite(stage, 1, slow).complete(sids, BY_A);
  await slow.reached;
  refusal.open();
  await expect(first).rejects.toMatchObject({ code: 'TWILIO_RATE_LIMITED' });
  stop();
  slow.open();
  const { stored } = await repeat;
  expect(stored.data.completing).toMatchObject({ asked: 2, refused: 1 });
  await simulator.delivery.release();
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed' });
  expect(simulator.charges).toHaveLength(1);
});

test('a refused cancel does not count as not done once another one has asked', async () => {
  const [stage, sids] = await ready();
  const { agent, simulator } = stage;
  simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 429, code: 20429 } });
  const slow = barrier();
  const first = withSlowWrite(stage, 2, slow).cancel(sids);
  first.catch(() => undefined);
  await slow.reached;
  await useCases(stage).cancel(sids);
  slow.open();
  await expect(first).rejects.toMatchObject({ code: 'TWILIO_RATE_LIMITED' });
  expect(await agent.fail('completePaymentCapture', sids)).toMatch(/^CANCELING: /);
});

test('what was charged on the call since the ledger was read keeps a completion back, and it can be tried again', async () => {
  const stage = await connect();
  const { agent, simulator, call } = stage;
  // The create of a first start is lost, and comes once the second one's payment is charged.
  simulator.faults.add({ route: 'payments.create', times: 1, action: 'reset' });
  await agent.fail('startPaymentCapture', { callSid: call.sid, chargeAmount: 20 });
  const lost = simulator.requests.find(({ route }) => route === 'payments.create');
  passTime(10_000);
  const paid = await start(stage);
  await captureAll(stage, paid);
  const snapshot = await new Promise<unknown>((resolve) => {
    useCases(stage, ({ ledgers }) => {
      resolve(ledgers.read(call.sid));
      return {};
    });
  });
  await agent.call('completePaymentCapture', paid);
  await simulator.settled();
  if (!lost) throw new Error('Nothing was lost');
  expect(await arriveLate(stage, lost)).toBe(201);
  const sid = simulator.payments().find(({ chargeAmount }) => chargeAmount === '20')?.sid ?? '';
  const late = { callSid: call.sid, paymentSid: sid };
  await captureAll(stage, late);
  const behind = useCases(stage, ({ ledgers }) => ({
    ledgers: { ...ledgers, read: async () => snapshot as Awaited<ReturnType<typeof ledgers.read>> },
  }));
  await expect(behind.complete(late, BY_A)).rejects.toMatchObject({ code: 'ALREADY_PAID' });
  expect(simulator.charges).toHaveLength(1);
  expect(await statusOf(agent, late)).toMatchObject({ phase: 'ready' });
});

test('what Twilio says of a capture before it is noted makes no second one of it', async () => {
  const stage = await connect();
  const { agent, simulator, caller } = stage;
  const sids = await start(stage);
  const slow = barrier();
  // What was just read is written while Twilio is asked.
  forget();
  const capturing = withSlowWrite(stage, 1, slow).capture({ ...sids, field: 'payment-card-number' });
  await slow.reached;
  await expect
    .poll(() => simulator.payments()[0]?.listeningFor, { timeout: 30_000 })
    .toBe('payment-card-number');
  await caller.types('4242');
  await simulator.settled();
  slow.open();
  await capturing;
  await caller.types('424242424242');
  expect(await settledStatus(stage, sids)).toMatchObject({
    paymentCardNumber: 'xxxxxxxxxxxx4242',
    nextStep: 'captureSecurityCode',
  });
  expect(simulator.requests.filter(({ params }) => params.Capture)).toHaveLength(1);
  expect(await statusOf(agent, sids)).toMatchObject({ lastError: '' });
});

test('a start that is repeated is not answered with its own session once nobody knows how that ended', async () => {
  const [stage, sids] = await ready();
  stage.simulator.delivery.hold();
  await useCases(stage).complete(sids, BY_A);
  await stage.simulator.settled();
  // As if the start had died before it noted in the ledger which session its attempt led to.
  await new Promise<unknown>((resolve) => {
    useCases(stage, ({ ledgers }) => {
      resolve(ledgers.update(sids.callSid, (ledger) => ledger && { ...ledger, paymentSids: [] }));
      return {};
    });
  });
  passTime(60_000);
  const next = await start(stage, { chargeAmount: 12.5, anotherPayment: true });
  expect(next.paymentSid).not.toBe(sids.paymentSid);
  expect(await statusOf(stage.agent, next)).toMatchObject({ phase: 'started' });
});
