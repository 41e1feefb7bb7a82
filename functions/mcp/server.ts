import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  type JSONRPCMessage,
  type JSONRPCRequest,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  type Result,
  type ServerNotification,
  type ServerRequest,
  SetLevelRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type * as z from 'zod';
import { version } from '../../package.json';
import { PaymentError } from '../payments/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { Scope } from '../runtime/scopes.ts';
import { callTool } from './call-tool.ts';
import { complete } from './completions.ts';
import type { Progress, Tool, ToolContext } from './define-tool.ts';
import type { About } from './generations/generation.ts';
import { INSTRUCTIONS } from './instructions.ts';
import { isRequest, RPC_CODES, RpcError } from './json-rpc.ts';
import { logFailure } from './logging.ts';
import { getPrompt, givenArguments, type PromptContext } from './prompts/get-prompt.ts';
import { PROMPT_LIST } from './prompts/index.ts';
import { APPS, type DeskContext } from './resources/desk-app.ts';
import { listResources, RESOURCE_TEMPLATES, readResource } from './resources/index.ts';
import { TOOL_DEFINITIONS } from './tools/definitions.ts';
import { toolNamed } from './tools/index.ts';

const IDENTITY = { name: 'agent-payments', version };

/** Nothing here changes while a client is connected, so no listChanged; nothing can be pushed, so no subscriptions. */
const CAPABILITIES = {
  tools: {},
  prompts: {},
  resources: {},
  completions: {},
  logging: {},
  extensions: { [APPS]: {} },
};

/** What the server says of itself, to whichever generation. */
export function aboutServer(publicUrl: string): About {
  const icon = { src: `${publicUrl}/icon.svg`, mimeType: 'image/svg+xml', sizes: ['any'] };
  return {
    capabilities: CAPABILITIES,
    instructions: INSTRUCTIONS,
    serverInfo: { ...IDENTITY, title: 'Agent payments', icons: [icon] },
    identity: IDENTITY,
  };
}

/** The tool that a message calls; undefined if it calls none, or one that does not exist. */
export function calledTool(message: JSONRPCMessage): Tool | undefined {
  if (!isRequest(message) || message.method !== 'tools/call') return undefined;
  return toolNamed(message.params?.name);
}

function mayUse(tool: string, scopes: readonly Scope[]): boolean {
  const scope = toolNamed(tool)?.scope;
  return scope !== undefined && scopes.includes(scope);
}

/** The methods beside tools that tell of payments. */
const READS = ['resources/list', 'resources/read', 'completion/complete'];

/** What a credential must be allowed to do for a message; undefined if any credential will do. */
export function requiredScope(message: JSONRPCMessage): Scope | undefined {
  if (!isRequest(message)) return undefined;
  if (READS.includes(message.method) || namesPayment(message)) return 'payments:read';
  return calledTool(message)?.scope;
}

/** A prompt tells of a payment when it is given both SIDs. */
function namesPayment({ method, params }: JSONRPCRequest): boolean {
  const { callSid, paymentSid } = givenArguments(params?.arguments);
  return method === 'prompts/get' && callSid !== undefined && paymentSid !== undefined;
}

export interface ServerOptions extends ToolContext, PromptContext, DeskContext {
  /** Where clients reach the service. */
  publicUrl: string;
}

/** A server for one request: the SDK's server takes one transport only. Nothing changes while connected, so no listChanged. */
export function createServer(options: ServerOptions): Server {
  const { payments, log, publicUrl, scopes } = options;
  const { serverInfo, capabilities, instructions } = aboutServer(publicUrl);
  const server = new Server(serverInfo, {
    capabilities,
    instructions,
    // The SDK's own validator checks answers to elicitation, which this server never sends.
    jsonSchemaValidator: {
      getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }),
    },
  });

  const handlers = new Map<string, (request: JSONRPCRequest, extra: Extra) => Promise<Result>>();
  const on = <M extends string, S extends RequestSchema<M>>(
    method: M,
    schema: S,
    handle: (params: ParamsOf<S>, extra: Extra) => MaybePromise<Result>,
  ) => {
    handlers.set(method, async (request, extra) => {
      const parsed = schema.safeParse(request);
      if (!parsed.success)
        throw new RpcError(RPC_CODES.invalidParams, 'The parameters do not fit the method.');
      return guarded(log, async () => handle((parsed.data as { params: ParamsOf<S> }).params, extra));
    });
  };

  on('tools/list', ListToolsRequestSchema, () => ({
    tools: TOOL_DEFINITIONS.filter(({ name }) => mayUse(name, scopes)),
  }));
  on('tools/call', CallToolRequestSchema, (params, extra) => {
    const tool = toolNamed(params.name);
    if (!tool) throw new RpcError(RPC_CODES.invalidParams, 'There is no such tool.');
    return callTool(tool, params.arguments ?? {}, options, { log, progress: progressOf(extra) });
  });
  on('prompts/list', ListPromptsRequestSchema, () => ({ prompts: PROMPT_LIST }));
  on('prompts/get', GetPromptRequestSchema, (params) => getPrompt(params.name, params.arguments, options));
  on('completion/complete', CompleteRequestSchema, (params) => complete(params, payments));
  on('resources/templates/list', ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: RESOURCE_TEMPLATES,
  }));
  on('resources/list', ListResourcesRequestSchema, (params) => listResources(params?.cursor, payments));
  // Accepted, for clients that ask; a server without sessions cannot remember it.
  on('logging/setLevel', SetLevelRequestSchema, () => ({}));
  on('resources/read', ReadResourceRequestSchema, (params) => readResource(params.uri, options));

  // One handler for all methods: with a handler of its own each would have its schema made for every request, and
  // the SDK would tell of parameters that do not fit as an internal error.
  server.removeRequestHandler('logging/setLevel');
  server.fallbackRequestHandler = (request, extra) => {
    const handle = handlers.get(request.method);
    if (!handle) throw Object.assign(new Error('Method not found'), { code: RPC_CODES.methodNotFound });
    return handle(request, extra);
  };
  return server;
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** Notifications of progress, for requests that asked for them. */
function progressOf({ _meta, sendNotification }: Extra): Progress {
  const { progressToken } = _meta ?? {};
  return (progress, total, message) => {
    if (progressToken === undefined) return;
    const params = { progressToken, progress, total, message };
    // Nobody waits for it, and a client that cannot be told of progress is told the result all the same.
    sendNotification({ method: 'notifications/progress', params }).catch(() => undefined);
  };
}

type RequestSchema<M extends string> = z.ZodObject<{ method: z.ZodLiteral<M> }>;
type ParamsOf<S> = z.output<S> extends { params?: infer P } ? P : undefined;
type MaybePromise<R> = R | Promise<R>;

/** Gives known errors their words and unknown ones none: the SDK sends any error's message to the client. */
async function guarded<R>(log: Log, work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RpcError) throw error;
    const known =
      error instanceof PaymentError ? error : new PaymentError('INTERNAL_ERROR', { cause: error });
    logFailure(log, known);
    const isClients = known.code === 'INVALID_ARGUMENT';
    throw new RpcError(isClients ? RPC_CODES.invalidParams : RPC_CODES.internalError, known.message);
  }
}
