import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { importJWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { auditOf } from '../host/clients.ts';
import { connect, type Stage, TOKEN, VISA } from '../host/connect.ts';
import { captureAll, settledStatus, start } from '../host/payment.ts';
import { type RawAnswer, rawAgent } from '../host/raw.ts';
import { challengeOf, codeOf } from './challenge.ts';
import { type Issuer, newKey, type SigningKey, startIssuer } from './issuer.ts';
import { oauthClient } from './oauth-client.ts';

const ALL_SCOPES = 'payments:read payments:write payments:charge';
const INSTALLED_AT = '/.well-known/oauth-protected-resource';

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

interface SecuredStage extends Stage {
  mcpUrl: string;
}

/** A stage that takes the issuer's tokens beside its own. */
async function secured(variables: Record<string, string> = {}): Promise<SecuredStage> {
  const stage = await connect({ variables: { OAUTH_ISSUER: issuer.url, ...variables } });
  return { ...stage, mcpUrl: `${stage.host.url}/mcp` };
}

function ask(stage: Stage, token: string, method = 'tools/list', params: unknown = {}): Promise<RawAnswer> {
  return rawAgent(stage).rpc(method, params, { authorization: `Bearer ${token}` });
}

async function get(url: string) {
  const response = await fetch(url);
  const json = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, json };
}

describe('what a client can find out', () => {
  test('with an issuer: the metadata of the resource at both places, and where it is in each refusal', async () => {
    const stage = await secured();
    for (const path of ['/mcp', '']) {
      const { status, headers, json } = await get(`${stage.host.url}${INSTALLED_AT}${path}`);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(headers.get('vary')).toBe('Origin');
      expect(json).toEqual({
        resource: stage.mcpUrl,
        authorization_servers: [issuer.url],
        scopes_supported: [...ALL_SCOPES.split(' '), 'payments:any'],
        bearer_methods_supported: ['header'],
        resource_name: expect.stringMatching(/\w/),
      });
    }
    for (const authorization of ['', 'Bearer wrong', 'Bearer a.b.c']) {
      const answer = await rawAgent(stage).rpc('tools/list', {}, { authorization });
      expect(answer.status).toBe(401);
      const { resource_metadata: place, scope } = challengeOf(answer);
      expect(place).toBe(`${stage.host.url}${INSTALLED_AT}/mcp`);
      expect(scope).toBe(ALL_SCOPES);
    }
  });

  test('the metadata names the address that the service is reached at', async () => {
    const stage = await secured({ PUBLIC_URL: 'https://pay.example.com' });
    const { json } = await get(`${stage.host.url}${INSTALLED_AT}/mcp`);
    expect(json.resource).toBe('https://pay.example.com/mcp');
  });

  test('without an issuer: nothing of OAuth, which would make clients drop their own header', async () => {
    const stage = await connect();
    for (const path of ['/mcp', '']) {
      const { status, headers, json } = await get(`${stage.host.url}${INSTALLED_AT}${path}`);
      expect(status).toBe(404);
      expect(headers.get('content-type')).toMatch(/^application\/json/);
      expect(json).toEqual({ error: { code: 'NOT_FOUND', message: expect.any(String) } });
    }
    expect(challengeOf(await ask(stage, 'wrong'))).not.toHaveProperty('resource_metadata');
    const token = await issuer.accessToken(`${stage.host.url}/mcp`, ALL_SCOPES);
    expect((await ask(stage, token)).status).toBe(401);
  });
});

