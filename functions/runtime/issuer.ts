import { secureUrl } from './parsers.ts';

/** Milliseconds that its metadata may take, or its keys. */
export const ISSUER_MS = 3_000;
/** Milliseconds for which an issuer that could not be asked is left alone. */
const PAUSE_MS = 5_000;
/** Milliseconds for which the issuer's metadata and keys are kept in an instance. */
export const ISSUER_KEPT_MS = 10 * 60_000;

/** What an issuer publishes of itself, as far as it is used; an endpoint that it does not have is empty. */
export interface IssuerMetadata {
  issuer: string;
  keysUrl: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  /** Whether it names itself in its answers to the browser (RFC 9207). */
  isNamed: boolean;
}

/** Kept while the instance lives: they change rarely, and cold starts are slow enough. */
const kept = new Map<string, { metadata: IssuerMetadata; until: number }>();

/** Until when (epoch milliseconds) an issuer that could not be asked is left alone. */
const pausedUntil = new Map<string, number>();

/** Leaves an issuer alone for a while that could not be asked. */
export function leaveAlone(issuer: string): void {
  if (!isLeftAlone(issuer)) pausedUntil.set(issuer, Date.now() + PAUSE_MS);
}

function isLeftAlone(issuer: string): boolean {
  return Date.now() < (pausedUntil.get(issuer) ?? 0);
}

/** Asks an issuer. Rejects if it could not be asked a moment ago. */
export async function askIssuer(issuer: string, url: string, options: RequestInit): Promise<Response> {
  if (isLeftAlone(issuer)) throw new Error('The issuer could not be asked a moment ago.');
  return fetch(url, options);
}

/**
 * The metadata of an issuer, from one of two places (RFC 8414, section 3; OpenID Connect Discovery).
 * @returns undefined if it could not be fetched; the issuer is left alone for a while then.
 */
export async function issuerMetadata(issuer: string): Promise<IssuerMetadata | undefined> {
  const known = kept.get(issuer);
  if (known && Date.now() < known.until) return known.metadata;
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const places = [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
  // Both have the time of one.
  const signal = AbortSignal.timeout(ISSUER_MS);
  for (const place of places) {
    const metadata = await fetchMetadata(issuer, place, signal);
    if (!metadata) continue;
    kept.set(issuer, { metadata, until: Date.now() + ISSUER_KEPT_MS });
    return metadata;
  }
  leaveAlone(issuer);
  return undefined;
}

async function fetchMetadata(
  issuer: string,
  url: string,
  signal: AbortSignal,
): Promise<IssuerMetadata | undefined> {
  try {
    const response = await askIssuer(issuer, url, { signal, redirect: 'error' });
    const given = (await response.json()) as Record<string, unknown>;
    const { jwks_uri: keysUrl } = given;
    // The issuer must be the one that was asked for (RFC 8414, section 3.3).
    if (given.issuer !== issuer || typeof keysUrl !== 'string' || !URL.canParse(keysUrl)) return undefined;
    return {
      issuer,
      keysUrl,
      authorizationEndpoint: endpointOf(given.authorization_endpoint),
      tokenEndpoint: endpointOf(given.token_endpoint),
      isNamed: given.authorization_response_iss_parameter_supported === true,
    };
  } catch {
    return undefined;
  }
}

/** The URL of an endpoint without its fragment; empty if it is no secure URL. */
function endpointOf(given: unknown): string {
  const text = typeof given === 'string' && secureUrl(given);
  if (!text) return '';
  const url = new URL(text);
  url.hash = '';
  return url.href;
}
