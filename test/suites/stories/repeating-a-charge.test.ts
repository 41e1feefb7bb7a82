/** CONFIRM_CHARGES where nobody can be asked: the model repeats the charge, and the server compares. */
import { beforeEach, describe, expect, test } from 'vitest';
import { connect, type Stage } from '../host/connect.ts';
import { BANK, enterAll } from '../host/entries.ts';
import { hurry } from '../host/hurry.ts';
import { type Sids, settledStatus, start, statusOf } from '../host/payment.ts';

beforeEach(hurry);

const RIGHT = { chargeAmount: 12.5, currency: 'USD', lastFour: '4242' };
const CARD = { chargeAmount: 12.5, securityCode: false };

/** A payment of which everything is captured. */
async function ready(mode: string, terms: Record<string, unknown> = CARD): Promise<[Stage, Sids]> {
  const stage = await connect({ variables: { CONFIRM_CHARGES: mode } });
  const sids = await start(stage, terms);
  await enterAll(stage, sids);
  return [stage, sids];
}

/** Nothing came of it at all: Twilio was not asked, and the payment can still be completed. */
async function expectNothingDone({ agent, simulator }: Stage, sids: Sids): Promise<void> {
  expect(simulator.requests.filter(({ params }) => params.Status)).toEqual([]);
  expect(simulator.charges).toEqual([]);
  expect(await statusOf(agent, sids)).toMatchObject({ phase: 'ready', thenCall: 'completePaymentCapture' });
}

async function expectCharged(stage: Stage, sids: Sids, repeated: Record<string, unknown>): Promise<void> {
  await stage.agent.call('completePaymentCapture', { ...sids, ...repeated });
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed', result: 'success' });
  expect(stage.simulator.charges).toHaveLength(1);
}

describe('where a charge must be confirmed', () => {
  test('it is not made by a model that repeats less than all of it', async () => {
    const [stage, sids] = await ready('always');
    for (const repeated of [
      {},
      { chargeAmount: 12.5 },
      { currency: 'USD', lastFour: '4242' },
      { chargeAmount: 12.5, lastFour: '4242' },
      { chargeAmount: 12.5, currency: 'USD' },
    ]) {
      const text = await stage.agent.fail('completePaymentCapture', { ...sids, ...repeated });
      expect(text).toMatch(/^CONFIRMATION_REQUIRED: .*chargeAmount 12.5, currency USD, lastFour 4242/);
      expect(text).toMatch(
        /\nsay: .*\$12\.50.*4242.*\nthenCall: completePaymentCapture\n.*\nnextStep: askCaller$/,
      );
    }
    await expectNothingDone(stage, sids);
    await expectCharged(stage, sids, RIGHT);
  });

  test('the amount from which on it must be is the first above the limit', async () => {
    const [stage, sids] = await ready('above:12.49');
    expect(await stage.agent.fail('completePaymentCapture', sids)).toMatch(/^CONFIRMATION_REQUIRED: /);
    // The limit of another currency says nothing about this one.
    stage.variables.CONFIRM_CHARGES = 'above:EUR 100';
    expect(await stage.agent.fail('completePaymentCapture', sids)).toMatch(/^CONFIRMATION_REQUIRED: /);
    await expectNothingDone(stage, sids);
    stage.variables.CONFIRM_CHARGES = 'above:USD 12.5';
    await expectCharged(stage, sids, {});
  });

  test('the last two digits do for a bank account, of which there are no more', async () => {
    const [stage, sids] = await ready('always', { chargeAmount: 12.5, ...BANK });
    const wrong = { ...RIGHT, lastFour: '6789' };
    expect(await stage.agent.fail('completePaymentCapture', { ...sids, ...wrong })).toMatch(
      /^CONFIRMATION_MISMATCH: /,
    );
    await expectNothingDone(stage, sids);
    await expectCharged(stage, sids, { ...RIGHT, lastFour: '89' });
  });

  test('a token, which costs nothing, need not be', async () => {
    const [stage, sids] = await ready('always', { securityCode: false });
    await stage.agent.call('completePaymentCapture', sids);
    expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
  });
});

describe.each(['never', 'always', 'above:100'])('in the mode %s', (mode) => {
  test('a charge that is repeated wrongly is not made, and one that is repeated rightly is', async () => {
    const [stage, sids] = await ready(mode);
    for (const wrong of [
      { ...RIGHT, chargeAmount: 12.51 },
      { ...RIGHT, chargeAmount: 0 },
      { ...RIGHT, currency: 'EUR' },
      { ...RIGHT, lastFour: '4243' },
      { ...RIGHT, lastFour: '242' },
      { chargeAmount: 125 },
      { currency: 'JPY' },
      { lastFour: '1' },
    ]) {
      const text = await stage.agent.fail('completePaymentCapture', { ...sids, ...wrong });
      expect([wrong, text]).toEqual([
        wrong,
        expect.stringMatching(
          /^CONFIRMATION_MISMATCH: .*\nthenCall: completePaymentCapture\n.*\nnextStep: askCaller$/s,
        ),
      ]);
    }
    await expectNothingDone(stage, sids);
    await expectCharged(stage, sids, { ...RIGHT, currency: 'usd' });
  });
});

test.each([
  ['always', RIGHT],
  ['never', {}],
])('a payment whose start was cut off has the terms of its attempt (%s)', async (mode, repeated) => {
  const stage = await connect({ variables: { CONFIRM_CHARGES: mode } });
  const { agent, call, simulator } = stage;
  simulator.faults.add({ route: 'payments.create', times: 1, action: 'lost' });
  await agent.fail('startPaymentCapture', { callSid: call.sid, chargeAmount: 12.5 });
  await simulator.settled();
  const sids = { callSid: call.sid, paymentSid: simulator.payments()[0]?.sid ?? '' };
  expect(await enterAll(stage, sids)).toMatchObject({ phase: 'ready', chargeAmount: 12.5, currency: 'USD' });
  expect(await start(stage)).toEqual(sids);
  await expectCharged(stage, sids, repeated);
});