describe('a client that knows only the URL', () => {
  test('finds the issuer, registers, is authorized by its user, and takes a payment', async () => {
    const stage = await secured();
    delete stage.variables.MCP_AUTH_TOKEN;
    const before = (await issuer.requestedPaths()).length;
    const visitor = oauthClient(stage.mcpUrl);
    await expect(visitor.connect()).rejects.toThrow(UnauthorizedError);
    const asked = visitor.authorizationUrl().searchParams;
    expect(asked.get('resource')).toBe(stage.mcpUrl);
    expect(asked.get('scope')).toBe(ALL_SCOPES);
    expect(asked.get('code_challenge_method')).toBe('S256');
    await visitor.consent(ALL_SCOPES);
    await visitor.connect();
    const paths = (await issuer.requestedPaths()).slice(before);
    expect(paths).toEqual(expect.arrayContaining(['/reg', '/auth', '/token', '/jwks']));

    const agent = stage.agentOf(visitor.client);
    const own = { ...stage, agent };
    const sids = await start(own);
    await captureAll(own, sids);
    await agent.call('completePaymentCapture', sids);
    expect(await settledStatus(own, sids)).toMatchObject({ phase: 'completed', result: 'success' });
    expect(stage.simulator.charges).toHaveLength(1);
    const written = stage.everythingWritten();
    expect(written).not.toContain(VISA);
    expect(written).not.toContain(visitor.accessToken());
    expect(written).not.toContain(visitor.accessToken().split('.')[2]);
    const who = auditOf(stage).map(({ action, client, clientId }) => [action, client, clientId]);
    const program = expect.stringMatching(/^[\w-]{10,}$/);
    // Twilio's callback tells the result: by then nobody knows the program.
    expect(who).toEqual([
      ['start', 'oauth:agent@example.com', program],
      ['complete', 'oauth:agent@example.com', program],
      ['result', 'oauth:agent@example.com', undefined],
    ]);
  });

  /** A payment that is ready, by a client whose user has not consented to charging and is then asked for it. */
  async function stepUp() {
    const stage = await secured();
    const visitor = oauthClient(stage.mcpUrl);
    await expect(visitor.connect()).rejects.toThrow(UnauthorizedError);
    await visitor.consent('payments:read payments:write');
    await visitor.connect();
    const agent = stage.agentOf(visitor.client);
    const own = { ...stage, agent };
    const sids = await start(own);
    await captureAll(own, sids);
    const complete = () => agent.call('completePaymentCapture', sids);
    await expect(complete()).rejects.toThrow(UnauthorizedError);
    return { stage: own, visitor, sids, complete };
  }

  test('asks its user for more when a step needs more, and goes on', async () => {
    const { stage, visitor, complete } = await stepUp();
    expect(stage.simulator.charges).toEqual([]);
    expect(visitor.authorizationUrl().searchParams.get('scope')?.split(' ')).toContain('payments:charge');
    await visitor.consent(ALL_SCOPES);
    await visitor.connect();
    await complete();
    await stage.simulator.settled();
    expect(stage.simulator.charges).toHaveLength(1);
  });

  test('can still do what it could before, with the token that it got for more', async () => {
    const { stage, visitor, sids, complete } = await stepUp();
    await visitor.consent(ALL_SCOPES);
    await visitor.connect();
    await complete();
    expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
  });
});

describe('an access token of the issuer', () => {
  test.each([
    ['payments:read', ['getPaymentStatus']],
    ['payments:charge', ['completePaymentCapture']],
    ['payments:read payments:charge', ['getPaymentStatus', 'completePaymentCapture']],
  ])('with %s goes as far as its scopes', async (scope, tools) => {
    const stage = await secured();
    const token = await issuer.accessToken(stage.mcpUrl, scope);
    const { json } = await ask(stage, token);
    expect((json as { result: { tools: { name: string }[] } }).result.tools.map(({ name }) => name)).toEqual(
      tools,
    );
  });

  test.each([
    ['startPaymentCapture', 'payments:write'],
    ['captureCardNumber', 'payments:write'],
    ['cancelPaymentCapture', 'payments:write'],
    ['completePaymentCapture', 'payments:charge'],
  ])('that lacks the scope of %s is told which one to ask for, and where', async (name, scope) => {
    const stage = await secured();
    const sids = await start(stage);
    await stage.simulator.settled();
    const before = stage.simulator.requests.length;
    const token = await issuer.accessToken(stage.mcpUrl, 'payments:read');
    const args = name === 'startPaymentCapture' ? { callSid: stage.call.sid } : sids;
    const answer = await ask(stage, token, 'tools/call', { name, arguments: args });
    expect(answer.status).toBe(403);
    expect(codeOf(answer)).toBe('INSUFFICIENT_SCOPE');
    expect(challengeOf(answer)).toEqual({
      realm: 'agent-payments',
      error: 'insufficient_scope',
      scope: expect.stringContaining(scope),
      resource_metadata: `${stage.host.url}${INSTALLED_AT}/mcp`,
    });
    expect(stage.simulator.requests.slice(before)).toEqual([]);
  });

  test('is not needed where a bearer token is sent, and is logged by the name of its client', async () => {
    const stage = await secured();
    expect((await ask(stage, TOKEN)).status).toBe(200);
    const token = await issuer.accessToken(stage.mcpUrl, 'payments:read');
    await ask(stage, token);
    const line = stage.host.logs.findLast((text) => text.includes('"event":"request"')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ client: 'oauth:robot', status: 200 });
    expect(stage.host.logs.join('\n')).not.toContain(token);
  });

  test('is taken for the audiences that OAUTH_AUDIENCE lists, and then for no others', async () => {
    const stage = await secured({ OAUTH_AUDIENCE: 'https://api.example.com https://other.example.com/mcp' });
    const statuses = [];
    for (const resource of ['https://api.example.com', 'https://other.example.com/mcp', stage.mcpUrl]) {
      const token = await issuer.accessToken(resource, 'payments:read');
      statuses.push((await ask(stage, token)).status);
    }
    expect(statuses).toEqual([200, 200, 401]);
  });
});

