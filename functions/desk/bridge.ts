import { isRecord } from './source.ts';

type Json = Record<string, unknown>;

/** What a host answers in place of a result. */
export class BridgeError extends Error {
  override readonly name = 'BridgeError';
  /** The JSON-RPC code, or the HTTP status that the host got; undefined if no answer came in time. */
  readonly code: number | undefined;

  constructor(code: number | undefined, message = '') {
    super(message);
    this.code = code;
  }
}

/** What a host asks of a view and tells it. */
export interface Handlers {
  /** @returns the result; undefined for a method that the view does not have. */
  onRequest(method: string): Json | undefined;
  onNotification(method: string, params: Json): void;
}

export interface Bridge {
  /** Asks the host. @param limit milliseconds to wait for its answer. @throws BridgeError */
  ask(method: string, params: Json, limit: number): Promise<unknown>;
  tell(method: string, params: Json): void;
}

const METHOD_NOT_FOUND = -32601;

/** JSON-RPC with the window around this one, by messages (MCP Apps 2026-01-26, "Transport Layer"). */
export function createBridge(host: Window, { onRequest, onNotification }: Handlers): Bridge {
  const waiting = new Map<unknown, { resolve(result: unknown): void; reject(error: BridgeError): void }>();
  let lastId = 0;

  // A host has no origin that a view could know; nobody else can have a window of its own around this one.
  const send = (message: Json) => host.postMessage({ jsonrpc: '2.0', ...message }, '*');

  window.addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
    if (source !== host || !isRecord(data) || data.jsonrpc !== '2.0') return;
    const { id, method, params, result, error } = data;
    if (typeof method === 'string') {
      if (id === undefined) return onNotification(method, isRecord(params) ? params : {});
      const answer = onRequest(method);
      return send(
        answer
          ? { id, result: answer }
          : { id, error: { code: METHOD_NOT_FOUND, message: 'Method not found' } },
      );
    }
    const asked = waiting.get(id);
    waiting.delete(id);
    if (isRecord(error)) asked?.reject(new BridgeError(Number(error.code), String(error.message)));
    else asked?.resolve(result);
  });

  return {
    ask(method, params, limit) {
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new BridgeError(undefined));
        }, limit);
        const settle =
          <V>(end: (value: V) => void) =>
          (value: V) => {
            clearTimeout(timer);
            end(value);
          };
        waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
        send({ id, method, params });
      });
    },
    tell: (method, params) => send({ method, params }),
  };
}
