import { createMCPClient } from '@ai-sdk/mcp';
import { drive, factsOf, textOf } from '../drive.ts';

await drive(async ({ url, token }) => {
  const client = await createMCPClient({
    transport: { type: 'http', url, headers: { Authorization: `Bearer ${token}` } },
  });

  return {
    protocolVersion: client.initializeResult.protocolVersion,
    listTools: async () => (await client.listTools()).tools,
    listPrompts: async () => (await client.listPrompts()).prompts,
    getPrompt: (name, args) => client.getPrompt({ name, arguments: args }),
    listResourceTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    listResources: async () => (await client.listResources()).resources,
    readResource: async (uri) => textOf((await client.readResource({ uri })).contents),
    callTool: async (name, args) =>
      factsOf((await client.callTool({ name, arguments: args })) as Parameters<typeof factsOf>[0]),
    close: () => client.close(),
  };
});
