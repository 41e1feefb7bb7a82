/** What no start asks of Twilio: each combination that it would refuse, and each limit, with the reason. */
import { describe, expect, test } from 'vitest';
import { connect } from '../host/connect.ts';
import { BANK } from '../host/entries.ts';

type Args = Record<string, unknown>;
type Row = [what: string, args: Args, reason: RegExp, variables?: Record<string, string>];

/** Nothing at all reaches Twilio, and the error says what is wrong and what to do. */
async function expectRefused(code: string, [, args, reason, variables = {}]: Row): Promise<void> {
  const { agent, call, simulator } = await connect({ variables });
  const text = await agent.fail('startPaymentCapture', { callSid: call.sid, ...args });
  expect(text).toMatch(new RegExp(`^${code}: `));
  expect(text).toMatch(reason);
  expect(text).toMatch(/\nnextStep: (?:startPaymentCapture|askCaller)$/);
  expect(simulator.requests).toEqual([]);
}

describe('a combination that Twilio refuses is refused before it is asked:', () => {
  test.each<Row>([
    [
      'a token type with a charge',
      { chargeAmount: 5, tokenType: 'reusable' },
      /tokenType: a charge makes no token/,
    ],
    [
      'a bank account type with a card',
      { bankAccountType: 'consumer-savings' },
      /bankAccountType: goes with ach-debit/,
    ],
    [
      'a bank account without its holder',
      { paymentMethod: 'ach-debit' },
      /parameter\.AVSName is missing: ach-debit needs .*\nsay: What is the account holder's name\?\nthenCall: startPaymentCapture/s,
    ],
    [
      'a bank account whose holder is blank',
      { ...BANK, parameter: { AVSName: ' ' } },
      /parameter\.AVSName is missing: ach-debit needs .*\nsay: What is the account holder's name\?\nthenCall: startPaymentCapture/s,
    ],
    [
      'a bank account with a security code',
      { ...BANK, securityCode: true },
      /securityCode: goes with cards alone/,
    ],
    ['a bank account with a postal code', { ...BANK, postalCode: true }, /postalCode: goes with cards alone/],
    [
      'a bank account with the length of one',
      { ...BANK, minPostalCodeLength: 5 },
      /minPostalCodeLength: goes with cards alone/,
    ],
    [
      'a bank account with card types',
      { ...BANK, validCardTypes: ['visa'] },
      /validCardTypes: goes with cards alone/,
    ],
    [
      'a bank account with second entries',
      { ...BANK, requireMatchingInputs: ['security-code'] },
      /requireMatchingInputs: goes with cards alone/,
    ],
    [
      'the length of no postal code',
      { minPostalCodeLength: 5 },
      /minPostalCodeLength: the postal code is not asked for/,
    ],
    [
      'a second entry of no postal code',
      { requireMatchingInputs: ['postal-code'] },
      /requireMatchingInputs: the postal-code is not asked for/,
    ],
    [
      'a second entry of no security code',
      { securityCode: false, requireMatchingInputs: ['security-code'] },
      /requireMatchingInputs: the security-code is not asked for/,
    ],
    [
      'a second entry of what the operator switched off',
      { requireMatchingInputs: ['security-code'] },
      /the security-code is not asked for/,
      { SECURITY_CODE: 'false' },
    ],
    ['a connector that may not be used', { paymentConnector: 'Other' }, /paymentConnector: may be Default\./],
    [
      'a connector beside those that are listed',
      { paymentConnector: 'Default' },
      /paymentConnector: may be A, B\./,
      { PAYMENT_CONNECTORS: 'A,B' },
    ],
    [
      'a parameter of more than a document holds',
      { parameter: { a: 'x'.repeat(1_000) } },
      /parameter: at most 1000 characters in all/,
    ],
    [
      'many parameters of as much together',
      { parameter: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`name-${i}`, 'x'])) },
      /parameter: at most 1000 characters in all/,
    ],
  ])('%s', (...row) => expectRefused('INVALID_ARGUMENT', row));
});

