/** A Twilio SID: one in 200 random ones holds digits that look like a card number. */
const SID = /(?<![0-9A-Za-z])[A-Z]{2}[0-9a-fA-F]{32}(?![0-9A-Za-z])/g;

/** A UUID: one with a letter in it, for digits alone could be anything. */
const UUID =
  /(?<![0-9A-Za-z])(?=[0-9-]{0,35}[a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z])/gi;

/** An IBAN (ISO 13616), in groups or not: its check digits are looked at before it is believed. */
const IBAN = /(?<![0-9A-Za-z])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![0-9A-Za-z])/g;

/** A date (ISO 8601) or a time of day that no other digits touch: two of them would make a card number too often. */
const DATE_OR_TIME =
  /(?<![\d:.-])(?:(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])|(?:[01]\d|2[0-3])(?::[0-5]\d){1,2})(?![\d:-])/g;

/** Letters that are drawn as nothing (Hangul fillers), as a dot, a dash or a bar, and modifier letters, which are drawn as marks. */
const BLANK_LETTERS = /[\u115F\u1160\u119E\u1427\uA78F\u01C0-\u01C3\p{Lm}]/gu;

/** Digits with anything between them that is neither a letter nor a digit. */
const DIGITS_WITH_SEPARATORS = /\d(?:[^\p{L}\p{N}]*\d){12,}/gu;

/** A card number has 13 to 19 digits, a brand's prefix, and a Luhn check digit (ISO/IEC 7812-1). */
const LONGEST = 19;
const BRAND_PREFIX = /^(?:4|5[0-8]|6|2(?:2[2-9]|[3-6]|7[01]|720|014|149)|3[0-9]|1800|2131)/;

/**
 * How cards of today look: for digits that stand in the middle of others, where every tenth random row of digits would
 * pass the Luhn check. Of random rows of 20 digits about one in seven is taken for a card number all the same.
 */
const USUAL_CARD = /^(?:4\d{15}|(?:5[1-5]|2[2-7]|35|6[245])\d{14}|6011\d{12}|3[47]\d{13}|3[0689]\d{12})$/;
const USUAL_LENGTHS = [14, 15, 16] as const;

/** Whether a run of digits could be a card number. */
export function isCardNumber(digits: string): boolean {
  return /^\d{13,19}$/.test(digits) && BRAND_PREFIX.test(digits) && hasCheckDigit(digits);
}

/**
 * Whether what a processor made, such as a token, is or holds a card number that stands for itself: as a whole word, with
 * or without separators. Tokens and hashes are full of digits that mean nothing.
 */
export function holdsCardNumber(text: string): boolean {
  return runsOf(text, { wholeWords: true }).some(isMadeOfCardNumber);
}

/**
 * Whether anything in a value, however nested, holds a card number, names of members too: inside of words, in the middle
 * of other digits, and over any characters that are neither letters nor digits. For all that an agent sends or is shown.
 */
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
    .replace(BLANK_LETTERS, ' ')
    .replace(/[^\P{Nd}0-9]/gu, toAsciiDigit)
    .replace(SID, 'SID')
    .replace(UUID, 'UUID')
    .replace(DATE_OR_TIME, 'DATE')
    .replace(IBAN, (text) => (isIban(text) ? 'IBAN' : text));
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

/**
 * Whether some whole groups of digits, one after the other, are a card number: of any brand, or of today if the run has
 * other groups and these are small ones, of which dates, addresses and phone numbers are made.
 */
function isMadeOfCardNumber(groups: string[]): boolean {
  const { digits, bounds } = joined(groups);
  return bounds.some((from, i) => {
    // Looks no further than a card number is long: a run may have thousands of groups.
    for (const [j, to] of bounds.slice(i + 1, i + 1 + LONGEST).entries()) {
      if (to - from > LONGEST) return false;
      const number = digits.slice(from, to);
      if (!isCardNumber(number)) continue;
      if (number === digits || isUsualCard(number)) return true;
      if (groups.slice(i, i + j).every(({ length }) => length > 3)) return true;
    }
    return false;
  });
}

/**
 * Whether groups of digits hold a card number: whole groups, or one of today that begins or ends with a group, is inside
 * of one, or has others glued to both its ends and is grouped all the same.
 */
function hasCardNumber(groups: string[]): boolean {
  const { digits, bounds } = joined(groups);
  let next = 0;
  for (let from = 0; from < digits.length; from++) {
    while ((bounds[next] ?? digits.length) <= from) next++;
    for (const size of USUAL_LENGTHS) {
      if (!isUsualCard(digits.slice(from, from + size))) continue;
      const cuts = bounds.slice(next, next + size).flatMap((at) => (at - from <= size ? [at - from] : []));
      if (bounds[next - 1] === from || cuts.at(-1) === size || isGrouping(cuts)) return true;
    }
  }
  return isMadeOfCardNumber(groups);
}

/** Whether digits are in one piece, in groups as on a card, or in many groups of one size. */
function isGrouping(cuts: number[]): boolean {
  const sizes = new Set(cuts.slice(1).map((at, i) => at - (cuts[i] ?? 0)));
  return ['', '4,8,12', '4,10'].includes(String(cuts)) || (cuts.length > 3 && sizes.size === 1);
}

/** All digits, and where groups of them begin and end. */
function joined(groups: string[]): { digits: string; bounds: number[] } {
  const bounds = [0];
  for (const group of groups) bounds.push((bounds.at(-1) ?? 0) + group.length);
  return { digits: groups.join(''), bounds };
}

function isUsualCard(digits: string): boolean {
  return USUAL_CARD.test(digits) && hasCheckDigit(digits);
}

/** ISO 7064, MOD 97-10: letters count from A = 10. */
function isIban(text: string): boolean {
  const compact = text.replaceAll(' ', '');
  const moved = `${compact.slice(4)}${compact.slice(0, 4)}`;
  const digits = moved.replace(/[A-Z]/g, (letter) => String(Number.parseInt(letter, 36)));
  return BigInt(digits) % 97n === 1n;
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
