import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  type JSONRPCRequest,
  type MessageExtraInfo,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js';

/** What goes back to the client. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: object | string;
}

/** The largest body that is read, in bytes: no message of this server's clients comes near it. */
const MAX_BYTES = 64 * 1024;
/** How deep a message may be nested. */
const MAX_DEPTH = 32;

const MEMBERS = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];

/**
 * The one JSON-RPC message of a request, or the answer that refuses it. Functions show neither the HTTP method
 * nor the raw body, and merge query parameters into the body: a GET is known by having no body.
 */
export function readMessage(
  headers: Record<string, string>,
  body: Record<string, unknown>,
): JSONRPCMessage | Answer {
  const members = Object.keys(body);
  const type = headers['content-type'] ?? '';
  const hasBody = type !== '' && (members.length > 0 || Number(headers['content-length'] ?? 0) > 0);
  if (!hasBody)
    return rpcError(405, 'Send JSON-RPC by POST; there is no event stream to GET.', { Allow: 'POST' });
  if (!/^application\/json\s*(?:;|$)/i.test(type))
    return rpcError(415, 'Content-Type must be application/json.');
  if (Number(headers['content-length'] ?? 0) > MAX_BYTES) {
    return rpcError(413, `A message is at most ${MAX_BYTES} bytes long.`);
  }
  if (!accepts(headers.accept, 'application/json') && !accepts(headers.accept, 'text/event-stream')) {
    return rpcError(406, 'Accept must allow application/json.');
  }
  if ('0' in body && !('jsonrpc' in body))
    return rpcError(400, 'Batches are not supported: send one message per request.');
  if (!('jsonrpc' in body)) return rpcError(400, 'The body is not a JSON-RPC message.');
  if (members.some((name) => !MEMBERS.includes(name))) {
    return rpcError(
      400,
      'The URL takes no query parameters, and a message no members but those of JSON-RPC.',
    );
  }
  if (isDeeperThan(body, MAX_DEPTH)) {
    return rpcError(400, `A message is nested at most ${MAX_DEPTH} levels deep.`);
  }
  const parsed = JSONRPCMessageSchema.safeParse(body);
  if (!parsed.success) return rpcError(400, 'The body is not a valid JSON-RPC 2.0 message.');
  const version = headers['mcp-protocol-version'];
  const isInitialize = isJSONRPCRequest(parsed.data) && parsed.data.method === 'initialize';
  if (version !== undefined && !isInitialize && !SUPPORTED_PROTOCOL_VERSIONS.includes(version)) {
    const supported = SUPPORTED_PROTOCOL_VERSIONS.join(', ');
    return rpcError(400, `Unsupported protocol version (supported versions: ${supported}).`, {}, -32000);
  }
  return parsed.data;
}

export function isAnswer(read: JSONRPCMessage | Answer): read is Answer {
  return 'status' in read;
}

/**
 * A transport for one request: the platform hands over a whole message and takes a whole answer, so what the
 * server says is gathered until it has said the response.
 */
export class FunctionsTransport implements Transport {
  onmessage?: Transport['onmessage'];
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #said: JSONRPCMessage[] = [];
  #finish: () => void = () => undefined;

  async start(): Promise<void> {
    // Nothing to open: messages come with exchange().
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#said.push(message);
    if (isResponse(message)) this.#finish();
  }

  async close(): Promise<void> {
    this.#finish();
    this.onclose?.();
  }

  /** Delivers one message and gives the answer to it: 202 to what expects none. */
  async exchange(message: JSONRPCMessage, headers: Record<string, string>): Promise<Answer> {
    if (!isJSONRPCRequest(message)) {
      this.onmessage?.(message, { requestInfo: { headers } });
      return { status: 202 };
    }
    await this.#ask(message, { requestInfo: { headers } });
    const response = this.#said.find(isResponse);
    if (!response) return rpcError(500, 'The server gave no answer.', {}, -32603);
    const notifications = this.#said.filter((said) => said !== response);
    if (notifications.length > 0 && accepts(headers.accept, 'text/event-stream', false)) {
      const events = [...notifications, response].map(
        (said) => `event: message\ndata: ${JSON.stringify(said)}\n\n`,
      );
      return {
        status: 200,
        headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' },
        body: events.join(''),
      };
    }
    return { status: 200, body: response };
  }

  #ask(request: JSONRPCRequest, extra: MessageExtraInfo): Promise<void> {
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.onmessage?.(request, extra);
    });
  }
}

function isResponse(message: JSONRPCMessage): boolean {
  return isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeperThan(member, levels - 1));
}

/** Whether an Accept header allows a media type; a missing header allows everything. */
function accepts(header: string | undefined, type: string, wildcards = true): boolean {
  if (header === undefined) return wildcards;
  const ranges = header.split(',').map((range) => range.split(';')[0]?.trim().toLowerCase());
  return (
    ranges.includes(type) ||
    (wildcards && (ranges.includes('*/*') || ranges.includes(`${type.split('/')[0]}/*`)))
  );
}

/** A refusal at the transport's level, as JSON-RPC has it: without the id of a request. */
export function rpcError(
  status: number,
  message: string,
  headers: Record<string, string> = {},
  code = -32600,
): Answer {
  return { status, headers, body: { jsonrpc: '2.0', id: null, error: { code, message } } };
}
