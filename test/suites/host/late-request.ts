import type { RecordedRequest } from '../../simulator/index.ts';
import type { Stage } from './connect.ts';
import { reach } from './in-process.ts';

/** Has a request reach Twilio that was lost on its way before. @returns the HTTP status of its answer. */
export async function arriveLate(
  { simulator }: Stage,
  { method, path, params }: RecordedRequest,
): Promise<number> {
  const { apiKey, apiSecret } = simulator.credentials;
  const response = await reach(`${simulator.url}${path}`, {
    method,
    headers: {
      Authorization: `Basic ${btoa(`${apiKey}:${apiSecret}`)}`,
      'x-simulated-host': 'api.twilio.com',
    },
    body: new URLSearchParams(params),
  });
  await response.text();
  await simulator.settled();
  return response.status;
}
