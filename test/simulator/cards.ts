/** Names of ValidCardTypes and PaymentCardType (Payment resource page). */
export const CARD_TYPES = [
  'visa',
  'mastercard',
  'amex',
  'maestro',
  'discover',
  'optima',
  'jcb',
  'diners-club',
  'enroute',
] as const;
export type CardType = (typeof CARD_TYPES)[number];

interface CardRule {
  readonly type: CardType;
  readonly prefix: RegExp;
  /** Lengths that the `<Pay>` page names; it leaves 16 out for visa, surely by mistake. */
  readonly lengths: readonly number[];
  /** Twilio stops listening here without waiting for `#`. */
  readonly full: number;
}

/** Prefixes are the card schemes' own; the first rule that fits decides. `optima` has none to tell it by. */
const RULES: readonly CardRule[] = [
  { type: 'visa', prefix: /^4/, lengths: [13, 15, 16, 19], full: 16 },
  { type: 'amex', prefix: /^3[47]/, lengths: [15], full: 15 },
  {
    type: 'mastercard',
    prefix: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/,
    lengths: [16],
    full: 16,
  },
  { type: 'discover', prefix: /^(6011|64[4-9]|65)/, lengths: [16, 17, 18, 19], full: 19 },
  { type: 'jcb', prefix: /^35(2[89]|[3-8])/, lengths: [16, 17, 18, 19], full: 19 },
  { type: 'diners-club', prefix: /^3(0[0-5]|[689])/, lengths: [14, 16, 17, 18, 19], full: 19 },
  { type: 'enroute', prefix: /^2(014|149)/, lengths: [15], full: 15 },
  { type: 'maestro', prefix: /^(5[06-9]|6)/, lengths: [12, 13, 14, 15, 16, 17, 18, 19], full: 19 },
];

/** Longest card number there is (ISO/IEC 7812). */
const LONGEST = 19;

function ruleOf(digits: string): CardRule | undefined {
  return RULES.find(({ prefix }) => prefix.test(digits));
}

export function cardTypeOf(digits: string): CardType | undefined {
  return ruleOf(digits)?.type;
}

/** How many digits Twilio listens for before it stops by itself. */
export function fullCardLength(digits: string): number {
  return ruleOf(digits)?.full ?? LONGEST;
}

/** Length and check digit are right for the card's type. */
export function isCardNumber(digits: string): boolean {
  return (ruleOf(digits)?.lengths.includes(digits.length) ?? false) && hasCheckDigit(digits);
}

/** The check digit of ISO/IEC 7812 (Luhn). */
export function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - place));
    const doubled = digit * 2;
    sum += place % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return digits.length > 0 && sum % 10 === 0;
}
