import fc from 'fast-check';
import twilio from 'twilio';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { startPaymentCapture } from '../../../functions/mcp/tools/start-payment-capture.ts';
import { PaymentError } from '../../../functions/payments/errors.ts';
import type { Terms } from '../../../functions/payments/session/session.ts';
import {
  type PaymentSettings,
  type RequestedTerms,
  sameTerms,
  toTerms,
} from '../../../functions/payments/session/terms.ts';
import { createPayGateway } from '../../../functions/twilio/pay-gateway.ts';
import { EVERYTHING } from '../../simulator/connectors.ts';
import { paymentTerms } from '../../simulator/payment-parameters.ts';
import { termsOf } from './whole-payments.ts';

const CHARGE = termsOf('charge');

describe('two starts mean the same payment', () => {
  test.each<[string, Partial<Terms>, boolean]>([
    ['whatever they call it', { description: 'Order 2' }, true],
    ['however long the caller may think', { timeout: 20 }, true],
    ['whatever the caller speaks', { language: 'de' }, true],
    ['unless the amount differs', { chargeAmount: 12.49 }, false],
    ['unless the currency differs', { currency: 'EUR' }, false],
    ['unless the token type differs', { tokenType: 'one-time' }, false],
    ['unless it asks for other fields', { required: ['payment-card-number'] }, false],
    ['unless it is paid from something else', { paymentMethod: 'ach-debit' }, false],
    ['unless it is paid from another kind of account', { bankAccountType: 'consumer-savings' }, false],
    ['unless it takes other cards', { validCardTypes: ['amex'] }, false],
    ['unless postal codes are longer', { minPostalCodeLength: 5 }, false],
    ['unless the caller has to confirm it', { confirmation: true }, false],
    ['unless the connector is told something else', { parameter: { AVSName: 'Ada' } }, false],
    ['unless another connector takes it', { paymentConnector: 'Other' }, false],
  ])('%s', (_, change, same) => {
    expect(sameTerms(CHARGE, { ...CHARGE, ...change })).toBe(same);
  });

  test('in whatever order its parts were written down', () => {
    const { currency, ...rest } = { ...CHARGE, parameter: { a: '1', b: '2' } };
    const other = { ...rest, currency, parameter: { b: '2', a: '1' } };
    expect(sameTerms({ currency, ...rest }, other)).toBe(true);
  });
});

const CURRENCIES = ['USD', 'EUR', 'JPY', 'KWD', 'CLF'];
const everyCurrency = (amount: number) => Object.fromEntries(CURRENCIES.map((code) => [code, amount]));
const CONNECTORS = ['Default', 'Stripe'];
/** Said or not, for what is asked for often fits together then. */
const said = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined, freq: 2 });
const choice = <T>(...values: T[]) => said(fc.constantFrom(...values));
const some = <T>(...values: T[]) => said(fc.array(fc.constantFrom(...values), { maxLength: 2 }));
const cards = ['visa', 'mastercard', 'amex', 'diners-club', 'optima'] as const;
const fields = ['payment-card-number', 'security-code', 'expiration-date', 'postal-code'] as const;
const parameters = fc.dictionary(
  fc.constantFrom('AVSName', 'a', '"', '__proto__'),
  fc.string({ maxLength: 300 }),
);

/** Anything that the tool's schema lets through. */
const asked: fc.Arbitrary<RequestedTerms> = fc.record({
  chargeAmount: said(
    fc.oneof(
      fc.constantFrom(0, 1, 12.5, 12.345, 12.3456, 999_999.99, 1_000_000),
      fc.double({ min: 0, max: 2_000_000, noNaN: true }),
      fc.nat(99_999).map((cents) => cents / 100),
    ),
  ),
  currency: choice(...CURRENCIES, 'usd'),
  description: choice('', ' ', 'Order & "7" ü'),
  tokenType: choice('one-time', 'reusable', 'payment-method'),
  paymentMethod: choice('credit-card', 'ach-debit'),
  bankAccountType: choice('consumer-checking', 'commercial-checking'),
  paymentConnector: choice(...CONNECTORS, 'Other'),
  securityCode: choice(true, false),
  postalCode: choice(true, false),
  minPostalCodeLength: choice(1, 20),
  validCardTypes: some(...cards),
  requireMatchingInputs: some(...fields),
  timeout: choice(1, 600),
  confirmation: choice(true, false),
  parameter: said(parameters),
});

