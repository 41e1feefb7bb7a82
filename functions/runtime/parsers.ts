/** Reads the text of a variable; undefined if it is malformed. */
export type Parse<T> = (text: string) => T | undefined;

/** Any text. */
export const text: Parse<string> = (given) => given;
/** A text of at most so many characters. */
export const shortText =
  (most: number): Parse<string> =>
  (given) =>
    given.length <= most ? given : undefined;
/** A text of a form. The pattern must fit all of it: begin with ^ and end with $. */
export const matching =
  (pattern: RegExp): Parse<string> =>
  (given) =>
    pattern.test(given) ? given : undefined;
/** A SID of Twilio's: its prefix and 32 hexadecimal digits. */
export const sid = (prefix: string) => matching(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`));
/** One of these names, spelled exactly. */
export const oneOf =
  <T extends string>(names: readonly T[]): Parse<T> =>
  (given) =>
    names.find((name) => name === given);
/** A whole number within these bounds. */
export const whole =
  (least: number, most: number): Parse<number> =>
  (given) => {
    const number = decimal(given);
    const fits = number !== undefined && Number.isInteger(number) && least <= number && number <= most;
    return fits ? number : undefined;
  };
/** `true` or `false`. */
export const truth: Parse<boolean> = (given) => given === 'true' || (given === 'false' ? false : undefined);

/** Items that are separated by blanks or commas, each of which can be read. */
export const list =
  <T>(parse: Parse<T>): Parse<T[]> =>
  (given) => {
    const items = wordsOf(given).map(parse);
    return items.every((item) => item !== undefined) ? items : undefined;
  };

function wordsOf(given: string): string[] {
  return given.split(/[\s,]+/).filter(Boolean);
}

/** A number in digits, with or without a fraction; no sign, exponent or other notation. */
function decimal(given: string): number | undefined {
  return /^\s*\d+(?:\.\d+)?\s*$/.test(given) ? Number(given) : undefined;
}

/** An ISO 4217 code, given in capital letters. */
export const currency: Parse<string> = (given) =>
  /^[A-Za-z]{3}$/.test(given) ? given.toUpperCase() : undefined;

/** Amounts by currency, as `USD 1000 EUR 900` says them; or a plain number, which is an amount of CURRENCY. */
export type Amounts = number | Readonly<Record<string, number>>;
/** One amount or several, each of which passes the test. */
export const amounts =
  (isAmount: (amount: number) => boolean): Parse<Amounts> =>
  (given) => {
    const amountOf = (word = '') => {
      const amount = decimal(word);
      return amount !== undefined && isAmount(amount) ? amount : undefined;
    };
    const words = wordsOf(given);
    if (words.length < 2) return amountOf(words[0]);
    const read: Record<string, number> = {};
    for (let index = 0; index < words.length; index += 2) {
      const code = currency(words[index] ?? '');
      const amount = amountOf(words[index + 1]);
      if (!code || code in read || amount === undefined) return undefined;
      read[code] = amount;
    }
    return read;
  };

/** Above which amounts charges are confirmed: `never` is null; `always` has no amounts, for no currency is exempt. */
export const confirmation: Parse<Amounts | null> = (given) => {
  if (given === 'never') return null;
  if (given === 'always') return {};
  const above = /^above:(?<amounts>.*)$/.exec(given)?.groups?.amounts;
  return above === undefined ? undefined : amounts(() => true)(above);
};

/** A URL of a form. */
export const url =
  (pattern: RegExp): Parse<string> =>
  (given) =>
    pattern.test(given) && URL.canParse(given) ? given : undefined;
/** An issuer or origin: https, or http on this machine alone. */
export const secureUrl = url(/^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$))/);
/** The origin of a secure URL, without its path. */
export const origin: Parse<string> = (given) => {
  const secure = secureUrl(given);
  return secure && new URL(secure).origin;
};

/** A JSON object of texts. */
export const parameters: Parse<Record<string, string>> = (given) => {
  try {
    const parsed: unknown = JSON.parse(given);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    const isOfTexts = isObject && Object.values(parsed).every((value) => typeof value === 'string');
    return isOfTexts ? (parsed as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
};
