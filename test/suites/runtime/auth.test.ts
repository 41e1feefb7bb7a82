import { describe, expect, test } from 'vitest';
import { authenticate, insufficientScope } from '../../../functions/runtime/auth.ts';
import { digestOf } from '../../../functions/runtime/bearer-tokens.ts';
import { readAccessConfig } from '../../../functions/runtime/config.ts';
import { headersOf } from '../../../functions/runtime/http.ts';

const TOKEN = 'a-token-of-32-characters-or-more';
const NOW = Date.parse('2026-02-03T04:05:06Z');

/** What a request with these headers comes to, under these variables. */
async function ask(
  headers: Record<string, unknown>,
  variables: Record<string, string> = { MCP_AUTH_TOKEN: TOKEN },
) {
  const config = readAccessConfig({ DOMAIN_NAME: 'pay.twil.io', ...variables });
  return authenticate(headersOf({ request: { headers } }), config, NOW);
}

describe('the right token lets in', () => {
  test.each([
    ['as a bearer token', `Bearer ${TOKEN}`],
    ['with the scheme in small letters', `bearer ${TOKEN}`],
    ['with the scheme in capitals', `BEARER ${TOKEN}`],
    ['with more blanks', `Bearer   ${TOKEN} `],
    ['in a list of one', [`Bearer ${TOKEN}`]],
  ])('%s', async (_, authorization) => {
    expect(await ask({ authorization })).toEqual({
      principal: {
        client: 'MCP_AUTH_TOKEN',
        scopes: ['payments:read', 'payments:write', 'payments:charge', 'payments:any'],
      },
    });
  });

  test('whatever the letters of the header’s name', async () => {
    expect(await ask({ Authorization: `Bearer ${TOKEN}` })).toHaveProperty('principal');
  });
});

