import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';

export interface Issuer {
  url: string;
  /** Tokens that are valid. */
  valid: string[];
  /** Tokens of odd claims and forms; what they allow is nobody's promise. */
  odd: string[];
  close(): Promise<void>;
}

/** An OAuth issuer with its metadata, its keys, and tokens that it has issued for a resource. */
export async function startIssuer(audience: string): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }] };
  const server = createServer((request, response) => {
    const isKeys = request.url === '/jwks';
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKeys ? keys : { issuer: url, jwks_uri: `${url}/jwks` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const hour = Math.floor(Date.now() / 1000) + 3600;
  const all = 'payments:read payments:write payments:charge';
  const usual = { iss: url, aud: audience, exp: hour, sub: 'someone', scope: all };
  const sign = (claims: object, kid = 'one') =>
    new SignJWT({ ...usual, ...claims } as JWTPayload)
      .setProtectedHeader({ alg: 'ES256', kid })
      .sign(privateKey);
  const oddClaims: object[] = [
    { exp: 1 },
    { exp: 1e300 },
    { exp: 'soon' },
    { exp: undefined },
    { nbf: hour },
    { aud: [] },
    { aud: [audience, 'https://elsewhere.example.com'] },
    { aud: { toString: 'x' } },
    { iss: 'https://elsewhere.example.com' },
    { sub: { a: [1] } },
    { sub: '\ud800\u0000"\r\n', client_id: '', azp: 7 },
    { scope: { payments: true } },
    { scope: [['payments:read']], scp: [null, 7], permissions: 'payments:write' },
    { scope: 'payments:read '.repeat(500) },
    { constructor: 1, toString: 2 },
  ];
  const signed = await Promise.all(oddClaims.map((claims) => sign(claims)));
  const valid = await Promise.all([sign({}), sign({ scope: 'payments:read' })]);
  const [first = ''] = valid;
  return {
    url,
    valid,
    odd: [
      ...signed,
      await sign({}, 'unknown'),
      new UnsecuredJWT(usual).encode(),
      `${first.slice(0, -6)}AAAAAA`,
      first.replace('.', '..'),
      `${first.split('.').slice(0, 2).join('.')}.`,
      '..',
      'a.b.c',
      'e30.e30.e30',
    ],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
