import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createSpeak } from '../../../functions/mcp/wording.ts';
import { LANGUAGES, type Language, SENTENCES, speech } from '../../../functions/payments/advice/sentences.ts';

const prompts = new URL('../../../assets/prompts/', import.meta.url);

function sentencesIn(language: string): Record<string, string> {
  return JSON.parse(readFileSync(new URL(`sentences.${language}.private.json`, prompts), 'utf8'));
}

const english = sentencesIn('en');

const QUESTIONS: readonly string[] = [
  'ask.account-holder',
  ...SENTENCES.filter((name) => name.startsWith('agree.')),
  'enter-again',
  'another-way',
  'check-amount',
  'check-currency',
  'pay-again',
  'may-be-charged',
  'stop-payment',
  'error.invalid-card-type',
  'error.invalid-bank-account-type',
  'result.declined',
  'result.bank-declined',
  'result.refused-data',
  'result.star',
  'result.too-many-attempts',
];

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
      // Only the keys to press may be digits.
      if (name !== 'press-to-confirm') expect([name, words.match(/\p{N}/u)]).toEqual([name, null]);
    }
  });

  test('leave amount and last digits open where the caller is asked to agree, and nothing else', () => {
    for (const [name, words] of Object.entries(sentences)) {
      const open = [...words.matchAll(/\{(\w+)\}/g)].map(([, place]) => place).sort();
      const amount = name.startsWith('agree.charge') ? ['amount'] : [];
      const digits = /^agree\.\w+\.(?:card|account)$/.test(name) ? ['digits'] : [];
      expect([name, open]).toEqual([name, [...amount, ...digits]]);
      expect(words.replace(/\{\w+\}/g, '')).not.toMatch(/[{}<>*#_`"|\\\n]/);
    }
  });

  test('ask only what is answered: questions are those that the advice has answers to', () => {
    const questions = SENTENCES.filter((name) => /[?？]$/.test(sentences[name] ?? ''));
    expect(questions).toEqual(SENTENCES.filter((name) => QUESTIONS.includes(name)));
  });
});

test.each(LANGUAGES.filter((language) => !language.startsWith('en')))(
  'the sentences in %s are no copies',
  (language) => {
    const sentences = sentencesIn(language);
    for (const name of SENTENCES) expect([name, sentences[name]]).not.toEqual([name, english[name]]);
  },
);

/** What call centres of each language say: names of keys, and words that were wrong once. */
const WORDS: Record<Language, { pound: string; star: string; wrong: RegExp }> = {
  en: { pound: 'pound key', star: 'star', wrong: /\b(?:I did not|do not|type)\b/ },
  'en-GB': { pound: 'hash key', star: 'star', wrong: /\bpound\b|\bZIP\b|canceled|\btype\b/ },
  es: { pound: 'numeral o almohadilla', star: 'asterisco', wrong: /de que es|\bpuls/i },
  de: {
    pound: 'Rautetaste',
    star: 'Sterntaste',
    wrong: /sprechen Sie sie|ist erfolgt|Bankleitzahl|Es waren zu viele/,
  },
  fr: { pound: 'touche dièse', star: 'touche étoile', wrong: /vos données|acheminement|avec deux chiffres/ },
  zh: { pound: '井号键', star: '星号键', wrong: /未被接受|不用着急/ },
  pt: { pound: 'jogo da velha', star: 'asterisco', wrong: /\bsustenido\b/ },
  it: { pound: 'tasto cancelletto', star: 'tasto asterisco', wrong: /\bdigiti\b/ },
  nl: { pound: 'hekje', star: 'sterretje', wrong: /\bje\b/ },
};

test.each(LANGUAGES)('the sentences in %s name the keys as its speakers do', (language) => {
  const sentences = sentencesIn(language);
  const { pound, star, wrong } = WORDS[language];
  for (const name of ['ask.postal-code', 'ask.bank-account-number']) expect(sentences[name]).toContain(pound);
  for (const name of ['how-it-works', 'result.star']) expect(sentences[name]).toContain(star);
  for (const words of Object.values(sentences)) expect(words).not.toMatch(wrong);
});

test.each<[Language, string, string]>([
  ['en', '$49.90', '€1,249.00'],
  ['en-GB', 'US$49.90', '€1,249.00'],
  ['es', '49,90 US$', '1249,00 €'],
  ['de', '49,90 $', '1.249,00 €'],
  ['fr', '49,90 $US', '1 249,00 €'],
  ['zh', 'US$49.90', '€1,249.00'],
  ['pt', 'US$ 49,90', '€ 1.249,00'],
  ['it', '49,90 USD', '1249,00 €'],
  ['nl', 'US$ 49,90', '€ 1.249,00'],
])('amounts are written as in %s', (language, dollars, euros) => {
  const speak = createSpeak(() => JSON.stringify(sentencesIn(language)));
  const ask = (value: number, currency: string) =>
    speak({ sentences: ['agree.charge.card'], digits: '4242', amount: { value, currency } }, language);
  expect(ask(49.9, 'USD')).toContain(dollars);
  expect(ask(1249, 'EUR')).toContain(euros);
  expect(ask(1249, 'EUR')).toContain('4242');
  // The currency's own decimals (ISO 4217), whatever Intl thinks is usual.
  expect(ask(500, 'JPY')).not.toMatch(/500[.,]/);
  expect(ask(1.234, 'KWD')).toMatch(/1[.,]234/);
});

test('an operator’s sentence counts without a build; one that is missing is said in English', () => {
  const files: Record<string, unknown> = {
    'sentences.xx.json': { moment: 'Momentje.' },
    'sentences.en.json': english,
  };
  const speak = createSpeak((file) => JSON.stringify(files[file]));
  expect(speak(speech('moment', 'paid'), 'xx')).toBe(`Momentje. ${english.paid}`);
});
