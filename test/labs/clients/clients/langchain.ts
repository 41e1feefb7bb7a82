import { MultiServerMCPClient } from '@langchain/mcp-adapters';
import { drive } from '../drive.ts';

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
      return JSON.parse(firstText(said));
    },
    close: () => client.close(),
  };
});

/** Text alone comes as a string, text beside a link as a list of blocks. */
function firstText(said: unknown): string {
  if (typeof said === 'string') return said;
  const blocks = said as { type: string; text?: string }[];
  return blocks.find(({ type }) => type === 'text')?.text ?? '';
}
