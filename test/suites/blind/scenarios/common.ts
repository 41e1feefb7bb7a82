import type { FaultAction } from '../../../simulator/index.ts';
import type { End, Scenario } from '../play.ts';

export const COMPLETED: End = { phase: 'completed', result: 'success' };
export const CANCELED: End = { phase: 'canceled', said: 'canceled nothing-charged' };
export const NONE: End = { phase: 'none' };

/** Valid numbers that no bank has given out. */
export const VISA = '4242424242424242';
export const MASTERCARD = '5555555555554444';
export const MISTYPED = '4242424242424241';
export const DECLINED = '4000000000000002';
export const CONNECTOR_DOWN = '4000000000000119';

export const BANK = { paymentMethod: 'ach-debit', parameter: { AVSName: 'Ada Example' } };
export const ALL_TWICE = ['payment-card-number', 'security-code', 'expiration-date', 'postal-code'];

/** How a request to Twilio fails. */
export const FAULTS: readonly (readonly [string, FaultAction])[] = [
  ['429', { status: 429, code: 20429 }],
  ['503', { status: 503, code: 20503 }],
  ['a broken connection', 'reset'],
  ['a lost answer', 'lost'],
];

/** Has an error of a field reported under another name. */
export function renameError(from: string, to: string): NonNullable<Scenario['rewrite']> {
  return ({ params }) => (params.ErrorType === from ? { ...params, ErrorType: to } : undefined);
}

/** Has a result reported under another name. */
export function renameResult(from: string, to: string): NonNullable<Scenario['rewrite']> {
  return ({ params }) => (params.Result === from ? { ...params, Result: to } : undefined);
}
