/** How often a caller may fail before the advice is to stop (MAX_ATTEMPTS_PER_FIELD). */
import { beforeEach, describe, expect, test } from 'vitest';
import { connect, type Stage } from '../host/connect.ts';
import { enter, enterAll } from '../host/entries.ts';
import { passTime } from '../host/go-on.ts';
import { hurry } from '../host/hurry.ts';
import { type Sids, settledStatus, start, statusOf } from '../host/payment.ts';

beforeEach(hurry);

const DATE = 'expiration-date';
const ASKED_AGAIN = {
  nextStep: 'captureExpirationDate',
  say: '',
};
const STOPPED = {
  nextStep: 'askCaller',
  thenCall: 'cancelPaymentCapture',
  say: expect.stringMatching(/another way/),
  why: expect.stringMatching(/Too many tries have failed\. Whatever the caller answers, cancel this payment/),
};

async function started(variables: Record<string, string> = {}, terms: object = {}): Promise<[Stage, Sids]> {
  const stage = await connect({ variables });
  return [stage, await start(stage, { chargeAmount: 12.5, securityCode: false, ...terms })];
}

/** The caller types a month that there is not. */
function mistype(stage: Stage, sids: Sids): Promise<Record<string, unknown>> {
  return enter(stage, sids, DATE, { keys: '1330' });
}

test.each<[string, Record<string, string>, number]>([
  ['three, where nothing is said', {}, 3],
  ['one', { MAX_ATTEMPTS_PER_FIELD: '1' }, 1],
  ['five', { MAX_ATTEMPTS_PER_FIELD: '5' }, 5],
])('after so many failed entries of a field the advice is to stop: %s', async (_, variables, most) => {
  const [stage, sids] = await started(variables);
  for (let i = 1; i < most; i++) expect(await mistype(stage, sids)).toMatchObject(ASKED_AGAIN);
  const status = await mistype(stage, sids);
  expect(status).toMatchObject(STOPPED);
  expect(status.why).toMatch(/^The expiration date is not valid/);
  expect(status.lastError).toMatch(/^invalid-date: /);
  await stage.agent.call('cancelPaymentCapture', sids);
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'canceled', nextStep: 'done' });
});

test('the tools still work: an agent that goes on all the same comes to the end', async () => {
  const [stage, sids] = await started({ MAX_ATTEMPTS_PER_FIELD: '1' });
  expect(await mistype(stage, sids)).toMatchObject(STOPPED);
  await stage.agent.call('captureExpirationDate', sids);
  expect(await statusOf(stage.agent, sids)).toMatchObject({ nextStep: 'askCaller', why: '' });
  await stage.caller.types('1230');
  expect(await settledStatus(stage, sids)).toMatchObject({ nextStep: 'captureCardNumber', why: '' });
  await enterAll(stage, sids);
  await stage.agent.call('completePaymentCapture', sids);
  expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
});

describe('what counts', () => {
  test('is one field: failures of another do not', async () => {
    const [stage, sids] = await started();
    await mistype(stage, sids);
    await mistype(stage, sids);
    const card = await enter(stage, sids, 'payment-card-number', { keys: '4242424242424241' });
    expect(card).toMatchObject({ nextStep: 'captureCardNumber' });
    expect(await mistype(stage, sids)).toMatchObject(STOPPED);
  });

  test('is forgotten by nobody who asks for something else meanwhile', async () => {
    const [stage, sids] = await started({ MAX_ATTEMPTS_PER_FIELD: '1' });
    await mistype(stage, sids);
    expect(await enter(stage, sids, 'payment-card-number')).toMatchObject({ required: [DATE], ...STOPPED });
  });

  test('is both entries of a field that is typed twice', async () => {
    const [stage, sids] = await started({}, { requireMatchingInputs: [DATE] });
    await mistype(stage, sids);
    await enter(stage, sids, DATE);
    expect(await enter(stage, sids, DATE, { keys: '1231' })).toMatchObject({
      nextStep: 'captureExpirationDate',
    });
    await enter(stage, sids, DATE);
    expect(await enter(stage, sids, DATE, { keys: '1231' })).toMatchObject(STOPPED);
  });

  test('is what the caller does not do, too', async () => {
    const [stage, sids] = await started({ MAX_ATTEMPTS_PER_FIELD: '2' });
    const silence = async () => {
      await stage.agent.call('captureExpirationDate', sids);
      await stage.caller.typesNothing();
      return settledStatus(stage, sids);
    };
    expect(await silence()).toMatchObject({ nextStep: 'captureExpirationDate' });
    expect(await silence()).toMatchObject(STOPPED);
  });

  test('is also an entry of which nothing was ever heard', async () => {
    const [stage, sids] = await started({ MAX_ATTEMPTS_PER_FIELD: '2' });
    const { agent, simulator } = stage;
    simulator.delivery.hold();
    await agent.call('captureExpirationDate', sids);
    passTime(31_000);
    expect(await statusOf(agent, sids)).toMatchObject({ nextStep: 'captureExpirationDate' });
    await agent.call('captureExpirationDate', sids);
    passTime(31_000);
    expect(await statusOf(agent, sids)).toMatchObject({ thenCall: 'cancelPaymentCapture' });
  });
});

describe('what Twilio itself refuses', () => {
  /** Twilio refuses to listen so many times. */
  async function refuse({ agent, simulator }: Stage, sids: Sids, times: number): Promise<void> {
    simulator.faults.add({ route: 'payments.update', times, action: { status: 409, code: 64021 } });
    for (let i = 0; i < times; i++)
      expect(await agent.fail('captureExpirationDate', sids)).toMatch(/^TWILIO_REFUSED: /);
  }

  test('is counted apart from what the caller fails at', async () => {
    const [stage, sids] = await started();
    await refuse(stage, sids, 4);
    expect(await mistype(stage, sids)).toMatchObject(ASKED_AGAIN);
    expect(await mistype(stage, sids)).toMatchObject(ASKED_AGAIN);
    expect(await mistype(stage, sids)).toMatchObject(STOPPED);
  });

  test('ends in the same advice, so that no agent tries for ever', async () => {
    const [stage, sids] = await started();
    await refuse(stage, sids, 4);
    expect(await statusOf(stage.agent, sids)).toMatchObject({ nextStep: 'captureExpirationDate' });
    await refuse(stage, sids, 1);
    expect(await statusOf(stage.agent, sids)).toMatchObject(STOPPED);
  });

  test('so do completions', async () => {
    const [stage, sids] = await started();
    await enterAll(stage, sids);
    stage.simulator.faults.add({ route: 'payments.update', times: 5, action: { status: 400, code: 64001 } });
    for (let i = 0; i < 5; i++) {
      expect(await statusOf(stage.agent, sids)).toMatchObject({ thenCall: 'completePaymentCapture' });
      await stage.agent.fail('completePaymentCapture', sids);
    }
    expect(await statusOf(stage.agent, sids)).toMatchObject({
      thenCall: 'cancelPaymentCapture',
      say: expect.stringMatching(/another way/),
    });
  });
});
