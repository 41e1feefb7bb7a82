/** What a start asks of Twilio: each parameter of the published API, each refusal before Twilio is asked. */
import type { PaymentListInstanceCreateOptions } from 'twilio/lib/rest/api/v2010/account/call/payment.js';
import { describe, expect, test } from 'vitest';
import { connect, type Stage } from '../host/connect.ts';
import { BANK, onOwnCall } from '../host/entries.ts';
import { formOf } from '../simulator-tests/open-api.ts';

type Args = Record<string, unknown>;
/** What is said, and the value that Twilio gets; undefined where Twilio is not told. */
type Row = [args: Args, value: string | undefined];
type Parameter = Capitalize<keyof PaymentListInstanceCreateOptions>;

const PUBLISHED = formOf('api.twilio.com', '/2010-04-01/Accounts/{AccountSid}/Calls/{CallSid}/Payments.json');

/** A row for each value that the published schema has of a parameter. */
function eachOf(name: Parameter, argsOf: (value: unknown) => Args): Row[] {
  const values = PUBLISHED[name]?.enum ?? [];
  return values.map((value) => [argsOf(value), String(value)]);
}

/**
 * Every parameter that the `twilio` package knows but those that no agent has a say in. The compiler sees to it that
 * none is left out, two that are newer than the published schema included.
 */
const ARGUMENTS: Record<Exclude<Parameter, 'IdempotencyKey' | 'StatusCallback' | 'Input'>, Row[]> = {
  ChargeAmount: [
    [{ chargeAmount: 12.5 }, '12.5'],
    [{ chargeAmount: 10.1 }, '10.1'],
    [{ chargeAmount: 0.01 }, '0.01'],
    [{ chargeAmount: 1000 }, '1000'],
    [{ chargeAmount: 0 }, undefined],
  ],
  Currency: [
    [{ currency: 'EUR' }, 'EUR'],
    [{ currency: 'gbp' }, 'GBP'],
  ],
  Description: [
    [{ description: 'Order 7, für Zoë' }, 'Order 7, für Zoë'],
    [{ description: '' }, undefined],
  ],
  TokenType: [...eachOf('TokenType', (tokenType) => ({ tokenType })), [{ chargeAmount: 5 }, undefined]],
  PaymentMethod: eachOf('PaymentMethod', (method) =>
    method === 'ach-debit' ? BANK : { paymentMethod: method },
  ),
  BankAccountType: [
    ...eachOf('BankAccountType', (bankAccountType) => ({ ...BANK, bankAccountType })),
    [BANK, undefined],
  ],
  PaymentConnector: [[{ paymentConnector: 'Stripe_EU' }, 'Stripe_EU']],
  SecurityCode: [
    [{ securityCode: true }, 'true'],
    [{ securityCode: false }, 'false'],
  ],
  PostalCode: [
    [{ postalCode: true }, 'true'],
    [{ postalCode: false }, 'false'],
  ],
  MinPostalCodeLength: [
    [{ postalCode: true, minPostalCodeLength: 5 }, '5'],
    [{ postalCode: true }, undefined],
  ],
  ValidCardTypes: [
    [{ validCardTypes: ['visa'] }, 'visa'],
    [{ validCardTypes: ['amex', 'visa', 'amex'] }, 'visa amex'],
    [
      {
        validCardTypes: 'visa mastercard amex maestro discover optima jcb diners-club enroute'.split(' '),
      },
      'visa mastercard amex maestro discover optima jcb diners-club enroute',
    ],
    [{ validCardTypes: [] }, undefined],
  ],
  RequireMatchingInputs: [
    [{ requireMatchingInputs: ['security-code'] }, 'security-code'],
    [
      { postalCode: true, requireMatchingInputs: ['postal-code', 'payment-card-number'] },
      'payment-card-number,postal-code',
    ],
    [
      {
        postalCode: true,
        requireMatchingInputs: ['payment-card-number', 'security-code', 'expiration-date', 'postal-code'],
      },
      'payment-card-number,security-code,expiration-date,postal-code',
    ],
    [{ requireMatchingInputs: [] }, undefined],
  ],
  Timeout: [
    [{ timeout: 1 }, '1'],
    [{ timeout: 600 }, '600'],
  ],
  Confirmation: [
    [{ confirmation: true }, 'true'],
    [{ confirmation: false }, undefined],
  ],
  Parameter: [
    [{ parameter: { orderId: '7', note: 'a "b" & c' } }, '{"orderId":"7","note":"a \\"b\\" & c"}'],
    [BANK, '{"AVSName":"Ada Lovelace"}'],
    [{ parameter: {} }, undefined],
  ],
};

