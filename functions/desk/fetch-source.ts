import { contentOf, isRecord, type Source, SourceError, textOf } from './source.ts';

/** Milliseconds after which nothing more is expected: a Function is stopped at ten seconds. */
const LIMIT_MS = 12_000;

const PROTOCOL = '2025-11-25';

/**
 * The server itself, on the page's own origin.
 * @param token gives the bearer token of now.
 */
export function createFetchSource(token: () => string, endpoint = '/mcp'): Source {
  let id = 0;

  async function ask(method: string, params: Record<string, unknown>): Promise<unknown> {
    id += 1;
    let response: Response;
    try {
      response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          Accept: 'application/json',
          'MCP-Protocol-Version': PROTOCOL,
          Authorization: `Bearer ${token()}`,
        },
        body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
        signal: AbortSignal.timeout(LIMIT_MS),
      });
    } catch {
      throw new SourceError('offline');
    }
    const { status } = response;
    if (status === 401) throw new SourceError('expired');
    if (status === 403) throw new SourceError('forbidden');
    if (status === 429 || status === 503) {
      const seconds = Number(response.headers.get('Retry-After') ?? 0);
      throw new SourceError('busy', { retryAfter: seconds > 0 ? seconds * 1000 : 0 });
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (!isRecord(answer)) throw new SourceError('offline');
    if (isRecord(answer.error)) {
      if (status >= 500) throw new SourceError('offline');
      throw new SourceError('refused', { code: String(answer.error.code ?? 'UNKNOWN') });
    }
    return answer.result;
  }

  return {
    call: async (name, args) => contentOf(await ask('tools/call', { name, arguments: args })),
    read: async (uri) => textOf(await ask('resources/read', { uri })),
    tell: () => undefined,
  };
}
