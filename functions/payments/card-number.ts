/** A Twilio SID: one in 200 random ones holds digits that look like a card number. */
const SID = /(?<![0-9A-Za-z])[A-Z]{2}[0-9a-fA-F]{32}(?![0-9A-Za-z])/g;

/** Digits with at most three characters between them that are neither letters nor digits, as in `4242 - 4242`. */
const DIGITS_WITH_SEPARATORS = /\d(?:[^\p{L}\p{N}]{0,3}\d){12,}/gu;

/** A card number has 13 to 19 digits, a brand's prefix, and a Luhn check digit (ISO/IEC 7812-1). */
const LENGTHS = [13, 19] as const;
const BRAND_PREFIX = /^(?:4|5[0-8]|6|2(?:2[2-9]|[3-6]|7[01]|720|014|149)|3[0-9]|1800|2131)/;

/** Whether a run of digits could be a card number. */
export function isCardNumber(digits: string): boolean {
  const [least, most] = LENGTHS;
  if (digits.length < least || digits.length > most || !/^\d+$/.test(digits)) return false;
  return BRAND_PREFIX.test(digits) && hasCheckDigit(digits);
}

/**
 * Whether a text holds a run of digits that could be a card number, with or without separators. A run that is
 * written in groups is looked at group by group, since other digits may stand before and after the card number.
 */
export function holdsCardNumber(text: string): boolean {
  return runsOf(text, { wholeWords: true }).some(hasCardNumber);
}

/** Whether anything in a value that an agent sent, however nested, holds a card number, inside of words too; names of members count. */
export function anyHoldsCardNumber(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).some(
      ([name, member]) => anyHoldsCardNumber(name) || anyHoldsCardNumber(member),
    );
  }
  return (
    ['string', 'number', 'bigint'].includes(typeof value) &&
    runsOf(String(value), { wholeWords: false }).some(hasCardNumber)
  );
}

/**
 * The groups of digits in each run of them. As whole words, without those that a letter touches: tokens and hashes
 * are full of digits that mean nothing.
 */
function runsOf(text: string, { wholeWords }: { wholeWords: boolean }): string[][] {
  if (!/\p{N}/u.test(text)) return [];
  const plain = text
    // First, for to normalize a long row of marks takes time that grows with its square.
    .replace(/\p{M}+/gu, '')
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[^\P{Nd}0-9]/gu, toAsciiDigit)
    .replace(SID, 'SID');
  return [...plain.matchAll(DIGITS_WITH_SEPARATORS)].map(({ 0: run, index }) => {
    const groups = run.split(/\D+/u);
    if (wholeWords && isLetter(plain[index - 1])) groups.shift();
    if (wholeWords && isLetter(plain[index + run.length])) groups.pop();
    return groups;
  });
}

function isLetter(character = ''): boolean {
  return /\p{L}/u.test(character);
}

/** A decimal digit of any script as one of ours: Unicode has the ten of a script in a row. */
function toAsciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return String(value);
}

function hasCardNumber(groups: string[]): boolean {
  return groups.some((_, from) => beginsWithCardNumber(groups, from));
}

/** Looks no further than a card number is long: a run may have thousands of groups. */
function beginsWithCardNumber(groups: string[], from: number): boolean {
  let digits = '';
  for (let i = from; i < groups.length && digits.length < LENGTHS[1]; i++) {
    digits += groups[i];
    if (isCardNumber(digits)) return true;
  }
  return false;
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
