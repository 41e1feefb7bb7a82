import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cardTypeOf, hasCheckDigit, isCardNumber } from '../../simulator/cards.ts';
import { errorOf, FIELDS, isFull } from '../../simulator/fields.ts';
import { finishedMask, growingMask } from '../../simulator/masks.ts';

const RULES = {
  validCardTypes: ['visa', 'mastercard', 'amex'] as const,
  minPostalCodeLength: undefined,
  cardType: 'visa' as const,
  now: Date.UTC(2027, 5, 15),
};

describe('cards', () => {
  test.each([
    ['4111111111111111', 'visa'],
    ['5555555555554444', 'mastercard'],
    ['2223003122003222', 'mastercard'],
    ['378282246310005', 'amex'],
    ['6011111111111117', 'discover'],
    ['3530111333300000', 'jcb'],
    ['30569309025904', 'diners-club'],
    ['6759649826438453', 'maestro'],
  ])('%s is a %s', (digits, type) => {
    expect(cardTypeOf(digits)).toBe(type);
    expect(isCardNumber(digits)).toBe(true);
  });

  test('changing any one digit breaks the check digit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 1, max: 9 }), (place, change) => {
        const digits = [...'4111111111111111'];
        digits[place] = String((Number(digits[place]) + change) % 10);
        expect(hasCheckDigit(digits.join(''))).toBe(false);
      }),
    );
  });
});

describe('entries', () => {
  test.each([
    ['payment-card-number', '4111111111111111', undefined],
    ['payment-card-number', '4111111111111112', 'invalid-card-number'],
    ['payment-card-number', '411111111111', 'invalid-card-number'],
    ['payment-card-number', '6011111111111117', 'invalid-card-type'],
    ['expiration-date', '0627', undefined],
    ['expiration-date', '0527', 'invalid-date'],
    ['expiration-date', '1330', 'invalid-date'],
    ['expiration-date', '123', 'invalid-date'],
    ['security-code', '12', 'invalid-security-code'],
    ['security-code', '123', undefined],
    ['postal-code', '', 'invalid-postal-code'],
    ['bank-routing-number', '110000000', undefined],
    ['bank-routing-number', '110000001', 'invalid-bank-routing-number'],
    ['bank-account-number', '000123456789', undefined],
    ['bank-account-number', '1', 'invalid-bank-account-number'],
  ] as const)('%s %s: %s', (field, digits, errorType) => {
    expect(errorOf(field, digits, RULES)).toBe(errorType);
  });

  test('a security code has four digits on an amex card', () => {
    expect(isFull('security-code', '123', { ...RULES, cardType: 'amex' })).toBe(false);
    expect(isFull('security-code', '1234', { ...RULES, cardType: 'amex' })).toBe(true);
  });

  test('a postal code ends by itself only where its length is known', () => {
    expect(isFull('postal-code', '94105', RULES)).toBe(false);
    expect(isFull('postal-code', '94105', { ...RULES, minPostalCodeLength: 5 })).toBe(true);
  });
});

describe('masks', () => {
  const digits = fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 19 })
    .map((all) => all.join(''));
  const switches = fc.record({
    cardMask: fc.constantFrom('plain' as const, 'dashed' as const),
    securityMask: fc.constantFrom('x' as const, 'stars' as const),
  });

  test('show at most the last four digits of a card, two of an account, none of a security code', () => {
    const shown = { 'payment-card-number': 4, 'bank-account-number': 2, 'security-code': 0 } as const;
    fc.assert(
      fc.property(digits, switches, (entered, how) => {
        for (const [field, most] of Object.entries(shown)) {
          const known = FIELDS.find((name) => name === field);
          if (!known) continue;
          expect(growingMask(known, entered, how)).not.toMatch(/\d/);
          expect(finishedMask(known, entered, how).replace(/\D/g, '').length).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  test('have the documented forms', () => {
    const dashed = { cardMask: 'dashed', securityMask: 'stars' } as const;
    expect(finishedMask('payment-card-number', '378282246314001', dashed)).toBe('xxxx-xxxxxx-x4001');
    expect(finishedMask('payment-card-number', '4111111111111111', { ...dashed, cardMask: 'plain' })).toBe(
      'xxxxxxxxxxxx1111',
    );
    expect(finishedMask('security-code', '123', dashed)).toBe('***');
    expect(finishedMask('bank-account-number', '000123492', dashed)).toBe('*******92');
  });
});