/** A token as the issuer could have made it, but for what a test changes. */
interface Forgery {
  claims?: JWTPayload;
  header?: Partial<JWTHeaderParameters>;
  key?: Omit<SigningKey, 'publicJwk'>;
  without?: string;
}

async function forge(resource: string, { claims = {}, header = {}, key, without = '' }: Forgery = {}) {
  const { privateJwk, kid, alg } = key ?? issuer.keys.RS256;
  const now = Math.floor(Date.now() / 1000);
  const payload: JWTPayload = {
    iss: issuer.url,
    aud: resource,
    sub: 'agent@example.com',
    client_id: 'agent',
    scope: ALL_SCOPES,
    iat: now,
    exp: now + 600,
    ...claims,
  };
  delete payload[without];
  return new SignJWT(payload)
    .setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header })
    .sign(await importJWK(privateJwk, alg));
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** The parts of a token, with other content in its header or payload and the signature left as it was. */
function tampered(token: string, header: object, payload: object): string {
  const [first = '', second = '', signature] = token.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
  return [
    base64url({ ...read(first), ...header }),
    base64url({ ...read(second), ...payload }),
    signature,
  ].join('.');
}

/** A token that is signed with a secret, which is something public: the old trick with the issuer's own key. */
function signedWithSecret(token: string, secret: string): string {
  const [first = '', second = ''] = tampered(token, { alg: 'HS256' }, {}).split('.');
  const signature = createHmac('sha256', secret).update(`${first}.${second}`).digest('base64url');
  return `${first}.${second}.${signature}`;
}

const SECOND = 1_000;
const now = () => Math.floor(Date.now() / SECOND);

describe('the log says who asks with a token:', () => {
  const digest = (text: string) => `#${createHash('sha256').update(text).digest('base64url')}`;
  const long = 'x'.repeat(65);
  const odd = 'a "b"\n4242';
  test.each<[string, Forgery, { client: string; clientId?: string }]>([
    ['the person and the program', {}, { client: 'oauth:agent@example.com', clientId: 'agent' }],
    [
      'the program as OpenID Connect names it',
      { claims: { azp: 'https://desk.example.com/desk-client' }, without: 'client_id' },
      { client: 'oauth:agent@example.com', clientId: 'https://desk.example.com/desk-client' },
    ],
    ['the person alone', { without: 'client_id' }, { client: 'oauth:agent@example.com' }],
    ['the program alone', { without: 'sub' }, { client: 'oauth-client:agent', clientId: 'agent' }],
    [
      'what is long or odd by its digest',
      { claims: { sub: odd, client_id: long } },
      { client: `oauth:${digest(odd)}`, clientId: digest(long) },
    ],
  ])('%s', async (_, forgery, who) => {
    const stage = await secured();
    await ask(stage, await forge(stage.mcpUrl, forgery));
    const line = stage.host.logs.findLast((text) => text.includes('"event":"request"')) ?? '{}';
    const { client, clientId } = JSON.parse(line) as { client: string; clientId?: string };
    expect({ client, ...(clientId !== undefined && { clientId }) }).toEqual(who);
  });

  test('and a token that names neither is refused', async () => {
    const stage = await secured();
    const nobody = { claims: { sub: '' }, without: 'client_id' };
    expect((await ask(stage, await forge(stage.mcpUrl, nobody))).status).toBe(401);
  });
});

