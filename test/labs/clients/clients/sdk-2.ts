import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { drive, factsOf, textOf } from '../drive.ts';

await drive(async ({ url, token }) => {
  const client = new Client(
    { name: 'my-agent', version: '1.0.0' },
    // Left out, the client speaks 2025-11-25.
    { versionNegotiation: { mode: 'auto' } },
  );
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);

  return {
    protocolVersion: client.getNegotiatedProtocolVersion(),
    listTools: async () => (await client.listTools()).tools,
    listPrompts: async () => (await client.listPrompts()).prompts,
    getPrompt: (name, args) => client.getPrompt({ name, arguments: args }),
    listResourceTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    listResources: async () => (await client.listResources()).resources,
    readResource: async (uri) => textOf((await client.readResource({ uri })).contents),
    callTool: async (name, args) => factsOf(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
});
