/**
 * An OAuth issuer as a process of its own: `oidc-provider` with dynamic client registration, PKCE, and access
 * tokens that are JWTs for the resource that was asked for. Whoever comes is logged in and consents to as many
 * scopes as their `x-consent` header names. Prints its URL as a line of JSON.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

const SCOPES = ['payments:read', 'payments:write', 'payments:charge'];
const { ISSUER_KEYS = '[]', ISSUER_CLIENT_SECRET = '' } = process.env;

/** The paths that were asked for, in order. */
const paths: string[] = [];

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/requested-paths') {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(paths));
    return;
  }
  paths.push(pathname);
  if (pathname.startsWith('/interaction/')) {
    agree(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
    return;
  }
  serve(request, response);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const provider = new Provider(url, {
  jwks: { keys: JSON.parse(ISSUER_KEYS) as unknown[] },
  clients: [
    {
      client_id: 'robot',
      client_secret: ISSUER_CLIENT_SECRET,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    },
  ],
  scopes: ['openid', ...SCOPES],
  pkce: { required: () => true },
  // The desk is a page of another origin.
  clientBasedCORS: () => true,
  cookies: { keys: ['only-for-tests'] },
  findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
  interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    registration: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_: unknown, __: unknown, oneOf: string | undefined) => oneOf,
      getResourceServerInfo: (_: unknown, resource: string) => ({
        scope: SCOPES.join(' '),
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 3_600,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
});
const serve = provider.callback();
console.log(JSON.stringify({ url }));

/** What a person would click through. */
async function agree(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: 'agent@example.com' } });
  }
  const of = { accountId: session?.accountId ?? '', clientId: params.client_id };
  const grant = (grantId && (await provider.Grant.find(grantId))) || new provider.Grant(of);
  const agreed = String(request.headers['x-consent'] ?? '').split(' ');
  for (const [resource, scopes] of Object.entries(prompt.details.missingResourceScopes ?? {})) {
    const [yes, no] = [true, false].map((wanted) =>
      scopes.filter((scope) => agreed.includes(scope) === wanted).join(' '),
    );
    if (yes) grant.addResourceScope(resource, yes);
    if (no) grant.rejectResourceScope(resource, no);
  }
  // The package knows scopes that clients register as its own, beside those of the resource.
  grant.addOIDCScope(SCOPES.join(' '));
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
}