describe('nothing else lets in:', () => {
  test.each<[string, Record<string, unknown>]>([
    ['no header', {}],
    ['an empty header', { authorization: '' }],
    ['another token', { authorization: 'Bearer another-token-of-32-characters-or-so' }],
    ['a part of the token', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['more than the token', { authorization: `Bearer ${TOKEN}x` }],
    ['the token in other letters', { authorization: `Bearer ${TOKEN.toUpperCase()}` }],
    ['the token alone', { authorization: TOKEN }],
    ['no token', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['a scheme that only begins so', { authorization: `BearerX ${TOKEN}` }],
    ['two tokens', { authorization: `Bearer x ${TOKEN}` }],
    ['the token and another word', { authorization: `Bearer ${TOKEN} x` }],
    ['two headers', { authorization: ['Bearer x', `Bearer ${TOKEN}`] }],
    ['two headers, the token first', { authorization: [`Bearer ${TOKEN}`, 'Bearer x'] }],
    ['the token in another header', { 'x-authorization': `Bearer ${TOKEN}` }],
  ])('%s', async (_, headers) => {
    const answer = await ask(headers);
    expect(answer).toMatchObject({ code: 'UNAUTHORIZED', refused: { status: 401 } });
    expect(JSON.stringify(answer)).not.toContain(TOKEN.slice(0, -1));
  });

  test('a request whose headers a parameter named request has replaced', async () => {
    const config = readAccessConfig({ DOMAIN_NAME: 'pay.twil.io', MCP_AUTH_TOKEN: TOKEN });
    for (const request of ['x', ['x'], null, { headers: `authorization: Bearer ${TOKEN}` }])
      expect(await authenticate(headersOf({ request }), config, NOW)).toHaveProperty('refused');
  });

  test.each([{}, { MCP_AUTH_TOKEN: '' }, { MCP_TOKENS: ' ' }, { MCP_TOKENS: 'malformed' }])(
    'any token where none is configured: %j',
    async (variables) => {
      for (const authorization of ['Bearer x', 'Bearer undefined', 'Bearer ', undefined])
        expect(await ask({ authorization }, variables)).toMatchObject({
          code: 'NOT_CONFIGURED',
          refused: { status: 401 },
        });
    },
  );
});

describe('a refusal says', () => {
  async function challengeOf(headers: Record<string, unknown>, variables?: Record<string, string>) {
    const answer = await ask(headers, variables);
    return 'refused' in answer ? answer.refused.headers?.['WWW-Authenticate'] : 'let in';
  }

  test('that a bearer token is needed', async () => {
    const challenge = await challengeOf({});
    expect(challenge).toMatch(/^Bearer realm="agent-payments"/);
    expect(challenge).not.toContain('error=');
  });

  test('that the token given is not valid', async () => {
    expect(await challengeOf({ authorization: 'Bearer x' })).toContain('error="invalid_token"');
  });

  test('where the metadata is, only where there is an issuer', async () => {
    expect(await challengeOf({})).not.toContain('resource_metadata');
    expect(await challengeOf({}, { OAUTH_ISSUER: 'https://login.example.com' })).toContain(
      'resource_metadata="https://pay.twil.io/.well-known/oauth-protected-resource/mcp"',
    );
  });

  test('which scope was missing, beside those that the token had', () => {
    const config = readAccessConfig({ DOMAIN_NAME: 'pay.twil.io', MCP_AUTH_TOKEN: TOKEN });
    const { status, headers } = insufficientScope(config, 'payments:charge', ['payments:read']);
    expect(status).toBe(403);
    expect(headers?.['WWW-Authenticate']).toMatch(
      /error="insufficient_scope", scope="payments:read payments:charge"/,
    );
  });
});

describe('a token of MCP_TOKENS', () => {
  const entry = (letters: string, expiry = '') => `ivr:${letters}:${expiry}:${digestOf(TOKEN)}`;
  const authorization = `Bearer ${TOKEN}`;

  test.each([
    ['r', ['payments:read']],
    ['rw', ['payments:read', 'payments:write']],
    ['cr', ['payments:read', 'payments:charge']],
    ['ra', ['payments:read', 'payments:any']],
  ])('with %s has the scopes %j and its name', async (letters, scopes) => {
    expect(await ask({ authorization }, { MCP_TOKENS: entry(letters) })).toEqual({
      principal: { client: 'ivr', scopes },
    });
  });

  test('is good to the end of its last day', async () => {
    expect(await ask({ authorization }, { MCP_TOKENS: entry('r', '20260203') })).toHaveProperty('principal');
    expect(await ask({ authorization }, { MCP_TOKENS: entry('r', '20260202') })).toMatchObject({
      code: 'UNAUTHORIZED',
    });
  });

  test('stands beside others, and beside MCP_AUTH_TOKEN', async () => {
    const other = `desk:r::${digestOf('another')}`;
    const variables = { MCP_AUTH_TOKEN: 'a-third', MCP_TOKENS: `${other} ${entry('rw')}` };
    expect(await ask({ authorization }, variables)).toMatchObject({ principal: { client: 'ivr' } });
    expect(await ask({ authorization: 'Bearer another' }, variables)).toMatchObject({
      principal: { client: 'desk' },
    });
  });

  test.each([
    `ivr:r:${digestOf(TOKEN)}`,
    `ivr:x::${digestOf(TOKEN)}`,
    `ivr:::${digestOf(TOKEN)}`,
    `ivr:r:2026-02-03:${digestOf(TOKEN)}`,
    `ivr:r:20261301:${digestOf(TOKEN)}`,
    `ivr:r:20270231:${digestOf(TOKEN)}`,
    `ivr:r::${digestOf(TOKEN).slice(1)}`,
    `ivr:r::${TOKEN}`,
    `MCP_AUTH_TOKEN:r::${digestOf(TOKEN)}`,
  ])('that is malformed lets nobody in, and is counted: %s', async (text) => {
    const variables = { MCP_AUTH_TOKEN: 'another', MCP_TOKENS: text };
    expect(readAccessConfig({ DOMAIN_NAME: 'pay.twil.io', ...variables }).tokens.malformed).toBe(1);
    expect(await ask({ authorization }, variables)).toHaveProperty('refused');
  });
});
