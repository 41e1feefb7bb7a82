import type { Model } from './model.ts';
import type { SourceError } from './source.ts';
import { createSay, isWord, type Word } from './words.ts';

/** Codes of which the person need not know more than that something has changed, or that it is too early. */
const WORDS_OF: Partial<Record<string, Word>> = {
  PAYMENT_FINISHED: 'CONFIRMATION_MISMATCH',
  COMPLETING: 'CONFIRMATION_MISMATCH',
  CANCELING: 'CONFIRMATION_MISMATCH',
  NOT_READY: 'CONFIRMATION_MISMATCH',
  OUT_OF_ORDER: 'CONFIRMATION_MISMATCH',
  TWILIO_UNAVAILABLE: 'tryLater',
  TWILIO_RATE_LIMITED: 'tryLater',
  STORE_UNAVAILABLE: 'tryLater',
  STARTING: 'tryLater',
  COMPLETION_UNKNOWN: 'notSure',
  '-32002': 'PAYMENT_NOT_FOUND',
  '-32602': 'PAYMENT_NOT_FOUND',
  // A host that passes on tools alone.
  '-32601': 'notShown',
};

/** What the server did not do, in the desk's own words. */
export function noticeOf({ trouble, code }: SourceError, { language }: Pick<Model, 'language'>): string {
  const say = createSay(language);
  if (trouble === 'forbidden') return say('noRights');
  if (trouble === 'offline') return say('notSure');
  if (trouble === 'busy') return say('tryLater');
  const word = WORDS_OF[code] ?? (isWord(code) ? code : undefined);
  return word ? say(word) : say('notDoneNow', { code });
}
