import {
  beginsAnd,
  CONFIRMATION,
  hangsUp,
  keepsSilent,
  pressesStar,
  type Reaction,
  typesNothing,
  USUAL,
} from '../caller.ts';
import type { Scenario } from '../play.ts';
import { ALL_TWICE, BANK, CANCELED, COMPLETED, MASTERCARD, MISTYPED, renameError, VISA } from './common.ts';

/** What can be typed wrong: the error that it makes, the field, what is typed, and what is to be started for it. */
const MISTAKES: readonly (readonly [error: string, field: string, wrong: Reaction, start: object])[] = [
  ['invalid-card-number', 'payment-card-number', MISTYPED, {}],
  ['invalid-card-type', 'payment-card-number', '6011111111111117#', {}],
  ['input-timeout', 'payment-card-number', typesNothing, {}],
  ['invalid-card-number', 'payment-card-number', beginsAnd('42424', typesNothing), {}],
  ['invalid-security-code', 'security-code', '12#', {}],
  ['input-timeout', 'security-code', typesNothing, {}],
  ['invalid-date', 'expiration-date', '1220', {}],
  ['invalid-date', 'expiration-date', '1330', {}],
  ['invalid-postal-code', 'postal-code', '941#', { postalCode: true, minPostalCodeLength: 5 }],
  ['invalid-bank-routing-number', 'bank-routing-number', '110000001', BANK],
  ['invalid-bank-account-number', 'bank-account-number', '12#', BANK],
  ['input-timeout', 'bank-account-number', typesNothing, BANK],
  ...ALL_TWICE.map(
    (field) =>
      [
        'input-matching-failed',
        `${field}-matcher`,
        '9999#',
        { postalCode: true, requireMatchingInputs: [field] },
      ] as const,
  ),
  ['input-timeout', 'security-code-matcher', typesNothing, { requireMatchingInputs: ['security-code'] }],
];