/** Starts a payment on a call of its own and gives the form that reached Twilio. */
async function formAfter(stage: Stage, args: Args): Promise<Record<string, string>> {
  const { agent, call, simulator } = onOwnCall(stage);
  await agent.call('startPaymentCapture', { callSid: call.sid, ...args });
  const [asked, ...more] = simulator.requests.filter(
    ({ route, path }) => route === 'payments.create' && path.includes(call.sid),
  );
  expect(more).toEqual([]);
  return { ...asked?.params };
}

/** A stage with two more connectors, which may be used. */
async function connectStage(variables: Record<string, string> = {}): Promise<Stage> {
  const stage = await connect({ variables: { PAYMENT_CONNECTORS: 'Default,Stripe_EU', ...variables } });
  const { connectors } = stage.simulator;
  const everything = connectors.get('Default');
  if (!everything) throw new Error('The simulator has a default connector');
  for (const name of ['Stripe_EU', 'Generic US']) connectors.set(name, everything);
  return stage;
}

/** Whether a value of a form is written as its schema wants it. */
function fits(name: string, value: string): boolean {
  const { type, enum: values } = PUBLISHED[name] ?? {};
  if (values) return values.includes(value);
  if (type === 'boolean') return ['true', 'false'].includes(value);
  if (type === 'integer') return /^[1-9]\d*$/.test(value);
  if (type === 'number') return /^\d+(?:\.\d+)?$/.test(value);
  return value !== '';
}

