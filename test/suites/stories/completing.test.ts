import { beforeEach, expect, test } from 'vitest';
import { connect } from '../host/connect.ts';
import { hurry } from '../host/hurry.ts';
import { captureAll, type Sids, settledStatus, start, statusOf } from '../host/payment.ts';

beforeEach(hurry);

async function ready(setup: Parameters<typeof connect>[0] = {}) {
  const stage = await connect(setup);
  const sids = await start(stage);
  await captureAll(stage, sids);
  const complete = (which: Sids = sids) => stage.agent.call('completePaymentCapture', which);
  const keys = () =>
    new Set(
      stage.simulator.requests
        .filter(({ params }) => params.Status === 'complete')
        .map(({ params }) => params.IdempotencyKey),
    );
  return { ...stage, stage, sids, complete, keys };
}

test('completing twice charges once', async () => {
  const { complete, simulator, stage, sids } = await ready();
  await complete();
  expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
  expect(await complete()).toMatchObject({ phase: 'completed', nextStep: 'done' });
  expect(simulator.charges).toHaveLength(1);
});

test.each(['replay', 'ignored', 'refused'] as const)(
  'completing at the same moment charges once (idempotency keys: %s)',
  async (idempotencyReplay) => {
    const { complete, keys, simulator, stage, sids } = await ready({ switches: { idempotencyReplay } });
    await Promise.all(Array.from({ length: 4 }, () => complete()));
    expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
    expect(simulator.charges).toHaveLength(1);
    expect(keys().size).toBe(1);
  },
);

test.each(['lost', 'reset', { status: 503 }] as const)(
  'while the outcome is unknown the status says so, and a repeat finds out (%j)',
  async (action) => {
    const { agent, complete, keys, simulator, stage, sids } = await ready();
    simulator.delivery.hold();
    simulator.faults.add({ route: 'payments.update', times: 1, action });
    expect(await agent.fail('completePaymentCapture', sids)).toMatch(/^COMPLETION_UNKNOWN: /);
    expect(await statusOf(agent, sids)).toMatchObject({ phase: 'completing', result: '', nextStep: 'wait' });
    expect(await agent.fail('cancelPaymentCapture', sids)).toMatch(/^COMPLETING: /);
    expect(await agent.fail('captureCardNumber', sids)).toMatch(/^COMPLETING: /);
    await simulator.delivery.release();
    await complete();
    expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
    expect(simulator.charges).toHaveLength(1);
    expect(keys().size).toBe(1);
  },
);

test('a completion that Twilio refuses outright leaves the payment usable', async () => {
  const { agent, complete, simulator, stage, sids } = await ready();
  simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 429, code: 20429 } });
  expect(await agent.fail('completePaymentCapture', sids)).toMatch(/^TWILIO_RATE_LIMITED: .*20429/s);
  expect(await statusOf(agent, sids)).toMatchObject({ phase: 'ready', thenCall: 'completePaymentCapture' });
  await complete();
  expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
});

test('a success that arrives after a failure wins', async () => {
  const { complete, simulator, stage, sids, caller } = await ready();
  simulator.delivery.hold();
  await complete();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await caller.hangsUp();
  await simulator.delivery.release({ order: 'reversed', repeats: 1 });
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed', result: 'success' });
});

test('completing before everything is captured is refused with what is missing', async () => {
  const stage = await connect();
  const sids = await start(stage);
  expect(await stage.agent.fail('completePaymentCapture', sids)).toMatch(
    /^NOT_READY: Still missing: payment-card-number, security-code, expiration-date/,
  );
  expect(stage.simulator.requests.filter(({ route }) => route === 'payments.update')).toEqual([]);
});
