import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyHoldsCardNumber, holdsCardNumber } from '../../../functions/payments/card-number.ts';
import { hasCheckDigit, isCardNumber } from '../../simulator/cards.ts';

/** Test numbers that card schemes and processors publish. */
const TEST_CARDS = {
  visa: ['4242424242424242', '4111111111111111', '4012888888881881', '4222222222222'],
  mastercard: ['5555555555554444', '5105105105105100', '2223003122003222', '2720990000000007'],
  amex: ['378282246310005', '371449635398431'],
  discover: ['6011111111111117', '6011000990139424'],
  'diners-club': ['30569309025904', '38520000023237', '36227206271667'],
  jcb: ['3530111333300000', '3566002020360505'],
  maestro: ['6304000000000000', '6759649826438453', '5018000000000009'],
  unionpay: ['6200000000000005', '6212340000000000004'],
  enroute: ['201400000000009'],
};
const ALL = Object.entries(TEST_CARDS).flatMap(([brand, cards]) =>
  cards.map((card) => [brand, card] as const),
);

const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length });
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });

/** The digits with their check digit. */
function checked(payload: string): string {
  return [...'0123456789'].map((digit) => payload + digit).find(hasCheckDigit) ?? payload;
}

describe('a card number is found', () => {
  test.each(ALL)('of %s: %s', (_, card) => {
    expect(holdsCardNumber(card)).toBe(true);
  });

  test('of every number that Twilio would take for a card of 13 digits or more', () => {
    const prefix = fc.constantFrom(
      '4',
      '51',
      '2221',
      '2720',
      '34',
      '37',
      '6011',
      '65',
      '3528',
      '300',
      '36',
      '50',
      '6',
    );
    const number = fc
      .tuple(prefix, digits(18), fc.integer({ min: 13, max: 19 }))
      .map(([start, rest, length]) => checked((start + rest).slice(0, length - 1)))
      .filter(isCardNumber);
    fc.assert(
      fc.property(number, (card) => {
        expect(holdsCardNumber(`Card: ${card}.`)).toBe(true);
      }),
    );
  });

  test('with blanks, dashes or dots anywhere between its digits', () => {
    const separator = fc.constantFrom('', ' ', '-', '.', '\u00a0', '\u2009', '\u2011', '–');
    fc.assert(
      fc.property(
        fc.constantFrom(...ALL.map(([, card]) => card)),
        fc.array(separator, { minLength: 19, maxLength: 19 }),
        (card, separators) => {
          const written = [...card].map((digit, i) => (i > 0 ? separators[i] : '') + digit).join('');
          expect(holdsCardNumber(written)).toBe(true);
        },
      ),
    );
  });

  test.each([
    ['in Arabic digits', '٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢'],
    ['in full-width digits', '４２４２４２４２４２４２４２４２'],
    ['inside a sentence', 'My card is 4242 4242 4242 4242, thanks.'],
    ['inside JSON', JSON.stringify({ description: '4242424242424242' })],
    ['as a number in JSON', JSON.stringify({ chargeAmount: 4242424242424242 })],
    ['before its expiration date', '4242424242424242 12/30'],
    ['before its security code', '4242 4242 4242 4242 123'],
    ['after another number', 'Order 50 4242424242424242'],
    ['with invisible characters inside', '4242\u200b4242\u200b4242\u200b4242'],
  ])('%s', (_, text) => {
    expect(holdsCardNumber(text)).toBe(true);
  });
});

describe('no card number is seen', () => {
  test('in any SID, alone or in a URI', () => {
    const prefix = fc.constantFrom('AC', 'CA', 'PK', 'SK', 'IS', 'ET');
    fc.assert(
      fc.property(prefix, hex(32), hex(32), (name, a, b) => {
        expect(holdsCardNumber(`${name}${a}`)).toBe(false);
        expect(holdsCardNumber(`payment://CA${a}/PK${b}/status`)).toBe(false);
      }),
      { examples: [['PK', `a${'4242424242424242'}b${'0'.repeat(14)}`, `${'0'.repeat(16)}4242424242424242`]] },
    );
  });

  test('in random hexadecimal text, such as tokens are made of', () => {
    fc.assert(
      fc.property(hex(32), (token) => {
        expect(holdsCardNumber(`tok_${token}`)).toBe(false);
      }),
      {
        numRuns: 1000,
        examples: [[`a4242424242424242${'b'.repeat(15)}`], [`${'b'.repeat(15)}94242424242424242`]],
      },
    );
  });

  test('in a numeric token that begins as no card does', () => {
    const prefix = fc.constantFrom('0', '1', '7', '8', '9');
    fc.assert(
      fc.property(prefix, digits(17), fc.integer({ min: 13, max: 19 }), (start, rest, length) => {
        const token = checked((start + rest).slice(0, length - 1));
        fc.pre(!token.startsWith('1800'));
        expect(holdsCardNumber(token)).toBe(false);
      }),
    );
  });

  test.each([
    ['a wrong check digit', '4242424242424241'],
    ['too few digits', '424242424242'],
    ['more digits than any card', '42424242424242424242424242'],
    ['a phone number', '+14158675309'],
    ['a time', '2026-02-03T04:05:06.789Z'],
    ['milliseconds since 1970', '1767225600000'],
    ['a mask', 'xxxxxxxxxxxx4242'],
    ['nothing', ''],
  ])('in %s', (_, text) => {
    expect(holdsCardNumber(text)).toBe(false);
  });
});

describe('in what an agent sends, a card number is found', () => {
  test.each<[string, unknown]>([
    ['in a text', '4242 4242 4242 4242'],
    ['inside a word', 'Visa4242424242424242'],
    ['as a number', 4242424242424242],
    ['as a big integer', 4242424242424242n],
    ['in a list', ['a', ['4242424242424242']]],
    ['in a member', { a: { b: '4242424242424242' } }],
    ['in a name', { a: { '4242424242424242': true } }],
  ])('%s', (_, value) => {
    expect(anyHoldsCardNumber(value)).toBe(true);
  });

  test.each([undefined, null, true, 42, '', {}, [], { callSid: `CA${'4242'.repeat(8)}`, amount: 12.5 }])(
    'and not in %j',
    (value) => {
      expect(anyHoldsCardNumber(value)).toBe(false);
    },
  );
});
