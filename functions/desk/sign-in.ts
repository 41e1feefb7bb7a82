import { isRecord } from './source.ts';

/** What a person's sign-in needs to know of the issuer: the server has written it into the page. */
export interface Account {
  issuer: string;
  /** Whether it names itself in its answers (RFC 9207). */
  isNamed: boolean;
  /** Empty while the issuer could not be asked. */
  authorizationEndpoint: string;
  tokenEndpoint: string;
  clientId: string;
  redirectUri: string;
  resource: string;
  scope: string;
}

/** What is kept in the tab while the person is at the issuer. */
interface Pending {
  verifier: string;
  state: string;
  /** Whether the token is to be kept until the tab is closed. */
  keep: boolean;
  /** The place in the address, to which the person comes back. */
  hash: string;
}

export interface SignedIn {
  token: string;
  keep: boolean;
}

const PENDING = 'desk-sign-in';
/** Milliseconds that the issuer has for the token. */
const LIMIT_MS = 12_000;

/** Goes to the issuer: the code flow with PKCE, as a client without a secret (RFC 6749, 7636, 8707). */
export async function beginSignIn(account: Account, keep: boolean): Promise<void> {
  const { authorizationEndpoint, clientId, redirectUri, resource, scope } = account;
  // The next page may find the issuer.
  if (!authorizationEndpoint) return location.reload();
  const pending: Pending = { verifier: random(), state: random(), keep, hash: location.hash };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(pending.verifier));
  const url = new URL(authorizationEndpoint);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state: pending.state,
    code_challenge: textOf(new Uint8Array(digest)),
    code_challenge_method: 'S256',
    resource,
    scope,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  location.assign(url);
}

/**
 * Takes the issuer's answer out of the address, where it may not stay, and goes back to where the person was.
 * @returns a function that gets the token for it, undefined if there is none; undefined if there was no answer.
 */
export function takeAnswer(account: Account): (() => Promise<SignedIn | undefined>) | undefined {
  const answer = new URLSearchParams(location.search);
  if (!answer.has('state')) return undefined;
  const pending: unknown = JSON.parse(sessionStorage.getItem(PENDING) ?? '{}');
  sessionStorage.removeItem(PENDING);
  const {
    verifier = '',
    state = '',
    keep = false,
    hash = '',
  } = isRecord(pending) ? (pending as Partial<Pending>) : {};
  history.replaceState(null, '', `${location.pathname}${hash}`);
  const code = answer.get('code');
  const issuer = answer.get('iss') ?? (account.isNamed ? '' : account.issuer);
  const isOurs = state !== '' && answer.get('state') === state && issuer === account.issuer;
  return async () => {
    const token = isOurs && code ? await exchange(account, code, verifier) : '';
    return token ? { token, keep } : undefined;
  };
}

/** @returns the access token; empty if the issuer gives none. */
async function exchange(account: Account, code: string, verifier: string): Promise<string> {
  try {
    const response = await fetch(account.tokenEndpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: account.redirectUri,
        client_id: account.clientId,
        code_verifier: verifier,
        resource: account.resource,
      }),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const answer: unknown = await response.json();
    return isRecord(answer) && typeof answer.access_token === 'string' ? answer.access_token : '';
  } catch {
    return '';
  }
}

/** 256 bits that nobody can guess, as text for an address. */
const random = () => textOf(crypto.getRandomValues(new Uint8Array(32)));

const textOf = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
