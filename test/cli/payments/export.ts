import { type Facts, timeOf } from './facts.ts';

/** The columns, in the order in which a processor's list is compared with them. */
const COLUMNS = [
  'confirmationCode',
  'chargeAmount',
  'currency',
  'state',
  'completedAt',
  'card',
  'paymentSid',
  'callSid',
  'result',
  'completedBy',
  'settled',
  'settledBy',
] as const satisfies (keyof Facts)[];

/** What was, or may have been, charged since a time (epoch milliseconds), the oldest first. */
export function chargedSince(payments: Facts[], since: number): Facts[] {
  return payments
    .filter(({ state, settled }) => state === 'paid' || state === 'unknown outcome' || settled !== '')
    .filter(({ completedAt, updatedAt }) => Date.parse(completedAt || updatedAt) >= since)
    .sort((one, other) => one.completedAt.localeCompare(other.completedAt));
}

/** CSV (RFC 4180). */
export function csvOf(payments: Facts[]): string {
  const rows = payments.map((facts) => COLUMNS.map((column) => cellOf(String(facts[column]))).join(','));
  return [COLUMNS.join(','), ...rows].join('\r\n');
}

/** A spreadsheet would compute what begins like a formula. No code of a processor is known to. */
function cellOf(text: string): string {
  const safe = /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** What may be missing from an export; undefined if nothing is. */
export function missingSince(since: number, keptSeconds: number, now: number): string | undefined {
  const oldest = now - keptSeconds * 1_000;
  if (since >= oldest) return undefined;
  return `Payments whose last change was before ${timeOf(oldest)} may be gone: finished ones are kept ${keptSeconds} s (PAYMENT_TTL_SECONDS, KEEP_FINISHED_SECONDS).`;
}
