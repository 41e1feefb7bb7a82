import { type Connected, factsOf, textOf } from './drive.ts';

/** The methods that clients of every SDK 1.x have. */
interface Sdk1Client {
  listTools(): Promise<{ tools: { name: string }[] }>;
  listPrompts(): Promise<{ prompts: { name: string }[] }>;
  getPrompt(params: { name: string; arguments: Record<string, string> }): Promise<{ messages: unknown[] }>;
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string }[] }>;
  listResources(): Promise<{ resources: { uri: string }[] }>;
  readResource(params: { uri: string }): Promise<{ contents: unknown[] }>;
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<object>;
  close(): Promise<void>;
}

/** All that a client of an SDK 1.x can do, over whatever transport it is connected. */
export function fromSdk1(client: Sdk1Client): Connected {
  return {
    listTools: async () => (await client.listTools()).tools,
    listPrompts: async () => (await client.listPrompts()).prompts,
    getPrompt: (name, args) => client.getPrompt({ name, arguments: args }),
    listResourceTemplates: async () => (await client.listResourceTemplates()).resourceTemplates,
    listResources: async () => (await client.listResources()).resources,
    readResource: async (uri) => textOf((await client.readResource({ uri })).contents),
    callTool: async (name, args) => factsOf(await client.callTool({ name, arguments: args })),
    close: () => client.close(),
  };
}
