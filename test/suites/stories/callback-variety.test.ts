/** Callbacks as connectors and Twilio's pages have them, through whole payments. */
import twilio from 'twilio';
import { describe, expect, test } from 'vitest';
import type { RecordedCallback } from '../../simulator/index.ts';
import { connect, type Stage } from '../host/connect.ts';
import { reach } from '../host/in-process.ts';
import { captureAll, type Sids, STEPS, settledStatus, start, statusOf } from '../host/payment.ts';

/** Posts a callback as Twilio would, to the URL of the newest one, with other parameters. */
async function post(
  { simulator, variables }: Stage,
  params: Record<string, string>,
  url = (simulator.callbacks.at(-1) as RecordedCallback).url,
  sharedKey?: string,
): Promise<number> {
  const signed = url.split('#')[0] ?? '';
  const signature = sharedKey
    ? twilio.getExpectedTwilioSignature(sharedKey, signed, params, 'HMAC_SHA256')
    : twilio.getExpectedTwilioSignature(variables.AUTH_TOKEN ?? '', signed, params);
  const response = await reach(signed, {
    method: 'POST',
    headers: {
      'x-twilio-signature': signature,
      ...(sharedKey && { 'x-twilio-webhooks-signature-settings': 'key=WS1,algorithm=HMAC_SHA256' }),
    },
    body: new URLSearchParams(params),
  });
  return response.status;
}

const common = ({ simulator }: Stage, { callSid, paymentSid }: Sids) => ({
  AccountSid: simulator.credentials.accountSid,
  CallSid: callSid,
  Sid: paymentSid,
});

test('an internal error while the card is captured is the card’s: the payment lives, and can be finished', async () => {
  const stage = await connect();
  const { agent, simulator } = stage;
  const sids = await start(stage);
  await agent.call('captureCardNumber', sids);
  await simulator.settled();
  expect(await post(stage, { ...common(stage, sids), ErrorType: 'internal-error' })).toBe(200);
  expect(await statusOf(agent, sids)).toMatchObject({
    phase: 'capturing',
    nextStep: 'captureCardNumber',
    lastError: expect.stringMatching(/^internal-error/),
  });
  await captureAll(stage, sids);
  await agent.call('completePaymentCapture', sids);
  expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success', lastError: '' });
});

test.each([
  ['internal-error', 'started'],
  ['session-in-progress', 'failed'],
])(
  'an error without a field and without a capture leaves a payment that can be canceled and started anew (%s)',
  async (ErrorType, phase) => {
    const stage = await connect();
    const { agent, simulator } = stage;
    const sids = await start(stage);
    await simulator.settled();
    await post(stage, { ...common(stage, sids), ErrorType });
    expect(await statusOf(agent, sids)).toMatchObject({ phase });
    await agent.call('cancelPaymentCapture', sids);
    expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'canceled' });
    expect((await start(stage)).paymentSid).not.toBe(sids.paymentSid);
  },
);

test('what Twilio requires beyond the terms is captured before the payment is completed', async () => {
  const stage = await connect();
  const { agent, caller } = stage;
  const sids = await start(stage);
  await captureAll(stage, sids);
  const last = { Capture: 'expiration-date', ExpirationDate: '1230', Required: 'postal-code' };
  expect(await post(stage, { ...common(stage, sids), ...last })).toBe(200);
  expect(await statusOf(agent, sids)).toMatchObject({
    phase: 'capturing',
    required: ['postal-code'],
    nextStep: 'capturePostalCode',
  });
  expect(await agent.fail('completePaymentCapture', sids)).toMatch(/^NOT_READY: .*postal-code/);
  await agent.call('capturePostalCode', sids);
  await caller.types('94105');
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'ready', required: [] });
});

test('a card whose digits nobody tells is charged by amount and currency alone, and the agent is told so', async () => {
  const stage = await connect({ variables: { CONFIRM_CHARGES: 'always' } });
  const { agent, simulator } = stage;
  const sids = await start(stage);
  simulator.delivery.hold();
  let told = 0;
  for (const [tool, digits] of STEPS) {
    await agent.call(tool, sids);
    await stage.caller.types(digits);
    for (; told < simulator.callbacks.length; told++) {
      const { url, params } = simulator.callbacks[told] as RecordedCallback;
      const { PaymentCardNumber: _, ...numberless } = params;
      await post(stage, numberless, url);
    }
  }
  expect(await statusOf(agent, sids)).toMatchObject({ phase: 'ready', paymentCardNumber: '' });
  expect(await agent.fail('completePaymentCapture', sids)).toMatch(
    /^CONFIRMATION_REQUIRED: Twilio has not told the last digits/,
  );
  expect(
    await agent.fail('completePaymentCapture', {
      ...sids,
      chargeAmount: 12.5,
      currency: 'USD',
      lastFour: '4242',
    }),
  ).toMatch(/^CONFIRMATION_MISMATCH: /);
  expect(await agent.fail('completePaymentCapture', { ...sids, chargeAmount: 12.5 })).toMatch(
    /^CONFIRMATION_REQUIRED: /,
  );
  await agent.call('completePaymentCapture', { ...sids, chargeAmount: 12.5, currency: 'USD' });
  await simulator.delivery.release();
  expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
});

describe('a callback that is signed with a shared key', () => {
  test.each([
    ['is refused by a code of its own if there is none here', undefined, 403],
    ['is taken with the right key', 'the-key', 200],
    ['is refused with another', 'another', 403],
  ])('%s', async (_, WEBHOOK_SHARED_KEY, status) => {
    const stage = await connect({ variables: WEBHOOK_SHARED_KEY ? { WEBHOOK_SHARED_KEY } : {} });
    const sids = await start(stage);
    await stage.simulator.settled();
    expect(
      await post(stage, { ...common(stage, sids), PaymentMethod: 'credit-card' }, undefined, 'the-key'),
    ).toBe(status);
    const log = stage.host.logs.join('\n');
    if (WEBHOOK_SHARED_KEY === undefined) expect(log).toMatch(/SHARED_KEY_UNKNOWN/);
    else expect(log).not.toMatch(/SHARED_KEY_UNKNOWN|the-key/);
  });
});

test('a PUBLIC_URL may have a user and a password, which Twilio does not sign', async () => {
  const stage = await connect();
  stage.variables.PUBLIC_URL = stage.host.url.replace('://', '://user:pass@');
  const sids = await start(stage);
  await captureAll(stage, sids);
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'ready' });
});

test('a SIP leg is the caller’s only if the operator says so', async () => {
  for (const [ALLOW_SIP_CALLERS, works] of [
    ['', false],
    ['true', true],
  ] as const) {
    const stage = await connect({ variables: { ALLOW_SIP_CALLERS } });
    const call = stage.simulator.placeCall({ from: 'sip:caller@sbc.example' });
    if (works) expect(await start({ ...stage, call })).toMatchObject({ callSid: call.sid });
    else
      expect(await stage.agent.fail('startPaymentCapture', { callSid: call.sid })).toMatch(
        /^NOT_THE_CALLERS_LEG/,
      );
  }
});
