import { describe, expect, test } from 'vitest';
import { SWITCH_VALUES, type Switches } from '../../simulator/index.ts';
import { openScene, refusalOf } from './scene.ts';

/** The callbacks of a whole payment, one kind at a time. */
async function payment(switches: Partial<Switches>) {
  const { start, update, captureCard, capture, complete, receiver } = await openScene({ switches });
  const sid = await start({ chargeAmount: 5 });
  await captureCard(sid);
  await capture(sid, 'postal-code', '#');
  const error = receiver.received.at(-1)?.params ?? {};
  await capture(sid, 'postal-code');
  await complete(sid);
  const all = receiver.received.map(({ params }) => params);
  const done = all.filter(
    (params) => params.Capture && params.PartialResult !== 'true' && params.ExpirationDate,
  );
  return { all, error, done: done.at(-1) ?? {}, final: all.at(-1) ?? {}, sid, update };
}

describe('switches of the callbacks', () => {
  test('PartialResult of a finished field', async () => {
    expect((await payment({})).done.PartialResult).toBe('false');
    expect((await payment({ donePartialResult: 'empty' })).done.PartialResult).toBe('');
    expect((await payment({ donePartialResult: 'missing' })).done).not.toHaveProperty('PartialResult');
  });

  test('what an error carries', async () => {
    const { error } = await payment({});
    expect(error).toMatchObject({ ErrorType: 'invalid-postal-code', Required: 'postal-code' });
    expect(error).not.toHaveProperty('PartialResult');
    const other = await payment({ errorCarriesPartialResult: true, errorCarriesRequired: false });
    expect(other.error).toMatchObject({ PartialResult: 'false' });
    expect(other.error).not.toHaveProperty('Required');
  });

  test('Required', async () => {
    const camel = await payment({ requiredNames: 'camel' });
    expect(camel.all[1]?.Required).toBe('PaymentCardNumber, ExpirationDate, SecurityCode, PostalCode');
    const without = await payment({ requiredPresent: false });
    expect(without.all.some((params) => 'Required' in params)).toBe(false);
  });

  test('masks', async () => {
    const { final } = await payment({ cardMask: 'dashed', securityMask: 'stars' });
    expect(final).toMatchObject({ PaymentCardNumber: 'xxxx-xxxx-xxxx-1111', SecurityCode: '***' });
  });

  test('the last callback with or without the common block', async () => {
    expect((await payment({})).final).not.toHaveProperty('PaymentConnector');
    expect((await payment({ finalFields: 'full' })).final).toMatchObject({
      PaymentConnector: 'Default',
      ChargeAmount: '5',
    });
  });

  test('no expiration date, no earlier fields, no echo', async () => {
    const bare = await payment({ expirationInCallbacks: false });
    expect(bare.all.some((params) => 'ExpirationDate' in params)).toBe(false);
    const alone = await payment({ earlierFieldsInCallbacks: false, updateEcho: false });
    const security = alone.all.filter((params) => params.Capture === 'security-code');
    expect(security.every((params) => 'SecurityCode' in params && !('PaymentCardNumber' in params))).toBe(
      true,
    );
  });

  test('parameters that nobody knows are signed too', async () => {
    const { receiver, start, simulator } = await openScene({ switches: { extraParameters: true } });
    await start();
    await simulator.settled();
    expect(receiver.received[0]?.genuine).toBe(true);
    expect(receiver.received[0]?.params).toHaveProperty('aLowerCaseOne', '');
  });

  test('CallSid is the parent leg, or the leg itself', async () => {
    const { simulator, start, last } = await openScene();
    const { caller, agent } = simulator.placeCallWithAgentLeg({ caller: 'child' });
    const first = await start({}, caller.sid);
    expect(await last()).toMatchObject({ Sid: first, CallSid: agent.sid });
    simulator.switches.callbackCallSid = 'leg';
    await simulator.caller(caller.sid).hangsUp();
    expect(await last()).toMatchObject({ Sid: first, CallSid: caller.sid, Result: 'caller-hung-up' });
    expect(agent.status).toBe('completed');
  });

  test('a cancel', async () => {
    const { simulator, start, update, last } = await openScene();
    for (const [cancelResult, result] of [
      ['transaction-cancelled', 'transaction-cancelled'],
      ['other', 'payment-cancelled'],
      ['no-result', undefined],
    ] as const) {
      simulator.switches.cancelResult = cancelResult;
      const sid = await start();
      await update(sid, { status: 'cancel' });
      const params = await last();
      expect(params.Sid).toBe(sid);
      expect(params.Result).toBe(result);
    }
  });

  test('a hang-up without a last callback', async () => {
    const { simulator, start, caller, last } = await openScene({ switches: { hangupCallback: false } });
    await start();
    await caller.hangsUp();
    expect(await last()).not.toHaveProperty('Result');
    expect(simulator.payments()[0]).toMatchObject({ state: 'finished', result: 'caller-hung-up' });
  });

  test('callbacks before the answer to the request', async () => {
    const { start, update, receiver } = await openScene({ switches: { callbacksBeforeAnswer: true } });
    const sid = await start();
    expect(receiver.received).toHaveLength(1);
    await update(sid, { capture: 'expiration-date' });
    expect(receiver.received).toHaveLength(2);
  });
});

describe('switches of the processor', () => {
  test('a refused payment may be completed again', async () => {
    const { simulator, start, captureCard, complete, update } = await openScene({
      switches: { processorOutcome: 'decline' },
    });
    const first = await start({ chargeAmount: 5, postalCode: false });
    await captureCard(first);
    await complete(first);
    expect(await refusalOf(update(first, { status: 'complete' }))).toMatchObject({ code: 64021 });

    simulator.switches.completeAfterFailure = 'allowed';
    const second = await start({ chargeAmount: 5, postalCode: false });
    await captureCard(second);
    await complete(second);
    simulator.switches.processorOutcome = 'approve';
    await complete(second);
    expect(simulator.charges).toHaveLength(1);
  });

  test.each([
    ['unavailable', 'payment-connector-error'],
    ['validation-error', 'validation-error'],
    ['internal-error', 'internal-error'],
  ] as const)('outcome %s', async (processorOutcome, result) => {
    const { final } = await payment({ processorOutcome });
    expect(final.Result).toBe(result);
  });

  test('numeric codes', async () => {
    const { final } = await payment({ numericCodes: true });
    expect(final.PaymentConfirmationCode).toMatch(/^\d{16}$/);
    expect((await payment({ numericCodes: 'luhn' })).final.PaymentConfirmationCode).toMatch(/^\d{16}$/);
  });
});

const FAILING = ['processorOutcome', 'syncRateLimits'];

describe('a whole payment succeeds with every other value of', () => {
  test.each(Object.entries(SWITCH_VALUES).filter(([name]) => !FAILING.includes(name)))(
    '%s',
    async (name, values) => {
      // The first value is the default, which every other test runs with.
      for (const value of values.slice(1)) {
        const { final } = await payment({ [name]: value });
        expect({ value, result: final.Result }).toEqual({ value, result: 'success' });
      }
    },
  );
});
