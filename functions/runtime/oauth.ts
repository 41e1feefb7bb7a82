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
    const client = clientOf(payload);
    return client === undefined ? undefined : { client, scopes: scopesOf(payload) };
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

/** How long a subject may be that names its client as it is. */
const PLAIN_SUBJECT = /^[\w.@|:/+-]{1,64}$/;

/**
 * The person of a token, whichever program they use; without one the program itself. The name says whose a payment is, so
 * that no two of them share it. Undefined if the token names nobody.
 */
function clientOf({ sub, client_id, azp }: Jose.JWTPayload): string | undefined {
  const names = [
    ['oauth', sub],
    ['oauth-client', client_id],
    ['oauth-client', azp],
  ] as const;
  for (const [kind, name] of names) {
    if (typeof name !== 'string' || name === '') continue;
    const digest = () => createHash('sha256').update(name).digest('base64url');
    return `${kind}:${PLAIN_SUBJECT.test(name) ? name : `#${digest()}`}`;
  }
  return undefined;
}
