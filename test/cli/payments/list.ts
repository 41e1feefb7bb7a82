import { quoteOutsideText } from '../../../functions/payments/advice/outside-text.ts';
import type { Account } from './account.ts';
import { type Facts, factsOf } from './facts.ts';

/** All payments that Sync keeps, the newest change last. */
export async function listPayments(account: Account): Promise<Facts[]> {
  const now = account.clock.now();
  const payments = await account.payments();
  return payments
    .map((stored) => factsOf(stored, now))
    .sort((one, other) => one.updatedAt.localeCompare(other.updatedAt));
}

/** A table with a summary below it; what the processor said is quoted, so that it cannot move the cursor. */
export function tableOf(payments: Facts[]): string {
  if (payments.length === 0) return 'Sync keeps no payments.';
  const rows = payments.map(
    ({ updatedAt, state, chargeAmount, currency, card, confirmationCode, ...facts }) => [
      updatedAt.slice(0, 19).replace('T', ' '),
      state,
      chargeAmount > 0 ? `${chargeAmount} ${currency}` : '-',
      card || '-',
      quoteOutsideText(confirmationCode) || '-',
      facts.completedBy || facts.startedBy || '-',
      facts.paymentSid,
      facts.callSid,
    ],
  );
  const header = ['changed (UTC)', 'state', 'charge', 'card', 'code', 'client', 'payment', 'call'];
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, '', summaryOf(payments)].join('\n');
}

function summaryOf(payments: Facts[]): string {
  const states = [...new Set(payments.map(({ state }) => state))].sort();
  const counts = states.map((state) => `${payments.filter((one) => one.state === state).length} ${state}`);
  const unknown = payments.some(({ state }) => state === 'unknown outcome')
    ? ' Look those up at the processor, then settle them: npm run payments -- settle PK… --help'
    : '';
  return `${payments.length} payments: ${counts.join(', ')}.${unknown}`;
}
