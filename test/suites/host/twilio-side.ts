import { type RecordedCallback, voiceSignature } from '../../simulator/index.ts';
import type { Stage } from './connect.ts';
import { reach } from './in-process.ts';

/** Posts a status callback as Twilio does, signed for the URL that it was meant for. Gives the HTTP status. */
export async function postCallback(
  { simulator }: Stage,
  { url, params }: Pick<RecordedCallback, 'url' | 'params'>,
): Promise<number> {
  const response = await reach(url, {
    method: 'POST',
    headers: { 'X-Twilio-Signature': voiceSignature(simulator.credentials.authToken, url, params) },
    body: new URLSearchParams(params),
  });
  await response.text();
  return response.status;
}

/** Asks the Sync API of the simulated Twilio, as some other program with our credentials could. */
export async function sync(
  { simulator }: Stage,
  method: string,
  path: string,
  form: Record<string, string> = {},
): Promise<void> {
  const { apiKey, apiSecret } = simulator.credentials;
  const response = await reach(`${simulator.url}/v1/Services/default/Documents${path}`, {
    method,
    headers: {
      Authorization: `Basic ${btoa(`${apiKey}:${apiSecret}`)}`,
      'x-simulated-host': 'sync.twilio.com',
    },
    ...(method === 'POST' && { body: new URLSearchParams(form) }),
  });
  if (!response.ok) throw new Error(`Sync answered ${response.status}`);
}

/** The document of a payment, as it stands in Sync. */
export function documentOf({ simulator }: Stage, paymentSid: string) {
  const document = simulator.documents().find(({ uniqueName }) => uniqueName === `payment-${paymentSid}`);
  if (!document) throw new Error('The payment has no document');
  return document;
}
