/** Digits with the separators that people write between them; letters end a run, so SIDs hold only short ones. */
const DIGIT_RUN = /(?<![0-9A-Za-z])\d(?:[ .\-\u00a0]?\d){12,18}(?![0-9A-Za-z])/g;

/** A card number has 13 to 19 digits, a brand's prefix, and a Luhn check digit (ISO/IEC 7812-1). */
const BRAND_PREFIX = /^(?:4|5[0-8]|6|2(?:2[2-9]|[3-6]|7[01]|720|014|149)|3[0-9]|1800|2131)/;

/** Whether a run of digits could be a card number. */
export function isCardNumber(digits: string): boolean {
  if (!/^\d{13,19}$/.test(digits) || !BRAND_PREFIX.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const weighted = i % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** Whether a text holds something that could be a card number, with or without separators. */
export function holdsCardNumber(text: string): boolean {
  return (text.normalize('NFKC').match(DIGIT_RUN) ?? []).some((run) => isCardNumber(run.replace(/\D/g, '')));
}
