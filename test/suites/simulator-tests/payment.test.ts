import { describe, expect, test } from 'vitest';
import { openScene } from './scene.ts';

const CARD = '4111111111111111';

describe('a card payment', () => {
  test('is charged after each field was captured digit by digit', async () => {
    const { simulator, receiver, start, captureCard, complete, callSid } = await openScene();
    const sid = await start({ chargeAmount: 10.1, postalCode: false });
    await captureCard(sid);
    await complete(sid);

    const steps = receiver.received.map(({ params }) => params);
    expect(steps[0]).toEqual({
      AccountSid: simulator.credentials.accountSid,
      CallSid: callSid,
      Sid: sid,
      PaymentConnector: 'Default',
      PaymentMethod: 'credit-card',
      ChargeAmount: '10.1',
      DateCreated: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(steps[1]).toMatchObject({
      Capture: 'payment-card-number',
      Required: 'payment-card-number, expiration-date, security-code',
    });
    expect(steps[1]).not.toHaveProperty('PartialResult');
    const typed = steps.filter(
      (params) => params.Capture === 'payment-card-number' && params.PartialResult === 'true',
    );
    expect(typed.map((params) => params.PaymentCardNumber)).toEqual(
      [...CARD].map((_, at) => 'x'.repeat(at + 1)),
    );
    expect(steps.find((params) => params.PartialResult === 'false')).toMatchObject({
      PaymentCardNumber: 'xxxxxxxxxxxx1111',
      PaymentCardType: 'visa',
      Required: 'expiration-date, security-code',
    });
    expect(steps.at(-2)).toMatchObject({
      Capture: 'security-code',
      SecurityCode: 'xxx',
      ExpirationDate: '1230',
      Required: '',
    });
    expect(steps.at(-1)).toMatchObject({
      Result: 'success',
      PaymentConfirmationCode: expect.stringMatching(/^ch_/),
      PaymentToken: '',
      ProfileId: '',
    });
    expect(receiver.received.every(({ genuine }) => genuine)).toBe(true);
    expect(simulator.charges).toEqual([
      expect.objectContaining({
        paymentSid: sid,
        callSid,
        amount: '10.1',
        currency: 'USD',
        confirmationCode: steps.at(-1)?.PaymentConfirmationCode,
      }),
    ]);
    expect(simulator.everythingWritten()).not.toContain(CARD);
    expect(simulator.unknownRequests).toEqual([]);
  });

  test('without an amount makes a token', async () => {
    const { simulator, start, captureCard, complete, last } = await openScene();
    const sid = await start({ postalCode: false, tokenType: 'one-time' });
    await captureCard(sid);
    await complete(sid);
    expect(await last()).toMatchObject({
      Result: 'success',
      PaymentConfirmationCode: '',
      PaymentToken: expect.stringMatching(/^tok_/),
      ProfileId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(simulator.charges[0]).not.toHaveProperty('amount');
  });

  test.each([
    ['4000000000000002', '64012', 'card_declined'],
    ['4000000000000119', '64002', 'processing_error'],
  ])('with %s is refused with %s', async (number, code, connectorError) => {
    const { simulator, start, captureCard, complete, last } = await openScene();
    const sid = await start({ chargeAmount: 5, postalCode: false });
    await captureCard(sid, number);
    await complete(sid);
    expect(await last()).toMatchObject({
      Result: 'payment-connector-error',
      PayErrorCode: code,
      ConnectorError: connectorError,
      PaymentError: expect.stringMatching(/./),
    });
    expect(simulator.charges).toEqual([]);
  });

  test('asks for a postal code unless told otherwise', async () => {
    const { start, captureCard, capture, last } = await openScene();
    const sid = await start({ chargeAmount: 5 });
    await captureCard(sid, '378282246310005');
    expect(await last()).toMatchObject({ SecurityCode: 'xxxx', Required: 'postal-code' });
    await capture(sid, 'postal-code');
    expect(await last()).toMatchObject({ PaymentCardPostalCode: '94105', Required: '' });
  });

  test('ends with the caller pressing * or hanging up', async () => {
    const { simulator, start, update, caller, last, callSid } = await openScene();
    const first = await start();
    await update(first, { capture: 'payment-card-number' });
    await caller.types('4111');
    await caller.pressesStar();
    expect(await last()).toMatchObject({ Sid: first, Result: 'caller-interrupted-with-star' });

    const second = await start();
    await caller.hangsUp();
    expect(await last()).toMatchObject({ Sid: second, Result: 'caller-hung-up' });
    expect(simulator.calls().find(({ sid }) => sid === callSid)?.status).toBe('completed');
    await expect(caller.types('1')).rejects.toThrow('not in progress');
  });

  test('goes on at the processor while the caller hangs up', async () => {
    const { simulator, start, captureCard, update, caller, receiver } = await openScene();
    for (const [how, results] of [
      ['result', ['success']],
      ['both', ['caller-hung-up', 'success']],
      ['hung-up', ['caller-hung-up']],
    ] as const) {
      receiver.received.length = 0;
      Object.assign(simulator.switches, { hangupWhileCompleting: how, processorMs: 300 });
      const call = simulator.calls()[0];
      if (call) call.status = 'in-progress';
      const sid = await start({ chargeAmount: 5, postalCode: false });
      await captureCard(sid);
      await update(sid, { status: 'complete' });
      await caller.hangsUp();
      await simulator.settled();
      expect(receiver.received.flatMap(({ params }) => params.Result ?? [])).toEqual(results);
    }
    expect(simulator.charges).toHaveLength(3);
  });
});

describe('a bank account payment', () => {
  test('takes routing and account number', async () => {
    const { start, update, caller, complete, last } = await openScene();
    const sid = await start({ chargeAmount: 5, paymentMethod: 'ach-debit', parameter: { AVSName: 'Ann' } });
    await update(sid, { capture: 'bank-routing-number' });
    await caller.types('110000000');
    await update(sid, { capture: 'bank-account-number' });
    await caller.types('000123456789#');
    expect(await last()).toMatchObject({
      BankAccountType: 'consumer-checking',
      BankRoutingNumber: '110000000',
      BankAccountNumber: '**********89',
      Required: '',
    });
    await complete(sid);
    expect(await last()).toMatchObject({ Result: 'success', PaymentMethod: 'ach-debit' });
  });
});

describe('a payment that asks twice', () => {
  test('needs a matching second entry', async () => {
    const { start, update, capture, captureCard, caller, complete, last } = await openScene();
    const sid = await start({
      chargeAmount: 5,
      postalCode: false,
      requireMatchingInputs: 'payment-card-number',
    });
    await captureCard(sid);
    expect(await last()).toMatchObject({ Required: 'payment-card-number-matcher' });
    await expect(complete(sid)).rejects.toMatchObject({ code: 64019 });

    await update(sid, { capture: 'payment-card-number-matcher' });
    await caller.types('4242424242424242#');
    expect(await last()).toMatchObject({
      Capture: 'payment-card-number-matcher',
      ErrorType: 'input-matching-failed',
    });

    await update(sid, { capture: 'payment-card-number-matcher' });
    await caller.types('4111111111111111#');
    expect(await last()).toMatchObject({ PartialResult: 'false', Required: '' });
    await capture(sid, 'payment-card-number');
    expect(await last()).toMatchObject({ Required: 'payment-card-number-matcher' });
  });

  test('names the field in place of the second entry, where that is switched', async () => {
    const { start, update, capture, caller, last } = await openScene({
      switches: { matcherCapture: 'field' },
    });
    const sid = await start({ postalCode: false, requireMatchingInputs: 'expiration-date' });
    await capture(sid, 'expiration-date');
    await update(sid, { capture: 'expiration-date-matcher' });
    expect(await last()).toMatchObject({ Capture: 'expiration-date' });
    await caller.types('1');
    expect(await last()).toMatchObject({
      Capture: 'expiration-date',
      PartialResult: 'true',
      ExpirationDate: '1',
    });
  });

  test('with Confirmation waits for the caller to press 1, and ends with 2', async () => {
    const { simulator, start, captureCard, update, caller, last } = await openScene();
    for (const [key, result] of [
      ['1', 'success'],
      ['2', 'transaction-cancelled'],
    ] as const) {
      const sid = await start({ chargeAmount: 5, postalCode: false, confirmation: 'true' });
      await captureCard(sid);
      await update(sid, { status: 'complete' });
      await caller.waitsFor('confirmation');
      expect(simulator.payments().at(-1)?.state).toBe('confirming');
      await caller.types(`7${key}`);
      expect(await last()).toMatchObject({ Sid: sid, Result: result });
    }
    expect(simulator.charges).toHaveLength(1);
  });
});
