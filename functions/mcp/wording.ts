import { formatAmount } from '../payments/advice/format-amount.ts';
import {
  LANGUAGES,
  type Language,
  SENTENCES,
  type Sentence,
  type SentenceFacts,
  type Speak,
} from '../payments/advice/sentences.ts';

type Words = Partial<Record<Sentence, string>>;

/** Kept while the instance lives, for files do not change under it. */
const known = new Map<string, Words>();

/**
 * The sentences in all languages, each read from its asset when it is first needed. What a file lacks is said in
 * English.
 * @param readAsset the text of a file in assets/prompts; undefined if there is none.
 */
export function createSpeak(readAsset: (file: string) => string | undefined): Speak {
  const wordsOf = (language: string): Words => {
    const words = known.get(language) ?? parse(readAsset(`sentences.${language}.json`));
    known.set(language, words);
    return words;
  };
  return ({ sentences, ...facts }, language) =>
    sentences
      .map((name) => filled(wordsOf(language)[name] ?? wordsOf('en')[name] ?? '', facts, language))
      .join(language === 'zh' ? '' : ' ');
}

/** The language of a tag: itself (`en-GB`) if there is one of that name, else its first part (`de` for `de-AT`). */
export function toLanguage(tag: string): Language | undefined {
  const wanted = tag.toLowerCase();
  const [primary] = wanted.split('-');
  return (
    LANGUAGES.find((language) => language.toLowerCase() === wanted) ??
    LANGUAGES.find((language) => language === primary)
  );
}

function filled(words: string, { amount, digits = '' }: SentenceFacts, language: string): string {
  return words
    .replaceAll('{amount}', () => (amount ? formatAmount(amount.value, amount.currency, language) : ''))
    .replaceAll('{digits}', digits);
}

function parse(text: string | undefined): Words {
  try {
    const words = JSON.parse(text ?? '{}') as Record<string, unknown>;
    return Object.fromEntries(
      SENTENCES.flatMap((name) => (typeof words[name] === 'string' ? [[name, words[name]]] : [])),
    );
  } catch {
    return {};
  }
}
