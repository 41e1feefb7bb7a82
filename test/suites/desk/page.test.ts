import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../host/connect.ts';

async function open(variables: Record<string, string> = {}) {
  const { host } = await connect({ variables });
  const response = await fetch(`${host.url}/desk`);
  const policy = response.headers.get('content-security-policy') ?? '';
  const directives = new Map(
    policy.split('; ').map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1)]),
  );
  return { response, html: await response.text(), directives, url: host.url };
}

/** An issuer that publishes its metadata, and nothing else. @returns its URL. */
async function publishedIssuer(more: (url: string) => object): Promise<string> {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks`, ...more(url) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => void server.close());
  return url;
}

const HASH = /^'sha256-[\w+/]{43}='$/;
const sha256 = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('the page of the payment desk', () => {
  test('is one file, small, which loads nothing', async () => {
    const { response, html } = await open();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(Buffer.byteLength(html)).toBeLessThan(61_000);
    expect(html).not.toMatch(/(?:src|href)="(?!\/icon)/);
  });

  test('may run its own scripts and style alone, reach its own origin, and be framed by nobody', async () => {
    const { html, directives } = await open();
    const [, start = ''] = /<script>([\s\S]*?)<\/script>/.exec(html) ?? [];
    expect(directives.get('script-src')).toEqual([sha256(start), expect.stringMatching(HASH)]);
    expect(directives.get('style-src')).toEqual([expect.stringMatching(HASH)]);
    expect(directives.get('connect-src')).toEqual(["'self'"]);
    expect(directives.get('frame-ancestors')).toEqual(["'none'"]);
    expect(directives.get('require-trusted-types-for')).toEqual(["'script'"]);
    for (const name of ['default-src', 'form-action', 'base-uri'])
      expect(directives.get(name)).toEqual(["'none'"]);
  });

  test('is given its settings in an attribute', async () => {
    const parents = ['https://crm.example', 'https://desk.example'];
    const { html } = await open({ DESK_LOCK_MINUTES: '7', DESK_FRAME_ANCESTORS: parents.join(' ') });
    const [, content = ''] = /<meta name="desk" content="([^"]*)"/.exec(html) ?? [];
    const text = content.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
    expect(JSON.parse(text)).toMatchObject({ idleMinutes: 7, parents });
  });

  test('is not kept, not guessed at, and tells no other page where it was opened', async () => {
    const { response } = await open();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('may be framed by those that the operator names, and reaches nobody but this service', async () => {
    const { directives } = await open({
      DESK_FRAME_ANCESTORS: 'https://crm.example.com https://flex.twilio.com/x',
    });
    expect(directives.get('frame-ancestors')).toEqual(['https://crm.example.com', 'https://flex.twilio.com']);
    expect(directives.get('connect-src')).toEqual(["'self'"]);
  });

  test("reaches the issuer's token endpoint too where there is one, and nothing else there", async () => {
    const issuer = await publishedIssuer((url) => ({
      authorization_endpoint: `${url}/auth`,
      token_endpoint: `${url}/a;b,c/token?tenant=1`,
    }));
    const { directives } = await open({ OAUTH_ISSUER: issuer });
    expect(directives.get('connect-src')).toEqual(["'self'", `${issuer}/a%3Bb%2Cc/token`]);
  });

  test("takes no endpoint that is not the issuer's over https or on this machine", async () => {
    const issuer = await publishedIssuer(() => ({
      authorization_endpoint: 'javascript:alert(1)',
      token_endpoint: "http://login.example.com/; script-src 'unsafe-inline'",
    }));
    const { directives, html } = await open({ OAUTH_ISSUER: issuer });
    expect(directives.get('connect-src')).toEqual(["'self'"]);
    expect(html).not.toMatch(/javascript:|login\.example/);
  });

  test('asks an issuer that is down once in some seconds', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.writeHead(503).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { url } = await open({
      OAUTH_ISSUER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    const before = asked;
    expect(before).toBeGreaterThan(0);
    expect((await fetch(`${url}/desk`)).status).toBe(200);
    expect(asked).toBe(before);
  });

  test('introduces the desk to issuers that read metadata documents, unless it has a client id', async () => {
    const issuer = 'https://login.example.com';
    const { url } = await open({ OAUTH_ISSUER: issuer });
    const response = await fetch(`${url}/desk-client`);
    expect(await response.json()).toEqual({
      client_id: `${url}/desk-client`,
      client_name: 'Payment desk',
      client_uri: url,
      redirect_uris: [`${url}/desk`],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'none',
      scope: expect.stringContaining('payments:charge'),
    });
    const known = await open({ OAUTH_ISSUER: issuer, DESK_OAUTH_CLIENT_ID: 'desk' });
    expect((await fetch(`${known.url}/desk-client`)).status).toBe(404);
    const without = await open();
    expect((await fetch(`${without.url}/desk-client`)).status).toBe(404);
  });

  test('says which setting is wrong', async () => {
    const { host, variables } = await connect();
    variables.DESK_FRAME_ANCESTORS = '*';
    const response = await fetch(`${host.url}/desk`);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('DESK_FRAME_ANCESTORS');
  });
});
