import { describe, expect, test } from 'vitest';
import { sameTerms } from '../../functions/payments/terms.ts';
import { termsOf } from './whole-payments.ts';

const CHARGE = termsOf('charge');

describe('two starts mean the same payment', () => {
  test.each([
    ['whatever they call it', { description: 'Order 2' }, true],
    ['unless the amount differs', { chargeAmount: 12.49 }, false],
    ['unless the currency differs', { currency: 'EUR' }, false],
    ['unless the token type differs', { tokenType: 'one-time' as const }, false],
    ['unless it asks for other fields', { required: ['payment-card-number' as const] }, false],
    ['unless it is paid from something else', { paymentMethod: 'ach-debit' }, false],
    ['unless another connector takes it', { paymentConnector: 'Other' }, false],
  ])('%s', (_, change, same) => {
    expect(sameTerms(CHARGE, { ...CHARGE, ...change })).toBe(same);
  });
});
