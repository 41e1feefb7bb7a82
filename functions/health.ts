import { version } from '../package.json';
import { SETTING_VALUES } from './payments/session/setting-values.ts';
import { type Config, ConfigError, readFullConfig } from './runtime/config.ts';
import { endpoint, type HttpResponse } from './runtime/http.ts';
import { createLog } from './runtime/log.ts';
import { answerOf, createTwilioClient } from './twilio/client.ts';
import { syncCredentials } from './twilio/sync-credentials.ts';
import { machineTime } from './twilio/time.ts';

/** Seconds for which an answer is kept: anybody may ask, and each fresh one costs a request to Sync. */
const KEPT_SECONDS = 5;
/** Milliseconds that Sync may take: a monitor would rather hear that it is slow than wait. */
const SYNC_MS = 2_000;

interface Health {
  configuration: 'ok' | 'failed';
  /** `unknown` if the configuration has to be right first. */
  sync: 'ok' | 'failed' | 'unknown';
}

type Sync = Awaited<ReturnType<typeof askSync>>;

let kept: { about: string; sync: Promise<Sync>; until: number } | undefined;

/** GET /health: whether payments can be taken, as far as that can be told without one. 200 if so, otherwise 503. */
export const handler = endpoint('health', async (context) => {
  let config: Config;
  try {
    config = readFullConfig(context, SETTING_VALUES);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    createLog()('configuration', { endpoint: 'health', variables: error.variables });
    return toResponse({ configuration: 'failed', sync: 'unknown' });
  }
  const now = Date.now();
  const about = [config.publicUrl, config.SYNC_SERVICE_SID, config.username].join(' ');
  if (kept?.about !== about || now >= kept.until)
    kept = { about, sync: askSync(config), until: now + KEPT_SECONDS * 1_000 };
  return toResponse({ configuration: 'ok', sync: await kept.sync });
});

/** Lists one document: the cheapest question that fails for a service that does not exist. */
async function askSync(config: Config): Promise<'ok' | 'failed'> {
  const limits = {
    edge: '',
    region: '',
    requestMs: SYNC_MS,
    repeats: false,
    left: () => SYNC_MS,
    time: machineTime,
  };
  const client = createTwilioClient({ ...syncCredentials(config), ...limits })();
  try {
    await client.sync.v1.services(config.SYNC_SERVICE_SID).documents.page({ pageSize: 1 });
    return 'ok';
  } catch (error) {
    const { status: twilioStatus, code: twilioCode } = answerOf(error);
    createLog()('sync_unavailable', { endpoint: 'health', twilioStatus, twilioCode });
    return 'failed';
  }
}

function toResponse(health: Health): HttpResponse {
  const isWell = health.configuration === 'ok' && health.sync === 'ok';
  return {
    status: isWell ? 200 : 503,
    headers: { 'Cache-Control': `public, max-age=${KEPT_SECONDS}` },
    body: { status: isWell ? 'ok' : 'failed', version, ...health },
  };
}
