import { MCPClient } from '@mastra/mcp';
import { drive, type Facts, textOf } from '../drive.ts';

await drive(async ({ url, token }) => {
  const client = new MCPClient({
    servers: {
      payments: {
        url: new URL(url),
        requestInit: { headers: { Authorization: `Bearer ${token}` } },
      },
    },
  });
  const { payments: tools = {} } = await client.listToolsets();

  return {
    protocolVersion: client.getServerProtocolVersions().payments,
    listTools: async () => Object.keys(tools).map((name) => ({ name })),
    listPrompts: async () => (await client.prompts.list()).payments ?? [],
    getPrompt: (name, args) => client.prompts.get({ serverName: 'payments', name, args }),
    listResourceTemplates: async () => (await client.resources.templates()).payments ?? [],
    listResources: async () => (await client.resources.list()).payments ?? [],
    readResource: async (uri) => textOf((await client.resources.read('payments', uri)).contents),
    callTool: async (name, args) => {
      const result = await tools[name]?.execute?.(args, {} as never);
      console.error(name, JSON.stringify(result));
      return result as Facts;
    },
    close: () => client.disconnect(),
  };
});
