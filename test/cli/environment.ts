import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SETTING_VALUES } from '../../functions/payments/session/terms.ts';
import { ConfigError, readFullConfig } from '../../functions/runtime/config.ts';
import { type Program, RunError } from './program.ts';

export type Variables = Record<string, string>;

const CREDENTIALS = ['ACCOUNT_SID', 'AUTH_TOKEN', 'API_KEY', 'API_SECRET'];

/** What an `.env` file may set for runs against the simulator too. Everything else there belongs to an account. */
const SETTINGS = ['CURRENCY', 'TOKEN_TYPE', 'MAX_CHARGE_AMOUNT', 'PAYMENT_TTL_SECONDS'];

/** The variables of an `.env` file as twilio-run reads them: its own dotenv, which knows no comment after a value. */
export function readEnvFile(path: string): Variables {
  if (!existsSync(path)) return {};
  const require = createRequire(import.meta.url);
  const dotenv = createRequire(require.resolve('twilio-run/package.json'))('dotenv') as {
    parse(text: string): Variables;
  };
  return dotenv.parse(readFileSync(path, 'utf8'));
}

/** Whether an account is meant. Half a set of credentials is a mistake to be told, not a wish for the simulator. */
export function hasCredentials(variables: Variables): boolean {
  return CREDENTIALS.some((name) => variables[name]);
}

export function settingsOf(variables: Variables): Variables {
  return Object.fromEntries(
    Object.entries(variables).filter(([name, value]) => SETTINGS.includes(name) && value),
  );
}

/** @throws RunError naming the variables that are missing or malformed. Never prints a value. */
export function checkVariables(variables: Variables, port: number): void {
  try {
    readFullConfig({ DOMAIN_NAME: `localhost:${port}`, ...variables }, SETTING_VALUES);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const names = error.variables.join(', ');
    throw new RunError(`Missing or malformed in .env: ${names}. See .env.example for what each one is.`);
  }
}

/** What will not work with these variables, for whoever runs them against a real account. */
export function warningsOf(variables: Variables): string[] {
  const warnings: string[] = [];
  if (!variables.PUBLIC_URL) {
    warnings.push(
      'Neither PUBLIC_URL nor --ngrok is given, so Twilio cannot call back: no payment will get beyond its start.',
    );
  }
  if (variables.CALLBACK_SIGNATURE === 'gateway') {
    warnings.push('CALLBACK_SIGNATURE is gateway, and here is no gateway: callbacks are taken from anybody.');
  } else if (!variables.AUTH_TOKEN) {
    warnings.push('AUTH_TOKEN is missing, so no callback can be checked: each one will be refused.');
  }
  return warnings;
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
