import { MCPServerStreamableHttp } from '@openai/agents';
import { drive, factsOf, textOf } from '../drive.ts';

await drive(async ({ url, token }) => {
  const server = new MCPServerStreamableHttp({
    name: 'payments',
    url,
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  await server.connect();

  return {
    listTools: () => server.listTools(),
    listResourceTemplates: async () => (await server.listResourceTemplates()).resourceTemplates as never,
    listResources: async () => (await server.listResources()).resources,
    readResource: async (uri) => textOf((await server.readResource(uri)).contents),
    // What a model gets is the content; neither the structured facts nor isError come through.
    callTool: async (name, args) => factsOf({ content: await server.callTool(name, args) }),
    close: () => server.close(),
  };
});
