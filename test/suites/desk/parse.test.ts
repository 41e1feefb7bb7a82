import { describe, expect, test } from 'vitest';
import { toCalls, toLiveList, toPayment } from '../../../functions/desk/parse.ts';
import { EMPTY_PAYMENT } from '../../../functions/desk/payment.ts';

const SIDS = { callSid: `CA${'1'.repeat(32)}`, paymentSid: `PK${'2'.repeat(32)}` };
const ENTRY = { at: 5, client: 'desk', action: 'start', outcome: 'done' };

describe('a payment that the server tells of', () => {
  test('is read by the names that the desk has for it', () => {
    const status = {
      ...SIDS,
      phase: 'ready',
      chargeAmount: 12.5,
      paymentCardType: 'visa',
      updatedAt: '2026-01-05T09:00:00.000Z',
      desk: {
        may: { write: true, charge: false, any: false },
        fields: [{ name: 'payment-card-number', state: 'done', value: 'xxxx4242', failures: 1, error: '' }],
        history: [ENTRY],
      },
    };
    expect(toPayment(status)).toEqual({
      ...EMPTY_PAYMENT,
      ...SIDS,
      phase: 'ready',
      amount: 12.5,
      cardType: 'visa',
      updatedAt: Date.UTC(2026, 0, 5, 9),
      ...status.desk,
    });
  });

  test('keeps the desk’s defaults for members of another type, and leaves out what the desk does not know', () => {
    const status = {
      ...SIDS,
      phase: 7,
      chargeAmount: '12.5',
      say: null,
      updatedAt: 'never',
      more: 'x',
      desk: {
        may: { write: 'yes', charge: 1 },
        fields: [{ name: 'pin', state: 'done' }, 'text', { name: 'security-code', failures: 'many' }],
        history: { 0: ENTRY },
        terms: ['x'],
      },
    };
    expect(toPayment(status)).toEqual({
      ...EMPTY_PAYMENT,
      ...SIDS,
      fields: [{ name: 'security-code', state: 'waiting', value: '', failures: 0, error: '' }],
    });
  });

  test.each([
    ['nothing', undefined],
    ['a text', 'payment'],
    ['a list', [SIDS]],
    ['no call', { ...SIDS, callSid: '', desk: {} }],
    ['no payment', { ...SIDS, paymentSid: 7, desk: {} }],
    ['no details', SIDS],
    ['details that are none', { ...SIDS, desk: 'none' }],
  ])('is none with %s', (_, status) => {
    expect(() => toPayment(status)).toThrow(expect.objectContaining({ trouble: 'offline' }));
  });
});

test('a list leaves out payments that cannot be read', () => {
  const list = {
    payments: [{ ...SIDS, desk: {} }, SIDS, 7],
    you: 'desk',
    may: { write: true },
    currencies: 'USD',
  };
  expect(toLiveList(list)).toEqual({
    payments: [{ ...EMPTY_PAYMENT, ...SIDS }],
    you: 'desk',
    may: { write: true, charge: false, any: false },
    currencies: [],
    languages: [],
    language: '',
  });
  expect(toLiveList(null).payments).toEqual([]);
});

test('calls have a number and seconds', () => {
  const call = { callSid: SIDS.callSid, number: '+15005550123', seconds: 5 };
  expect(toCalls({ calls: [call, { ...call, number: 7, seconds: '5' }, null] })).toEqual([
    call,
    { ...call, number: '', seconds: 0 },
  ]);
  expect(toCalls([])).toEqual([]);
});
