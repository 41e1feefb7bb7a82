import { secureUrl } from './parsers.ts';

/** Milliseconds that one request to the issuer may take. */
export const ISSUER_MS = 3_000;
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

const kept = new Map<string, { metadata: IssuerMetadata; until: number }>();

/**
 * The metadata of an issuer, from one of two places (RFC 8414, section 3; OpenID Connect Discovery).
 * @returns undefined where it could not be fetched.
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
  const found = await Promise.all(places.map(fetchMetadata));
  // The issuer must be the one that was asked for (RFC 8414, section 3.3).
  const metadata = found.find((candidate) => candidate?.issuer === issuer);
  if (metadata) kept.set(issuer, { metadata, until: Date.now() + ISSUER_KEPT_MS });
  return metadata;
}

async function fetchMetadata(url: string): Promise<IssuerMetadata | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ISSUER_MS), redirect: 'error' });
    const given = (await response.json()) as Record<string, unknown>;
    const { issuer, jwks_uri: keysUrl } = given;
    if (typeof issuer !== 'string' || typeof keysUrl !== 'string' || !URL.canParse(keysUrl)) return undefined;
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
