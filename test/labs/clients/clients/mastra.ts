import { noopObserve } from '@mastra/core/tools';
import { MCPClient } from '@mastra/mcp';
import { drive, factsOf, textOf } from '../drive.ts';

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
    // What a model gets is the text. It is not told that a result is a failure.
    callTool: async (name, args) => {
      const tool = tools[name];
      const result = await tool?.execute?.(args, { observe: noopObserve });
      const said = (await tool?.toModelOutput?.(result)) as { value: unknown } | undefined;
      return factsOf({ content: [{ text: said?.value }] });
    },
    close: () => client.disconnect(),
  };
});