describe('a token is let in only as the issuer made it', () => {
  const good: [string, (resource: string) => Promise<string>][] = [
    ['made by the issuer', (resource) => issuer.accessToken(resource, ALL_SCOPES)],
    ['signed with RS256', (resource) => forge(resource)],
    ['signed with PS256', (resource) => forge(resource, { key: { ...issuer.keys.RS256, alg: 'PS256' } })],
    ['signed with ES256', (resource) => forge(resource, { key: issuer.keys.ES256 })],
    ['signed with EdDSA', (resource) => forge(resource, { key: issuer.keys.EdDSA })],
    ['for several audiences', (aud) => forge(aud, { claims: { aud: ['https://else.example', aud] } })],
    ['with scopes as scp', (aud) => forge(aud, { claims: { scp: ALL_SCOPES.split(' ') }, without: 'scope' })],
    [
      'with scopes as permissions',
      (aud) => forge(aud, { claims: { permissions: ALL_SCOPES.split(' ') }, without: 'scope' }),
    ],
    ['just expired by a clock that is a little ahead', (aud) => forge(aud, { claims: { exp: now() - 2 } })],
  ];
  const bad: [string, (resource: string) => Promise<string> | string][] = [
    ['for another audience', () => issuer.accessToken('https://other.example.com/mcp', ALL_SCOPES)],
    ['for the origin alone', (resource) => issuer.accessToken(new URL(resource).origin, ALL_SCOPES)],
    ['for a longer path', (resource) => issuer.accessToken(`${resource}/x`, ALL_SCOPES)],
    ['without an audience', (resource) => forge(resource, { without: 'aud' })],
    ['of another issuer', (resource) => forge(resource, { claims: { iss: 'https://issuer.example.com' } })],
    ['of almost the same issuer', (resource) => forge(resource, { claims: { iss: `${issuer.url}/` } })],
    ['without an issuer', (resource) => forge(resource, { without: 'iss' })],
    ['that has expired', (resource) => forge(resource, { claims: { exp: now() - 60 } })],
    ['that never expires', (resource) => forge(resource, { without: 'exp' })],
    ['that is not valid yet', (resource) => forge(resource, { claims: { nbf: now() + 600 } })],
    ['with alg none', async (resource) => `${tampered(await forge(resource), { alg: 'none' }, {})}`],
    [
      'with alg none and no signature',
      async (resource) => tampered(await forge(resource), { alg: 'none' }, {}).replace(/[^.]*$/, ''),
    ],
    [
      "signed with HS256 and the issuer's public key as PEM",
      async (resource) => signedWithSecret(await forge(resource), await publicPem()),
    ],
    [
      "signed with HS256 and the issuer's public key as JWK",
      async (resource) =>
        signedWithSecret(await forge(resource), JSON.stringify(issuer.keys.RS256.publicJwk)),
    ],
    [
      'signed with an algorithm that is not on the list',
      (resource) => forge(resource, { key: { ...issuer.keys.RS256, alg: 'RS512' } }),
    ],
    ['with an unknown kid', (resource) => forge(resource, { header: { kid: 'rsa-2' } })],
    [
      "with the kid of the issuer's key and another signature",
      async (resource) => forge(resource, { key: await newKey('elliptic', 'ES256') }),
    ],
    [
      'that brings its own key along',
      async (resource) => {
        const key = await newKey('mine', 'ES256');
        return forge(resource, { key, header: { jwk: key.publicJwk } });
      },
    ],
    [
      'that names its own place for keys',
      async (resource) => {
        const key = await newKey('mine', 'ES256');
        const url = await listen((_, response) => send(response, { keys: [key.publicJwk] }));
        return forge(resource, { key, header: { jku: `${url}/jwks`, x5u: `${url}/x5u` } });
      },
    ],
    ['with a critical header that nobody knows', (resource) => forgedCritical(resource)],
    [
      'with more scopes than were signed',
      async (resource) =>
        tampered(await issuer.accessToken(resource, 'payments:read'), {}, { scope: ALL_SCOPES }),
    ],
    [
      'with a later expiry than was signed',
      async (resource) =>
        tampered(await forge(resource, { claims: { exp: now() - 60 } }), {}, { exp: now() + 600 }),
    ],
    ['without its signature', async (resource) => (await forge(resource)).replace(/[^.]*$/, '')],
    ['with a signature that was cut', async (resource) => (await forge(resource)).slice(0, -4)],
    ['of three parts that mean nothing', () => 'a.b.c'],
    ['of three empty parts', () => '..'],
    ['of five parts', () => 'a.b.c.d.e'],
    ['that is opaque', () => 'Knesyd0A0nghmLelVcMcG5IAgTOHdqwqjI0ADQVAPuy4'],
  ];

  test.each(good)('%s: let in', async (_, make) => {
    const stage = await secured();
    const answer = await ask(stage, await make(stage.mcpUrl));
    expect(answer.status).toBe(200);
    expect((answer.json as { result: { tools: unknown[] } }).result.tools).toHaveLength(10);
  });

  test.each(bad)('%s: 401', async (_, make) => {
    const stage = await secured();
    const before = stage.simulator.requests.length;
    const token = await make(stage.mcpUrl);
    const answer = await ask(stage, token, 'tools/call', {
      name: 'startPaymentCapture',
      arguments: { callSid: stage.call.sid },
    });
    expect(answer.status).toBe(401);
    expect(codeOf(answer)).toBe('UNAUTHORIZED');
    expect(challengeOf(answer)).toEqual({
      realm: 'agent-payments',
      error: 'invalid_token',
      scope: ALL_SCOPES,
      resource_metadata: `${stage.host.url}${INSTALLED_AT}/mcp`,
    });
    expect(stage.simulator.requests.slice(before)).toEqual([]);
    if (token.length > 10) expect(stage.host.logs.join('\n')).not.toContain(token);
  });

  async function publicPem(): Promise<string> {
    const { createPublicKey } = await import('node:crypto');
    const { publicJwk } = issuer.keys.RS256;
    return createPublicKey({ key: publicJwk as Record<string, unknown>, format: 'jwk' })
      .export({ type: 'spki', format: 'pem' })
      .toString();
  }

  async function forgedCritical(resource: string): Promise<string> {
    const { privateJwk, kid, alg } = issuer.keys.RS256;
    return new SignJWT({ iss: issuer.url, aud: resource, scope: ALL_SCOPES, exp: now() + 600 })
      .setProtectedHeader({ alg, kid, crit: ['x-must'], 'x-must': true })
      .sign(await importJWK(privateJwk, alg), { crit: { 'x-must': true } });
  }
});

