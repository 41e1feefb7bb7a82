import {
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  ProgressTokenSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { type Answer, accepts, rpcError } from './answer-message.ts';
import { type Generation, isRevision, notARevision } from './generations/generation.ts';
import { generationOf } from './generations/index.ts';
import { legacy } from './generations/legacy.ts';
import { isRecord, isRequest, RPC_CODES, withoutNulls } from './json-rpc.ts';

/** The largest body that is read, in bytes: no message of this server's clients comes near it. */
const MAX_BYTES = 64 * 1024;
const TOO_LARGE = `A message is at most ${MAX_BYTES} bytes long.`;
/** How deep a message may be nested. */
const MAX_DEPTH = 32;

const MEMBERS = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];

/** Names a task that a request belongs to (MCP 2025-11-25, Tasks): the SDK would look for it, and fail to notify. */
const RELATED_TASK = 'io.modelcontextprotocol/related-task';

/** The one revision with batches (2025-03-26, "Sending Messages to the Server"). */
const BATCH_VERSION = '2025-03-26';
const MAX_BATCH = 10;
const ONE_MESSAGE = `Send one message per request: only revision ${BATCH_VERSION} has batches.`;

/** A message that came in, and the generation of the protocol that it is of. */
export interface Incoming {
  message: JSONRPCMessage;
  generation: Generation;
}

/** The messages of a request: one, unless its revision has batches. */
export interface Messages {
  messages: Incoming[];
  isBatch: boolean;
}

/**
 * The JSON-RPC messages of a request, or the answer that refuses them. Functions show neither the HTTP method
 * nor the raw body, and merge query parameters into the body: a GET is known by having no body.
 */
export function readMessages(
  headers: Record<string, string>,
  body: Record<string, unknown>,
): Messages | Answer {
  const members = Object.keys(body);
  const type = headers['content-type'] ?? '';
  const hasBody = type !== '' && (members.length > 0 || Number(headers['content-length'] ?? 0) > 0);
  if (!hasBody)
    return rpcError(405, 'Send JSON-RPC by POST; there is no event stream to GET.', {
      headers: { Allow: 'POST' },
    });
  if (!/^application\/json\s*(?:;|$)/i.test(type))
    return rpcError(415, 'Content-Type must be application/json.');
  if (Number(headers['content-length'] ?? 0) > MAX_BYTES) {
    return rpcError(413, TOO_LARGE);
  }
  if (!accepts(headers.accept, 'application/json') && !accepts(headers.accept, 'text/event-stream')) {
    return rpcError(406, 'Accept must allow application/json.');
  }
  const batch = batchOf(body);
  // A request without the header is of that revision (2025-06-18, "Protocol Version Header").
  const version = headers['mcp-protocol-version'] ?? BATCH_VERSION;
  if (batch && version !== BATCH_VERSION)
    return isRevision(version) ? rpcError(400, ONE_MESSAGE) : notARevision();
  if (batch && batch.length > MAX_BATCH) return rpcError(400, `A batch has at most ${MAX_BATCH} messages.`);
  const messages: Incoming[] = [];
  for (const member of batch ?? [body]) {
    const read = readOne(member, headers, batch !== undefined);
    if (isAnswer(read)) return read;
    messages.push(read);
  }
  return { messages, isBatch: batch !== undefined };
}

function readOne(body: unknown, headers: Record<string, string>, isInBatch: boolean): Incoming | Answer {
  if (typeof body !== 'object' || body === null || !('jsonrpc' in body)) {
    return rpcError(400, 'The body is not a JSON-RPC message.');
  }
  if (Object.keys(body).some((name) => !MEMBERS.includes(name))) {
    return rpcError(
      400,
      'The URL takes no query parameters, and a message no members but those of JSON-RPC.',
    );
  }
  if (isDeeperThan(body, MAX_DEPTH)) {
    return rpcError(400, `A message is nested at most ${MAX_DEPTH} levels deep.`);
  }
  // Content-Length may be missing, and a member of the body named `request` takes the place of all headers.
  if (bytesOf(body) > MAX_BYTES) return rpcError(413, TOO_LARGE);
  const message = toMessage(body);
  if (isAnswer(message)) return message;
  const generation = generationOf(message, headers);
  if (isInBatch && generation !== legacy) return rpcError(400, ONE_MESSAGE);
  return generation.refuse(message, headers) ?? { message, generation };
}

/**
 * The message that is meant. Members of its parameters that are `null` were left out. What names a task is passed over,
 * as a server without tasks does (MCP 2025-11-25, Tasks, "Capability Negotiation"): the SDK would refuse it in words
 * that repeat the method, or look for the task when it notifies.
 */
function toMessage(body: object): JSONRPCMessage | Answer {
  const { params, ...rest } = body as { params?: unknown };
  const { _meta, task: _, ...given } = isRecord(params) ? withoutNulls(params) : {};
  const isFit = _meta === undefined || isMeta(_meta);
  const { [RELATED_TASK]: __, ...meta } = isFit ? (_meta ?? {}) : {};
  const read = isRecord(params) ? { ...given, ...(_meta !== undefined && { _meta: meta }) } : params;
  const parsed = JSONRPCMessageSchema.safeParse(read == null ? rest : { ...rest, params: read });
  if (!parsed.success) return rpcError(400, 'The body is not a valid JSON-RPC 2.0 message.');
  const message = parsed.data;
  if (isFit || !isRequest(message)) return message;
  const text = 'params._meta must be an object, and its progressToken a text or an integer.';
  return rpcError(400, text, { id: message.id, code: RPC_CODES.invalidParams });
}

function isMeta(value: unknown): value is Record<string, unknown> {
  return (
    isRecord(value) &&
    (value.progressToken === undefined || ProgressTokenSchema.safeParse(value.progressToken).success)
  );
}

/** The members of a JSON array, which the platform hands over as members named 0, 1, 2 and so on. */
function batchOf(body: Record<string, unknown>): unknown[] | undefined {
  const names = Object.keys(body);
  const isBatch = names.length > 0 && names.every((name, i) => name === String(i));
  return isBatch ? Object.values(body) : undefined;
}

export function isAnswer(outcome: object): outcome is Answer {
  return 'status' in outcome;
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}

/** How many bytes a value has at least when it is sent as JSON. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 1;
  return Object.entries(value).reduce((sum, [name, member]) => sum + name.length + bytesOf(member), 0);
}
