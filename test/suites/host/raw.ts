import { type Stage, TOKEN } from './connect.ts';
import { reach } from './in-process.ts';

/** A request to an endpoint, made without the SDK so that it may be as wrong as it likes. */
export interface RawRequest {
  method?: string;
  path?: string;
  /** What stands behind the path, with its question mark. */
  query?: string;
  /** Sent as it is. */
  body?: string | Uint8Array;
  /** Added to JSON's headers; an empty value leaves the header out. */
  headers?: Record<string, string>;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

export interface RawAgent {
  send(request: RawRequest): Promise<RawAnswer>;
  /** Posts one JSON-RPC request with the id 1. */
  rpc(method: string, params?: unknown, headers?: Record<string, string>): Promise<RawAnswer>;
  /** Calls a tool and gives its result. */
  callTool(name: string, args?: unknown): Promise<unknown>;
  /** The text of every answer so far. */
  readonly answers: string[];
}

/** An agent with the right token that speaks plain HTTP. */
export function rawAgent({ host }: Pick<Stage, 'host'>): RawAgent {
  const answers: string[] = [];

  async function send(request: RawRequest): Promise<RawAnswer> {
    const { method = 'POST', path = '/mcp', query = '', body } = request;
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      accept: 'application/json',
      ...(method === 'POST' && { 'content-type': 'application/json' }),
      ...request.headers,
    };
    const response = await reach(`${host.url}${path}${query}`, {
      method,
      headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    answers.push(text);
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  }

  async function rpc(method: string, params?: unknown, headers: Record<string, string> = {}) {
    return send({ body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), headers });
  }

  return {
    send,
    rpc,
    async callTool(name, args) {
      const { json, text } = await rpc('tools/call', { name, arguments: args });
      const result = (json as { result?: unknown } | undefined)?.result;
      if (result === undefined) throw new Error(`${name} gave no result: ${text}`);
      return result;
    },
    answers,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
