import { createRequire } from 'node:module';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { drive } from '../drive.ts';
import { fromSdk1 } from '../sdk-1-client.ts';

const bridge = createRequire(import.meta.url).resolve('mcp-remote/dist/proxy.js');

await drive(async ({ url, token }) => {
  const client = new Client({ name: 'my-agent', version: '1.0.0' });
  /** `npx mcp-remote URL --transport http-only --header "Authorization:${AUTH}"`, as a host of stdio servers starts it. */
  const transport = new StdioClientTransport({
    command: process.execPath,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: mcp-remote itself puts the variable in
    args: [bridge, url, '--transport', 'http-only', '--allow-http', '--header', 'Authorization:${AUTH}'],
    env: { ...(process.env as Record<string, string>), AUTH: `Bearer ${token}` },
    stderr: 'ignore',
  });
  await client.connect(transport);
  return fromSdk1(client);
});
