import { randomBytes } from 'node:crypto';
import type { Twilio } from 'twilio';
import type { Config } from '../../../functions/runtime/config.ts';
import { answerOf, createTwilioClient } from '../../../functions/twilio/client.ts';
import { machineTime } from '../../../functions/twilio/time.ts';
import {
  type Check,
  failed,
  ok,
  REQUEST_MS,
  type Verdict,
  warning,
  whereToSet,
  withConfig,
} from './check.ts';

const KEYS = 'Twilio Console, Account, API keys & tokens';

export interface Credentials {
  username: string;
  password: string;
  /** The variables that hold them. */
  names: string;
}

/** What the Functions use for the Voice API, and for Sync. */
export function credentialsOf(config: Config): { voice: Credentials; sync: Credentials } {
  const { username, password, SYNC_API_KEY, SYNC_API_SECRET } = config;
  const names = config.API_KEY ? 'API_KEY with API_SECRET' : 'ACCOUNT_SID with AUTH_TOKEN';
  const voice = { username, password, names };
  if (!SYNC_API_KEY || !SYNC_API_SECRET) return { voice, sync: voice };
  const sync = {
    username: SYNC_API_KEY,
    password: SYNC_API_SECRET,
    names: 'SYNC_API_KEY with SYNC_API_SECRET',
  };
  return { voice, sync };
}

export function clientOf(
  { ACCOUNT_SID: accountSid, TWILIO_EDGE, TWILIO_REGION }: Config,
  { username, password }: Omit<Credentials, 'names'>,
  where: 'US1' | 'region' = 'US1',
): Twilio {
  const [edge, region] = where === 'region' ? [TWILIO_EDGE ?? '', TWILIO_REGION ?? ''] : ['', ''];
  const limits = { requestMs: REQUEST_MS, repeats: false, left: () => REQUEST_MS, time: machineTime };
  return createTwilioClient({ accountSid, username, password, edge, region, ...limits })();
}

/** What a failed request says, where it says nothing about this check in particular. */
export function trouble(error: unknown, product: string): Verdict {
  const { status, code } = answerOf(error);
  if (status === 0)
    return failed(
      `${product} did not answer within ${REQUEST_MS / 1000} s. Check this machine's network, then https://status.twilio.com.`,
    );
  if (status === 429)
    return failed(`${product} takes no more requests for now (HTTP 429). Try again in a minute.`);
  if (status >= 500)
    return failed(`${product} is in trouble (HTTP ${status}). See https://status.twilio.com.`);
  return failed(
    `${product} answers HTTP ${status}, Twilio error ${code}: see https://www.twilio.com/docs/api/errors/${code}.`,
  );
}

/** The credentials that all payments are made with. Reading calls is the cheapest thing that they have to be good for. */
export const credentials: Check = withConfig('Credentials', async (config) => {
  const { voice } = credentialsOf(config);
  try {
    await clientOf(config, voice, 'region').calls.list({ limit: 1, pageSize: 1 });
    return [ok(`Twilio takes ${voice.names}, and they may read calls.`)];
  } catch (error) {
    const { status } = answerOf(error);
    if (status === 401)
      return [
        failed(
          `Twilio refuses ${voice.names} (HTTP 401). They must fit each other, ACCOUNT_SID and the region, and a restricted key must be allowed to read calls: ${KEYS}.`,
        ),
      ];
    if (status === 403)
      return [
        failed(`${voice.names} may not read calls (HTTP 403). Allow it for the restricted key: ${KEYS}.`),
      ];
    if (status === 404)
      return [
        failed(`ACCOUNT_SID is not the account of ${voice.names} (HTTP 404). Correct one of them: ${KEYS}.`),
      ];
    return [trouble(error, 'The Voice API')];
  }
});

/** Asked about a call that does not exist: what is not allowed is refused before the call is looked for. */
export const paymentRights: Check = withConfig('Right to take payments', async (config, patient) => {
  const { voice } = credentialsOf(config);
  const callSid = `CA${randomBytes(16).toString('hex')}`;
  try {
    await clientOf(config, voice, 'region')
      .calls(callSid)
      .payments.create({
        idempotencyKey: callSid,
        statusCallback: 'https://doctor.invalid/payment-status',
        paymentConnector: config.settings.paymentConnectors[0] ?? '',
      });
  } catch (error) {
    const { status, code } = answerOf(error);
    if (status === 401 || status === 403)
      return [
        failed(
          `${voice.names} may not create payments (HTTP ${status}). If they are right, allow the restricted key to create and update payments: ${KEYS}.`,
        ),
      ];
    if (code === 64004)
      return [
        failed(`Twilio knows no payment connector of the name in PAYMENT_CONNECTOR. ${whereToSet(patient)}`),
      ];
    if (status === 0 || status === 429 || status >= 500) return [trouble(error, 'The Voice API')];
  }
  return [ok(`${voice.names} are not kept from creating payments.`)];
});

/** Twilio signs callbacks with the Auth Token, whatever key the payments are made with. */
export const authToken: Check = withConfig('AUTH_TOKEN', async (config, { file }) => {
  const { ACCOUNT_SID: username, AUTH_TOKEN: password, API_KEY, CALLBACK_SIGNATURE } = config;
  if (!password)
    return CALLBACK_SIGNATURE === 'gateway'
      ? [ok('It is missing and not needed, for CALLBACK_SIGNATURE is gateway.')]
      : [
          warning(
            `It is missing in ${file}. Deployed Functions get it from Twilio; in local runs every status callback will be refused.`,
          ),
        ];
  // Then it is what was checked under Credentials.
  if (!API_KEY) return [];
  try {
    await clientOf(config, { username, password }, 'region').calls.list({ limit: 1, pageSize: 1 });
    return [ok('It belongs to ACCOUNT_SID.')];
  } catch (error) {
    const { status } = answerOf(error);
    if (status !== 401 && status !== 403 && status !== 404) return [trouble(error, 'The Voice API')];
    return [
      failed(
        `It is not the Auth Token of ACCOUNT_SID (HTTP ${status}), so every status callback would be refused. Copy the primary one from ${KEYS}.`,
      ),
    ];
  }
});
