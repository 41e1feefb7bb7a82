import { expect, test } from 'vitest';
import { connect, VISA } from '../host/connect.ts';

test('a charge is taken while the caller types', async () => {
  const { agent, caller, call, simulator, everythingWritten } = await connect();
  const { paymentSid } = await agent.call('startPaymentCapture', { callSid: call.sid, chargeAmount: 12.5 });
  const sids = { callSid: call.sid, paymentSid };

  expect(await agent.call('captureCardNumber', sids)).toMatchObject({
    phase: 'capturing',
    nextStep: 'askCaller',
  });
  await caller.types(VISA.slice(0, 6));
  expect(await agent.call('getPaymentStatus', sids)).toMatchObject({
    partial: true,
    paymentCardNumber: 'xxxxxx',
    nextStep: 'wait',
  });
  await caller.types(VISA.slice(6));
  expect(await agent.call('getPaymentStatus', sids)).toMatchObject({
    paymentCardNumber: 'xxxxxxxxxxxx4242',
    paymentCardType: 'visa',
    required: ['security-code', 'expiration-date'],
    nextStep: 'captureSecurityCode',
  });

  await agent.call('captureSecurityCode', sids);
  await caller.types('123');
  await agent.call('captureExpirationDate', sids);
  await caller.types('1230');
  expect(await agent.call('getPaymentStatus', sids)).toMatchObject({
    phase: 'ready',
    nextStep: 'askCaller',
    thenCall: 'completePaymentCapture',
    say: "I'll charge $12.50 to your card ending in 4242. Shall I go ahead?",
  });

  expect(await agent.call('completePaymentCapture', sids)).toMatchObject({ nextStep: 'wait' });
  await simulator.settled();
  expect(await agent.call('getPaymentStatus', sids)).toMatchObject({
    phase: 'completed',
    result: 'success',
    paymentCardNumber: 'xxxxxxxxxxxx4242',
    paymentCardType: 'visa',
    securityCode: 'xxx',
    expirationDate: '1230',
    paymentConfirmationCode: simulator.charges[0]?.confirmationCode,
    paymentToken: '',
    nextStep: 'done',
  });
  expect(simulator.charges).toHaveLength(1);
  expect(simulator.unknownRequests).toEqual([]);
  expect(everythingWritten()).not.toContain(VISA);
});
