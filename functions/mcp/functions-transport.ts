import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type {
  JSONRPCMessage,
  JSONRPCRequest,
  JSONRPCResponse,
  MessageExtraInfo,
} from '@modelcontextprotocol/sdk/types.js';
import { type Answer, accepts } from './answer-message.ts';
import { isRequest, isResponse } from './json-rpc.ts';

/** What a server said about one message. */
export interface Exchange {
  response?: JSONRPCResponse;
  notifications: JSONRPCMessage[];
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

  /** Delivers one message and gives what the server said about it; nothing for a message that expects no response. */
  async exchange(message: JSONRPCMessage, headers: Record<string, string>): Promise<Exchange> {
    const extra = { requestInfo: { headers } };
    if (isRequest(message)) await this.#ask(message, extra);
    else this.onmessage?.(message, extra);
    const response = this.#said.find(isResponse) ?? (isRequest(message) ? noAnswer(message) : undefined);
    return { ...(response && { response }), notifications: this.#said.filter((said) => !isResponse(said)) };
  }

  #ask(request: JSONRPCRequest, extra: MessageExtraInfo): Promise<void> {
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.onmessage?.(request, extra);
    });
  }
}

/**
 * What goes back for one exchange: notifications with the response in one buffered event stream where the client
 * accepts that, the response alone where not, 202 where there is none.
 */
export function toAnswer(said: Exchange | undefined, headers: Record<string, string>): Answer {
  return said?.response ? buffered(said.notifications, said.response, headers) : { status: 202 };
}

/** The same for the messages of a batch: their responses in one array. */
export function toBatchAnswer(said: Exchange[], headers: Record<string, string>): Answer {
  const responses = said.flatMap(({ response }) => (response ? [response] : []));
  const notifications = said.flatMap((exchange) => exchange.notifications);
  return responses.length > 0 ? buffered(notifications, responses, headers) : { status: 202 };
}

function buffered(
  notifications: JSONRPCMessage[],
  response: object,
  headers: Record<string, string>,
): Answer {
  if (notifications.length === 0 || !accepts(headers.accept, 'text/event-stream', false)) {
    return { status: 200, body: response };
  }
  const events = [...notifications, response].map(
    (said) => `event: message\ndata: ${JSON.stringify(said)}\n\n`,
  );
  return {
    status: 200,
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache', 'X-Accel-Buffering': 'no' },
    body: events.join(''),
  };
}

function noAnswer({ id }: JSONRPCRequest): JSONRPCResponse {
  return { jsonrpc: '2.0', id, error: { code: -32603, message: 'The server gave no answer.' } };
}
