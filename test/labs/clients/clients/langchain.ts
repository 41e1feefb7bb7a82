import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { drive, textOf } from '../drive.ts';

await drive(async ({ url, token }) => {
  const client = new MultiServerMCPClient({
    mcpServers: {
      payments: { transport: 'http', url, headers: { Authorization: `Bearer ${token}` } },
    },
  });
  const tools = await client.getTools();

  return {
    listTools: async () => tools,
    listResourceTemplates: async () => (await client.listResourceTemplates()).payments ?? [],
    listResources: async () => (await client.listResources()).payments ?? [],
    readResource: async (uri) => (await client.readResource('payments', uri))[0]?.text ?? '',
    // What a model gets is the text. Failures are thrown.
    callTool: async (name, args) => {
      const said: unknown = await tools.find((tool) => tool.name === name)?.invoke(args);
      return JSON.parse(textIn(said));
    },
    close: () => client.close(),
  };
});

/** Text alone comes as a string; beside facts, as a block that holds both. */
function textIn(said: unknown): string {
  return typeof said === 'string' ? said : textOf([said]);
}
