import { describe, expect, test } from 'vitest';
import { errorAdvice } from '../../../functions/payments/advice/error-advice.ts';
import { errorGuide, resultGuide } from '../../../functions/payments/advice/error-types.ts';
import type { NextStep, ToolName } from '../../../functions/payments/advice/guidance.ts';
import { SENTENCES, speech } from '../../../functions/payments/advice/sentences.ts';
import { codeGuide } from '../../../functions/payments/advice/twilio-codes.ts';
import { ERROR_CODES, type ErrorCode } from '../../../functions/payments/error-codes.ts';
import { PaymentError } from '../../../functions/payments/errors.ts';
import { newSession } from '../../../functions/payments/session/session.ts';
import { toPaymentError } from '../../../functions/twilio/client.ts';
import { viewAt } from './view.ts';
import { fold, opens, posted, type Step, termsOf } from './whole-payments.ts';

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

const NEXT_STEPS = ['getPaymentStatus', 'captureCardNumber', 'cancelPaymentCapture', 'askCaller', 'done'];
const isSentence = (say: string | undefined) => SENTENCES.some((name) => name === say);
const after = (error: PaymentError, tool: ToolName) => errorAdvice(error, tool, viewAt(0), 'en');
const nextStepAfter = (error: PaymentError, tool: ToolName) => after(error, tool).nextStep;

describe('all that Twilio can say has advice of its own', () => {
  test.each(ERROR_TYPES)('the ErrorType %s', (type) => {
    const { why, say } = errorGuide(type);
    expect(why).not.toBe(errorGuide('nobody knows it').why);
    expect(isSentence(say)).toBe(true);
  });

  test.each(RESULTS)('the Result %s', (result) => {
    const { why, say } = resultGuide(result);
    expect(why).not.toBe(resultGuide('nobody knows it').why);
    // To a caller who has hung up there is nothing to say.
    expect(isSentence(say)).toBe(result !== 'caller-hung-up');
  });

  test.each(PAY_CODES)('the PayErrorCode %i of a connector that failed', (code) => {
    const { why, say } = resultGuide('payment-connector-error', String(code));
    expect(why).not.toBe(resultGuide('payment-connector-error', '64999').why);
    expect(why).toMatch(/No payment was confirmed\.$/);
    expect(isSentence(say)).toBe(true);
  });

  test.each(REST_CODES)('the code %i of a REST error, each in its own words', (code) => {
    const guide = codeGuide(code);
    const others = REST_CODES.filter((other) => other !== code && codeGuide(other)?.why === guide?.why);
    expect(guide?.why).toMatch(/^[A-Z].*\.$/);
    // Two codes may mean the same, but no more.
    expect(others.length).toBeLessThan(2);
    const refused = toPaymentError({ status: 400, code });
    expect(NEXT_STEPS).toContain(nextStepAfter(refused, 'captureCardNumber'));
  });
});

