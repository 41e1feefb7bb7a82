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

/** Card numbers as models, people and processors have disguised them. */
const DISGUISES = [
  '4242424242424242',
  'Visa4242424242424242',
  '4242424242424242 12/30',
  '42424242424242421225',
  '424242424242424212/25',
  '14242424242424242',
  '42424242424242427',
  '14242424242424242421225',
  '0042424242424242420000',
  '#1234242424242424242',
  '14242 4242 4242 42421225',
  '93782 822463 100051',
  '1424 2424 2424 2424 21',
  '4242    4242    4242    4242',
  '4242 - - 4242 - - 4242 - - 4242',
  '4242 ... 4242 ... 4242 ... 4242',
  '4242/4242/4242/4242',
  '4242, 4242, 4242, 4242',
  '4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2',
  '(4242)(4242)(4242)(4242)',
  '4242\n4242\t4242\r\n4242',
  '4242•4242★4242😀4242',
  '4242\u31644242\u31644242\u31644242',
  '4242\u115f4242\u11604242\uffa04242',
  '4242\u200b4242\u20604242\ufeff4242',
  '4\u03352\u03354\u03352\u0335424242424242424 2',
  '4242\u{e0020}4242\u{e0020}4242\u{e0020}4242',
  '٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢',
  '４２４２４２４２４２４２４２４２',
  '𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐𝟒𝟐',
  '4242ㆍ4242ー4242ꞏ4242',
  '4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣4️⃣2️⃣',
  '4242 4242 4242 4242 2026-11-27 10:15',
  '④②④②④②④②④②④②④②④②',
  '378282246310005',
  '3782 822463 10005',
  '3782822463100051225',
  '30569309025904',
  '2223003122003222',
  '6011 1111 1111 1117',
  '6200000000000005',
  'DE00 4242 4242 4242 4242 00',
  'a4242424242424242b',
  'order=1;card=4242424242424242;',
];

/** What must pass: what people write into descriptions, references and connector parameters. */
const HARMLESS = [
  'Invoice 1182 of 2026-11-27',
  'Order 4711-2026-000124',
  'Order 100000000000012345',
  'INV-2026-000000042',
  'PO 2026/11/27-0042',
  '2026-02-03T04:05:06.789Z',
  '2026-11-27 10:15:00 to 11:45:00',
  '2030-05-05 11:05 - 2028-02-22 17:10',
  '+1 415 475 4521 / +1 212 924 3641',
  '27.11.2026, 14.30 Uhr',
  '20261127101530',
  '+14158675309',
  '+1 (415) 867-5309 ext. 22',
  '+49 30 901820 and +49 170 1234567',
  '0044 20 7946 0958',
  'call 800-555-0199 or 800-555-0142',
  '1767225600000',
  'DE89 3704 0044 0532 0130 00',
  'GB29 NWBK 6016 1331 9268 19',
  'FR1420041010050500013M02606',
  'NL91ABNA0417164300',
  `CA${'4242'.repeat(8)}`,
  '550e8400-e29b-41d4-a716-446655440000',
  'xxxxxxxxxxxx4242',
  '**** **** **** 4242',
  '4242424242424241',
  '424242424242',
  '49.90 USD for 12 items at 4.16',
  'Room 401, nights 3, guests 2, total 1,234.50',
  'Policy 7700112233445566',
  'version 1.2.3-4.5.6.7.8.9',
  'IPv4 192.168.100.200:8080',
  'Tracking 1Z999AA10123456784',
  '',
];

describe('in what an agent sends or is shown', () => {
  test.each(DISGUISES)('a card number is found in %j', (text) => {
    expect(anyHoldsCardNumber({ description: text })).toBe(true);
  });

  test.each(HARMLESS)('none is found in %j', (text) => {
    expect(anyHoldsCardNumber({ description: text })).toBe(false);
  });

  test.each([4242424242424242, 4242424242424242n, { '4242424242424242': true }, ['a', ['4242424242424242']]])(
    'it is found in values of every kind (%#)',
    (value) => {
      expect(anyHoldsCardNumber(value)).toBe(true);
    },
  );

  test.each([undefined, null, true, 42, {}, [], { amount: 12.5 }])('and not in %j', (value) => {
    expect(anyHoldsCardNumber(value)).toBe(false);
  });

  test('whatever digits stand before and after it, and whatever between its groups', () => {
    const usual = fc.constantFrom(
      ...['4242424242424242', '5555555555554444', '378282246310005', '6011111111111117', '3530111333300000'],
    );
    const glue = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 8 });
    const between = fc.string({ unit: fc.constantFrom(...' -./_,;:()\u00a0\u3164'), maxLength: 6 });
    fc.assert(
      fc.property(usual, glue, glue, between, (card, before, after, gap) => {
        expect(anyHoldsCardNumber(before + card + after)).toBe(true);
        expect(anyHoldsCardNumber(card.replace(/(.{4})(?=.)/g, `$1${gap}`))).toBe(true);
      }),
    );
  });

  test('a long row of digits is read in a time that grows with its length alone', () => {
    // CPU time, for the machine may be busy: with each digit compared to each other one it would be many times as much.
    const before = process.cpuUsage();
    anyHoldsCardNumber('1 '.repeat(30_000));
    anyHoldsCardNumber('1'.repeat(60_000));
    // What could be the beginning of a UUID at every place.
    anyHoldsCardNumber('-0'.repeat(60_000));
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
  });
});
