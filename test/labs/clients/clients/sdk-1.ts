import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { drive } from '../drive.ts';
import { fromSdk1 } from '../sdk-1-client.ts';

await drive(async ({ url, token }) => {
  const client = new Client({ name: 'my-agent', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);

  return { ...fromSdk1(client), protocolVersion: transport.protocolVersion };
});
