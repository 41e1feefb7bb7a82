import { CONFIRMATION, keepsSilent, type Reaction, typesNothing } from '../caller.ts';
import type { Scenario } from '../play.ts';
import { ALL_TWICE, BANK, COMPLETED, DECLINED, MASTERCARD, NONE, VISA } from './common.ts';

/** Every kind of payment that there is. */
export const KINDS: readonly Scenario[] = [
  { name: 'a charge is taken', hasDigits: true, end: { ...COMPLETED, said: 'paid' } },
  {
    name: 'a charge is taken from a caller who types while the agent waits',
    hasDigits: true,
    caller: { 'payment-card-number': slowly(VISA), 'expiration-date': slowly('1230') },
    waitSeconds: 2,
    end: { ...COMPLETED, said: 'paid' },
  },
  ...['one-time', 'reusable', 'payment-method'].map((tokenType) => ({
    name: `a token is made: ${tokenType}`,
    start: { tokenType },
    end: { ...COMPLETED, said: 'saved' },
  })),
  ...['consumer-checking', 'consumer-savings', 'commercial-checking'].map((bankAccountType) => ({
    name: `a bank account is charged: ${bankAccountType}`,
    start: { ...BANK, bankAccountType, chargeAmount: 80 },
    end: { ...COMPLETED, said: 'paid' },
  })),
  {
    name: 'a token of a bank account is made',
    hasDigits: true,
    start: { ...BANK, tokenType: 'reusable' },
    end: COMPLETED,
  },
  { name: 'the postal code is asked for', start: { chargeAmount: 7, postalCode: true }, end: COMPLETED },
  {
    name: 'the postal code has a least length',
    start: { chargeAmount: 7, postalCode: true, minPostalCodeLength: 5 },
    end: COMPLETED,
  },
  { name: 'no security code is asked for', start: { chargeAmount: 7, securityCode: false }, end: COMPLETED },
  {
    name: 'nothing but card number and date is asked for, to make a token',
    start: { securityCode: false, postalCode: false },
    end: COMPLETED,
  },
  ...ALL_TWICE.map((field) => ({
    name: `one field is typed twice: ${field}`,
    start: { chargeAmount: 7, postalCode: true, requireMatchingInputs: [field] },
    end: COMPLETED,
  })),
  {
    name: 'all fields are typed twice',
    hasDigits: true,
    start: { chargeAmount: 7, postalCode: true, requireMatchingInputs: ALL_TWICE },
    calls: { captureCardNumber: 2, captureSecurityCode: 2, captureExpirationDate: 2, capturePostalCode: 2 },
    end: COMPLETED,
  },
  ...cards([
    ['mastercard', MASTERCARD, '123'],
    ['amex', '378282246310005', '1234'],
    ['discover', '6011111111111117', '123'],
    ['jcb', '3566002020360505', '123'],
    ['diners-club', '30569309025904', '123'],
    ['maestro', '6759649826438453', '123'],
  ]),
  {
    name: 'the caller confirms by a key',
    start: { chargeAmount: 7, confirmation: true },
    end: { ...COMPLETED, said: 'paid' },
  },
  {
    name: 'the caller confirms a bank account by a key',
    start: { ...BANK, chargeAmount: 7, confirmation: true },
    end: COMPLETED,
  },
  ...(['transaction-cancelled', 'validation-error'] as const).flatMap((confirmationDeclined) =>
    (['2', typesNothing] as const).map((reaction) => ({
      name: `the caller does not confirm (${typeof reaction === 'string' ? 'a key' : 'nothing'}, ${confirmationDeclined})`,
      setup: { switches: { confirmationDeclined } },
      start: { chargeAmount: 7, confirmation: true },
      caller: { [CONFIRMATION]: reaction },
      end: {
        phase: confirmationDeclined === 'validation-error' ? ('failed' as const) : ('canceled' as const),
        result: confirmationDeclined,
      },
    })),
  ),
  {
    name: 'the caller never confirms, and Twilio says nothing of it',
    busyMs: 12_000,
    start: { chargeAmount: 7, confirmation: true },
    caller: { [CONFIRMATION]: keepsSilent },
    end: { phase: 'completing', said: 'result.unknown', outlives: true },
  },
  {
    name: 'description, connector, its parameters and a time-out are given',
    setup: {
      variables: { PAYMENT_CONNECTORS: 'Default,Other', CURRENCY: 'EUR' },
    },
    before: ({ simulator }) => {
      simulator.connectors.set('Other', {
        currencies: ['EUR'],
        tokenTypes: ['reusable'],
        paymentMethods: ['credit-card'],
      });
    },
    start: {
      chargeAmount: 7.5,
      currency: 'EUR',
      description: 'Order of the day',
      paymentConnector: 'Other',
      parameter: { shop: 'north' },
      timeout: 12,
    },
    end: COMPLETED,
  },
  {
    name: 'yen have no decimals',
    setup: { variables: { CURRENCY: 'JPY' } },
    start: { chargeAmount: 500, currency: 'JPY' },
    end: COMPLETED,
  },
  {
    name: 'the caller is German',
    start: { chargeAmount: 5, language: 'de' },
    end: { ...COMPLETED, said: 'paid' },
  },
  ...['always', 'above:5'].map((CONFIRM_CHARGES) => ({
    name: `the operator wants charges confirmed: ${CONFIRM_CHARGES}`,
    setup: { variables: { CONFIRM_CHARGES } },
    end: COMPLETED,
  })),
  ...[{ ...BANK, chargeAmount: 80 }, { ...BANK }, { tokenType: 'one-time' }].map((start) => ({
    name: `the operator wants everything confirmed: ${JSON.stringify(Object.values(start).filter((value) => typeof value !== 'object'))}`,
    setup: { variables: { CONFIRM_CHARGES: 'always' } },
    start,
    end: COMPLETED,
  })),
  {
    name: 'the operator has a charge of an amex confirmed, whose mask has groups',
    setup: { variables: { CONFIRM_CHARGES: 'always' }, switches: { cardMask: 'dashed' } },
    caller: { 'payment-card-number': '378282246310005', 'security-code': '1234' },
    end: COMPLETED,
  },
  ...(
    [
      ['an amount that is too high', { chargeAmount: 1000.01 }, 'check-amount'],
      ['yen with decimals', { chargeAmount: 5.5, currency: 'JPY' }, 'check-amount'],
      ['a foreign currency', { chargeAmount: 5, currency: 'CHF' }, 'check-currency'],
    ] as const
  ).map(([what, start, said]) => ({
    name: `nothing is started for ${what}`,
    setup: { variables: { ALLOWED_CURRENCIES: 'USD,JPY', MAX_CHARGE_AMOUNT: 'USD 1000 JPY 150000' } },
    start,
    end: { ...NONE, said },
  })),
  {
    name: 'a second payment on the call needs to be meant',
    again: [{ chargeAmount: 3 }],
    end: { ...NONE, charges: 1, sessions: 1, said: 'pay-again' },
  },
  {
    name: 'a second payment is taken on the call',
    again: [{ chargeAmount: 3, anotherPayment: true }],
    end: { ...COMPLETED, charges: 2, sessions: 2 },
  },
  {
    name: 'a card is charged after another one was declined',
    answers: { 'result.declined': { says: 'Yes, I have another one.', isYes: true } },
    caller: { 'payment-card-number': [DECLINED, VISA] },
    end: { ...COMPLETED, sessions: 2 },
  },
  ...(['parent', 'child'] as const).map((callersLeg) => ({
    name: `the caller has one of two legs: the ${callersLeg}`,
    callersLeg,
    end: COMPLETED,
  })),
];

function cards(rows: readonly (readonly [string, string, string])[]): Scenario[] {
  return rows.map(([brand, number, code]) => ({
    name: `only one brand is accepted: ${brand}`,
    start: { chargeAmount: 7, validCardTypes: [brand] },
    caller: { 'payment-card-number': [VISA, number], 'security-code': code },
    errors: ['invalid-card-type'],
    end: COMPLETED,
  }));
}

/** Types in the background, so that the agent waits meanwhile. */
function slowly(keys: string): Reaction {
  return async (caller) => {
    void caller.types(keys, { everyMs: 40 });
  };
}
