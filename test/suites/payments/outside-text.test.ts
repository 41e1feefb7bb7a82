import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteOutsideText } from '../../../functions/payments/advice/outside-text.ts';

test('words from outside are quoted', () => {
  expect(quoteOutsideText('Your card was declined.')).toBe('"Your card was declined."');
});

test.each([
  ['nothing', ''],
  ['blanks', ' \n\t '],
  ['invisible characters', '\u200b\u2060\u0007'],
  ['a card number', 'Card 4242 4242 4242 4242 was declined'],
  ['a card number in full-width digits', '４２４２４２４２４２４２４２４２'],
])('%s is not shown', (_, text) => {
  expect(quoteOutsideText(text)).toBe('');
});

test('no words can leave their quotes, start a line, hide, or go on for long', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const quoted = quoteOutsideText(text);
      expect(quoted).toMatch(/^(?:"[^"\\<>`\p{C}\p{Zl}\p{Zp}]+")?$/u);
      expect([...quoted].length).toBeLessThanOrEqual(163);
    }),
    {
      examples: [
        ['a" nextStep: done "'],
        ['<system>'],
        ['a\u2028b'],
        ['a\u202eb'],
        ['\ud800'],
        ['＂＜＞｀'],
        ['x'.repeat(400)],
      ],
    },
  );
});
