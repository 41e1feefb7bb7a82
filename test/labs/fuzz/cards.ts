import fc from 'fast-check';
import { hasCheckDigit } from '../../simulator/cards.ts';

/** Beginnings and lengths of all brands' numbers (ISO/IEC 7812; the schemes' own tables). */
const BRANDS: readonly [prefix: string, length: number][] = [
  ['4', 13],
  ['4', 16],
  ['4', 19],
  ['51', 16],
  ['55', 16],
  ['2221', 16],
  ['2720', 16],
  ['34', 15],
  ['37', 15],
  ['6011', 16],
  ['65', 19],
  ['3528', 16],
  ['300', 14],
  ['36', 14],
  ['38', 14],
  ['5018', 13],
  ['6304', 19],
  ['62', 16],
  ['2014', 15],
];
const PUBLISHED = ['4242424242424242', '4111111111111111', '378282246310005', '6011111111111117'];
const EACH = 4;

/** Card numbers of all brands, the same ones for the same seed. */
export function makeCards(seed: number): string[] {
  const digits = fc.string({
    unit: fc.constantFrom(...'0123456789'),
    minLength: 18,
    maxLength: 18,
    size: 'max',
  });
  const made = BRANDS.flatMap(([prefix, length]) =>
    fc.sample(digits, { numRuns: EACH, seed }).map((rest) => checked((prefix + rest).slice(0, length - 1))),
  );
  return [...new Set([...PUBLISHED, ...made])];
}

function checked(payload: string): string {
  return [...'0123456789'].map((digit) => payload + digit).find(hasCheckDigit) ?? payload;
}
