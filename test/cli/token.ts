/** `npm run token`: makes a token for one client of the MCP endpoint, and its entry for MCP_TOKENS. */
import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { digestOf, readBearerTokens } from '../../functions/runtime/bearer-tokens.ts';
import { SCOPES, type Scope } from '../../functions/runtime/scopes.ts';
import { readEnvFile } from './environment.ts';
import { root } from './functions-process.ts';
import { RunError, runProgram } from './program.ts';

const HELP = `Makes a token for one client of the MCP endpoint, and its entry for MCP_TOKENS.

  npm run token -- --name desk --scopes read,write,charge
  npm run token -- --name reports --scopes read,any --days 30

  --name      who uses it, for the log, and whose its payments are: letters, digits, dots, dashes and underscores, at most 32
  --scopes    what it may do with the payments that it started: read, write (start, capture, cancel), charge (complete);
              any: the same with those of all others, for a person who supervises or takes over
  --days      days until it stops to work, 90 where nothing is said; 0 for a token that never does
  --env       reads MCP_TOKENS as it is now from another file than .env
  --help      prints this`;

/** What one variable holds on Twilio, in bytes (https://www.twilio.com/docs/serverless/functions-assets/functions/variables). */
const VARIABLE_BYTES = 450;
const DAY_MS = 24 * 60 * 60 * 1000;

interface Options {
  name: string;
  scopes: Scope[];
  days: number;
  envFile: string;
}

/**
 * What the program prints for its arguments.
 * @throws RunError for arguments that do not fit.
 */
export function makeToken(args: string[]): string {
  const options = readOptions(args);
  if (options === 'help') return HELP;
  const token = randomBytes(32).toString('base64url');
  const entry = entryOf(options, token);
  const { MCP_TOKENS: before = '' } = readEnvFile(options.envFile);
  const { entries, malformed } = readBearerTokens({ MCP_TOKENS: before });
  const all = [before.trim(), entry].filter(Boolean).join(' ');
  const isRotation = entries.some(({ client }) => client === options.name);
  return textOf({ token, entry, all, isRotation, malformed, options });
}

/** The entry in the form that `readBearerTokens` reads: `name:scopes:expiry:digest`. */
function entryOf({ name, scopes, days }: Options, token: string): string {
  const letters = scopes.map((scope) => scope.replace('payments:', '')[0]).join('');
  const expiry = days > 0 ? lastDay(days).replaceAll('-', '') : '';
  const entry = `${name}:${letters}:${expiry}:${digestOf(token)}`;
  const { entries } = readBearerTokens({ MCP_TOKENS: entry });
  if (entries[0]?.client !== name) {
    throw new RunError(
      '--name takes letters, digits, dots, dashes and underscores, at most 32. See npm run token -- --help',
    );
  }
  return entry;
}

function lastDay(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
}

interface Made {
  token: string;
  entry: string;
  all: string;
  isRotation: boolean;
  /** How many entries of MCP_TOKENS could not be read. */
  malformed: number;
  options: Options;
}

function textOf({ token, entry, all, isRotation, malformed, options }: Made): string {
  const { name, scopes, days } = options;
  const until = days > 0 ? `until the end of ${lastDay(days)} (UTC)` : 'until its entry is removed';
  const bytes = Buffer.byteLength(all);
  const warnings = [
    ...(malformed > 0 ? [`MCP_TOKENS has entries that cannot be read: ${malformed}.`] : []),
    ...(bytes > VARIABLE_BYTES
      ? [
          `With this entry MCP_TOKENS has ${bytes} bytes, and Twilio takes ${VARIABLE_BYTES} at most. Remove an entry that is not used any more first.`,
        ]
      : []),
  ];
  return `
A token for ${name}: ${scopes.join(' ')}, ${until}.

Token, shown this once; give it to the client and keep it nowhere else:
  ${token}
The client sends it as:
  Authorization: Bearer <token>

Its entry, which holds a digest instead of the token:
  ${entry}

Put it into MCP_TOKENS, entries separated by blanks, then deploy:
  MCP_TOKENS=${all}

${isRotation ? `There is an entry of ${name} already, and both work. To replace the old token` : 'To replace it later'} without downtime:
  1. Make a new token of the same name and put its entry beside the old one; deploy.
  2. Give the client the new token.
  3. Remove the old entry; deploy again.
To take a token away at once, remove its entry and deploy. If it was the last one, the deploy asks whether to remove
MCP_TOKENS from Twilio: say yes.${warnings.map((warning) => `\n\nBeware: ${warning}`).join('')}`;
}

function readOptions(args: string[]): Options | 'help' {
  try {
    const { values } = parseArgs({
      args,
      options: {
        name: { type: 'string' },
        scopes: { type: 'string' },
        days: { type: 'string', default: '90' },
        env: { type: 'string', default: '.env' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    if (!values.name) throw new Error('--name is missing: who uses the token?');
    if (!values.scopes) throw new Error('--scopes is missing: some of read, write, charge, any.');
    if (!/^\d{1,4}$/.test(values.days)) throw new Error('--days takes a number from 0 to 9999.');
    return {
      name: values.name,
      scopes: readScopes(values.scopes),
      days: Number(values.days),
      envFile: resolve(root, values.env),
    };
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new RunError(`${text} See npm run token -- --help`);
  }
}

function readScopes(text: string): Scope[] {
  const names = text.split(/[\s,]+/).filter(Boolean);
  const unknown = names.find((name) => !SCOPES.some((scope) => isNamed(scope, name)));
  if (unknown !== undefined || names.length === 0) {
    throw new Error('--scopes takes read, write, charge and any, separated by commas.');
  }
  return SCOPES.filter((scope) => names.some((name) => isNamed(scope, name)));
}

function isNamed(scope: Scope, name: string): boolean {
  return scope === name || scope === `payments:${name}`;
}

const [, script = ''] = process.argv;
if (script && realpathSync(script) === fileURLToPath(import.meta.url)) {
  void runProgram(async () => console.log(makeToken(process.argv.slice(2))), { whenInterrupted: 130 });
}
