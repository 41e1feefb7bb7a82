import { createHash } from 'node:crypto';
import { askIssuer, ISSUER_KEPT_MS, ISSUER_MS, issuerMetadata, leaveAlone } from './issuer.ts';
import type * as Jose from './jwt.ts';
import { type Principal, SCOPES } from './scopes.ts';

/** Signature algorithms that are accepted: asymmetric ones alone. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'];
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
const keysOf = new Map<string, { keys: Promise<Keys>; until: number }>();

/** Whether a bearer token has the form of a JWT. */
export function isJwt(token: string): boolean {
  return token.split('.').length === 3;
}

/**
 * Checks an access token of the issuer: signature, algorithm, issuer, audience, expiry (RFC 9068; MCP
 * authorization, "Token Handling").
 * A token of another issuer, or of nobody, is refused without asking anybody.
 * @returns undefined where the token is not valid.
 * @throws IssuerUnavailable where the issuer's keys can't be fetched.
 */
export async function verifyAccessToken(
  token: string,
  { issuer, audience }: OAuthSettings,
): Promise<Principal | undefined> {
  const jose = await import('./jwt.ts');
  if (issuerOf(jose, token) !== issuer) return undefined;
  try {
    const keys = await issuerKeys(jose, issuer);
    const { payload } = await jose.jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp'],
    });
    return principalOf(payload);
  } catch (error) {
    if (!isUnavailable(jose, error)) return undefined;
    leaveAlone(issuer);
    throw new IssuerUnavailable('The keys of the issuer could not be fetched.');
  }
}

/** The issuer that a token says it is of, before anything of it is checked. */
function issuerOf(jose: typeof Jose, token: string): unknown {
  try {
    return jose.decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** The keys of the issuer, which requests at the same moment ask for together. */
function issuerKeys(jose: typeof Jose, issuer: string): Promise<Keys> {
  const known = keysOf.get(issuer);
  if (known && Date.now() < known.until) return known.keys;
  const keys = fetchKeys(jose, issuer);
  keysOf.set(issuer, { keys, until: Date.now() + ISSUER_KEPT_MS });
  keys.catch(() => keysOf.delete(issuer));
  return keys;
}

async function fetchKeys(jose: typeof Jose, issuer: string): Promise<Keys> {
  const metadata = await issuerMetadata(issuer);
  if (!metadata) throw new IssuerUnavailable('The metadata of the issuer could not be fetched.');
  return jose.createRemoteJWKSet(new URL(metadata.keysUrl), {
    timeoutDuration: ISSUER_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: ISSUER_KEPT_MS,
    [jose.customFetch]: (url, options) => askIssuer(issuer, url, options as RequestInit),
  });
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

/** What may stand in a name as it is. */
const PLAIN = /^[\w.@|:/+-]{1,64}$/;

/**
 * The person of a token, whichever program they use; without one the program itself (RFC 9068, section 2.2; `azp` with
 * OpenID Connect). The name says whose a payment is, so that no two of them share it. Undefined if the token names nobody.
 */
function principalOf(payload: Jose.JWTPayload): Principal | undefined {
  const { sub, client_id, azp } = payload;
  const person = nameOf(sub);
  const program = nameOf(client_id) ?? nameOf(azp);
  const scopes = scopesOf(payload);
  if (person) return { client: `oauth:${person}`, ...(program && { clientId: program }), scopes };
  return program ? { client: `oauth-client:${program}`, clientId: program, scopes } : undefined;
}

/** A claim as it is, or its digest where it is long or odd; undefined if it names nobody. */
function nameOf(claim: unknown): string | undefined {
  if (typeof claim !== 'string' || claim === '') return undefined;
  return PLAIN.test(claim) ? claim : `#${createHash('sha256').update(claim).digest('base64url')}`;
}
