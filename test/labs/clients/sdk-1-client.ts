import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { type Connected, factsOf, textOf } from './drive.ts';

/** All that a client of the SDK 1.x can do, over whatever transport it is connected. */
export function fromSdk1(client: Client): Connected {
  return {
    listTools: async () => (await client.listTools()).tools,
    listPrompts: async () => (await client.listPrompts()).prompts,
    getPrompt: (name, args) => client.getPrompt({ name, arguments: args }),
    listResourceTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    listResources: async () => (await client.listResources()).resources,
    readResource: async (uri) => textOf((await client.readResource({ uri })).contents),
    callTool: async (name, args) =>
      factsOf((await client.callTool({ name, arguments: args })) as CallToolResult),
    close: () => client.close(),
  };
}
