import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  type JSONRPCResponse,
  type LoggingLevel,
  LoggingLevelSchema,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js';
import { type Answer, rpcError } from '../answer-message.ts';
import type { Exchange } from '../functions-transport.ts';
import { isRequest } from '../json-rpc.ts';
import type { Person } from '../tool.ts';

/**
 * Revision 2026-07-28 in front of the SDK's server, which speaks those before it: this module checks what a
 * request of the new revision brings with it, and dresses up the result. Tools, prompts and resources do not know
 * which generation calls them (specification 2026-07-28, Streamable HTTP, and basic/index).
 */
const VERSION = '2026-07-28';

const PREFIX = 'io.modelcontextprotocol/';
const META = {
  version: `${PREFIX}protocolVersion`,
  capabilities: `${PREFIX}clientCapabilities`,
  clientInfo: `${PREFIX}clientInfo`,
  logLevel: `${PREFIX}logLevel`,
  serverInfo: `${PREFIX}serverInfo`,
} as const;

const CODES = {
  headerMismatch: -32020,
  unsupportedVersion: -32022,
  invalidParams: -32602,
  methodNotFound: -32601,
};

/** How long clients may keep results, in milliseconds. Lists follow the credential's scopes, payments change all the time. */
const DEFINITIONS = { ttlMs: 300_000, cacheScope: 'private' };
const PAYMENTS = { ttlMs: 0, cacheScope: 'private' };
const CACHING: Record<string, { ttlMs: number; cacheScope: string } | undefined> = {
  'server/discover': { ttlMs: 3_600_000, cacheScope: 'public' },
  'tools/list': DEFINITIONS,
  'prompts/list': DEFINITIONS,
  'resources/templates/list': DEFINITIONS,
  'resources/list': PAYMENTS,
  'resources/read': PAYMENTS,
};

/** The methods of the revision that this server has; the others, removed ones among them, are unknown. */
const METHODS = [...Object.keys(CACHING), 'tools/call', 'prompts/get', 'completion/complete'];

/** The parameter that the header Mcp-Name repeats, by method. A map: methods may be named like members of an object. */
const NAMED_BY = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);

/**
 * Whether a message is of the new revision. Headers alone do not tell: some clients send a version with
 * `initialize` already, and a bridge sends `Mcp-Method` with old messages.
 */
export function isModern(message: JSONRPCMessage, headers: Record<string, string>): boolean {
  if ('method' in message && message.method === 'server/discover') return true;
  if (metaOf(message)[META.version] !== undefined) return true;
  const version = headers['mcp-protocol-version'];
  const isInitialize = 'method' in message && message.method === 'initialize';
  return version !== undefined && !isInitialize && !SUPPORTED_PROTOCOL_VERSIONS.includes(version);
}

/** The answer that refuses a message of the new revision; undefined where all is well. */
export function refuseModern(message: JSONRPCMessage, headers: Record<string, string>): Answer | undefined {
  if (!isRequest(message)) return undefined;
  const { id, method, params } = message;
  const refuse = (text: string, code: number, status = 400, data?: unknown) =>
    rpcError(status, text, { id, code, ...(data !== undefined && { data }) });
  const mismatch = (header: string) =>
    refuse(`Header mismatch: ${header} must equal what the body says.`, CODES.headerMismatch);

  if (headers['mcp-method'] !== method) return mismatch('Mcp-Method');
  const named = NAMED_BY.get(method);
  if (named && (params?.[named] === undefined || decode(headers['mcp-name']) !== params[named]))
    return mismatch('Mcp-Name');
  const meta = metaOf(message);
  const { [META.version]: version, [META.capabilities]: capabilities, [META.logLevel]: logLevel } = meta;
  if (typeof version !== 'string' || typeof capabilities !== 'object' || capabilities === null) {
    return refuse(`params._meta needs ${META.version} and ${META.capabilities}.`, CODES.invalidParams);
  }
  if (headers['mcp-protocol-version'] !== version) return mismatch('MCP-Protocol-Version');
  if (version !== VERSION) {
    const data = { supported: [VERSION], requested: version };
    return refuse('Unsupported protocol version.', CODES.unsupportedVersion, 400, data);
  }
  if (!METHODS.includes(method)) return refuse('There is no such method.', CODES.methodNotFound, 404);
  if (logLevel !== undefined && !LoggingLevelSchema.safeParse(logLevel).success) {
    return refuse(`${META.logLevel} is not a log level.`, CODES.invalidParams);
  }
  return undefined;
}

