import type { OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from '@modelcontextprotocol/sdk/shared/auth.js';

const REDIRECT_URL = 'http://127.0.0.1/callback';

/** What an MCP client remembers of OAuth: nothing at first. Where it would open a browser, it keeps the URL. */
class Memory implements OAuthClientProvider {
  readonly redirectUrl = REDIRECT_URL;
  readonly clientMetadata = {
    client_name: 'test-agent',
    application_type: 'native',
    redirect_uris: [REDIRECT_URL],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  } as OAuthClientMetadata;
  authorizationUrl: URL | undefined;
  #client: OAuthClientInformationMixed | undefined;
  #tokens: OAuthTokens | undefined;
  #verifier = '';

  clientInformation() {
    return this.#client;
  }
  saveClientInformation(client: OAuthClientInformationMixed) {
    this.#client = client;
  }
  tokens() {
    return this.#tokens;
  }
  saveTokens(tokens: OAuthTokens) {
    this.#tokens = tokens;
  }
  redirectToAuthorization(url: URL) {
    this.authorizationUrl = url;
  }
  codeVerifier() {
    return this.#verifier;
  }
  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier;
  }
}

export interface OAuthClient {
  readonly client: Client;
  /** What the client asks its user to consent to, once it has been refused. */
  authorizationUrl(): URL;
  connect(): Promise<void>;
  /** The user logs in and consents to some of the scopes; the client takes the code from there. */
  consent(scopes: string): Promise<void>;
  accessToken(): string;
}

/** An MCP client that knows the URL of the server and nothing else. */
export function oauthClient(mcpUrl: string): OAuthClient {
  const memory = new Memory();
  const client = new Client({ name: 'test-agent', version: '1.0.0' });
  const newTransport = () => new StreamableHTTPClientTransport(new URL(mcpUrl), { authProvider: memory });
  let transport = newTransport();
  const authorizationUrl = () => {
    if (!memory.authorizationUrl) throw new Error('The client did not ask for authorization');
    return memory.authorizationUrl;
  };
  return {
    client,
    authorizationUrl,
    async connect() {
      if (client.transport) await client.close();
      transport = newTransport();
      await client.connect(transport);
    },
    async consent(scopes) {
      await transport.finishAuth(await browse(authorizationUrl(), scopes));
    },
    accessToken: () => memory.tokens()?.access_token ?? '',
  };
}

/** A browser: follows redirects, keeps cookies, and comes back to the client with a code. */
async function browse(from: URL, consent: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = from;
  for (let step = 0; step < 10; step++) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(url, { headers: { cookie, 'x-consent': consent }, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    const location = response.headers.get('location');
    if (!location) throw new Error(`The issuer answered ${response.status}: ${await response.text()}`);
    url = new URL(location, url);

    if (url.href.startsWith(REDIRECT_URL)) {
      const code = url.searchParams.get('code');
      if (!code) throw new Error(`The issuer refused: ${url.search}`);
      return code;
    }
  }
  throw new Error('The issuer redirects without end');
}
