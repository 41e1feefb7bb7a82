import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LANGUAGES, SENTENCES } from '../../../functions/payments/advice/sentences.ts';

const prompts = new URL('../../../assets/prompts/', import.meta.url);

function sentencesIn(language: string): Record<string, string> {
  return JSON.parse(readFileSync(new URL(`sentences.${language}.private.json`, prompts), 'utf8'));
}

const english = sentencesIn('en');

test('there is one file of sentences for each language', () => {
  const files = readdirSync(prompts).filter((name) => name.endsWith('.json'));
  expect(files).toEqual(LANGUAGES.map((language) => `sentences.${language}.private.json`).sort());
});

describe.each(LANGUAGES)('the sentences in %s', (language) => {
  const sentences = sentencesIn(language);

  test('are all there, and no others', () => {
    expect(Object.keys(sentences)).toEqual(SENTENCES);
  });

  test('are short, and hold no digit that could be taken for one of the caller’s', () => {
    for (const [name, words] of Object.entries(sentences)) {
      expect([name, words.trim().length]).toEqual([name, words.length]);
      expect([name, words.length > 3 && words.length <= 160]).toEqual([name, true]);
      expect([name, words.match(/\p{N}/u)]).toEqual([name, null]);
    }
  });

  test('leave nothing to be filled in and nothing that would not be spoken', () => {
    for (const words of Object.values(sentences)) expect(words).not.toMatch(/[{}<>*#_`"|\\\n]/);
  });
});

test.each(LANGUAGES.filter((language) => language !== 'en'))(
  'the sentences in %s are no copies',
  (language) => {
    const sentences = sentencesIn(language);
    for (const name of SENTENCES) expect([name, sentences[name]]).not.toEqual([name, english[name]]);
  },
);

test('the keys of the phone have their names in every language', () => {
  const names = {
    en: ['pound', 'star'],
    es: ['tecla numeral', 'asterisco'],
    de: ['Rautetaste', 'Sterntaste'],
    fr: ['touche dièse', 'touche étoile'],
    zh: ['井号键', '星号键'],
  };
  for (const language of LANGUAGES) {
    const sentences = sentencesIn(language);
    const [pound, star] = names[language];
    expect(sentences['ask.postal-code']).toContain(pound);
    expect(sentences['ask.bank-account-number']).toContain(pound);
    expect(sentences['how-it-works']).toContain(star);
    expect(sentences['result.star']).toContain(star);
  }
});
