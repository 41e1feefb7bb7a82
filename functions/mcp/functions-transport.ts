import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type {
  JSONRPCMessage,
  JSONRPCNotification,
  JSONRPCRequest,
  JSONRPCResponse,
  MessageExtraInfo,
} from '@modelcontextprotocol/sdk/types.js';
import { type Answer, accepts } from './answer-message.ts';
import { isRequest, isResponse } from './json-rpc.ts';

/** What a server sent about one message. */
export interface Exchange {
  response?: JSONRPCResponse;
  notifications: JSONRPCMessage[];
}

/**
 * A transport for one request: the platform hands over a whole message and takes a whole answer, so what the
 * server sends is gathered until it has sent the response.
 */
export class FunctionsTransport implements Transport {
  onmessage?: Transport['onmessage'];
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #sent: JSONRPCMessage[] = [];
  #finish: () => void = () => undefined;

  async start(): Promise<void> {
    // Nothing to open: messages come with exchange().
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.#sent.push(message);
    if (isResponse(message)) this.#finish();
  }

  /** Tells the client something beside the response. */
  notify(notification: JSONRPCNotification | undefined): void {
    if (notification) this.#sent.push(notification);
  }

  async close(): Promise<void> {
    this.#finish();
    this.onclose?.();
  }

  /** Delivers one message and gives what the server sent about it; no response if the message expects none. */
  async exchange(message: JSONRPCMessage, headers: Record<string, string>): Promise<Exchange> {
    const extra = { requestInfo: { headers } };
    if (isRequest(message)) await this.#ask(message, extra);
    else this.onmessage?.(message, extra);
    const response = this.#sent.find(isResponse) ?? (isRequest(message) ? noAnswer(message) : undefined);
    return { ...(response && { response }), notifications: this.#sent.filter((sent) => !isResponse(sent)) };
  }

  #ask(request: JSONRPCRequest, extra: MessageExtraInfo): Promise<void> {
    return new Promise((resolve) => {
      this.#finish = resolve;
      this.onmessage?.(request, extra);
    });
  }
}

/**
 * What goes back for one exchange: notifications with the response in one buffered event stream if the client accepts
 * that, otherwise the response alone; 202 if there is none.
 */
export function toAnswer(exchange: Exchange | undefined, headers: Record<string, string>): Answer {
  return exchange?.response ? buffered(exchange.notifications, exchange.response, headers) : { status: 202 };
}

/** The same for the messages of a batch: their responses in one array. */
export function toBatchAnswer(exchanges: Exchange[], headers: Record<string, string>): Answer {
  const responses = exchanges.flatMap(({ response }) => (response ? [response] : []));
  const notifications = exchanges.flatMap((exchange) => exchange.notifications);
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
    (message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`,
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
