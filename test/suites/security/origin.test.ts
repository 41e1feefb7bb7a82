import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { handler } from '../../../functions/mcp.ts';
import { connect, type Stage, TOKEN } from '../host/connect.ts';
import { rawAgent } from '../host/raw.ts';

const FOREIGN = [
  'https://evil.example',
  'http://evil.example',
  'null',
  '',
  'file://',
  'https://localhost.evil.example',
  'https://evil.example/localhost',
  'http://127.0.0.1.evil.example',
  'http://127.0.0.1@evil.example',
  'http://2130706433.evil.example',
  'http://192.168.0.10',
  'chrome-extension://abcdefghijklmnop',
  'http://localhost, https://evil.example',
];

const LOCAL = ['http://localhost', 'http://localhost:6274', 'http://127.0.0.1:8080', 'http://[::1]:3000'];

/** The status of a request from an origin; the answer to all that are refused is the same. */
async function statusFrom(stage: Stage, origin: string): Promise<number> {
  const before = stage.simulator.requests.length;
  const answer = await post(stage, { origin });
  expect(stage.simulator.requests.slice(before)).toEqual([]);
  if (answer.status === 403) {
    expect(JSON.parse(answer.text)).toEqual({
      error: { code: 'FOREIGN_ORIGIN', message: expect.stringContaining('ALLOWED_ORIGINS') },
    });
  }
  return answer.status;
}

/** A request in which every header can be what a browser or an attacker would make it. */
function post(
  { host }: Stage,
  headers: Record<string, string>,
  method = 'POST',
): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(host.url);
  const body = method === 'POST' ? JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }) : '';
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        hostname,
        port,
        method,
        path: '/mcp',
        headers: {
          authorization: `Bearer ${TOKEN}`,
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('on this machine', () => {
  test('a page of another site is refused, with the right token too', async () => {
    const stage = await connect();
    for (const origin of FOREIGN) expect([origin, await statusFrom(stage, origin)]).toEqual([origin, 403]);
    expect((await post(stage, { origin: 'https://evil.example' }, 'GET')).status).toBe(403);
  });

  test('a page of another site is refused before anything else is looked at', async () => {
    const stage = await connect();
    const headers = { origin: 'https://evil.example', authorization: '' };
    const { status, json } = await rawAgent(stage).rpc('tools/list', {}, headers);
    expect([status, json]).toMatchObject([403, { error: { code: 'FOREIGN_ORIGIN' } }]);
  });

  test('no page, a page of our own and pages of this machine are let in', async () => {
    const stage = await connect();
    expect((await post(stage, {})).status).toBe(200);
    for (const origin of [stage.host.url, ...LOCAL]) {
      expect([origin, await statusFrom(stage, origin)]).toEqual([origin, 200]);
    }
  });

  test('a host name that is not ours is refused, as DNS rebinding brings it', async () => {
    const stage = await connect();
    const { port } = new URL(stage.host.url);
    const foreign = [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      `127.0.0.1.evil.example:${port}`,
      `localhost:${port}@evil.example`,
      `rebound.example:${port}`,
    ];
    for (const host of foreign) {
      // A page that was rebound is of the origin that it calls, so both headers say the same.
      for (const headers of [{ host }, { host, origin: `http://${host}` }]) {
        expect([host, (await post(stage, headers)).status]).toEqual([host, 403]);
      }
    }
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
      expect([host, (await post(stage, { host })).status]).toEqual([host, 200]);
    }
  });

  test('the host and the origin of PUBLIC_URL are ours, as a tunnel needs it', async () => {
    const stage = await connect({ variables: { PUBLIC_URL: 'https://abc.tunnel.example' } });
    expect((await post(stage, { host: 'abc.tunnel.example' })).status).toBe(200);
    expect(await statusFrom(stage, 'https://abc.tunnel.example')).toBe(200);
    expect(await statusFrom(stage, 'http://abc.tunnel.example')).toBe(403);
    expect(await statusFrom(stage, 'https://def.tunnel.example')).toBe(403);
  });
});

test('ALLOWED_ORIGINS lets in exactly what it lists', async () => {
  const ALLOWED_ORIGINS =
    'https://desk.example.com, https://crm.example.com:8443 https://page.example.com/path';
  const stage = await connect({ variables: { ALLOWED_ORIGINS } });
  for (const origin of [
    'https://desk.example.com',
    'https://crm.example.com:8443',
    'https://page.example.com',
  ]) {
    expect([origin, await statusFrom(stage, origin)]).toEqual([origin, 200]);
  }
  const near = [
    'http://desk.example.com',
    'https://desk.example.com:444',
    'https://crm.example.com',
    'https://sub.desk.example.com',
    'https://desk.example.com.evil.example',
    'https://example.com',
    'null',
  ];
  for (const origin of near) expect([origin, await statusFrom(stage, origin)]).toEqual([origin, 403]);
});

test.each(['*', 'null', 'desk.example.com', 'http://desk.example.com', 'https://desk.example.com *'])(
  'ALLOWED_ORIGINS may not be %s: nobody is let in, and the variable is named',
  async (ALLOWED_ORIGINS) => {
    const stage = await connect();
    Object.assign(stage.variables, { ALLOWED_ORIGINS });
    for (const headers of [{}, { origin: 'https://desk.example.com' }]) {
      const { status, text } = await post(stage, headers as Record<string, string>);
      expect(status).toBe(500);
      expect(text).toContain('ALLOWED_ORIGINS');
    }
  },
);

/** What the handler answers on Twilio, where neither the method nor Host can be seen. */
async function deployed(headers: Record<string, string>, variables: Record<string, string> = {}) {
  // The host of a stage gives the handler the platform's globals.
  const stage = await connect();
  const context = {
    ...stage.variables,
    DOMAIN_NAME: 'agent-payments-1234-dev.twil.io',
    PATH: '/mcp',
    ...variables,
  };
  const event = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/list',
    request: {
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'content-type': 'application/json',
        accept: 'application/json',
        ...headers,
      },
      cookies: {},
    },
  };
  return new Promise((resolve) => {
    void handler(context, event, (_, response) => {
      resolve((response as unknown as { statusCode: number }).statusCode);
    });
  });
}

describe('on Twilio', () => {
  test('requests without an origin and from our own page are let in, though no host can be seen', async () => {
    expect(await deployed({})).toBe(200);
    expect(await deployed({ origin: 'https://agent-payments-1234-dev.twil.io' })).toBe(200);
    const custom = { PUBLIC_URL: 'https://pay.example.com' };
    expect(await deployed({ origin: 'https://pay.example.com' }, custom)).toBe(200);
    expect(await deployed({ origin: 'https://agent-payments-1234-dev.twil.io' }, custom)).toBe(200);
  });

  test('pages of other sites are refused, those of this machine among them', async () => {
    const others = ['http://agent-payments-1234-dev.twil.io', 'https://agent-payments-9999-dev.twil.io'];
    for (const origin of [...FOREIGN, ...LOCAL, ...others]) {
      expect([origin, await deployed({ origin })]).toEqual([origin, 403]);
    }
  });

  test('a host that can be seen after all has to be ours', async () => {
    expect(await deployed({ host: 'agent-payments-1234-dev.twil.io' })).toBe(200);
    expect(await deployed({ host: 'evil.example' })).toBe(403);
  });
});
