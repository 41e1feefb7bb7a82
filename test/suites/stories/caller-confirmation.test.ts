/** A payment that the caller confirms by a key before it goes to the processor (Confirmation). */
import { beforeEach, describe, expect, test } from 'vitest';
import { connect, type Setup, type Stage } from '../host/connect.ts';
import { enterAll } from '../host/entries.ts';
import { passTime } from '../host/go-on.ts';
import { hurry } from '../host/hurry.ts';
import { type Sids, settledStatus, start, statusOf } from '../host/payment.ts';

beforeEach(hurry);

const ASKED = {
  phase: 'completing',
  result: '',
  nextStep: 'askCaller',
  say: expect.stringMatching(/Press one to confirm, or two to stop/),
  why: 'Twilio asks the caller to confirm by a key.',
};

/** A payment that Twilio has asked the caller to confirm. */
async function confirming(setup: Setup = {}): Promise<[Stage, Sids]> {
  const stage = await connect(setup);
  const sids = await start(stage, { chargeAmount: 12.5, securityCode: false, confirmation: true });
  await enterAll(stage, sids);
  expect(await stage.agent.call('completePaymentCapture', sids)).toMatchObject({ nextStep: 'askCaller' });
  return [stage, sids];
}

test('is not charged before the caller says so, and then once', async () => {
  const [stage, sids] = await confirming();
  expect(await settledStatus(stage, sids)).toMatchObject(ASKED);
  expect(stage.simulator.charges).toEqual([]);
  await stage.caller.types('1');
  expect(await settledStatus(stage, sids)).toMatchObject({
    phase: 'completed',
    result: 'success',
    nextStep: 'done',
  });
  expect(stage.simulator.charges).toHaveLength(1);
});

describe('is never charged', () => {
  test.each([
    ['transaction-cancelled', 'canceled'],
    ['validation-error', 'failed'],
  ] as const)('where the caller says no (Result %s)', async (confirmationDeclined, phase) => {
    const [stage, sids] = await confirming({ switches: { confirmationDeclined } });
    await stage.caller.types('2');
    const status = await settledStatus(stage, sids);
    expect(status).toMatchObject({ phase, result: confirmationDeclined });
    expect(status.why).toMatch(/Nothing was charged/);
    expect(stage.simulator.charges).toEqual([]);
  });

  test('where the caller hangs up, and nobody says that it was', async () => {
    const [stage, sids] = await confirming();
    await stage.caller.hangsUp();
    // Twilio does not say whether the processor had it already, so that nobody may be sure.
    expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'failed', nextStep: 'done', say: '' });
    expect(stage.simulator.charges).toEqual([]);
  });
});

test.each(['replay', 'ignored'] as const)(
  'may be completed again while the caller thinks, which changes nothing (idempotency keys: %s)',
  async (idempotencyReplay) => {
    const [stage, sids] = await confirming({ switches: { idempotencyReplay } });
    passTime(6_000);
    expect(await stage.agent.call('completePaymentCapture', sids)).toMatchObject({ phase: 'completing' });
    expect(await statusOf(stage.agent, sids)).toMatchObject(ASKED);
    await stage.caller.types('1');
    expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
    expect(stage.simulator.charges).toHaveLength(1);
  },
);

test('is asked about again only after the caller had time', async () => {
  const [stage, sids] = await confirming();
  passTime(35_000);
  expect(await statusOf(stage.agent, sids)).toMatchObject({ nextStep: 'askCaller' });
  passTime(10_000);
  expect(await statusOf(stage.agent, sids)).toMatchObject({ nextStep: 'completePaymentCapture' });
});
