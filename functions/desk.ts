import { type AccessConfig, ConfigError, readAccessConfig } from './runtime/config.ts';
import { endpoint, type HttpResponse, refusal } from './runtime/http.ts';
import { createLog } from './runtime/log.ts';
import { platform } from './runtime/platform.ts';

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
  return pageOf(html, config);
});

/** The page with what it must know of this service, and headers that let it do no more than it needs. */
function pageOf(html: string, config: AccessConfig): HttpResponse {
  const { DESK_FRAME_ANCESTORS: parents } = config;
  const settings = {
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
    'connect-src': "'self'",
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

function escaped(text: string): string {
  return text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
