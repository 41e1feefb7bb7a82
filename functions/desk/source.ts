/** Where the desk gets everything from: a page asks the server itself, a view inside a chat asks its host. */
export interface Source {
  /** Calls a tool. @returns its structured content. @throws SourceError */
  call(tool: string, args: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Reads a resource of JSON. @throws SourceError */
  read(uri: string): Promise<unknown>;
  /** Tells a model that is on the same payment what the person did; nothing where there is none. */
  tell(what: string): void;
}

/**
 * What can go wrong: no connection; too many requests; a credential that has expired, or may not do this; the
 * server did not do what was asked, and says why by a code.
 */
export type Trouble = 'offline' | 'busy' | 'expired' | 'forbidden' | 'refused';

export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly trouble: Trouble;
  /** The server's own code of what it refused, such as `ALREADY_PAID`. */
  readonly code: string;
  /** Milliseconds to wait at least, if the server said so. */
  readonly retryAfter: number;

  constructor(trouble: Trouble, { code = '', retryAfter = 0 }: { code?: string; retryAfter?: number } = {}) {
    super(code || trouble);
    this.trouble = trouble;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The structured content of a tool's result. @throws SourceError for a failure that the result tells of. */
export function contentOf(result: unknown): Record<string, unknown> {
  if (!isRecord(result)) throw new SourceError('offline');
  const { isError, structuredContent, content } = result;
  if (isError === true) throw new SourceError('refused', { code: codeOf(structuredContent, content) });
  // Some hosts pass on the text alone; it says the same.
  const said = isRecord(structuredContent) ? structuredContent : jsonOf(firstOf(content));
  if (isRecord(said)) return said;
  throw new SourceError('offline');
}

const firstOf = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined);

function jsonOf(content: unknown): unknown {
  try {
    return isRecord(content) ? JSON.parse(String(content.text)) : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(structured: unknown, content: unknown): string {
  const first = firstOf(content);
  const texts = [isRecord(structured) && structured.why, isRecord(first) && first.text];
  return texts.map((text) => /^[A-Z_]{3,40}(?=:)/.exec(String(text))?.[0]).find(Boolean) ?? 'UNKNOWN';
}

/** The JSON of a resource that was read. @throws SourceError */
export function textOf(result: unknown): unknown {
  const read = jsonOf(firstOf(isRecord(result) ? result.contents : undefined));
  if (read === undefined) throw new SourceError('offline');
  return read;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
