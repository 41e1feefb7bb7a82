import english from '../../assets/prompts/sentences.en.private.json';
import { LANGUAGES, SENTENCES, type Sentence } from '../payments/advice/sentences.ts';

/** Says a sentence for the caller in a language; nothing where there is nothing to say. */
export type Speak = (sentence: Sentence | '', language: string) => string;

/** The English words are built in, so that there is always something to say. */
const ENGLISH: Record<Sentence, string> = english;

/** Kept while the instance lives, for files do not change under it. */
const known = new Map<string, Partial<Record<Sentence, string>>>([['en', ENGLISH]]);

/**
 * The sentences in all languages. Those other than English are read from assets when they are first needed; what a
 * file lacks is said in English.
 * @param readAsset the text of a file in assets/prompts; undefined where there is none.
 */
export function createSpeak(readAsset: (file: string) => string | undefined): Speak {
  return (sentence, language) => {
    if (!sentence) return '';
    const words = known.get(language) ?? parse(readAsset(`sentences.${language}.json`));
    known.set(language, words);
    return words[sentence] ?? ENGLISH[sentence];
  };
}

/** Whether there is a language of that name; tags such as `de-AT` count as their language. */
export function toLanguage(tag: string): (typeof LANGUAGES)[number] | undefined {
  const primary = tag.toLowerCase().split('-')[0];
  return LANGUAGES.find((language) => language === primary);
}

function parse(text: string | undefined): Partial<Record<Sentence, string>> {
  try {
    const words = JSON.parse(text ?? '{}') as Record<string, unknown>;
    return Object.fromEntries(
      SENTENCES.flatMap((name) => (typeof words[name] === 'string' ? [[name, words[name]]] : [])),
    );
  } catch {
    return {};
  }
}
