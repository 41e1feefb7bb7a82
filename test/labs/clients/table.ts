import type { Outcome } from './drive.ts';
import type { Traffic } from './traffic.ts';

export interface Row {
  name: string;
  package: string;
  version: string;
  revision: string;
  requests: string;
  listed: string;
  result: string;
  /** Why it did not go as it should. */
  problem?: string;
}

/** What a row says of a client that was tried; without an outcome, of one that failed. */
export function describe(
  outcome: Outcome | undefined,
  traffic: Traffic,
): Pick<Row, 'revision' | 'requests' | 'listed' | 'result'> {
  const inVain = Object.entries(traffic.inVain).map(([what, count]) => `${count} x ${what}`);
  const listed = Object.entries(outcome?.listed ?? {}).map(([what, count]) => `${count} ${what}`);
  return {
    revision: traffic.revisions('tools/call').join(' ') || '-',
    requests: [String(traffic.total), ...inVain].join(', '),
    listed: listed.join(', ') || '-',
    result: outcome ? `${String(outcome.result)} ${String(outcome.confirmationCode)}` : 'FAILED',
  };
}

const COLUMNS = {
  package: 'Client',
  version: 'Version',
  revision: 'Revision',
  requests: 'Requests, and those in vain',
  listed: 'Listed',
  result: 'Payment',
} as const;

/** Rows as a Markdown table. */
export function table(rows: Row[]): string {
  const names = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
  const cells = [Object.values(COLUMNS), ...rows.map((row) => names.map((name) => row[name]))];
  const widths = names.map((_, i) => Math.max(...cells.map((line) => line[i]?.length ?? 0)));
  const toLine = (line: readonly string[]) =>
    `| ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [toLine(head), toLine(widths.map((width) => '-'.repeat(width))), ...body.map(toLine)].join('\n');
}
