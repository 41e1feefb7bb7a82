import { describe, expect, test } from 'vitest';
import { errorGuide, resultGuide } from '../../../functions/payments/advice/error-types.ts';
import { SENTENCES } from '../../../functions/payments/advice/sentences.ts';
import { codeGuide } from '../../../functions/payments/advice/twilio-codes.ts';
import { PaymentError } from '../../../functions/payments/errors.ts';
import { toPaymentError } from '../../../functions/twilio/client.ts';

/** What Twilio documents, or samples show (Payment resource page, ErrorType and Result; error list). */
const ERROR_TYPES = [
  'input-timeout',
  'invalid-card-number',
  'invalid-card-type',
  'invalid-date',
  'date-validation-failed',
  'invalid-security-code',
  'invalid-postal-code',
  'invalid-bank-routing-number',
  'invalid-bank-account-number',
  'invalid-bank-account-type',
  'invalid-card-number-security-code-capture-sequence',
  'input-matching-failed',
  'session-in-progress',
  'internal-error',
];
const RESULTS = [
  'payment-connector-error',
  'caller-interrupted-with-star',
  'caller-hung-up',
  'validation-error',
  'too-many-failed-attempts',
  'internal-error',
  'transaction-cancelled',
];
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const PAY_CODES = range(64001, 64024);
const REST_CODES = [20001, 20003, 20404, 20409, 20422, 20429, 21220, 21609, ...PAY_CODES];

const NEXT_STEPS = ['getPaymentStatus', 'captureCardNumber', 'cancelPaymentCapture', 'done'];
const isSentence = (say: string) => say === '' || SENTENCES.some((name) => name === say);

describe('all that Twilio can say has advice of its own', () => {
  test.each(ERROR_TYPES)('the ErrorType %s', (type) => {
    const { why, say } = errorGuide(type);
    expect(why).not.toBe(errorGuide('nobody knows it').why);
    expect(isSentence(say)).toBe(true);
    expect(say).not.toBe('');
  });

  test.each(RESULTS)('the Result %s', (result) => {
    const { why, say } = resultGuide(result);
    expect(why).not.toBe(resultGuide('nobody knows it').why);
    expect(isSentence(say)).toBe(true);
  });

  test.each(PAY_CODES)('the PayErrorCode %i of a connector that failed', (code) => {
    const { why, say } = resultGuide('payment-connector-error', String(code));
    expect(why).not.toBe(resultGuide('payment-connector-error', '64999').why);
    expect(why).toMatch(/No payment was confirmed\.$/);
    expect(isSentence(say)).toBe(true);
    expect(say).not.toBe('');
  });

  test.each(REST_CODES)('the code %i of a REST error, each in its own words', (code) => {
    const guide = codeGuide(code);
    const others = REST_CODES.filter((other) => other !== code && codeGuide(other)?.why === guide?.why);
    expect(guide?.why).toMatch(/^[A-Z].*\.$/);
    // Two codes may mean the same, but no more.
    expect(others.length).toBeLessThan(2);
    const refused = toPaymentError({ status: 400, code });
    expect(NEXT_STEPS).toContain(refused.nextStepAfter('captureCardNumber'));
    expect(isSentence(refused.say)).toBe(true);
  });
});

describe('what nobody knows has safe advice', () => {
  test('a Result says that nothing is certain, and a code of Twilio’s that the status tells', () => {
    expect(resultGuide('nobody knows it').why).toMatch(/check with the payment processor before/);
    expect(resultGuide('payment-connector-error', 'nobody knows it')).toEqual(
      resultGuide('payment-connector-error'),
    );
    const unknown = toPaymentError({ status: 400, code: 99_999 });
    expect([unknown.code, unknown.nextStepAfter('captureCardNumber')]).toEqual([
      'TWILIO_REFUSED',
      'getPaymentStatus',
    ]);
  });

  test.each(['constructor', '__proto__', 'toString'])('%s is no code', (code) => {
    expect(codeGuide(code)).toBeUndefined();
  });
});

test('an error that the same call may mend names the tool that failed', () => {
  for (const code of ['TWILIO_UNAVAILABLE', 'TWILIO_RATE_LIMITED', 'STORE_UNAVAILABLE'] as const)
    expect(new PaymentError(code).nextStepAfter('captureCardNumber')).toBe('captureCardNumber');
});

test.each([...REST_CODES, 64_999])('a start refused with %i names no step that needs a payment', (code) => {
  for (const status of [400, 401, 404]) {
    const refused = toPaymentError({ status, code }, 'start');
    expect(['startPaymentCapture', 'done']).toContain(refused.nextStepAfter('startPaymentCapture'));
    expect(isSentence(refused.say)).toBe(true);
  }
});

test('a start that crossed another one, or failed by a fault of ours, is made again', () => {
  for (const code of ['STARTING', 'INTERNAL_ERROR'] as const)
    expect(new PaymentError(code).nextStepAfter('startPaymentCapture')).toBe('startPaymentCapture');
  expect(new PaymentError('INTERNAL_ERROR').nextStepAfter('captureCardNumber')).toBe('getPaymentStatus');
});

test.each(REST_CODES)(
  'a payment does not stay open after a step refused with %i that will never work',
  (code) => {
    const refused = toPaymentError({ status: 400, code }, 'step');
    const isOver = refused.code === 'CALL_NOT_IN_PROGRESS';
    expect(refused.nextStepAfter('captureCardNumber') === 'done').toBe(isOver);
  },
);
