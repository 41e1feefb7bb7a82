import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { voiceSignature } from '../../simulator/index.ts';
import { AUTH_TOKEN, answering, DOMAIN, ECHO, FORM, file, PROMPT, serve, statusOf } from './fixture.ts';

const PAGE = file('/assets/index.html', '<html>hello</html>', { contentType: 'text/html' });

describe('what stands before the Functions', () => {
  test('lets nobody into a protected path who has not signed exactly its address', async () => {
    const code = file('/payment-status', ECHO, { visibility: 'protected' });
    const host = await serve({ functions: [code] });
    const post = (path: string, signedFor: string, token = AUTH_TOKEN) =>
      statusOf(`${host.url}${path}`, {
        method: 'POST',
        headers: { 'x-twilio-signature': voiceSignature(token, signedFor, { Sid: 'PK1' }) },
        body: new URLSearchParams({ Sid: 'PK1' }),
      });
    const address = `https://${DOMAIN}/payment-status`;
    expect(await post('/payment-status', address)).toBe(200);
    expect(await post('/payment-status?command=2', `${address}?command=2`)).toBe(200);
    expect(await post('/payment-status?command=2', address)).toBe(400);
    expect(await post('/payment-status', 'https://pay.example.com/payment-status')).toBe(400);
    expect(await post('/payment-status', `${host.url}/payment-status`)).toBe(400);
    expect(await post('/payment-status', address, 'f'.repeat(32))).toBe(400);
    const other = await serve({ functions: [code] }, { switches: { protectedRefusal: 403 } });
    expect(await statusOf(`${other.url}/payment-status`)).toBe(403);
    expect(other.instances.started).toBe(0);
  });

  test('knows the page, and keeps private files to itself', async () => {
    const secret = file('/helper', ECHO, { visibility: 'private' });
    const host = await serve({ functions: [secret], assets: [PAGE, PROMPT] });
    const response = await fetch(host.url);
    expect([response.headers.get('content-type'), await response.text()]).toEqual([
      'text/html',
      '<html>hello</html>',
    ]);
    for (const path of ['/helper', '/prompts/error.md', '/elsewhere'])
      expect(await statusOf(`${host.url}${path}`)).toBe(404);
  });

  test('takes GET, POST and OPTIONS, and answers OPTIONS itself', async () => {
    const host = await serve({ functions: [file('/run', ECHO)] });
    const statuses = await Promise.all(
      ['GET', 'POST', 'OPTIONS', 'PUT', 'DELETE', 'PATCH'].map((method) =>
        statusOf(`${host.url}/run`, { method }),
      ),
    );
    expect(statuses).toEqual([200, 200, 204, 405, 405, 405]);
    const preflight = await fetch(`${host.url}/run`, { method: 'OPTIONS' });
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('takes 1 MB with its headers, and 90 headers', async () => {
    const host = await serve({ functions: [answering("'fine'")] });
    const post = (size: number) =>
      statusOf(`${host.url}/run`, { method: 'POST', headers: FORM, body: `a=${'x'.repeat(size)}` });
    expect(await post(1_000_000)).toBe(200);
    expect(await post(1_024 * 1_024)).toBe(413);
    const headers = Object.fromEntries(Array.from({ length: 95 }, (_, index) => [`x-${index}`, '1']));
    expect(await statusOf(`${host.url}/run`, { headers })).toBe(431);
    expect(await statusOf(`${host.url}/run`, { headers: { 'x-long': 'x'.repeat(16_000) } })).toBe(431);
  });

  test('passes on odd bodies as each switch says', async () => {
    const send = async (body: string, type: string, switches: Parameters<typeof serve>[1]) => {
      const host = await serve({ functions: [file('/run', ECHO)] }, switches);
      const response = await fetch(`${host.url}/run`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      if (response.status !== 200) return response.status;
      const { request: _, ...rest } = ((await response.json()) as { event: Record<string, unknown> }).event;
      return rest;
    };
    const type = 'application/json';
    expect(await send('[1]', type, {})).toEqual({ 0: 1 });
    expect(await send('[1]', type, { switches: { jsonArray: 'refused' } })).toBe(400);
    expect(await send('{', type, {})).toBe(400);
    expect(await send('{', type, { switches: { malformedJson: 'dropped' } })).toEqual({});
    expect(await send('a', 'text/plain', {})).toEqual({});
    expect(await send('a', 'text/plain', { switches: { otherContentType: 'refused' } })).toBe(400);
  });

  test('gives repeated headers as a list', async () => {
    const host = await serve({ functions: [file('/run', ECHO)] });
    const text = await new Promise<string>((resolve, reject) => {
      const request = httpRequest(
        `${host.url}/run`,
        { headers: ['Host', 'here', 'X-A', '1', 'X-A', '2'] },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            body += chunk;
          });
          response.on('end', () => resolve(body));
        },
      );
      request.on('error', reject).end();
    });
    expect(JSON.parse(text).event.request.headers['x-a']).toEqual(['1', '2']);
  });
});