/** What `server/discover` answers, from what the server says of itself to older clients. */
export function discover(
  request: JSONRPCRequest,
  about: { capabilities: object; instructions: string },
): Exchange {
  const result = { supportedVersions: [VERSION], ...about };
  return { response: { jsonrpc: '2.0', id: request.id, result }, notifications: [] };
}

/** The request as the SDK's server knows it: without the envelope of the new revision. */
export function toLegacy(request: JSONRPCRequest): JSONRPCRequest {
  const { _meta, ...params } = request.params ?? {};
  const kept = Object.entries(_meta ?? {}).filter(([name]) => !name.startsWith(PREFIX));
  return { ...request, params: kept.length > 0 ? { ...params, _meta: Object.fromEntries(kept) } : params };
}

/**
 * The person behind a client that can show them a form, with their answer where the request brings one (client/elicitation,
 * and basic/utilities, "Multi Round-Trip Requests"). Undefined where nobody can be asked, as in older revisions.
 */
export function personOf(request: JSONRPCMessage, question: string): Person | undefined {
  const { elicitation } = Object(metaOf(request)[META.capabilities]) as { elicitation?: unknown };
  if (typeof elicitation !== 'object' || elicitation === null) return undefined;
  // No mode named means forms.
  if (Object.keys(elicitation).length > 0 && !('form' in elicitation)) return undefined;
  const { inputResponses, requestState } = ('params' in request && request.params) || {};
  const { [question]: response } = Object(inputResponses) as Record<string, unknown>;
  const { action } = Object(response) as { action?: unknown };
  if (typeof requestState !== 'string' || typeof action !== 'string') return {};
  return { answer: { state: requestState, accepted: action === 'accept' } };
}

/** An exchange as the new revision has it: results say what they are, log messages come only where asked for. */
export function toModern(request: JSONRPCRequest, exchange: Exchange, serverInfo: object): Exchange {
  const { response, notifications } = exchange;
  return {
    ...(response && { response: decorate(response, request.method, serverInfo) }),
    notifications: notifications.filter((said) => isWanted(said, metaOf(request)[META.logLevel])),
  };
}

function decorate(response: JSONRPCResponse, method: string, serverInfo: object): JSONRPCResponse {
  if (!('result' in response)) return response;
  const { content, ...rest } = response.result;
  const isAsking = rest.resultType === 'input_required';
  return {
    ...response,
    result: {
      resultType: 'complete',
      ...rest,
      // The SDK adds content to all results of tools.
      ...(content !== undefined && !isAsking && { content }),
      ...(!isAsking && CACHING[method]),
      _meta: { ...rest._meta, [META.serverInfo]: serverInfo },
    },
  };
}

/** Log levels, lowest first (RFC 5424). */
const LEVELS: LoggingLevel[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
];

function isWanted(said: JSONRPCMessage, logLevel: unknown): boolean {
  if (!('method' in said) || said.method !== 'notifications/message') return true;
  const least = LEVELS.indexOf(logLevel as LoggingLevel);
  return least >= 0 && LEVELS.indexOf(said.params?.level as LoggingLevel) >= least;
}

function metaOf(message: JSONRPCMessage): Record<string, unknown> {
  return ('params' in message && message.params?._meta) || {};
}

/** A header value, in plain ASCII or in the form `=?base64?…?=` (Streamable HTTP, "Value Encoding"); undefined where it is malformed. */
function decode(value: string | undefined): string | undefined {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value ?? '')?.[1];
  if (encoded === undefined) return value;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}
