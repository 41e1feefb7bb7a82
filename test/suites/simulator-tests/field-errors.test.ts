import { describe, expect, test } from 'vitest';
import { openScene } from './scene.ts';

describe('an entry that Twilio does not accept', () => {
  test.each([
    ['payment-card-number', '4111111111111112', 'invalid-card-number'],
    ['payment-card-number', '4111#', 'invalid-card-number'],
    ['payment-card-number', '6011111111111117#', 'invalid-card-type'],
    ['expiration-date', '0120', 'invalid-date'],
    ['expiration-date', '9930', 'invalid-date'],
    ['postal-code', '#', 'invalid-postal-code'],
  ] as const)('%s %s gives %s and leaves the session open', async (field, digits, errorType) => {
    const { start, capture, last } = await openScene();
    const sid = await start();
    await capture(sid, field, digits);
    const params = await last();
    expect(params).toMatchObject({ Sid: sid, Capture: field, ErrorType: errorType });
    expect(params.Required).toContain(field);
    await capture(sid, field);
    expect(await last()).toMatchObject({ Capture: field, PartialResult: 'false' });
  });

  test('a security code of the wrong length', async () => {
    const { start, capture, last } = await openScene();
    const sid = await start();
    await capture(sid, 'payment-card-number');
    await capture(sid, 'security-code', '12#');
    expect(await last()).toMatchObject({ Capture: 'security-code', ErrorType: 'invalid-security-code' });
  });

  test('a security code before the card number', async () => {
    const { start, capture, last } = await openScene();
    expect(await capture(await start(), 'security-code')).toMatchObject({
      field: undefined,
      heard: 0,
      lost: 3,
    });
    const params = await last();
    expect(params.ErrorType).toBe('invalid-card-number-security-code-capture-sequence');
  });

  test('nothing typed at all', async () => {
    const { start, update, caller, last } = await openScene();
    const sid = await start();
    await update(sid, { capture: 'expiration-date' });
    await caller.typesNothing();
    expect(await last()).toMatchObject({ Capture: 'expiration-date', ErrorType: 'input-timeout' });
  });

  test('a pause judges what was typed so far', async () => {
    const { start, update, caller, last } = await openScene();
    const sid = await start({ validCardTypes: 'discover' });
    await update(sid, { capture: 'payment-card-number' });
    expect(await caller.types('6011111111111117')).toMatchObject({
      heard: 16,
      listeningFor: 'payment-card-number',
    });
    await caller.typesNothing();
    expect(await last()).toMatchObject({ PaymentCardType: 'discover', PartialResult: 'false' });
  });
});

describe('digits', () => {
  test('are lost while nothing listens, and after the field is full', async () => {
    const { start, capture, caller, receiver, simulator } = await openScene();
    const sid = await start();
    await simulator.settled();
    expect(await caller.types('123')).toMatchObject({ field: undefined, heard: 0, lost: 3 });
    expect(receiver.received).toHaveLength(1);
    expect(await capture(sid, 'expiration-date', '12309')).toMatchObject({
      field: 'expiration-date',
      heard: 4,
      lost: 1,
    });
  });

  test('of a field asked for again put it back into Required', async () => {
    const { start, capture, update, last } = await openScene();
    const sid = await start({ postalCode: false });
    await capture(sid, 'payment-card-number');
    await update(sid, { capture: 'payment-card-number' });
    const params = await last();
    expect(params.Required).toBe('payment-card-number, expiration-date, security-code');
    expect(params).not.toHaveProperty('PaymentCardNumber');
  });

  test('of another leg of the call are not heard', async () => {
    const { simulator, start, update } = await openScene();
    const { caller, agent } = simulator.placeCallWithAgentLeg({ caller: 'child' });
    const sid = await start({}, caller.sid);
    await update(sid, { capture: 'expiration-date' }, caller.sid);
    expect(await simulator.caller(agent.sid).types('1230')).toMatchObject({ heard: 0, lost: 4 });
    expect(await simulator.caller(caller.sid).types('1230')).toMatchObject({ heard: 4, lost: 0 });
    await expect(simulator.caller(caller.sid).types('12a')).rejects.toThrow('keypad');
  });
});
