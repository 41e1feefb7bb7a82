import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
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

  test('is not kept, not guessed at, and tells no other page where it was opened', async () => {
    const { response } = await open();
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  });

  test('may be framed by those that the operator names, and reaches nobody but this service', async () => {
    const { directives, html } = await open({
      DESK_FRAME_ANCESTORS: 'https://crm.example.com https://flex.twilio.com/x',
      OAUTH_ISSUER: 'https://login.example.com/tenant',
    });
    expect(directives.get('frame-ancestors')).toEqual(['https://crm.example.com', 'https://flex.twilio.com']);
    expect(directives.get('connect-src')).toEqual(["'self'"]);
    expect(html).not.toContain('login.example.com');
  });

  test('says which setting is wrong', async () => {
    const { host, variables } = await connect();
    variables.DESK_FRAME_ANCESTORS = '*';
    const response = await fetch(`${host.url}/desk`);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('DESK_FRAME_ANCESTORS');
  });
});
