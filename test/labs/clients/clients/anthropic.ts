import { mcpTools } from '@anthropic-ai/sdk/helpers/beta/mcp';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { drive, factsOf } from '../drive.ts';
import { fromSdk1 } from '../sdk-1-client.ts';

await drive(async ({ url, token }) => {
  const client = new Client({ name: 'my-agent', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  const { tools } = await client.listTools();
  const runnable = mcpTools(tools, client as never);

  return {
    ...fromSdk1(client),
    protocolVersion: transport.protocolVersion,
    // What a model gets is the content. Failures are thrown.
    callTool: async (name, args) => {
      const tool = runnable.find((candidate) => candidate.name === name);
      return factsOf({ content: await tool?.run(args) });
    },
  };
});