const settings: fc.Arbitrary<PaymentSettings> = fc.record({
  currency: fc.constantFrom(...CURRENCIES),
  tokenType: fc.constantFrom('one-time', 'reusable', 'payment-method'),
  paymentMethod: fc.constantFrom('credit-card', 'ach-debit'),
  bankAccountType: choice('consumer-savings'),
  paymentConnectors: fc.constantFrom(CONNECTORS, [...CONNECTORS].reverse()),
  securityCode: fc.boolean(),
  postalCode: fc.boolean(),
  minPostalCodeLength: choice(5),
  validCardTypes: fc.array(fc.constantFrom(...cards)),
  requireMatchingInputs: fc.array(fc.constantFrom(...fields)),
  timeout: choice(10),
  confirmation: fc.boolean(),
  parameter: parameters,
  language: fc.constant('en'),
  maxChargeAmounts: fc.constantFrom({ USD: 10, KWD: 1_000 }, everyCurrency(999_999.99)),
  allowedCurrencies: fc.constantFrom(CURRENCIES, ['USD', 'KWD']),
});

/** The form that a start with these terms sends, as the `twilio` package writes it. */
async function formOf(terms: Terms): Promise<URLSearchParams> {
  const sent: Record<string, unknown>[] = [];
  const httpClient = {
    request: async ({ data }: { data: Record<string, unknown> }) => {
      sent.push(data);
      return { statusCode: 201, body: { sid: '' } };
    },
  };
  const client = () =>
    new twilio.Twilio('AC', 'token', { accountSid: 'AC', httpClient: httpClient as never });
  const gateway = createPayGateway({ client, allowSip: false, callbackUrl: 'https://pay.example.com' });
  await gateway.start({ callSid: 'CA', terms, attempt: 1, idempotencyKey: 'key' });
  const [form = {}] = sent;
  return new URLSearchParams(
    Object.fromEntries(Object.entries(form).map(([name, value]) => [name, String(value)])),
  );
}

test('whatever is asked is refused here with a reason, or is nothing that Twilio refuses', async () => {
  const schema = z.strictObject(startPaymentCapture.input().shape).omit({ callSid: true });
  const connectors = new Map(CONNECTORS.map((name) => [name, { ...EVERYTHING, currencies: CURRENCIES }]));
  const came = { refused: 0, started: 0 };
  await fc.assert(
    fc.asyncProperty(asked, settings, async (request, set) => {
      fc.pre(schema.safeParse(request).success);
      let terms: Terms;
      try {
        terms = toTerms(request, set);
      } catch (error) {
        if (!(error instanceof PaymentError)) throw error;
        expect(['INVALID_ARGUMENT', 'AMOUNT_REFUSED', 'CURRENCY_REFUSED']).toContain(error.code);
        came.refused += 1;
        return;
      }
      const form = await formOf(terms);
      const taken = paymentTerms(form, connectors, 400);
      expect(taken.paymentMethod).toBe(request.paymentMethod ?? set.paymentMethod);
      expect(Number(taken.chargeAmount ?? 0)).toBe(request.chargeAmount ?? 0);
      const limit = set.allowedCurrencies.includes(terms.currency) && set.maxChargeAmounts[terms.currency];
      expect(terms.chargeAmount).toBeLessThanOrEqual(limit || 0);
      came.started += 1;
    }),
    { numRuns: 2_000 },
  );
  // Neither side is a rare one.
  expect(Math.min(came.refused, came.started)).toBeGreaterThan(100);
});
