import {
  ImplementationSchema,
  type JSONRPCErrorResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type JSONRPCResponse,
  type LoggingLevel,
  LoggingLevelSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { type Answer, rpcError } from '../answer-message.ts';
import { CONFIRM, type Person } from '../ask-person.ts';
import type { Exchange } from '../functions-transport.ts';
import { isRecord, isRequest, RPC_CODES } from '../json-rpc.ts';
import { type About, type Generation, MODERN_VERSION, unsupportedVersion, VERSIONS } from './generation.ts';

const PREFIX = 'io.modelcontextprotocol/';
const META = {
  version: `${PREFIX}protocolVersion`,
  capabilities: `${PREFIX}clientCapabilities`,
  clientInfo: `${PREFIX}clientInfo`,
  logLevel: `${PREFIX}logLevel`,
  serverInfo: `${PREFIX}serverInfo`,
} as const;

const VERSION_HEADER = 'MCP-Protocol-Version';

const CODES = { headerMismatch: -32020 };

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
export function speaksModern(message: JSONRPCMessage, headers: Record<string, string>): boolean {
  const method = 'method' in message ? message.method : undefined;
  if (method === 'server/discover' || metaOf(message)[META.version] !== undefined) return true;
  return headers['mcp-protocol-version'] === MODERN_VERSION && method !== 'initialize';
}

/**
 * Revision 2026-07-28 in front of the SDK's server, which speaks those before it: there is no handshake, each request says
 * who asks and what they can do, and results say more of themselves. Tools, prompts and resources do not know which
 * generation calls them (specification 2026-07-28, Streamable HTTP, and basic/index).
 */
export const modern: Generation = {
  refuse: (message, headers) => (isRequest(message) ? refuseRequest(message, headers) : undefined),
  personOf,
  async answer(message, ask, about) {
    if (!isRequest(message)) return ask(message);
    if (message.method === 'server/discover')
      return toModern(message, discover(message, about), about.serverInfo);
    return toModern(message, await ask(toLegacy(message)), about.identity);
  },
};

/**
 * The version is judged first, with the header that repeats it: what else a request of another revision must bring is
 * not known here.
 */
function refuseRequest(message: JSONRPCRequest, headers: Record<string, string>): Answer | undefined {
  const { id, method, params } = message;
  const refuse = (text: string, code: number, status = 400) => rpcError(status, text, { id, code });
  const mismatch = (header: string) =>
    refuse(`Header mismatch: ${header} must equal what the body says.`, CODES.headerMismatch);

  const meta = metaOf(message);
  const { [META.version]: version, [META.capabilities]: capabilities, [META.logLevel]: logLevel } = meta;
  const repeated = headers['mcp-protocol-version'];
  if (typeof version === 'string' && version !== MODERN_VERSION)
    return (repeated ?? version) === version ? unsupportedVersion(version, id) : mismatch(VERSION_HEADER);
  if (typeof version !== 'string' || !isRecord(capabilities)) {
    return refuse(`params._meta needs ${META.version} and ${META.capabilities}.`, RPC_CODES.invalidParams);
  }
  const clientInfo = meta[META.clientInfo];
  if (clientInfo !== undefined && !ImplementationSchema.safeParse(clientInfo).success) {
    return refuse(`${META.clientInfo} needs a name and a version.`, RPC_CODES.invalidParams);
  }
  if (repeated !== version) return mismatch(VERSION_HEADER);
  if (headers['mcp-method'] !== method) return mismatch('Mcp-Method');
  const named = NAMED_BY.get(method);
  if (named && (params?.[named] === undefined || decode(headers['mcp-name']) !== params[named]))
    return mismatch('Mcp-Name');
  if (!METHODS.includes(method)) return refuse('There is no such method.', RPC_CODES.methodNotFound, 404);
  if (logLevel !== undefined && !LoggingLevelSchema.safeParse(logLevel).success) {
    return refuse(`${META.logLevel} is not a log level.`, RPC_CODES.invalidParams);
  }
  return undefined;
}

/** The answer to `server/discover`, from what the server says of itself to older clients. */
function discover({ id }: JSONRPCRequest, { capabilities, instructions }: About): Exchange {
  const result = { supportedVersions: VERSIONS, capabilities, instructions };
  return { response: { jsonrpc: '2.0', id, result }, notifications: [] };
}

/** The request as the SDK's server knows it: without the envelope of the new revision. */
function toLegacy(request: JSONRPCRequest): JSONRPCRequest {
  const { _meta, ...params } = request.params ?? {};
  const kept = Object.entries(_meta ?? {}).filter(([name]) => !name.startsWith(PREFIX));
  return { ...request, params: kept.length > 0 ? { ...params, _meta: Object.fromEntries(kept) } : params };
}

/**
 * The person behind a client that can show them a form, with their reply if the request brings one (client/elicitation,
 * and basic/utilities, "Multi Round-Trip Requests"). Undefined if nobody can be asked, as in older revisions.
 */
function personOf(request: JSONRPCMessage): Person | undefined {
  const { elicitation } = Object(metaOf(request)[META.capabilities]) as { elicitation?: unknown };
  if (!isRecord(elicitation)) return undefined;
  // No mode named means forms.
  if (Object.keys(elicitation).length > 0 && !('form' in elicitation)) return undefined;
  const { inputResponses, requestState } = ('params' in request && request.params) || {};
  const { [CONFIRM]: response } = Object(inputResponses) as Record<string, unknown>;
  const { action } = Object(response) as { action?: unknown };
  if (typeof requestState !== 'string' || typeof action !== 'string') return {};
  return { answer: { state: requestState, accepted: action === 'accept' } };
}

/** An exchange as the new revision has it: results say what they are, log messages come only if the request asks for them. */
function toModern(request: JSONRPCRequest, exchange: Exchange, serverInfo: object): Exchange {
  const { response, notifications } = exchange;
  return {
    ...(response && { response: decorate(response, request.method, serverInfo) }),
    notifications: notifications.filter((said) => isWanted(said, metaOf(request)[META.logLevel])),
  };
}

function decorate(response: JSONRPCResponse, method: string, serverInfo: object): JSONRPCResponse {
  if (!('result' in response)) return withCode(response);
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

/** An unknown resource has the code of all wrong parameters from this revision on (Resources, "Error Handling"). */
function withCode(response: JSONRPCErrorResponse): JSONRPCErrorResponse {
  const { error } = response;
  const isUnknown = error.code === RPC_CODES.resourceNotFound;
  return isUnknown ? { ...response, error: { ...error, code: RPC_CODES.invalidParams } } : response;
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

/** A header value, in plain ASCII or in the form `=?base64?…?=` (Streamable HTTP, "Value Encoding"); undefined if it is malformed. */
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
