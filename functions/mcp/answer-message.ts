/** What goes back to the client. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: object | string;
}

export interface RpcErrorOptions {
  headers?: Record<string, string>;
  /** JSON-RPC code; -32600, an invalid request, unless given. */
  code?: number;
  /** Of the request that is refused; null if it is not known. */
  id?: string | number | null;
  data?: unknown;
}

/** A refusal as JSON-RPC has it. */
export function rpcError(status: number, message: string, options: RpcErrorOptions = {}): Answer {
  const { headers, code = -32600, id = null, data } = options;
  const error = { code, message, ...(data !== undefined && { data }) };
  return { status, ...(headers && { headers }), body: { jsonrpc: '2.0', id, error } };
}

/** Whether an Accept header allows a media type; a missing header allows everything. */
export function accepts(header: string | undefined, type: string, wildcards = true): boolean {
  if (header === undefined) return wildcards;
  const ranges = header.split(',').map((range) => range.split(';')[0]?.trim().toLowerCase());
  return (
    ranges.includes(type) ||
    (wildcards && (ranges.includes('*/*') || ranges.includes(`${type.split('/')[0]}/*`)))
  );
}
