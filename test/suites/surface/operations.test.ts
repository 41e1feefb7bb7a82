/** The page for operators says what the code does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EVENTS } from '../../../functions/runtime/log.ts';
import { root } from '../../cli/functions-process.ts';

const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');

/** The rows of the table of events: name, level, members, and the words of the rest. */
function eventRows(): string[][] {
  const [, table = ''] = page.split(/<!-- \/?events -->/);
  const rows = table.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
}

test('its table has every event of the log, with level, members, meaning, what to do, and whether to alert', () => {
  const documented = eventRows().map(([name = '', level, members = '', ...words]) => {
    expect([name, words.map((cell) => cell.length > 1)]).toEqual([name, [true, true, true]]);
    return [name, level, members];
  });
  const code = (text: string) => `\`${text}\``;
  expect(documented).toEqual(
    Object.entries(EVENTS).map(([name, { level, members }]) => [
      code(name),
      code(level),
      // An error is written as the name of its class and the places where it was thrown.
      members
        .flatMap((member) => (member === 'cause' ? ['error', 'at'] : [member]))
        .map(code)
        .join(' '),
    ]),
  );
});

test('its links lead to its own headings', () => {
  const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  );
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
  expect(links.filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual([]);
});