describe('what nobody knows has safe advice', () => {
  test('a Result says that nothing is certain, and a code of Twilio’s that the status tells', () => {
    expect(resultGuide('nobody knows it').why).toMatch(/check with the payment processor before/);
    expect(resultGuide('payment-connector-error', 'nobody knows it')).toEqual(
      resultGuide('payment-connector-error'),
    );
    const unknown = toPaymentError({ status: 400, code: 99_999 });
    expect([unknown.code, nextStepAfter(unknown, 'captureCardNumber')]).toEqual([
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
    expect(nextStepAfter(new PaymentError(code), 'captureCardNumber')).toBe('captureCardNumber');
});

test.each([...REST_CODES, 64_999])('a start refused with %i names no step that needs a payment', (code) => {
  for (const status of [400, 401, 404]) {
    const refused = toPaymentError({ status, code }, 'start');
    const { nextStep, thenCall } = after(refused, 'startPaymentCapture');
    expect(['startPaymentCapture', 'done']).toContain(nextStep === 'askCaller' ? thenCall : nextStep);
  }
});

test('a start that crossed another one, or failed by a fault of ours, is made again', () => {
  for (const code of ['STARTING', 'INTERNAL_ERROR'] as const)
    expect(nextStepAfter(new PaymentError(code), 'startPaymentCapture')).toBe('startPaymentCapture');
  expect(nextStepAfter(new PaymentError('INTERNAL_ERROR'), 'captureCardNumber')).toBe('getPaymentStatus');
});

test.each(REST_CODES)(
  'a payment does not stay open after a step refused with %i that will never work',
  (code) => {
    const refused = toPaymentError({ status: 400, code }, 'step');
    const isOver = refused.code === 'CALL_NOT_IN_PROGRESS';
    expect(nextStepAfter(refused, 'captureCardNumber') === 'done').toBe(isOver);
  },
);

test.each(ERROR_CODES)(
  '%s asks no question without an answer, and tells the caller of nothing but their part',
  (code) => {
    for (const tool of ['startPaymentCapture', 'captureCardNumber', 'completePaymentCapture'] as const) {
      const { nextStep, thenCall, say, why } = after(new PaymentError(code), tool);
      expect(why).toMatch(new RegExp(`^${code}: [A-Z]`));
      expect(why).not.toMatch(/none|no answer|undefined/);
      expect(nextStep === 'askCaller').toBe(thenCall !== undefined);
      if (say.endsWith('?')) expect(nextStep).toBe('askCaller');
      if (nextStep === 'askCaller') expect(say).not.toBe('');
    }
  },
);

test.each([
  [{ status: 400, code: 64_021 }, /\(Twilio error 64021, HTTP 400\)$/],
  [{ status: 503, code: 0 }, /\(HTTP 503\)$/],
  [{ status: 0, code: 0 }, /a person\.$/],
])('what Twilio answered is told as far as it answered: %j', (twilio, end) => {
  expect(new PaymentError('TWILIO_UNAVAILABLE', { twilio }).message).toMatch(end);
});

describe('an error knows the state of the payment', () => {
  const starts: Step = { by: 'us', does: (session) => ({ ...session, terms: termsOf('charge') }) };
  const typing = posted(
    { Capture: 'payment-card-number', PartialResult: 'true', PaymentCardNumber: 'xxx' },
    { command: 1 },
  );
  const cardIn = posted(
    { Capture: 'payment-card-number', PaymentCardNumber: 'xxxxxxxxxxxx4242' },
    { command: 1 },
  );
  const codeIn = posted({ Capture: 'security-code', SecurityCode: 'xxx' }, { command: 2 });
  const dateIn = posted({ Capture: 'expiration-date', ExpirationDate: '1230', Required: '' }, { command: 3 });
  const mistyped = posted(
    { Capture: 'payment-card-number', ErrorType: 'invalid-card-number' },
    { command: 1 },
  );
  const declined = posted({ Result: 'payment-connector-error', PayErrorCode: '64012' }, { command: 3 });
  const paid = posted({ Result: 'success', PaymentConfirmationCode: 'ch_1' }, { command: 3 });
  const asks = (slot: 'completing' | 'canceling'): Step => ({
    by: 'us',
    does: (session) => ({ ...session, [slot]: { asked: 1, refused: 0, at: 0 } }),
  });
  const opened = opens('payment-card-number', 1);

  test.each<[ErrorCode, string, Step[], NextStep, RegExp, string]>([
    [
      'OUT_OF_ORDER',
      'the card number is being typed',
      [opened, typing],
      'wait',
      /is typing the card number now/,
      '',
    ],
    [
      'OUT_OF_ORDER',
      'the card number was asked for',
      [opened],
      'wait',
      /has been asked for the card number/,
      '',
    ],
    ['OUT_OF_ORDER', 'nothing was asked for yet', [], 'captureCardNumber', /Call captureCardNumber now/, ''],
    ['OUT_OF_ORDER', 'the card number was mistyped', [mistyped], 'captureCardNumber', /mistyped/, ''],
    ['NOT_READY', 'the card number is being typed', [opened, typing], 'wait', /is typing/, ''],
    [
      'NOT_READY',
      'the date is missing',
      [cardIn, codeIn],
      'captureExpirationDate',
      /captureExpirationDate/,
      '',
    ],
    ['FIELD_NOT_REQUIRED', 'all is in', [cardIn, codeIn, dateIn], 'askCaller', /After a clear yes/, '$12.50'],
    ['CONFIRMATION_MISMATCH', 'all is in', [cardIn, codeIn, dateIn], 'askCaller', /lastFour 4242/, '4242'],
    [
      'CONFIRMATION_REQUIRED',
      'all is in',
      [cardIn, codeIn, dateIn],
      'askCaller',
      /completePaymentCapture with/,
      '4242',
    ],
    [
      'COMPLETING',
      'it is being completed',
      [asks('completing')],
      'wait',
      /not known yet/,
      'already being processed',
    ],
    [
      'CANCELING',
      'it is being canceled',
      [asks('canceling')],
      'wait',
      /not confirmed/,
      'stopping the payment',
    ],
    [
      'PAYMENT_FINISHED',
      'the card was declined',
      [declined],
      'askCaller',
      /startPaymentCapture/,
      'another card',
    ],
    ['PAYMENT_FINISHED', 'it is paid', [paid], 'done', /PAYMENT_FINISHED/, ''],
  ])('%s while %s', (code, _, steps, nextStep, why, say) => {
    const payment = { data: fold([starts, ...steps]), revision: '0', updatedAt: new Date(0).toISOString() };
    const detail = 'This is so.';
    const advice = after(new PaymentError(code, { payment, detail }), 'captureSecurityCode');
    expect(advice).toMatchObject({ nextStep, why: expect.stringMatching(why) });
    expect(advice.why).toMatch(new RegExp(`^${code}: This is so\\.`));
    expect(advice.say).toContain(say);
    if (say === '') expect(advice.say).toBe('');
  });

  test('and speaks the language of the payment', () => {
    const german: Step = {
      by: 'us',
      does: (session) => ({ ...session, terms: { ...termsOf('charge'), language: 'de' } }),
    };
    const payment = {
      data: fold([german, asks('completing')]),
      revision: '0',
      updatedAt: new Date(0).toISOString(),
    };
    const said: string[] = [];
    const view = viewAt(0, { speak: (_, language) => String(said.push(language)) });
    errorAdvice(new PaymentError('COMPLETING', { payment }), 'cancelPaymentCapture', view, 'en');
    expect(said).toEqual(['de']);
  });
});

test('a payment that was merely kept tells the language to speak, and not what to do', () => {
  const data = {
    ...newSession({ paymentSid: '', callSid: '' }),
    terms: { ...termsOf('charge'), language: 'de' },
  };
  const told = (seen: { seenAt?: number }) => {
    const payment = { data, revision: '0', updatedAt: new Date(0).toISOString(), ...seen };
    return after(new PaymentError('PAYMENT_FINISHED', { payment }), 'captureCardNumber');
  };
  expect(told({}).nextStep).toBe('captureCardNumber');
  const kept = told({ seenAt: 1 });
  expect(kept.nextStep).toBe('getPaymentStatus');
  expect(kept.say).toBe(viewAt(0).speak(speech('moment'), 'de'));
});
