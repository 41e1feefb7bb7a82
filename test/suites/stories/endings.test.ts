import { beforeEach, expect, test } from 'vitest';
import { connect, VISA } from '../host/connect.ts';
import { passTime } from '../host/go-on.ts';
import { hurry } from '../host/hurry.ts';
import { captureAll, settledStatus, start, statusOf } from '../host/payment.ts';

beforeEach(hurry);

test('a token is made when there is no amount', async () => {
  const stage = await connect();
  const sids = await start(stage, { tokenType: 'one-time' });
  await captureAll(stage, sids);
  await stage.agent.call('completePaymentCapture', sids);
  const status = await settledStatus(stage, sids);
  expect(status).toMatchObject({
    result: 'success',
    chargeAmount: 0,
    paymentConfirmationCode: '',
  });
  expect(status.paymentToken).toBe(stage.simulator.charges[0]?.token);
  const create = stage.simulator.requests.find(({ route }) => route === 'payments.create');
  expect(create?.params).toMatchObject({ TokenType: 'one-time', SecurityCode: 'true', PostalCode: 'false' });
  expect(create?.params).not.toHaveProperty('ChargeAmount');
});

test('a charge sends the amount and no token type', async () => {
  const stage = await connect({ variables: { CURRENCY: 'eur' } });
  await start(stage, { chargeAmount: 20, description: 'Order 17' });
  const create = stage.simulator.requests.find(({ route }) => route === 'payments.create');
  expect(create?.params).toMatchObject({ ChargeAmount: '20', Currency: 'EUR', Description: 'Order 17' });
  expect(create?.params).not.toHaveProperty('TokenType');
});

test('a mistyped card number is shown with advice and can be typed again', async () => {
  const stage = await connect();
  const { agent, caller } = stage;
  const sids = await start(stage);
  await agent.call('captureCardNumber', sids);
  await caller.types('4242424242424241');
  expect(await statusOf(agent, sids)).toMatchObject({
    phase: 'capturing',
    capturing: '',
    lastError: expect.stringMatching(/^invalid-card-number: /),
    nextStep: 'captureCardNumber',
    required: ['payment-card-number', 'security-code', 'expiration-date'],
  });
  await captureAll(stage, sids);
  expect(await statusOf(agent, sids)).toMatchObject({
    phase: 'ready',
    paymentCardNumber: 'xxxxxxxxxxxx4242',
    lastError: '',
  });
});

test('each field can fail and be repeated without losing the others', async () => {
  const stage = await connect();
  const { agent, caller } = stage;
  const sids = await start(stage);
  await agent.call('captureCardNumber', sids);
  await caller.types(VISA);
  await agent.call('captureSecurityCode', sids);
  await caller.typesNothing();
  expect(await statusOf(agent, sids)).toMatchObject({
    lastError: expect.stringMatching(/^input-timeout: /),
    nextStep: 'captureSecurityCode',
    required: ['security-code', 'expiration-date'],
  });
  await agent.call('captureExpirationDate', sids);
  await caller.types('0120');
  expect(await statusOf(agent, sids)).toMatchObject({ lastError: expect.stringMatching(/^invalid-date: /) });
  await captureAll(stage, sids);
  expect(await statusOf(agent, sids)).toMatchObject({
    phase: 'ready',
    securityCode: 'xxx',
    expirationDate: '1230',
  });
});

test('a declined card fails the payment, says so, and frees the call for a new one', async () => {
  const stage = await connect();
  const { agent, caller } = stage;
  const sids = await start(stage);
  await agent.call('captureCardNumber', sids);
  await caller.types('4000000000000002');
  await captureAll(stage, sids);
  await agent.call('completePaymentCapture', sids);
  expect(await settledStatus(stage, sids)).toMatchObject({
    phase: 'failed',
    result: 'payment-connector-error',
    lastError: expect.stringContaining('64012'),
    nextStep: 'askCaller',
    thenCall: 'startPaymentCapture',
  });
  const again = await start(stage);
  expect(again.paymentSid).not.toBe(sids.paymentSid);
  expect(stage.simulator.charges).toHaveLength(0);
});

test.each(['hangsUp', 'pressesStar'] as const)('a caller who %s ends the payment', async (ending) => {
  const stage = await connect();
  const { agent, caller } = stage;
  const sids = await start(stage);
  await agent.call('captureCardNumber', sids);
  await caller.types(VISA.slice(0, 5));
  await caller[ending]();
  expect(await settledStatus(stage, sids)).toMatchObject({
    phase: 'failed',
    result: ending === 'hangsUp' ? 'caller-hung-up' : 'caller-interrupted-with-star',
    nextStep: ending === 'hangsUp' ? 'done' : 'askCaller',
  });
  expect(await agent.fail('captureCardNumber', sids)).toMatch(/^PAYMENT_FINISHED: /);
});

