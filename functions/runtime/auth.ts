import { type BearerTokens, findPrincipal } from './bearer-tokens.ts';
import type { Config } from './config.ts';
import { type Headers, type HttpResponse, refusal } from './http.ts';
import { IssuerUnavailable, isJwt, verifyAccessToken } from './oauth.ts';
import { OWN_SCOPES, type Principal, SCOPES, type Scope } from './scopes.ts';

/** The endpoint that credentials are for, and where its metadata is (RFC 9728, section 3.1). */
export const MCP_PATH = '/mcp';
export const METADATA_PATH = '/.well-known/oauth-protected-resource';

type AuthConfig = Pick<Config, 'publicUrl' | 'OAUTH_ISSUER' | 'OAUTH_AUDIENCE'> & { tokens: BearerTokens };

export type Authentication = { principal: Principal } | { refused: HttpResponse; code: string };

/**
 * Finds out who sends a request: a bearer token of ours, or an access token of the configured issuer. Nothing
 * configured means closed.
 */
export async function authenticate(
  headers: Headers,
  config: AuthConfig,
  now: number,
): Promise<Authentication> {
  const { tokens, OAUTH_ISSUER: issuer } = config;
  if (tokens.entries.length === 0 && !issuer) {
    return unauthorized(
      config,
      'NOT_CONFIGURED',
      'No credential is configured, so nobody is let in: set MCP_TOKENS.',
    );
  }
  const { authorization } = headers;
  if (!authorization)
    return unauthorized(config, 'UNAUTHORIZED', 'Send the header Authorization: Bearer <token>.');
  const invalid = (message: string) => unauthorized(config, 'UNAUTHORIZED', message, 'invalid_token');
  const token = /^Bearer +([^\s,]+) *$/i.exec(authorization)?.[1];
  if (!token) return invalid('The Authorization header is not a bearer token.');
  const own = findPrincipal(tokens, token, now);
  if (own === 'expired') return invalid('The token has expired.');
  if (own) return { principal: own };
  if (!issuer || !isJwt(token)) return invalid('The token is not valid.');
  try {
    const principal = await verifyAccessToken(token, { issuer, audience: audienceOf(config) });
    return principal ? { principal } : invalid('The token is not valid or has expired.');
  } catch (error) {
    if (!(error instanceof IssuerUnavailable)) throw error;
    // Not 401: that would send clients to log in again, which could not help.
    const message = 'The issuer cannot be asked about the token. Try again.';
    return {
      refused: refusal(503, 'ISSUER_UNAVAILABLE', message, { 'Retry-After': '5' }),
      code: 'ISSUER_UNAVAILABLE',
    };
  }
}

/**
 * The refusal of a request that needs a scope which its credential lacks; a client can ask its user for it (RFC
 * 6750, section 3.1).
 * @param held what the credential may do already. The challenge names it too: the token that a client gets takes
 * the place of its old one (MCP 2025-11-25, "Scope Challenge Handling").
 */
export function insufficientScope(
  config: AuthConfig,
  missing: Scope,
  held: readonly Scope[] = [],
): HttpResponse {
  const scopes = SCOPES.filter((scope) => scope === missing || held.includes(scope)).join(' ');
  return refusal(403, 'INSUFFICIENT_SCOPE', `This needs the scope ${missing}.`, {
    'WWW-Authenticate': challenge(config, scopes, 'insufficient_scope'),
  });
}

/** The URL of the MCP endpoint, which is the resource that access tokens are for (RFC 8707). */
export function resourceUrl({ publicUrl }: Pick<Config, 'publicUrl'>): string {
  return `${publicUrl}${MCP_PATH}`;
}

function audienceOf(config: AuthConfig): string[] {
  return config.OAUTH_AUDIENCE.length > 0 ? config.OAUTH_AUDIENCE : [resourceUrl(config)];
}

function unauthorized(config: AuthConfig, code: string, message: string, error?: string): Authentication {
  // Clients ask their user for what is named here: nobody becomes a supervisor by the way.
  const headers = { 'WWW-Authenticate': challenge(config, OWN_SCOPES.join(' '), error) };
  return { refused: refusal(401, code, message, headers), code };
}

/** Names the metadata only where there is an issuer: some clients drop their configured header once a server offers OAuth. */
function challenge({ publicUrl, OAUTH_ISSUER }: AuthConfig, scope: string, error?: string): string {
  const parameters = {
    realm: 'agent-payments',
    ...(error && { error }),
    scope,
    ...(OAUTH_ISSUER && { resource_metadata: `${publicUrl}${METADATA_PATH}${MCP_PATH}` }),
  };
  return `Bearer ${Object.entries(parameters)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`;
}
