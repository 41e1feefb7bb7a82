import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from './program.ts';

export type Variables = Record<string, string>;

const CREDENTIALS = ['ACCOUNT_SID', 'AUTH_TOKEN', 'API_KEY', 'API_SECRET'];

/** Variables of local runs alone: the SID that the simulated call has. */
export const LOCAL_VARIABLES = ['SIMULATED_CALL_SID'];

/** The variables of an `.env` file; none if there is no such file. */
export function readEnvFile(path: string): Variables {
  return parseEnv(existsSync(path) ? readFileSync(path, 'utf8') : '');
}

/** Variables as twilio-run reads them: by its own dotenv, which knows no comment after a value. The last line of a name counts. */
export function parseEnv(text: string): Variables {
  const require = createRequire(import.meta.url);
  const dotenv = createRequire(require.resolve('twilio-run/package.json'))('dotenv') as {
    parse(text: string): Variables;
  };
  return dotenv.parse(text);
}

/** Whether an account is meant. Half a set of credentials is a mistake to be told, not a wish for the simulator. */
export function hasCredentials(variables: Variables): boolean {
  return CREDENTIALS.some((name) => variables[name]);
}

/** A file for twilio-run to read, which only its owner can read. Gone with `remove` or, at the latest, with the program. */
export function writeEnvFile(program: Program, text: string): { path: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'agent-payments-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  program.onClose(remove);
  process.once('exit', remove);
  const path = join(folder, 'env');
  writeFileSync(path, text, { mode: 0o600 });
  return { path, remove };
}

export function toEnvText(variables: Variables): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
