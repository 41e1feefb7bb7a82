import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { drive, factsOf, textOf } from '../drive.ts';

const launcher = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/inspector/clients/launcher/build/index.js',
);

await drive(async ({ url, token }) => {
  /** `npx @modelcontextprotocol/inspector --cli URL --transport http --header "Authorization: Bearer TOKEN" --method METHOD ...` */
  const inspect = async (method: string, ...args: string[]): Promise<Record<string, unknown>> => {
    const server = [url, '--transport', 'http', '--header', `Authorization: Bearer ${token}`];
    const command = [launcher, '--cli', ...server, '--format', 'json', '--method', method, ...args];
    // Where a tool fails, it prints the result all the same and ends with 5.
    const { stdout } = await promisify(execFile)(process.execPath, command).catch((error) => {
      if (error.code === 5) return error as { stdout: string };
      throw error;
    });
    return (JSON.parse(stdout) as { result: Record<string, unknown> }).result;
  };
  return {
    listTools: async () => {
      // With --strict it fails where a schema is not portable between clients. It speaks the new revision when told to.
      const { tools } = await inspect('tools/list', '--strict');
      const modern = await inspect('tools/list', '--strict', '--protocol-era', 'modern');
      if (JSON.stringify(tools) !== JSON.stringify(modern.tools)) throw new Error('The revisions differ');
      return tools as { name: string }[];
    },
    listPrompts: async () => (await inspect('prompts/list')).prompts as { name: string }[],
    getPrompt: async (name, args) => {
      const pairs = Object.entries(args).map(([key, value]) => `${key}=${value}`);
      const prompt = await inspect('prompts/get', '--prompt-name', name, '--prompt-args', ...pairs);
      return prompt as { messages: unknown[] };
    },
    listResourceTemplates: async () => {
      const { resourceTemplates } = await inspect('resources/templates/list');
      return resourceTemplates as { uriTemplate: string }[];
    },
    listResources: async () => (await inspect('resources/list')).resources as { uri: string }[],
    readResource: async (uri) => textOf((await inspect('resources/read', '--uri', uri)).contents),
    callTool: async (name, args) =>
      factsOf(await inspect('tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args))),
    close: async () => undefined,
  };
});