describe('a parameter', () => {
  test('has an argument, whichever of the published schema it is', () => {
    const ours = ['IdempotencyKey', 'StatusCallback'];
    // Twilio takes one kind of input, which is its default.
    const covered = [...Object.keys(ARGUMENTS), ...ours, 'Input'];
    expect(Object.keys(PUBLISHED)).not.toEqual([]);
    for (const name of Object.keys(PUBLISHED)) expect(covered).toContain(name);
    const published = Object.values(PUBLISHED).flatMap(({ enum: values }) => values ?? []);
    expect(Object.values(ARGUMENTS).flatMap((rows) => rows.map(([, value]) => value))).toEqual(
      expect.arrayContaining(published),
    );
  });

  test('that is not said is left out, or is at its default', async () => {
    const stage = await connectStage();
    expect(await formAfter(stage, {})).toEqual({
      IdempotencyKey: expect.stringMatching(/^start-CA\w+-1$/),
      StatusCallback: expect.stringMatching(/^http:\/\/.*\/payment-status\?call=CA\w+&start=1#rc=5&rp=all$/),
      Currency: 'USD',
      TokenType: 'reusable',
      PaymentConnector: 'Default',
      PaymentMethod: 'credit-card',
      SecurityCode: 'true',
      PostalCode: 'false',
    });
  });

  test.each(Object.entries(ARGUMENTS))('%s reaches Twilio as documented', async (name, rows) => {
    const stage = await connectStage();
    for (const [args, value] of rows) {
      const form = await formAfter(stage, args);
      expect([args, form[name]]).toEqual([args, value]);
      for (const [each, text] of Object.entries(form)) expect([each, fits(each, text)]).toEqual([each, true]);
    }
  });

  test('changes nothing else that Twilio is told', async () => {
    const stage = await connectStage();
    const { IdempotencyKey: _, StatusCallback: __, ...plain } = await formAfter(stage, { chargeAmount: 5 });
    const further = {
      Description: { description: 'x' },
      PaymentConnector: { paymentConnector: 'Stripe_EU' },
      SecurityCode: { securityCode: false },
      PostalCode: { postalCode: true },
      ValidCardTypes: { validCardTypes: ['jcb'] },
      RequireMatchingInputs: { requireMatchingInputs: ['expiration-date'] },
      Timeout: { timeout: 9 },
      Confirmation: { confirmation: true },
      Parameter: { parameter: { a: 'b' } },
    };
    for (const [name, args] of Object.entries(further)) {
      const form = await formAfter(stage, { chargeAmount: 5, ...args });
      expect(form).toMatchObject({ ...plain, [name]: form[name] });
      expect(new Set(Object.keys(form))).toEqual(
        new Set([...Object.keys(plain), 'IdempotencyKey', 'StatusCallback', name]),
      );
    }
  });
});

describe('a default', () => {
  test.each<[string, Record<string, string>, Parameter, string, Args, string | undefined, Args?]>([
    [
      'one connector',
      { PAYMENT_CONNECTOR: 'Generic US', PAYMENT_CONNECTORS: 'Stripe_EU' },
      'PaymentConnector',
      'Generic US',
      { paymentConnector: 'Stripe_EU' },
      'Stripe_EU',
    ],
    [
      'the first of several connectors',
      { PAYMENT_CONNECTORS: 'Generic US, Stripe_EU' },
      'PaymentConnector',
      'Generic US',
      { paymentConnector: 'Stripe_EU' },
      'Stripe_EU',
    ],
    ['the currency', { CURRENCY: 'eur' }, 'Currency', 'EUR', { currency: 'USD' }, 'USD'],
    [
      'the token type',
      { TOKEN_TYPE: 'one-time' },
      'TokenType',
      'one-time',
      { tokenType: 'payment-method' },
      'payment-method',
    ],
    [
      'the payment method',
      { PAYMENT_METHOD: 'ach-debit', CONNECTOR_PARAMETERS: '{"AVSName":"Ada"}' },
      'PaymentMethod',
      'ach-debit',
      { paymentMethod: 'credit-card' },
      'credit-card',
    ],
    [
      'the bank account type',
      { BANK_ACCOUNT_TYPE: 'consumer-savings' },
      'BankAccountType',
      'consumer-savings',
      { bankAccountType: 'commercial-checking' },
      'commercial-checking',
      BANK,
    ],
    ['no security code', { SECURITY_CODE: 'false' }, 'SecurityCode', 'false', { securityCode: true }, 'true'],
    ['a postal code', { POSTAL_CODE: 'true' }, 'PostalCode', 'true', { postalCode: false }, 'false'],
    [
      'the length of the postal code',
      { POSTAL_CODE: 'true', MIN_POSTAL_CODE_LENGTH: '5' },
      'MinPostalCodeLength',
      '5',
      { minPostalCodeLength: 3 },
      '3',
    ],
    [
      'the card types',
      { VALID_CARD_TYPES: 'visa, jcb' },
      'ValidCardTypes',
      'visa jcb',
      { validCardTypes: ['amex'] },
      'amex',
    ],
    [
      'what is typed twice',
      { REQUIRE_MATCHING_INPUTS: 'security-code payment-card-number' },
      'RequireMatchingInputs',
      'payment-card-number,security-code',
      { requireMatchingInputs: ['expiration-date'] },
      'expiration-date',
    ],
    [
      'nothing typed twice',
      { REQUIRE_MATCHING_INPUTS: 'security-code' },
      'RequireMatchingInputs',
      'security-code',
      { requireMatchingInputs: [] },
      undefined,
    ],
    ['the time between digits', { INPUT_TIMEOUT: '20' }, 'Timeout', '20', { timeout: 7 }, '7'],
    [
      'confirmation by the caller',
      { CALLER_CONFIRMATION: 'true' },
      'Confirmation',
      'true',
      { confirmation: false },
      undefined,
    ],
    [
      "the connector's parameters",
      { CONNECTOR_PARAMETERS: '{"shop":"7","desk":"1"}' },
      'Parameter',
      '{"shop":"7","desk":"1"}',
      { parameter: { desk: '2' } },
      '{"shop":"7","desk":"2"}',
    ],
  ])(
    'is set by a variable and overridden by an argument: %s',
    async (_, variables, name, value, args, other, always = {}) => {
      const stage = await connectStage(variables);
      expect((await formAfter(stage, always))[name]).toBe(value);
      expect((await formAfter(stage, { ...always, ...args }))[name]).toBe(other);
    },
  );

  test.each<[string, Record<string, string>, Args, Parameter]>([
    ['a bank account type for a card', { BANK_ACCOUNT_TYPE: 'consumer-savings' }, {}, 'BankAccountType'],
    ['a token type for a charge', { TOKEN_TYPE: 'one-time' }, { chargeAmount: 5 }, 'TokenType'],
    ['a length without a postal code', { MIN_POSTAL_CODE_LENGTH: '5' }, {}, 'MinPostalCodeLength'],
    [
      'a second entry of what is not asked for',
      { REQUIRE_MATCHING_INPUTS: 'postal-code' },
      {},
      'RequireMatchingInputs',
    ],
    ['card types for a bank account', { VALID_CARD_TYPES: 'visa' }, BANK, 'ValidCardTypes'],
    [
      'second entries for a bank account',
      { REQUIRE_MATCHING_INPUTS: 'security-code' },
      BANK,
      'RequireMatchingInputs',
    ],
  ])('does not count where it does not fit: %s', async (_, variables, args, name) => {
    const form = await formAfter(await connectStage(variables), args);
    expect(form).not.toHaveProperty(name);
  });
});
