import { Client } from 'sdk-1.12/client/index.js';
import { StreamableHTTPClientTransport } from 'sdk-1.12/client/streamableHttp.js';
import { drive } from '../drive.ts';
import { fromSdk1 } from '../sdk-1-client.ts';

await drive(async ({ url, token }) => {
  const client = new Client({ name: 'my-agent', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  await client.connect(transport as Parameters<typeof client.connect>[0]);

  return fromSdk1(client);
});
