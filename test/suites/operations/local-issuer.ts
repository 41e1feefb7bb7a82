import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { importJWK, SignJWT } from 'jose';
import { onTestFinished } from 'vitest';
import type { Stage } from '../host/connect.ts';
import { newKey, type SigningKey } from '../security/issuer.ts';

/** An issuer of access tokens in this process, whose keys change and which can be down. */
export interface LocalIssuer {
  readonly url: string;
  isDown: boolean;
  /** What it publishes. */
  keys: SigningKey[];
  /** An access token for the stage's endpoint, which lasts a day. @param key what signs it; the newest one by default. */
  token(stage: Stage, key?: SigningKey): Promise<string>;
}

/** Starts one with a key. It ends with the test. */
export async function localIssuer(): Promise<LocalIssuer> {
  const keys = [await newKey('first', 'ES256')];
  const server = createServer(({ url = '' }, response) => {
    if (issuer.isDown) return response.writeHead(503).end();
    const body = url.startsWith('/.well-known/')
      ? { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` }
      : { keys: issuer.keys.map(({ publicJwk }) => publicJwk) };
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const issuer: LocalIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isDown: false,
    keys,
    async token({ host }, key = issuer.keys.at(-1)) {
      if (!key) throw new Error('The issuer has no key');
      const { privateJwk, kid, alg } = key;
      return new SignJWT({ scope: 'payments:read payments:write payments:charge', client_id: 'desk' })
        .setProtectedHeader({ alg, kid, typ: 'at+jwt' })
        .setIssuer(issuer.url)
        .setSubject('maria@example.com')
        .setAudience(`${host.url}/mcp`)
        .setIssuedAt()
        .setExpirationTime('1 day')
        .sign(await importJWK(privateJwk, alg));
    },
  };
  return issuer;
}
