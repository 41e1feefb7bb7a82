import { randomBytes } from 'node:crypto';
import type { Config } from '../../../functions/runtime/config.ts';
import { answerOf } from '../../../functions/twilio/client.ts';
import {
  type Check,
  failed,
  ok,
  type Patient,
  type Verdict,
  warning,
  whereToSet,
  withConfig,
} from './check.ts';
import { clientOf, credentialsOf, trouble } from './twilio.ts';

/** Seconds after which Sync deletes the probe by itself. */
const PROBE_TTL = 60;
const OWN_SERVICE =
  'It is the default one, which the Sync tokens of all apps of this account can read. Make one for the payments alone (Twilio Console, Sync, Services) and set SYNC_SERVICE_SID.';

type Step = 'create' | 'read' | 'update' | 'delete';

/** Takes a document through its life, as payments do. */
export const syncService: Check = withConfig('Sync service', async (config, patient) => {
  const { documents } = clientOf(config, credentialsOf(config).sync).sync.v1.services(
    config.SYNC_SERVICE_SID,
  );
  const uniqueName = `doctor-${randomBytes(8).toString('hex')}`;
  const probe = documents(uniqueName);
  let step: Step = 'create';
  let isConditional = false;
  try {
    await documents.create({ uniqueName, data: { probe: 1 }, ttl: PROBE_TTL });
    step = 'read';
    const { revision } = await probe.fetch();
    step = 'update';
    await probe.update({ data: { probe: 2 }, ttl: PROBE_TTL, ifMatch: revision });
    try {
      await probe.update({ data: { probe: 3 }, ttl: PROBE_TTL, ifMatch: revision });
    } catch (error) {
      if (answerOf(error).status !== 412) throw error;
      isConditional = true;
    }
    step = 'delete';
    await probe.remove();
  } catch (error) {
    // Where it was made it goes, if that can be; otherwise it expires.
    if (step !== 'create') await probe.remove().catch(() => undefined);
    return [explain(error, step, config, patient)];
  }
  if (!isConditional)
    return [
      failed(
        'It takes writes that are based on an outdated revision, so payments could overwrite each other.',
      ),
    ];
  return config.SYNC_SERVICE_SID === 'default'
    ? [warning(`It works. ${OWN_SERVICE}`)]
    : [ok('A document could be created, read, updated on its revision alone, and deleted.')];
});

function explain(error: unknown, step: Step, config: Config, patient: Patient): Verdict {
  const { status } = answerOf(error);
  const { names } = credentialsOf(config).sync;
  if (status === 401 || status === 403) {
    const region =
      config.TWILIO_REGION && !config.SYNC_API_KEY
        ? ' Sync runs in US1 alone: with TWILIO_REGION, set SYNC_API_KEY and SYNC_API_SECRET to a key of US1.'
        : ' If they are right, allow the restricted key to create, read, update and delete Sync documents.';
    return failed(`${names} may not ${step} documents (HTTP ${status}).${region}`);
  }
  if (status === 404 && step === 'create')
    return failed(`There is no service SYNC_SERVICE_SID in this account. ${whereToSet(patient)}`);
  return trouble(error, 'Sync');
}
