import type * as Jose from './jwt.ts';
import { type Principal, SCOPES } from './scopes.ts';

/** Signature algorithms that are accepted: asymmetric ones alone. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
/** Milliseconds that one request to the issuer may take. */
const ISSUER_MS = 3_000;
/** Milliseconds for which the issuer's metadata and keys are kept in an instance. */
const KEYS_MS = 10 * 60_000;
/** Milliseconds between two requests for keys when tokens name unknown ones. */
const COOLDOWN_MS = 30_000;
const CLOCK_TOLERANCE_SECONDS = 5;

export interface OAuthSettings {
  issuer: string;
  /** What the token must have been issued for: by default the URL of the MCP endpoint. */
  audience: string[];
}

/** The issuer could not be asked: nothing is known about the token. */
export class IssuerUnavailable extends Error {
  override readonly name = 'IssuerUnavailable';
}

type Keys = ReturnType<typeof Jose.createRemoteJWKSet>;

/** Kept while the instance lives: keys change rarely, and cold starts are slow enough. */
const keysOf = new Map<string, { keys: Keys; until: number }>();

/** Whether a bearer token has the form of a JWT. */
export function isJwt(token: string): boolean {
  return token.split('.').length === 3;
}

/**
 * Checks an access token of the issuer: signature, algorithm, issuer, audience, expiry (RFC 9068; MCP
 * authorization, "Token Handling").
 * @returns undefined where the token is not valid.
 * @throws IssuerUnavailable where the issuer's keys can't be fetched.
 */
export async function verifyAccessToken(
  token: string,
  { issuer, audience }: OAuthSettings,
): Promise<Principal | undefined> {
  const jose = await import('./jwt.ts');
  const keys = await issuerKeys(jose, issuer);
  try {
    const { payload } = await jose.jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp'],
    });
    return { client: clientOf(payload), scopes: scopesOf(payload) };
  } catch (error) {
    if (isUnavailable(jose, error))
      throw new IssuerUnavailable('The keys of the issuer could not be fetched.');
    return undefined;
  }
}

async function issuerKeys(jose: typeof Jose, issuer: string): Promise<Keys> {
  const known = keysOf.get(issuer);
  if (known && Date.now() < known.until) return known.keys;
  const keys = jose.createRemoteJWKSet(await keysUrl(issuer), {
    timeoutDuration: ISSUER_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: KEYS_MS,
  });
  keysOf.set(issuer, { keys, until: Date.now() + KEYS_MS });
  return keys;
}

/** Where the issuer publishes its keys: its metadata says so, at one of two places (RFC 8414, section 3; OpenID Connect Discovery). */
async function keysUrl(issuer: string): Promise<URL> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const places = [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
  const found = await Promise.all(places.map(fetchMetadata));
  // The issuer must be the one that was asked for (RFC 8414, section 3.3).
  const metadata = found.find((candidate) => candidate?.issuer === issuer);
  if (!metadata) throw new IssuerUnavailable('The metadata of the issuer could not be fetched.');
  return new URL(metadata.jwks_uri);
}

async function fetchMetadata(url: string): Promise<{ issuer: string; jwks_uri: string } | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ISSUER_MS), redirect: 'error' });
    const { issuer, jwks_uri } = (await response.json()) as Record<string, unknown>;
    if (typeof issuer !== 'string' || typeof jwks_uri !== 'string' || !URL.canParse(jwks_uri))
      return undefined;
    return { issuer, jwks_uri };
  } catch {
    return undefined;
  }
}

/** Whether verifying failed for want of keys, not because of the token. */
function isUnavailable(jose: typeof Jose, error: unknown): boolean {
  if (!(error instanceof jose.errors.JOSEError)) return true;
  return ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'].includes(error.code);
}

/** Scopes as issuers name them: `scope` (a string), `scp` (a string or a list), `permissions` (a list). */
function scopesOf({ scope, scp, permissions }: Jose.JWTPayload) {
  const granted = [scope, scp, permissions]
    .flat()
    .flatMap((value) => (typeof value === 'string' ? value.split(' ') : []));
  return SCOPES.filter((name) => granted.includes(name));
}

function clientOf({ client_id, azp, sub }: Jose.JWTPayload): string {
  const name = [client_id, azp, sub].find((value) => typeof value === 'string' && value !== '');
  return `oauth:${String(name ?? '')
    .replace(/[^\w.@|:/-]/g, '')
    .slice(0, 64)}`;
}
