import { anyHoldsCardNumber } from '../card-number.ts';

/** How much of a text from outside an agent is shown, in characters. */
const MAX_LENGTH = 160;

/**
 * Text from outside (a payment processor's words) as data for an agent: quoted, on one line, without control and
 * invisible characters, shortened, and nothing at all where it could hold a card number.
 */
export function quoteOutsideText(text: string): string {
  const plain = text
    .normalize('NFKC')
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/["\\<>`]/g, "'")
    .replace(/\s+/g, ' ')
    .trim();
  // As it came and as it is shown: either may be readable where the other is not.
  if (!plain || anyHoldsCardNumber(text) || anyHoldsCardNumber(plain)) return '';
  const characters = [...plain];
  return `"${characters.length > MAX_LENGTH ? `${characters.slice(0, MAX_LENGTH).join('')}…` : plain}"`;
}
