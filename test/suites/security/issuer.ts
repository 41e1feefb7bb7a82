import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

const program = fileURLToPath(new URL('./issuer-process.mts', import.meta.url));
const ROBOT_SECRET = 'secret-of-the-robot';

/** A key that an issuer signs with; `publicJwk` is the half that its JWKS has. */
export interface SigningKey {
  kid: string;
  alg: string;
  privateJwk: JWK;
  publicJwk: JWK;
}

export interface Issuer {
  readonly url: string;
  /** The keys that it publishes, of one algorithm each; with their private halves, so that tests can forge. */
  readonly keys: Record<'RS256' | 'ES256' | 'EdDSA', SigningKey>;
  /** An access token that it makes for a resource, for a client without a user. */
  accessToken(resource: string, scope: string): Promise<string>;
  /** The paths that it was asked for so far. */
  requestedPaths(): Promise<string[]>;
  close(): Promise<void>;
}

export async function newKey(kid: string, alg: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const named = { kid, use: 'sig' };
  return {
    kid,
    alg,
    publicJwk: { ...(await exportJWK(publicKey)), ...named },
    privateJwk: { ...(await exportJWK(privateKey)), ...named },
  };
}

/** Starts the issuer of issuer-process.mts. */
export async function startIssuer(): Promise<Issuer> {
  const [RS256, ES256, EdDSA] = await Promise.all([
    newKey('rsa', 'RS256'),
    newKey('elliptic', 'ES256'),
    newKey('edwards', 'EdDSA'),
  ]);
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ISSUER_KEYS: JSON.stringify([RS256, ES256, EdDSA].map(({ privateJwk }) => privateJwk)),
      ISSUER_CLIENT_SECRET: ROBOT_SECRET,
    },
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const exit = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exit.then(() => {
      throw new Error(`The issuer ended: ${errors}`);
    }),
  ]);
  const { url } = JSON.parse(String(line)) as { url: string };

  return {
    url,
    keys: { RS256, ES256, EdDSA },
    async accessToken(resource, scope) {
      const response = await fetch(`${url}/token`, {
        method: 'POST',
        headers: { Authorization: `Basic ${btoa(`robot:${ROBOT_SECRET}`)}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope }),
      });
      const answer = (await response.json()) as { access_token?: string };
      if (!answer.access_token) throw new Error(`The issuer gave no token: ${JSON.stringify(answer)}`);
      return answer.access_token;
    },
    async requestedPaths() {
      const response = await fetch(`${url}/requested-paths`);
      return (await response.json()) as string[];
    },
    async close() {
      child.kill();
      await exit;
    },
  };
}
