import { REQUEST_MS } from './check.ts';

/** An answer of the deployed service, or why there is none. */
export type Answer = { status: number; challenge: string; body: unknown; code: string } | { problem: string };

/** Asks once, without following redirects: a token must not travel on. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const body = parse(await response.text());
    const challenge = response.headers.get('www-authenticate') ?? '';
    return { status: response.status, challenge, body, code: codeOf(body) };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/** The code of one of our refusals; empty for any other answer. */
function codeOf(body: unknown): string {
  const { error } = Object(body) as { error?: unknown };
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const NETWORK: Record<string, string> = {
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host could not be looked up',
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
};

function problemOf(error: unknown): string {
  const { name, cause } = error as { name?: unknown; cause?: unknown };
  if (name === 'TimeoutError') return `it did not answer within ${REQUEST_MS / 1000} s`;
  const { code } = Object(cause) as { code?: unknown };
  if (typeof code !== 'string') return 'it cannot be reached';
  return NETWORK[code] ?? `it cannot be reached (${code})`;
}
