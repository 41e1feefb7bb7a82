import type { RawAgent, RawAnswer } from '../host/raw.ts';

/** Both generations of the protocol. */
export const OLD = '2025-11-25';
export const NEW = '2026-07-28';

const PREFIX = 'io.modelcontextprotocol/';

/** What goes back, as far as these tests read it. */
export interface Body {
  id: unknown;
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: unknown };
}

/** Changes to a request that is right as it stands. */
export interface Changes {
  id?: string | number;
  /** Headers that are added or replaced; an empty one is left out. */
  headers?: Record<string, string>;
  /** Members of the envelope by the name behind their prefix; undefined takes one away. */
  meta?: Record<string, unknown>;
  /** Takes the place of the whole envelope. */
  wholeMeta?: unknown;
}

/** Sends a request of revision 2026-07-28, complete and in order but for the changes. */
export function ask(
  raw: RawAgent,
  method: string,
  params: Record<string, unknown> = {},
  changes: Changes = {},
): Promise<RawAnswer> {
  const { id = 1, headers = {}, meta = {} } = changes;
  const envelope = {
    protocolVersion: NEW,
    clientCapabilities: {},
    clientInfo: { name: 'test-agent', version: '1.0.0' },
    ...meta,
  };
  const { _meta: own, ...rest } = params;
  const _meta = {
    ...(own as object | undefined),
    ...Object.fromEntries(Object.entries(envelope).map(([name, value]) => [`${PREFIX}${name}`, value])),
  };
  const whole = 'wholeMeta' in changes ? { _meta: changes.wholeMeta } : { _meta };
  const name = params.name ?? params.uri;
  return raw.send({
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...rest, ...whole } }),
    headers: {
      'mcp-protocol-version': NEW,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': encoded(name) }),
      ...headers,
    },
  });
}

/** Sends a request of revision 2025-11-25. */
export function askOld(
  raw: RawAgent,
  method: string,
  params?: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  return raw.rpc(method, params, { 'mcp-protocol-version': OLD, ...headers });
}

export function bodyOf({ json, text }: RawAnswer): Body {
  if (json === undefined) throw new Error(`No JSON: ${text}`);
  return json as Body;
}

/** A value in the form of revision 2026-07-28, Streamable HTTP, "Value Encoding". */
export function base64(value: string): string {
  return `=?base64?${Buffer.from(value).toString('base64')}?=`;
}

/** A value as a client sends it: as it is where a header can hold it. */
function encoded(value: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !value.startsWith('=?base64?');
  return isPlain ? value : base64(value);
}
