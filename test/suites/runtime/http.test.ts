import { beforeEach, describe, expect, test, vi } from 'vitest';
import { bodyOf, endpoint, type HttpResponse, headersOf, refusal } from '../../../functions/runtime/http.ts';

/** The platform's response, as far as it shows what was set. */
class PlatformResponse {
  status = 0;
  body: unknown = 'not set';
  readonly headers: [string, string][] = [];

  setStatusCode(status: number): void {
    this.status = status;
  }

  setBody(body: unknown): void {
    this.body = body;
  }

  appendHeader(name: string, value: string): void {
    this.headers.push([name, value]);
  }
}

beforeEach(() => {
  vi.stubGlobal('Twilio', { Response: PlatformResponse });
  const log = vi.spyOn(console, 'error').mockReturnValue();
  return () => {
    vi.unstubAllGlobals();
    log.mockRestore();
  };
});

/** Everything that a handler answered to one event. */
async function answersOf(serve: () => Promise<HttpResponse>): Promise<[unknown, PlatformResponse][]> {
  const answers: [unknown, PlatformResponse][] = [];
  await endpoint('mcp', serve)({}, {}, (error, response) => {
    answers.push([error, response as unknown as PlatformResponse]);
  });
  return answers;
}

async function answerOf(response: HttpResponse): Promise<PlatformResponse | undefined> {
  return (await answersOf(async () => response))[0]?.[1];
}

describe('an endpoint answers exactly once', () => {
  test('with what it serves', async () => {
    expect(await answersOf(async () => ({ status: 202 }))).toEqual([
      [null, expect.objectContaining({ status: 202 })],
    ]);
  });

  test.each<[string, () => Promise<HttpResponse>]>([
    ['rejects', () => Promise.reject(new Error('secret'))],
    [
      'throws',
      () => {
        throw new Error('secret');
      },
    ],
    ['rejects with something that is no error', () => Promise.reject('secret')],
    ['rejects with nothing', () => Promise.reject()],
  ])('with a 500 that tells nothing, when what it does %s', async (_, serve) => {
    const answers = await answersOf(serve);
    const body = { error: { code: 'INTERNAL_ERROR', message: expect.any(String) } };
    expect(answers).toEqual([[null, expect.objectContaining({ status: 500, body })]]);
    expect(JSON.stringify(answers)).not.toContain('secret');
    expect(JSON.stringify(vi.mocked(console.error).mock.calls)).not.toContain('secret');
    expect(console.error).toHaveBeenCalledOnce();
  });
});

describe('a response', () => {
  test('with an object is JSON', async () => {
    expect(await answerOf({ status: 200, body: { a: 1 } })).toMatchObject({
      status: 200,
      body: { a: 1 },
      headers: [['Content-Type', 'application/json']],
    });
  });

  test('with a text has the type that it was given, and no other', async () => {
    const headers = { 'Content-Type': 'text/event-stream' };
    expect(await answerOf({ status: 200, headers, body: 'data: 1\n\n' })).toMatchObject({
      body: 'data: 1\n\n',
      headers: [['Content-Type', 'text/event-stream']],
    });
    expect(await answerOf({ status: 200, body: 'text' })).toMatchObject({ headers: [] });
  });

  test('without a body has no type, and its body stays as the platform has it', async () => {
    const { headers, body } = (await answerOf({ status: 202, headers: { 'Retry-After': '5' } })) ?? {};
    expect(headers).toEqual([['Retry-After', '5']]);
    expect(body).toBe('not set');
  });

  test('that refuses has a code, a message and its headers', async () => {
    expect(await answerOf(refusal(401, 'NO', 'Say who you are.', { 'X-A': 'b' }))).toMatchObject({
      status: 401,
      body: { error: { code: 'NO', message: 'Say who you are.' } },
      headers: [
        ['Content-Type', 'application/json'],
        ['X-A', 'b'],
      ],
    });
  });
});

describe('the headers of an event', () => {
  test('are known by small letters, with repeated ones joined', () => {
    const headers = { 'X-Twilio-Signature': 'abc', Accept: ['application/json', 'text/event-stream'] };
    expect(headersOf({ request: { headers } })).toEqual({
      'x-twilio-signature': 'abc',
      accept: 'application/json, text/event-stream',
    });
  });

  test('are left out if they are no text, or longer than all headers of a request can be', () => {
    const headers = { a: 'x'.repeat(16_384), b: 'x'.repeat(16_385), c: 5, d: ['x', 5], e: null };
    expect(Object.keys(headersOf({ request: { headers } }))).toEqual(['a']);
  });

  test.each([
    undefined,
    null,
    'a parameter',
    ['a'],
    {},
    { headers: null },
    { headers: 'a' },
    { headers: ['a'] },
  ])('are none when a parameter named request, %j, has replaced them', (request) => {
    expect(headersOf({ request })).toEqual({});
  });
});

test('the body of an event is everything but what the platform added', () => {
  const event = { request: { headers: {} }, jsonrpc: '2.0', id: 1 };
  expect(bodyOf(event)).toEqual({ jsonrpc: '2.0', id: 1 });
  expect(event).toHaveProperty('request');
});
