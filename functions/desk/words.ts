import type english from './words/en.json';

/**
 * The desk's own words, by name. `{name}` is filled in; `one|many` is chosen by the number; what stands between stars
 * stands out. The sentences for the caller are the server's and come in the caller's language.
 */
export type Word = keyof typeof english;

/** The languages of the desk, under their own names. */
export const LANGUAGE_NAMES = {
  en: 'English',
  de: 'Deutsch',
  es: 'Español',
  fr: 'Français',
  it: 'Italiano',
  nl: 'Nederlands',
  pt: 'Português',
  zh: '中文',
} as const;
export type Language = keyof typeof LANGUAGE_NAMES;

/** What the build puts into the page: a list of the names, and one of words in their order for each language. */
const lists = new Map(
  (document.querySelector('#words')?.textContent ?? '').split('\f').map((list) => {
    const [name, ...lines] = list.split('\n');
    return [name, lines];
  }),
);
const linesOf = (list: string) => lists.get(list) ?? [];
const names = linesOf('names');

/** The desk's language for a list of tags as browsers and hosts have them; English if none fits. */
export function languageOf(tags: readonly string[]): Language {
  for (const tag of tags) {
    const primary = tag.toLowerCase().split('-')[0] ?? '';
    if (Object.hasOwn(LANGUAGE_NAMES, primary)) return primary as Language;
  }
  return 'en';
}

/** Whether the desk has words for a code of the server. */
export function isWord(code: string): code is Word {
  return names.includes(code);
}

type Values = Record<string, string | number>;

/** Words that stand out from those around them. */
export type Part = string | { strong: string };

export interface Say {
  /** Says a word of the desk. `n` chooses between `one|many`. */
  (word: Word, values?: Values): string;
  /** The same in parts: what stands between stars stands out. */
  parts(word: Word, values: Values): Part[];
}

export function createSay(language: Language): Say {
  const words = linesOf(language);
  const plural = new Intl.PluralRules(language);
  const template = (word: Word, n: unknown) => {
    const [one = '', many = one] = (words[names.indexOf(word)] ?? '').split('|');
    return plural.select(Number(n ?? 0)) === 'one' ? one : many;
  };
  const say = (word: Word, values: Values = {}) => fill(template(word, values.n), values);
  // Values are filled in last, for they may hold a star themselves.
  const parts = (word: Word, values: Values) =>
    template(word, values.n)
      .split('*')
      .map((part, place) => (place % 2 === 1 ? { strong: fill(part, values) } : fill(part, values)));
  return Object.assign(say, { parts });
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
