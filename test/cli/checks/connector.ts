import { answerOf } from '../../../functions/twilio/client.ts';
import { type Check, ok, unchecked, warning, withConfig } from './check.ts';
import { clientOf, credentialsOf } from './twilio.ts';

const CONSOLE = 'Look it up in the Twilio Console under Voice, Pay Connectors.';
const MAX_ADD_ONS = 1_000;

/**
 * Twilio documents no list of Pay connectors. They are installed as add-ons, so one that is found among those is
 * there; of one that is not found nothing is known.
 */
export const connector: Check = withConfig('Payment connector', async (config) => {
  const name = config.settings.paymentConnectors[0] ?? '';
  try {
    const { installedAddOns } = clientOf(config, credentialsOf(config).voice).marketplace.v1;
    const installed = await installedAddOns.list({ limit: MAX_ADD_ONS });
    if (installed.some(({ uniqueName }) => uniqueName === name)) return [ok(`"${name}" is installed.`)];
    return [
      warning(
        `No installed add-on has the unique name "${name}" of PAYMENT_CONNECTOR. Twilio may list Pay connectors elsewhere. ${CONSOLE}`,
      ),
    ];
  } catch (error) {
    const { status } = answerOf(error);
    const why = status ? `answers HTTP ${status}` : 'did not answer';
    return [
      unchecked(`The list of installed add-ons ${why}, so "${name}" could not be looked for. ${CONSOLE}`),
    ];
  }
});
