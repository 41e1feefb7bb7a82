import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { anyHoldsCardNumber } from '../../../functions/payments/card-number.ts';
import { RunError } from '../program.ts';

export const HELP = `Shows the payments that Sync keeps, and mends what Twilio left open.

  npm run payments                                a table: live, paid, saved, canceled, failed, unknown outcome
  npm run payments -- --json                      the same, a line of JSON for each payment
  npm run payments -- show PK…                    the story of one payment: who, when, what was confirmed, what Twilio said
  npm run payments -- export --since 2026-11-30   what was or may have been charged since then, as CSV (with --json as
                                                  lines of JSON), to compare it with the processor's list by code
  npm run payments -- settle PK… --paid CODE      an unknown outcome: the processor has charged it, under that code
  npm run payments -- settle PK… --not-paid       the processor has not charged it: the call may be charged anew
  npm run payments -- erase CA…                   deletes what Sync keeps of a call that is over; asks first

  --by NAME          who settles or erases, for the history; your login unless given
  --yes              erases without asking
  --env FILE         reads another file than .env
  --simulator URL    the simulated Twilio of a running npm start, which prints that address
  --help             prints this

Nothing here charges, refunds or cancels. No payment token and no card number is printed.`;

/** What to do: each with what it needs. */
export type Command =
  | { name: 'help' }
  | { name: 'list'; json: boolean }
  | { name: 'show'; paymentSid: string }
  | { name: 'export'; since: number; json: boolean }
  | { name: 'settle'; paymentSid: string; isCharged: boolean; confirmationCode: string; by: string }
  | { name: 'erase'; callSid: string; by: string; isSure: boolean };

export interface Options {
  command: Command;
  envFile: string;
  simulator: string | undefined;
}

/** @throws RunError for arguments that do not fit, which says how they would. */
export function readOptions(args: string[]): Options {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        since: { type: 'string' },
        paid: { type: 'string' },
        'not-paid': { type: 'boolean', default: false },
        by: { type: 'string', default: login() },
        yes: { type: 'boolean', default: false },
        env: { type: 'string', default: '.env' },
        simulator: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [name = 'list', sid = '', ...more] = positionals;
    if (more.length > 0) throw new Error(`There is nothing to do with ${more.join(' ')}.`);
    if (!/^[\w.@-]{1,32}$/.test(values.by))
      throw new Error('--by takes letters, digits, dots, dashes, underscores and @, at most 32.');
    const { simulator } = values;
    if (simulator !== undefined && !/^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?\/?$/.test(simulator))
      throw new Error('--simulator takes the address that npm start prints, such as http://127.0.0.1:4010.');
    const command = values.help ? { name: 'help' as const } : commandOf(name, sid, values);
    return { command, envFile: values.env, simulator };
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new RunError(`${text} See npm run payments -- --help`);
  }
}

interface Values {
  json: boolean;
  since?: string | undefined;
  paid?: string | undefined;
  'not-paid': boolean;
  by: string;
  yes: boolean;
}

function commandOf(name: string, sid: string, values: Values): Command {
  const { json, by } = values;
  if (name === 'list' && !sid) return { name, json };
  if (name === 'show') return { name, paymentSid: sidOf('PK', sid, 'a payment') };
  if (name === 'export' && !sid) return { name, since: sinceOf(values.since), json };
  if (name === 'settle') {
    const paymentSid = sidOf('PK', sid, 'a payment');
    if ((values.paid === undefined) !== values['not-paid'])
      throw new Error('settle needs either --paid with the confirmation code, or --not-paid.');
    return { name, paymentSid, isCharged: !values['not-paid'], confirmationCode: codeOf(values.paid), by };
  }
  if (name === 'erase') return { name, callSid: sidOf('CA', sid, 'a call'), by, isSure: values.yes };
  throw new Error(`There is no command ${[name, sid].filter(Boolean).join(' ')}.`);
}

function sidOf(prefix: string, sid: string, what: string): string {
  if (new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(sid)) return sid;
  throw new Error(`Give the SID of ${what}: ${prefix} and 32 hexadecimal digits.`);
}

/** Epoch milliseconds. */
function sinceOf(text: string | undefined): number {
  const time = /^\d{4}-\d\d-\d\d(?:T[\d:.]+Z?)?$/.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;
  if (Number.isNaN(time))
    throw new Error('export needs --since with a day or a time (UTC): 2026-11-30 or 2026-11-30T08:00Z.');
  return time;
}

function codeOf(code: string | undefined): string {
  if (code === undefined) return '';
  if (!/^[\w.:/-]{1,100}$/.test(code))
    throw new Error('--paid takes the confirmation code of the processor: letters, digits and . : / - _');
  if (anyHoldsCardNumber(code)) throw new Error('--paid takes no card number.');
  return code;
}

function login(): string {
  try {
    return (
      userInfo()
        .username.replace(/[^\w.@-]/g, '')
        .slice(0, 32) || 'operator'
    );
  } catch {
    return 'operator';
  }
}