/** What callers do wrong or otherwise. */
export const CALLERS: readonly Scenario[] = [
  ...MISTAKES.map(([error, field, wrong, start], i) => ({
    name: `the caller gets it wrong once: ${error} of ${field} (${i + 1})`,
    start: { chargeAmount: 12.5, ...start },
    caller: { [field]: [wrong, USUAL[field.replace(/-matcher$/, '')] ?? ''] },
    errors: [error],
    end: { ...COMPLETED, said: 'paid' },
  })),
  ...MISTAKES.map(([error, field, wrong, start], i) => ({
    name: `the caller gets it wrong every time: ${error} of ${field} (${i + 1})`,
    start: { chargeAmount: 12.5, ...start },
    caller: { [field]: wrong },
    errors: [error, error, error],
    end: CANCELED,
  })),
  {
    name: 'the caller may try only once',
    setup: { variables: { MAX_ATTEMPTS_PER_FIELD: '1' } },
    caller: { 'expiration-date': '1220' },
    errors: ['invalid-date'],
    calls: { captureExpirationDate: 1 },
    end: CANCELED,
  },
  {
    name: 'the caller may try five times, and needs all of them',
    setup: { variables: { MAX_ATTEMPTS_PER_FIELD: '5' } },
    caller: { 'security-code': ['1#', '12#', '1#', '12#', '123'] },
    errors: Array(4).fill('invalid-security-code'),
    calls: { captureSecurityCode: 5 },
    end: COMPLETED,
  },
  {
    name: 'the caller gets every field wrong twice',
    hasDigits: true,
    start: { chargeAmount: 5, postalCode: true, minPostalCodeLength: 5 },
    caller: {
      'payment-card-number': [MISTYPED, typesNothing, VISA],
      'security-code': ['12#', '1#', '123'],
      'expiration-date': ['1220', typesNothing, '1230'],
      'postal-code': ['94#', '9#', '94105'],
    },
    end: COMPLETED,
  },
  {
    name: 'the caller says once that the two entries differ, then gets the first one wrong',
    start: { chargeAmount: 5, requireMatchingInputs: ['payment-card-number'] },
    caller: {
      'payment-card-number': [VISA, MISTYPED, MASTERCARD],
      'payment-card-number-matcher': [MASTERCARD, MASTERCARD],
    },
    errors: ['input-matching-failed', 'invalid-card-number'],
    end: COMPLETED,
  },
  ...['invalid-something-new', 'date-validation-failed', 'invalid-bank-account-type'].map((error) => ({
    name: `Twilio reports an error of the date once: ${error}`,
    caller: { 'expiration-date': ['1220', '1230'] },
    rewrite: renameError('invalid-date', error),
    end: COMPLETED,
  })),
  ...['invalid-something-new', 'date-validation-failed'].map((error) => ({
    name: `Twilio reports an error of the date every time: ${error}`,
    caller: { 'expiration-date': '1220' },
    rewrite: renameError('invalid-date', error),
    calls: { captureExpirationDate: 3 },
    end: CANCELED,
  })),
  {
    name: 'Twilio has an internal error while the card number is typed',
    caller: { 'payment-card-number': [MISTYPED, VISA] },
    rewrite: renameError('invalid-card-number', 'internal-error'),
    end: COMPLETED,
  },
  {
    name: 'Twilio has an internal error each time that the card number is typed',
    caller: { 'payment-card-number': MISTYPED },
    rewrite: renameError('invalid-card-number', 'internal-error'),
    calls: { captureCardNumber: 5 },
    end: CANCELED,
  },
  ...([true, false] as const).flatMap((hangupCallback) => [
    {
      name: `the caller hangs up before typing (${reported(hangupCallback)})`,
      setup: { switches: { hangupCallback } },
      caller: { 'payment-card-number': hangsUp },
      end: { phase: 'failed' } as const,
    },
    {
      name: `the caller hangs up while typing (${reported(hangupCallback)})`,
      hasDigits: true,
      setup: { switches: { hangupCallback } },
      caller: { 'expiration-date': beginsAnd('12', hangsUp) },
      end: { phase: 'failed' } as const,
    },
    ...['captureCardNumber', 'captureSecurityCode', 'completePaymentCapture'].map((at) => ({
      name: `the caller hangs up at ${at} (${reported(hangupCallback)})`,
      setup: { switches: { hangupCallback } },
      wish: { at, does: hangsUp },
      end: { phase: 'failed' } as const,
    })),
  ]),
  ...(['result', 'both', 'hung-up'] as const).flatMap((hangupWhileCompleting) =>
    ([true, false] as const).map((hangupCallback) => ({
      name: `the caller hangs up while the payment is completed (${hangupWhileCompleting}, ${reported(hangupCallback)})`,
      setup: { switches: { hangupWhileCompleting, hangupCallback, processorMs: 500 } },
      caller: { moment: hangsUp },
      // The processor charges in any case; what is known of it is another question.
      end: {
        phase:
          hangupWhileCompleting !== 'hung-up'
            ? ('completed' as const)
            : hangupCallback
              ? ('failed' as const)
              : ('completing' as const),
        charges: 1,
      },
    })),
  ),
  {
    name: 'the caller hangs up in place of confirming by a key',
    start: { chargeAmount: 7, confirmation: true },
    caller: { [CONFIRMATION]: hangsUp },
    end: { phase: 'failed', charges: 0 },
  },
  {
    name: 'the caller presses * before typing',
    caller: { 'payment-card-number': pressesStar },
    end: { phase: 'failed', result: 'caller-interrupted-with-star', said: 'result.star' },
  },
  {
    name: 'the caller presses * while typing',
    hasDigits: true,
    caller: { 'security-code': beginsAnd('12', pressesStar) },
    end: { phase: 'failed', result: 'caller-interrupted-with-star', said: 'result.star' },
  },
  {
    name: 'the caller presses * in place of confirming by a key',
    start: { chargeAmount: 7, confirmation: true },
    caller: { [CONFIRMATION]: pressesStar },
    end: { phase: 'failed', result: 'caller-interrupted-with-star' },
  },
  {
    name: 'the caller presses * and starts again',
    caller: { 'security-code': [pressesStar, '123'] },
    answers: { 'result.star': { says: 'Yes please.', isYes: true } },
    end: { ...COMPLETED, sessions: 2 },
  },
  { name: 'the caller does not agree', agrees: false, end: CANCELED },
  ...['captureCardNumber', 'askCaller', 'captureSecurityCode', 'completePaymentCapture'].map((at) => ({
    name: `the caller wants to stop at ${at}`,
    wish: { at, tool: 'cancelPaymentCapture' },
    end: CANCELED,
  })),
  {
    name: 'the caller wants to stop while the payment is completed',
    setup: { switches: { processorMs: 100 } },
    wish: { at: 'wait', tool: 'cancelPaymentCapture' },
    end: COMPLETED,
  },
  {
    name: 'the caller wants to stop when asked to confirm by a key, and then does so',
    start: { chargeAmount: 7, confirmation: true },
    caller: { [CONFIRMATION]: [keepsSilent, '2'] },
    wish: { at: 'askCaller', time: 4, tool: 'cancelPaymentCapture' },
    end: { phase: 'canceled' },
  },
  {
    name: 'the caller wants to pay less in the middle, which needs a payment of its own',
    wish: { at: 'captureSecurityCode', tool: 'startPaymentCapture', args: { chargeAmount: 5 } },
    calls: { startPaymentCapture: 2 },
    end: COMPLETED,
  },
  {
    name: 'the caller wants to use another card when all is captured',
    caller: { 'payment-card-number': [VISA, MASTERCARD] },
    wish: { at: 'completePaymentCapture', tool: 'captureCardNumber' },
    calls: { captureCardNumber: 2 },
    end: COMPLETED,
  },
  {
    name: 'the caller wants to use another card, which the operator has confirmed',
    setup: { variables: { CONFIRM_CHARGES: 'always' } },
    caller: { 'payment-card-number': [VISA, MASTERCARD] },
    wish: { at: 'completePaymentCapture', tool: 'captureCardNumber' },
    end: COMPLETED,
  },
  {
    name: 'the caller wants to use another card, typed twice',
    start: { chargeAmount: 3, requireMatchingInputs: ['payment-card-number'] },
    caller: { 'payment-card-number': [VISA, MASTERCARD] },
    wish: { at: 'completePaymentCapture', tool: 'captureCardNumber' },
    calls: { captureCardNumber: 4 },
    end: COMPLETED,
  },
  {
    name: 'the caller wants another date when all is captured, and gets that wrong first',
    caller: { 'expiration-date': ['1230', '1220', '1131'] },
    wish: { at: 'completePaymentCapture', tool: 'captureExpirationDate' },
    errors: ['invalid-date'],
    end: COMPLETED,
  },
  {
    name: 'the caller wants to type the card number again while being asked for the code',
    wish: { at: 'captureSecurityCode', tool: 'captureCardNumber' },
    calls: { captureCardNumber: 2, captureSecurityCode: 1 },
    end: COMPLETED,
  },
  {
    name: 'the caller is silent once, and nothing is reported of it',
    caller: { 'payment-card-number': [keepsSilent, VISA] },
    calls: { captureCardNumber: 2 },
    end: COMPLETED,
  },
  {
    name: 'the caller stops in the middle once, and nothing is reported of it',
    hasDigits: true,
    caller: { 'payment-card-number': [beginsAnd('4242', keepsSilent), VISA] },
    calls: { captureCardNumber: 2 },
    end: COMPLETED,
  },
  {
    name: 'the caller is silent for ever, and nothing is reported of it',
    caller: { 'payment-card-number': keepsSilent },
    calls: { captureCardNumber: 3 },
    end: CANCELED,
  },
  {
    name: 'the caller never types the second entry, and nothing is reported of it',
    start: { chargeAmount: 3, requireMatchingInputs: ['security-code'] },
    caller: { 'security-code-matcher': keepsSilent },
    end: CANCELED,
  },
  {
    name: 'the caller types a key too many',
    hasDigits: true,
    caller: { 'payment-card-number': `${VISA}9` },
    end: COMPLETED,
  },
];

function reported(isReported: boolean): string {
  return isReported ? 'reported' : 'not reported';
}
