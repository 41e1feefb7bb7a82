import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  ErrorCode,
  McpError,
  type Request,
  type Result,
  type ServerNotification,
} from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { PROMPTS } from './prompts.ts';
import { RESOURCE_TEMPLATES, RESOURCES, readResource } from './resources.ts';
import { TOOLS } from './tools.ts';

export const SERVER_INFO = { name: 'everything', version: '1.0.0' };
export const CAPABILITIES = { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} };

/** What a definition knows of the request that calls it. */
export interface Call {
  params: Record<string, unknown>;
  arguments: Record<string, unknown>;
  /** Empty for clients of the older generation, which say it once and not with each request. */
  clientCapabilities: Record<string, unknown>;
  notify(notification: ServerNotification): Promise<void>;
}

export interface Definition {
  name: string;
  description: string;
  run(call: Call): Promise<Result> | Result;
}

/** A server with the definitions that the suite's scenarios call (their descriptions in the suite say what each one does). */
export function createEverythingServer(clientCapabilities: Record<string, unknown>): Server {
  const server = new Server(SERVER_INFO, { capabilities: CAPABILITIES });
  const on = (method: string, handle: (call: Call) => Promise<Result> | Result) => {
    const schema = z.looseObject({ method: z.literal(method) });
    server.setRequestHandler(schema as never, (request: Request, { sendNotification }) => {
      const params = request.params ?? {};
      const args = (params.arguments ?? {}) as Record<string, unknown>;
      return handle({ params, arguments: args, clientCapabilities, notify: sendNotification });
    });
  };

  on('tools/list', () => ({ tools: TOOLS.map(({ run: _, ...tool }) => tool) }));
  on('tools/call', (call) => named(TOOLS, call).run(call));
  on('prompts/list', () => ({ prompts: PROMPTS.map(({ run: _, ...prompt }) => prompt) }));
  on('prompts/get', (call) => named(PROMPTS, call).run(call));
  on('resources/list', () => ({ resources: RESOURCES }));
  on('resources/templates/list', () => ({ resourceTemplates: RESOURCE_TEMPLATES }));
  on('resources/read', ({ params }) => readResource(String(params.uri)));
  on('completion/complete', () => ({ completion: { values: ['test value'], total: 1, hasMore: false } }));
  return server;
}

function named<D extends Definition>(definitions: D[], { params }: Call): D {
  const found = definitions.find(({ name }) => name === params.name);
  if (!found) throw new McpError(ErrorCode.InvalidParams, 'There is no such definition.');
  return found;
}