/** A server of a test's own on this machine. */
async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function send(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

describe('an issuer that cannot be asked', () => {
  interface Odd {
    metadata?: (url: string, response: ServerResponse) => void;
    keys?: (response: ServerResponse) => void;
  }
  const unreachable: [string, Odd][] = [
    ['its metadata fails', { metadata: (_, response) => send(response, {}, 500) }],
    ['its metadata is no JSON', { metadata: (_, response) => response.end('<html>') }],
    ['its metadata is empty', { metadata: (_, response) => send(response, null) }],
    [
      'its metadata is that of another',
      {
        metadata: (url, response) =>
          send(response, { issuer: 'https://else.example', jwks_uri: `${url}/jwks` }),
      },
    ],
    ['its metadata names no keys', { metadata: (url, response) => send(response, { issuer: url }) }],
    [
      'its metadata is somewhere else',
      { metadata: (url, response) => response.writeHead(302, { Location: `${url}/elsewhere` }).end() },
    ],
    ['its keys fail', { keys: (response) => send(response, {}, 502) }],
    ['its keys are no JSON', { keys: (response) => response.end('<html>') }],
    ['its keys are no JWKS', { keys: (response) => send(response, { keys: 'none' }) }],
    [
      'its keys are somewhere else',
      { keys: (response) => response.writeHead(301, { Location: '/x' }).end() },
    ],
    ['it hangs up', { keys: (response) => response.destroy() }],
    ['it does not answer in time', { keys: () => undefined }],
  ];

  /** How many requests such an issuer had. */
  let asked = 0;

  /** An issuer in this process; `odd` answers in place of what it should say. */
  function oddIssuer(odd: () => Odd): Promise<string> {
    return listen(({ url: path = '', headers }, response) => {
      asked += 1;
      const url = `http://${headers.host}`;
      const { metadata, keys } = odd();
      if (path === '/jwks') return keys ? keys(response) : send(response, { keys: publicJwks() });
      if (metadata && path !== '/elsewhere') return metadata(url, response);
      send(response, { issuer: url, jwks_uri: `${url}/jwks` });
    });
  }

  function publicJwks() {
    return Object.values(issuer.keys).map(({ publicJwk }) => publicJwk);
  }

  test.each(unreachable)(
    '%s: 503, not a new login; bearer tokens work, and all is well once it is',
    async (_, odd) => {
      let isWell = false;
      const url = await oddIssuer(() => (isWell ? {} : odd));
      const stage = await secured({ OAUTH_ISSUER: url });
      const token = await forge(stage.mcpUrl, { claims: { iss: url } });
      const before = stage.simulator.requests.length;
      const answer = await ask(stage, token);
      expect(answer.status).toBe(503);
      expect(codeOf(answer)).toBe('ISSUER_UNAVAILABLE');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(answer.headers.get('www-authenticate')).toBeNull();
      expect(answer.text).not.toContain(new URL(url).host);
      expect(stage.simulator.requests.slice(before)).toEqual([]);

      expect((await ask(stage, TOKEN)).status).toBe(200);
      expect((await ask(stage, 'opaque')).status).toBe(401);
      // Once in some seconds it is asked again, and not for each request.
      asked = 0;
      expect((await ask(stage, token)).status).toBe(503);
      expect(asked).toBe(0);
      isWell = true;
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * SECOND });
      onTestFinished(() => void vi.useRealTimers());
      expect((await ask(stage, token)).status).toBe(200);
    },
  );

  test('a token of another issuer asks nobody', async () => {
    const url = await oddIssuer(() => ({}));
    const stage = await secured({ OAUTH_ISSUER: url });
    asked = 0;
    for (const token of [await forge(stage.mcpUrl), 'a.b.c'])
      expect((await ask(stage, token)).status).toBe(401);
    expect(asked).toBe(0);
  });

  test('nobody listens: 503', async () => {
    const stage = await secured({ OAUTH_ISSUER: 'http://127.0.0.1:1' });
    const token = await forge(stage.mcpUrl, { claims: { iss: 'http://127.0.0.1:1' } });
    expect((await ask(stage, token)).status).toBe(503);
    expect((await ask(stage, TOKEN)).status).toBe(200);
  });
});

