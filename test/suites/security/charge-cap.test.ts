import { expect, test } from 'vitest';
import { connect } from '../host/connect.ts';

test.each<[string, Record<string, string>, number, string]>([
  ['by default', {}, 1000, 'USD'],
  ['that is set', { MAX_CHARGE_AMOUNT: '49.90' }, 49.9, 'USD'],
  ['in the default currency', { MAX_CHARGE_AMOUNT: '20', CURRENCY: 'EUR' }, 20, 'EUR'],
  [
    'of one currency among several',
    { MAX_CHARGE_AMOUNT: 'USD 20 EUR 30', ALLOWED_CURRENCIES: 'USD EUR', CURRENCY: 'EUR' },
    30,
    'EUR',
  ],
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

test.each([
  ['which is not allowed', {}],
  ['which has no cap of its own', { ALLOWED_CURRENCIES: 'USD EUR JPY KWD' }],
])('another currency, %s, does not get around the cap', async (_, variables) => {
  const { agent, call, simulator } = await connect({ variables: { MAX_CHARGE_AMOUNT: '20', ...variables } });
  for (const currency of ['EUR', 'jpy', 'KWD']) {
    const args = { callSid: call.sid, chargeAmount: 1, currency };
    expect(await agent.fail('startPaymentCapture', args)).toMatch(/^CURRENCY_REFUSED: /);
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
