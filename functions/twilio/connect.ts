import { createHash, randomBytes } from 'node:crypto';
import type { PaymentPorts } from '../payments/ports.ts';
import { createTwilioClient } from './client.ts';
import { LastSeen } from './last-seen.ts';
import { createPayGateway } from './pay-gateway.ts';
import { createSeal } from './seal.ts';
import { syncCredentials } from './sync-credentials.ts';
import { createSyncStores } from './sync-store.ts';
import { machineTime, sleep, type Time } from './time.ts';

export interface TwilioSettings {
  ACCOUNT_SID: string;
  username: string;
  password: string;
  SYNC_API_KEY?: string | undefined;
  SYNC_API_SECRET?: string | undefined;
  SYNC_SERVICE_SID: string;
  PAYMENT_TTL_SECONDS: number;
  KEEP_FINISHED_SECONDS?: number | undefined;
  TWILIO_EDGE?: string | undefined;
  TWILIO_REGION?: string | undefined;
  callbackUrl: string;
  ALLOW_SIP_CALLERS: boolean;
}

/** Milliseconds that one request to the Voice API and one to Sync may take. */
const VOICE_MS = 5_000;
const SYNC_MS = 2_500;
/** Milliseconds kept back of the invocation to answer in. */
const ANSWER_MS = 500;

/**
 * The ports of the payments core, on Twilio. The Voice client may run in a region; Sync exists in US1 alone.
 * @param deadline epoch milliseconds at which the invocation must have answered.
 * @param time all that waits, asks what time it is or leaves something to chance.
 */
export function connectTwilio(
  settings: TwilioSettings,
  deadline: number,
  time: Time = machineTime,
): Omit<PaymentPorts, 'audit' | 'client'> {
  const left = () => deadline - ANSWER_MS - time.now();
  const { ACCOUNT_SID: accountSid, username, password } = settings;
  const voice = createTwilioClient({
    accountSid,
    username,
    password,
    left,
    time,
    edge: settings.TWILIO_EDGE ?? '',
    region: settings.TWILIO_REGION ?? '',
    requestMs: VOICE_MS,
    repeats: false,
  });
  const sync = createTwilioClient({
    ...syncCredentials(settings),
    left,
    time,
    edge: '',
    region: '',
    requestMs: SYNC_MS,
    repeats: true,
  });
  return {
    gateway: createPayGateway({
      client: voice,
      callbackUrl: settings.callbackUrl,
      allowSip: settings.ALLOW_SIP_CALLERS,
    }),
    ...createSyncStores({
      client: sync,
      serviceSid: settings.SYNC_SERVICE_SID,
      lastSeen: LastSeen.here,
      scope: [accountSid, username, settings.SYNC_SERVICE_SID, settings.callbackUrl].join(' '),
      ttlSeconds: settings.PAYMENT_TTL_SECONDS,
      keepFinishedSeconds: settings.KEEP_FINISHED_SECONDS,
      left,
      time,
    }),
    clock: { now: time.now, left, sleep: (milliseconds) => sleep(time, milliseconds) },
    secrets: {
      ...createSeal(password),
      make: () => randomBytes(16).toString('base64url'),
      digest: (secret) => createHash('sha256').update(secret).digest('base64url'),
    },
  };
}
