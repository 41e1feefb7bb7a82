import { createRequire } from 'node:module';
import type { PaymentPorts, Stored } from '../../../functions/payments/ports.ts';
import type { PaymentSession } from '../../../functions/payments/session/session.ts';
import { connectTwilio } from '../../../functions/twilio/connect.ts';
import { redirectPath } from '../../simulator/index.ts';
import { unknownIn } from '../checks/names.ts';
import { clientOf, credentialsOf } from '../checks/twilio.ts';
import { problemWith, readVariables } from '../checks/variables.ts';
import { hasCredentials, type Variables } from '../environment.ts';
import { RunError } from '../program.ts';

/** Milliseconds after which a program gives up: listing years of payments takes minutes. */
const PROGRAM_MS = 60 * 60_000;
/** Milliseconds after which it tells how far it has come. */
const PROGRESS_MS = 1_000;

/** What a program works with: the payments of an account, as the Functions see them. */
export interface Account extends Omit<PaymentPorts, 'audit' | 'secrets' | 'client'> {
  /** All payments that Sync keeps, in its order. */
  payments(): Promise<Stored<PaymentSession>[]>;
  /** Deletes a document; nothing happens if there is none. */
  remove(uniqueName: string): Promise<void>;
  /** Seconds for which a finished payment is kept. */
  keptSeconds: number;
}

/**
 * @param note hears how far it has come.
 * @throws RunError if the variables cannot be read.
 */
export function openAccount(variables: Variables, file: string, note: (text: string) => void): Account {
  if (!hasCredentials(variables))
    throw new RunError(
      `There are no credentials in ${file}. Fill them in, or give --simulator and the address that npm start prints.`,
    );
  const { config, wrong } = readVariables(variables);
  if (!config || wrong.length > 0)
    throw new RunError(
      [
        `Correct these in ${file}:`,
        ...wrong.map((name) => problemWith(name, variables[name])),
        ...unknownIn(variables).map(({ text }) => text),
      ].join('\n  '),
    );
  const ports = connectTwilio(config, Date.now() + PROGRAM_MS);
  const { documents } = clientOf(config, credentialsOf(config).sync).sync.v1.services(
    config.SYNC_SERVICE_SID,
  );
  return {
    ...ports,
    keptSeconds: Math.max(config.PAYMENT_TTL_SECONDS, config.KEEP_FINISHED_SECONDS ?? 0),
    async payments() {
      const began = Date.now();
      const found: Stored<PaymentSession>[] = [];
      let cursor: string | undefined;
      do {
        const page = await ports.sessions.list(cursor);
        found.push(...page.sessions);
        cursor = page.nextCursor;
        if (cursor && Date.now() - began >= PROGRESS_MS) note(`Read ${found.length} payments ...`);
      } while (cursor);
      return found;
    },
    async remove(uniqueName) {
      await documents(uniqueName)
        .remove()
        .catch((error: { status?: unknown }) => {
          if (error.status !== 404) throw error;
        });
    },
  };
}

/**
 * The variables of a run of `npm start` against the simulated Twilio, by the simulator's address. From now on this
 * process asks that simulator in place of Twilio.
 * @throws RunError if no simulator is there.
 */
export async function simulatedVariables(url: string, variables: Variables): Promise<Variables> {
  const response = await fetch(`${url.replace(/\/+$/, '')}/simulator/credentials`).catch(() => undefined);
  if (!response?.ok)
    throw new RunError(`No simulated Twilio answers at ${url}. npm start prints its address.`);
  const { accountSid, authToken, apiKey, apiSecret } = (await response.json()) as Record<string, string>;
  process.env.TWILIO_SIMULATOR_URL = url;
  createRequire(import.meta.url)(redirectPath);
  return {
    ...variables,
    ACCOUNT_SID: accountSid ?? '',
    AUTH_TOKEN: authToken ?? '',
    API_KEY: apiKey ?? '',
    API_SECRET: apiSecret ?? '',
    SYNC_API_KEY: '',
    SYNC_API_SECRET: '',
  };
}
