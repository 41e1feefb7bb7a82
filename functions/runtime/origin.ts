import type { Config } from './config.ts';
import type { Headers } from './http.ts';

type OwnAddresses = Pick<Config, 'publicUrl' | 'DOMAIN_NAME' | 'ALLOWED_ORIGINS'>;

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Whether a request may come from where it says: no Origin, or ours, or one that is listed; a Host, where it can
 * be seen (deployed Functions hide it), that is ours. Stops pages that reach a local server by DNS rebinding
 * (MCP, Streamable HTTP, "Security Warning").
 */
export function isAllowedOrigin(
  headers: Headers,
  { publicUrl, DOMAIN_NAME, ALLOWED_ORIGINS }: OwnAddresses,
): boolean {
  const ours = [new URL(publicUrl), ...(DOMAIN_NAME ? [new URL(`https://${DOMAIN_NAME}`)] : [])];
  const isLocal = ours.some(({ hostname }) => LOOPBACK.includes(hostname));
  const { origin, host } = headers;
  if (host !== undefined) {
    const own = ours.some((url) => url.host === host) || LOOPBACK.includes(hostnameOf(`http://${host}`));
    if (!own) return false;
  }
  if (origin === undefined) return true;
  if (ours.some((url) => url.origin === origin) || ALLOWED_ORIGINS.includes(origin)) return true;
  return isLocal && LOOPBACK.includes(hostnameOf(origin));
}

/**
 * What lets a page of an allowed origin read an answer, errors too (Fetch, "CORS protocol"); pages of others get nothing.
 * The preflight before it is answered by the platform, with `*` for origins and headers
 * (https://www.twilio.com/docs/serverless/functions-assets/functions/headers-and-cookies).
 */
export function corsHeaders(headers: Headers, addresses: OwnAddresses): Headers {
  const { origin } = headers;
  // Answers differ by origin, so that a cache must not give one origin's to another.
  if (origin === undefined || !isAllowedOrigin(headers, addresses)) return { Vary: 'Origin' };
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'WWW-Authenticate',
  };
}

function hostnameOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
