import { expect, test } from 'vitest';
import { connect } from '../host/connect.ts';

test.each<[string, Record<string, string>, number, string]>([
  ['by default', {}, 1000, 'USD'],
  ['that is set', { MAX_CHARGE_AMOUNT: '49.90' }, 49.9, 'USD'],
  ['in the currency of the charge', { MAX_CHARGE_AMOUNT: '20', CURRENCY: 'EUR' }, 20, 'EUR'],
])(
  'no payment is started above the cap %s, and Twilio hears nothing of it',
  async (_, variables, cap, currency) => {
    const { agent, call, simulator } = await connect({ variables });
    for (const chargeAmount of [cap + 0.01, cap + 1, cap * 100, 999_999.99, Number.MAX_VALUE]) {
      const text = await agent.fail('startPaymentCapture', { callSid: call.sid, chargeAmount });
      expect(text).toMatch(/^AMOUNT_REFUSED: /);
      expect(text).toContain(`The most that may be charged is ${cap} ${currency}.`);
    }
    expect(simulator.requests).toEqual([]);
    await agent.call('startPaymentCapture', { callSid: call.sid, chargeAmount: cap });
    expect(simulator.payments()).toHaveLength(1);
  },
);

test('another currency does not get around the cap', async () => {
  const { agent, call, simulator } = await connect({ variables: { MAX_CHARGE_AMOUNT: '20' } });
  for (const currency of ['EUR', 'jpy', 'KWD']) {
    const args = { callSid: call.sid, chargeAmount: 20.5, currency };
    expect(await agent.fail('startPaymentCapture', args)).toMatch(/^AMOUNT_REFUSED: /);
  }
  expect(simulator.requests).toEqual([]);
});

test.each([0.001, 12.345, 1e-9])(
  'an amount with more than two decimals is refused: %d',
  async (chargeAmount) => {
    const { agent, call, simulator } = await connect();
    expect(await agent.fail('startPaymentCapture', { callSid: call.sid, chargeAmount })).toMatch(
      /^AMOUNT_REFUSED: .*two decimals/,
    );
    expect(simulator.requests).toEqual([]);
  },
);
