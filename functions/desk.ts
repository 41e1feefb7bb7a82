import { resourceUrl } from './runtime/auth.ts';
import { type AccessConfig, ConfigError, readAccessConfig } from './runtime/config.ts';
import { endpoint, type HttpResponse, refusal } from './runtime/http.ts';
import { issuerMetadata } from './runtime/issuer.ts';
import { createLog } from './runtime/log.ts';
import { platform } from './runtime/platform.ts';
import { SCOPES } from './runtime/scopes.ts';

/** GET /desk: the payment desk, the screen of a person who takes payments. It holds nothing personal itself. */
export const handler = endpoint('desk', async (context) => {
  let config: AccessConfig;
  try {
    config = readAccessConfig(context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    createLog()('configuration', { endpoint: 'desk', variables: error.variables });
    return refusal(500, 'NOT_CONFIGURED', error.message);
  }
  const html = platform.Runtime.getAssets()['/desk.html']?.open();
  if (html === undefined) return refusal(500, 'NOT_BUILT', 'The page is missing: build and deploy again.');
  return pageOf(html, config, await accountOf(config));
});

/** What the page needs for a person to sign in at the issuer; its endpoints are empty while it cannot be asked. */
async function accountOf(config: AccessConfig) {
  const { OAUTH_ISSUER: issuer, publicUrl } = config;
  if (!issuer) return undefined;
  const metadata = await issuerMetadata(issuer);
  if (!metadata) createLog()('issuer_unavailable', { endpoint: 'desk', variables: ['OAUTH_ISSUER'] });
  return {
    issuer,
    isNamed: metadata?.isNamed ?? false,
    authorizationEndpoint: metadata?.authorizationEndpoint ?? '',
    tokenEndpoint: metadata?.tokenEndpoint ?? '',
    clientId: config.DESK_OAUTH_CLIENT_ID ?? `${publicUrl}/desk-client`,
    redirectUri: `${publicUrl}/desk`,
    resource: resourceUrl(config),
    scope: SCOPES.join(' '),
  };
}

/** The page with what it must know of this service, and headers that let it do no more than it needs. */
function pageOf(
  html: string,
  config: AccessConfig,
  account: Awaited<ReturnType<typeof accountOf>>,
): HttpResponse {
  const { DESK_FRAME_ANCESTORS: parents, tokens } = config;
  const settings = {
    ...(account && { account }),
    withToken: tokens.entries.length > 0 || !account,
    idleMinutes: config.DESK_LOCK_MINUTES,
    parents,
  };
  const body = html
    .replace('</title>', '</title><link rel="icon" href="/icon.svg">')
    .replace('name="desk" content=""', () => `name="desk" content="${escaped(JSON.stringify(settings))}"`);
  const { script, style } = hashesOf(html);
  const policy = {
    'default-src': "'none'",
    'script-src': quoted(script),
    'style-src': quoted(style),
    'connect-src': ["'self'", account?.tokenEndpoint && sourceOf(account.tokenEndpoint)]
      .filter(Boolean)
      .join(' '),
    'img-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': parents.length > 0 ? parents.join(' ') : "'none'",
    'require-trusted-types-for': "'script'",
    'trusted-types': 'desk',
  };
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': Object.entries(policy)
        .map(([name, value]) => `${name} ${value}`)
        .join('; '),
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    },
    body,
  };
}

interface Hashes {
  script: string[];
  style: string[];
}

/** The hashes by which a policy allows the page's own scripts and style: the build has written them into the page. */
function hashesOf(html: string): Hashes {
  const [, json = ''] = /name="desk-hashes" content='([^']*)'/.exec(html) ?? [];
  return JSON.parse(json) as Hashes;
}

const quoted = (hashes: string[]) => hashes.map((hash) => `'${hash}'`).join(' ');

/** A URL as a policy names it: without query, and with what would end the directive encoded. */
function sourceOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.replaceAll(';', '%3B').replaceAll(',', '%2C');
}

function escaped(text: string): string {
  return text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
