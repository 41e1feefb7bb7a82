import { brandName, expiry, fieldName, lastDigits } from './format.ts';
import type { Field, Payment } from './payment.ts';
import type { Row } from './screen.ts';
import type { Say, Word } from './words.ts';

/** A row for each field: its state in words, and the button that has it typed again. */
export function rowsOf(payment: Payment, elapsed: number, mayType: boolean, say: Say): Row[] {
  return payment.fields.map((field) => rowOf(field, payment, elapsed, mayType, say));
}

function rowOf(field: Field, payment: Payment, elapsed: number, mayType: boolean, say: Say): Row {
  const { name, state, failures } = field;
  const { secondsLeft, timeout, triesAllowed } = payment;
  const row: Row = {
    capture: name,
    state,
    name: fieldName(name, say),
    text: '',
    marks: 0,
    count: '',
    tries:
      failures > 0 && state !== 'done'
        ? say('try', { n: triesUsed(field, triesAllowed), of: triesAllowed })
        : '',
    isStrong: state === 'done',
  };
  const isAgain = state === 'done' || state === 'typing' || state === 'listening';
  if (mayType && isAgain) row.again = { do: 'capture', capture: name };
  if (state === 'waiting') return { ...row, text: say('waiting') };
  if (state === 'refused') return { ...row, text: refusal(field, triesAllowed, say) };
  if (state === 'typing') {
    const n = field.value.length;
    return { ...row, marks: n, count: say('digits', { n }) };
  }
  if (state === 'listening') {
    const left = Math.ceil(secondsLeft - elapsed);
    if (left <= 0) return { ...row, text: say('listeningOver') };
    return { ...row, text: say('listeningFor', { n: left }), left: { seconds: left, of: timeout } };
  }
  return { ...row, ...doneText(field, payment, say) };
}

function triesUsed({ failures }: Field, of: number): number {
  return Math.min(failures, of);
}

function refusal(field: Field, triesAllowed: number, say: Say): string {
  if (field.failures < triesAllowed || field.failures < 2) return errorText(field.error, say);
  return `${say('refusedTimes', { n: field.failures })}: ${errorText(field.error, say)}`;
}

/** Why an entry was refused, in the desk's own words. */
export function errorText(error: string, say: Say): string {
  return say(ERROR_WORDS[error] ?? 'not-accepted');
}
const MISTYPED = 'invalid-card-number';
const ERROR_WORDS: Record<string, Word> = {
  'input-timeout': 'input-timeout',
  'invalid-card-number': MISTYPED,
  'invalid-card-type': 'invalid-card-type',
  'invalid-date': 'invalid-date',
  'date-validation-failed': 'invalid-date',
  'invalid-security-code': 'invalid-security-code',
  'invalid-postal-code': 'invalid-postal-code',
  'invalid-bank-routing-number': MISTYPED,
  'invalid-bank-account-number': MISTYPED,
  'input-matching-failed': 'input-matching-failed',
  'not-heard': 'not-heard',
  'refused-by-twilio': 'refused-by-twilio',
};

/** What a field that is taken shows: `count` stands beside it, quieter. */
function doneText({ name, value }: Field, { cardType }: Payment, say: Say): Pick<Row, 'text' | 'count'> {
  const last = lastDigits(value);
  if (name === 'payment-card-number')
    return { text: brandName(cardType), count: last && say('ending', { n: last }) };
  if (name === 'bank-account-number') return { text: say('ending', { n: last || value.length }), count: '' };
  if (name === 'expiration-date') return { text: expiry(value), count: '' };
  if (name === 'postal-code' || name === 'bank-routing-number') return { text: value, count: '' };
  return { text: value ? say('digits', { n: value.length }) : '✓', count: '' };
}