test.each(['transaction-cancelled', 'no-result', 'other'] as const)(
  'a canceled payment is canceled whatever Twilio calls it (%s)',
  async (cancelResult) => {
    const stage = await connect({ switches: { cancelResult } });
    const sids = await start(stage);
    expect(await stage.agent.call('cancelPaymentCapture', sids)).toMatchObject({
      paymentSid: sids.paymentSid,
    });
    expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'canceled', nextStep: 'done' });
    expect(await stage.agent.call('cancelPaymentCapture', sids)).toMatchObject({ phase: 'canceled' });
    expect((await start(stage)).paymentSid).not.toBe(sids.paymentSid);
  },
);

test('a session whose call just ended without a callback still stands', async () => {
  const stage = await connect({ switches: { hangupCallback: false } });
  const { agent, caller } = stage;
  const sids = await start(stage);
  await agent.call('captureCardNumber', sids);
  await caller.types(VISA.slice(0, 5));
  await caller.hangsUp();
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'capturing' });
});

test('a quiet session of a call that is over says so', async () => {
  const stage = await connect({ switches: { hangupCallback: false } });
  const { agent, caller, simulator } = stage;
  const sids = await start(stage);
  simulator.advance(-17_000);
  await agent.call('captureCardNumber', sids);
  expect(await statusOf(agent, sids)).toMatchObject({ phase: 'capturing', nextStep: 'askCaller' });
  await caller.hangsUp();
  expect(await settledStatus(stage, sids)).toMatchObject({
    phase: 'failed',
    lastError: expect.stringMatching(/^call-ended: /),
    nextStep: 'done',
  });
});

test('a capture on a call that is over says so', async () => {
  const stage = await connect({ switches: { hangupCallback: false } });
  const { agent, caller } = stage;
  const sids = await start(stage);
  await caller.hangsUp();
  expect(await agent.fail('captureCardNumber', sids)).toMatch(/^CALL_NOT_IN_PROGRESS: /);
  expect(await statusOf(agent, sids)).toMatchObject({ phase: 'failed', nextStep: 'done' });
});

test('after a token nobody has paid: the caller is asked whether to enter all again', async () => {
  const stage = await connect({ variables: { CALLER_LANGUAGE: 'de' } });
  const { agent, call } = stage;
  const sids = await start(stage, { tokenType: 'reusable' });
  await captureAll(stage, sids);
  await agent.call('completePaymentCapture', sids);
  await settledStatus(stage, sids);
  const again = { callSid: call.sid, chargeAmount: 5 };
  const text = await agent.fail('startPaymentCapture', again);
  expect(text).toContain(
    'say: Ihre Daten sind schon gespeichert. Es wurde nichts abgebucht. Möchten Sie sie noch einmal eingeben?',
  );
  expect(text).toMatch(/^ALREADY_PAID: .*Nothing was charged\. .*thenCall: startPaymentCapture\nifNo: done/s);
  await agent.call('startPaymentCapture', { ...again, anotherPayment: true });
});

test('whoever goes on with a payment that is paid is told that it is', async () => {
  const stage = await connect();
  const { agent } = stage;
  const sids = await start(stage);
  await captureAll(stage, sids);
  await agent.call('completePaymentCapture', sids);
  await settledStatus(stage, sids);
  expect(await agent.fail('captureCardNumber', sids)).toBe(
    'PAYMENT_FINISHED: The payment has ended. It was charged.\nnextStep: done',
  );
});

test('a cancel of a payment that has failed ends the conversation about it', async () => {
  const stage = await connect();
  const { agent, caller } = stage;
  const sids = await start(stage);
  await agent.call('captureCardNumber', sids);
  await caller.pressesStar();
  expect(await statusOf(agent, sids)).toMatchObject({ phase: 'failed', thenCall: 'startPaymentCapture' });
  const canceled = await agent.call('cancelPaymentCapture', sids);
  expect(canceled).toMatchObject({ phase: 'failed', nextStep: 'done', say: 'Nothing was charged.' });
  expect(canceled).not.toHaveProperty('thenCall');
});

test('each cancel that is asked for asks Twilio anew', async () => {
  const stage = await connect();
  const { agent, simulator } = stage;
  const sids = await start(stage);
  simulator.faults.add({ route: 'payments.update', times: 2, action: { status: 429 } });
  for (let tries = 0; tries < 2; tries++) await agent.fail('cancelPaymentCapture', sids);
  await agent.call('cancelPaymentCapture', sids);
  const cancels = simulator.requests.filter(({ params }) => params.Status === 'cancel');
  expect(new Set(cancels.map(({ params }) => params.IdempotencyKey)).size).toBe(3);
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'canceled' });
});

test('that the call has ended is told although it cannot be noted', async () => {
  const stage = await connect({ switches: { hangupCallback: false } });
  const { agent, caller, simulator } = stage;
  const sids = await start(stage);
  await caller.hangsUp();
  passTime(60_000);
  simulator.faults.add({ route: 'documents.update', action: { status: 503 } });
  expect(await statusOf(agent, sids)).toMatchObject({ phase: 'failed', nextStep: 'done' });
});