describe('the keys of the issuer are kept', () => {
  test('many requests ask for them once, and unknown keys do not make it more', async () => {
    const own = await startIssuer();
    onTestFinished(() => own.close());
    const stage = await secured({ OAUTH_ISSUER: own.url });
    const token = await own.accessToken(stage.mcpUrl, 'payments:read');
    for (let i = 0; i < 10; i++) expect((await ask(stage, token)).status).toBe(200);
    const unknown = await forge(stage.mcpUrl, { claims: { iss: own.url }, header: { kid: 'unknown' } });
    for (let i = 0; i < 10; i++) expect((await ask(stage, unknown)).status).toBe(401);
    const paths = (await own.requestedPaths()).filter((path) => path !== '/token');
    expect(paths.toSorted()).toEqual(['/.well-known/openid-configuration', '/jwks']);
  });

  test('a key that the issuer has changed is found, and a key that it has given up goes within minutes', async () => {
    const [old, fresh] = await Promise.all([newKey('old', 'ES256'), newKey('fresh', 'ES256')]);
    let keys = [old.publicJwk];
    let place = '/jwks';
    let asked = 0;
    const url = await listen(({ url: path = '', headers }, response) => {
      if (path.startsWith('/.well-known/'))
        return send(response, { issuer: `http://${headers.host}`, jwks_uri: `${url}${place}` });
      if (path !== place) return send(response, {}, 404);
      asked += 1;
      send(response, { keys });
    });
    const stage = await secured({ OAUTH_ISSUER: url });
    const statuses = async () => {
      const tokens = await Promise.all(
        [old, fresh].map((key) => forge(stage.mcpUrl, { key, claims: { iss: url } })),
      );
      return [(await ask(stage, tokens[0] ?? '')).status, (await ask(stage, tokens[1] ?? '')).status];
    };
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const later = (minutes: number) => vi.setSystemTime(Date.now() + minutes * 60 * SECOND);

    expect(await statuses()).toEqual([200, 401]);
    keys = [old.publicJwk, fresh.publicJwk];
    later(1);
    expect(await statuses()).toEqual([200, 200]);
    expect(asked).toBe(2);
    keys = [fresh.publicJwk];
    later(11);
    expect(await statuses()).toEqual([401, 200]);
    expect(asked).toBe(3);
    place = '/moved';
    later(11);
    expect(await statuses()).toEqual([401, 200]);
  });
});
