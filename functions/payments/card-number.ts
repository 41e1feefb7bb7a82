/** A Twilio SID: one in 200 random ones holds digits that look like a card number. */
const SID = /(?<![0-9A-Za-z])[A-Z]{2}[0-9a-fA-F]{32}(?![0-9A-Za-z])/g;

/** Digits with at most two characters between them that are neither letters nor digits. */
const DIGITS_WITH_SEPARATORS = /\d(?:[^\p{L}\p{N}]{0,2}\d){12,}/gu;

/** A card number has 13 to 19 digits, a brand's prefix, and a Luhn check digit (ISO/IEC 7812-1). */
const LENGTHS = [13, 19] as const;
const BRAND_PREFIX = /^(?:4|5[0-8]|6|2(?:2[2-9]|[3-6]|7[01]|720|014|149)|3[0-9]|1800|2131)/;

/** Whether a run of digits could be a card number. */
export function isCardNumber(digits: string): boolean {
  const [least, most] = LENGTHS;
  if (!/^\d+$/.test(digits) || digits.length < least || digits.length > most) return false;
  return BRAND_PREFIX.test(digits) && hasCheckDigit(digits);
}

/**
 * Whether a text holds a run of digits that could be a card number, with or without separators. A run that is
 * written in groups is looked at group by group, since other digits may stand before and after the card number.
 */
export function holdsCardNumber(text: string): boolean {
  if (text.length < LENGTHS[0]) return false;
  const plain = text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(SID, 'SID');
  return (plain.match(DIGITS_WITH_SEPARATORS) ?? []).some((run) => {
    const groups = run.split(/\D+/u);
    return groups.some((_, from) =>
      groups.some((__, to) => isCardNumber(groups.slice(from, to + 1).join(''))),
    );
  });
}

/** Whether anything in a value, however nested, holds a card number: names of members as well as texts and numbers. */
export function anyHoldsCardNumber(value: unknown): boolean {
  if (typeof value === 'string') return holdsCardNumber(value);
  if (typeof value === 'number' || typeof value === 'bigint') return holdsCardNumber(String(value));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, member]) => holdsCardNumber(name) || anyHoldsCardNumber(member));
}

function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const weighted = i % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}