describe('a value that Twilio does not know is refused before it is asked:', () => {
  test.each<Row>([
    ['no time between digits', { timeout: 0 }, /timeout: /],
    ['more time than Twilio gives', { timeout: 601 }, /timeout: /],
    ['a part of a second', { timeout: 1.5 }, /timeout: /],
    ['a parameter inside another', { parameter: { a: { b: 'c' } } }, /parameter\.a: /],
    ['a list of parameters', { parameter: ['a'] }, /parameter: /],
    ['a number as a parameter', { parameter: { a: 1 } }, /parameter\.a: /],
    ['an unknown card type', { validCardTypes: ['visa', 'unionpay'] }, /validCardTypes\.1: /],
    ['card types in one text', { validCardTypes: 'visa amex' }, /validCardTypes: /],
    ['an unknown token type', { tokenType: 'eternal' }, /tokenType: /],
    ['an unknown payment method', { paymentMethod: 'cash' }, /paymentMethod: /],
    [
      'a bank account type that the API lacks',
      { ...BANK, bankAccountType: 'commercial-savings' },
      /bankAccountType: /,
    ],
    [
      'a second entry of a bank account',
      { ...BANK, requireMatchingInputs: ['bank-account-number'] },
      /requireMatchingInputs\.0: /,
    ],
    ['a postal code of no length', { postalCode: true, minPostalCodeLength: 0 }, /minPostalCodeLength: /],
    ['a currency that is no code', { currency: 'US' }, /currency: .*ISO 4217/],
    ['a word for yes', { confirmation: 'yes' }, /confirmation: /],
    ['a negative amount', { chargeAmount: -1 }, /chargeAmount: /],
    ['a description that is too long', { description: 'x'.repeat(201) }, /description: /],
    ['an argument that there is not', { statusCallback: 'https://example.com' }, /statusCallback/],
  ])('%s', (...row) => expectRefused('INVALID_ARGUMENT', row));
});

describe('an amount has the decimals of its currency', () => {
  const CURRENCIES = ['JPY', 'USD', 'HUF', 'KWD', 'CLF'];
  const LIMITS = {
    MAX_CHARGE_AMOUNT: CURRENCIES.map((code) => `${code} 999999.99`).join(' '),
    ALLOWED_CURRENCIES: CURRENCIES.join(' '),
  };
  test.each<[currency: string, right: number[], wrong: number, words: string]>([
    ['JPY', [1, 500], 0.5, 'no'],
    ['USD', [12, 12.5, 12.34], 12.345, 'at most two'],
    ['HUF', [12.34], 12.345, 'at most two'],
    ['KWD', [12.345], 12.3456, 'at most three'],
    ['CLF', [12.3456], 12.34567, 'at most four'],
  ])('%s', async (currency, right, wrong, words) => {
    const { agent, simulator } = await connect({ variables: LIMITS });
    // Which currencies a connector takes is its gateway's affair.
    const everything = simulator.connectors.get('Default');
    if (everything) simulator.connectors.set('Default', { ...everything, currencies: [currency] });
    const start = (chargeAmount: number) => ({ callSid: simulator.placeCall().sid, chargeAmount, currency });
    expect(await agent.fail('startPaymentCapture', start(wrong))).toMatch(
      new RegExp(`^AMOUNT_REFUSED: An amount in ${currency} has ${words} decimals\\.`),
    );
    expect(simulator.requests).toEqual([]);
    for (const amount of right) await agent.call('startPaymentCapture', start(amount));
    expect(simulator.payments().map(({ chargeAmount }) => chargeAmount)).toEqual(right.map(String));
  });
});

describe('a limit of the operator holds whatever the agent says:', () => {
  test.each<Row>([
    [
      'the most that may be charged',
      { chargeAmount: 50.01 },
      /The most that may be charged is 50 USD\./,
      { MAX_CHARGE_AMOUNT: '50' },
    ],
    [
      'the most that Twilio charges',
      { chargeAmount: 1_000_000 },
      /The most that may be charged is 999999\.99 USD\./,
      { MAX_CHARGE_AMOUNT: '999999.99' },
    ],
    [
      'what is left under a million',
      { chargeAmount: 999_999.995, currency: 'KWD' },
      /The most/,
      { MAX_CHARGE_AMOUNT: '999999.99', CURRENCY: 'KWD' },
    ],
  ])('%s', (...row) => expectRefused('AMOUNT_REFUSED', row));

  test.each<Row>([
    [
      'the currencies',
      { chargeAmount: 5, currency: 'USD' },
      /Charges may be in EUR, GBP\./,
      { ALLOWED_CURRENCIES: 'eur GBP' },
    ],
    [
      'the currencies, even without one said',
      { chargeAmount: 5 },
      /Charges may be in EUR\./,
      { ALLOWED_CURRENCIES: 'EUR' },
    ],
  ])('%s', (...row) => expectRefused('CURRENCY_REFUSED', row));

  test('but not for tokens, which cost nothing', async () => {
    const variables = { ALLOWED_CURRENCIES: 'EUR', MAX_CHARGE_AMOUNT: '1' };
    const { agent, call, simulator } = await connect({ variables });
    await agent.call('startPaymentCapture', { callSid: call.sid, currency: 'USD' });
    expect(simulator.payments()).toHaveLength(1);
  });
});
