import { describe, expect, test, vi } from 'vitest';
import { AUTH_TOKEN, answering, DOMAIN, ECHO, FORM, file, PROMPT, serve, statusOf } from './fixture.ts';
import { problemsOfRun } from './run-checks.ts';

const SLOW = file('/slow', 'exports.handler = () => new Promise((done) => setTimeout(done, 60_000));');

async function json(url: string, init?: RequestInit): Promise<Record<string, never>> {
  return (await fetch(url, init)).json() as Promise<Record<string, never>>;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a deployed Function', () => {
  test('gets query and body in one event, and none of the headers that Twilio hides', async () => {
    const host = await serve({ functions: [file('/run', ECHO)] });
    const headers = {
      ...FORM,
      'x-forwarded-for': '1.2.3.4',
      'i-twilio-idempotency-token': 'x',
      referer: 'https://a.example',
      'x-own': 'kept',
      cookie: 'a=1',
    };
    const { event } = await json(`${host.url}/run?a=1&b=1`, { method: 'POST', headers, body: 'b=2&c=3&c=4' });
    const { request, ...parameters } = event as unknown as {
      request: { headers: Record<string, string>; cookies: object };
    };
    expect(parameters).toEqual({ a: '1', b: '2', c: ['3', '4'] });
    expect(request.cookies).toEqual({ a: '1' });
    expect(request.headers).toMatchObject({ 'x-own': 'kept' });
    for (const name of ['host', 'connection', 'referer', 'x-forwarded-for', 'i-twilio-idempotency-token'])
      expect(request.headers).not.toHaveProperty(name);
  });

  test('knows the account, the domain and its path, and variables as they are now', async () => {
    let currency = 'USD';
    const host = await serve(
      { functions: [file('/run', ECHO)] },
      { variables: () => ({ CURRENCY: currency }) },
    );
    const { context } = await json(`${host.url}/run`);
    expect(context).toMatchObject({ AUTH_TOKEN, CURRENCY: 'USD', DOMAIN_NAME: DOMAIN, PATH: '/run' });
    expect(context).toMatchObject({
      SERVICE_SID: expect.stringMatching(/^ZS/),
      ENVIRONMENT_SID: expect.stringMatching(/^ZE/),
    });
    currency = 'EUR';
    expect((await json(`${host.url}/run`)).context).toMatchObject({ CURRENCY: 'EUR' });
  });

  test('is kept warm for the next request, and shares its process with no other', async () => {
    const host = await serve({
      functions: [
        file('/run', ECHO),
        file(
          '/wait',
          'exports.handler = (c, e, done) => setTimeout(() => done(null, String(process.pid)), 300);',
        ),
      ],
    });
    const first = await json(`${host.url}/run`);
    const second = await json(`${host.url}/run`);
    expect([second.pid, second.runs]).toEqual([first.pid, 2]);
    const pids = await Promise.all([1, 2].map(async () => (await fetch(`${host.url}/wait`)).text()));
    expect(new Set(pids).size).toBe(2);
  });

  test('stands still between two requests', async () => {
    const ticking = `
      let ticks = 0;
      setInterval(() => { ticks += 1; }, 10);
      exports.handler = (context, event, callback) => callback(null, { ticks });`;
    const ticks = async (afterAnswer: 'frozen' | 'running') => {
      const host = await serve({ functions: [file('/run', ticking)] }, { switches: { afterAnswer } });
      await json(`${host.url}/run`);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return Number((await json(`${host.url}/run`)).ticks);
    };
    expect(await ticks('frozen')).toBeLessThan(15);
    expect(await ticks('running')).toBeGreaterThan(15);
  });

  test('that outlives its time is answered with 504, is ended, and fails the rehearsal', async () => {
    const host = await serve({ functions: [SLOW] }, { limits: { executionMs: 1_000 } });
    const answered = statusOf(`${host.url}/slow`);
    await vi.waitUntil(() => host.instances.pids.length === 1);
    const [pid = 0] = host.instances.pids;
    expect(isRunning(pid)).toBe(true);
    expect(await answered).toBe(504);
    expect(isRunning(pid)).toBe(false);
    const nothing = { callbacks: [], everythingWritten: () => '', unknownRequests: [] };
    expect(problemsOfRun({ host, simulator: nothing, written: [], secrets: [] })).toEqual([
      'GET /slow was answered with 504',
    ]);
  });

  test('is not run more often at once than Twilio does', async () => {
    const host = await serve({ functions: [SLOW] }, { limits: { concurrency: 2, executionMs: 1_000 } });
    const statuses = await Promise.all([1, 2, 3].map(() => statusOf(`${host.url}/slow`)));
    expect(statuses.sort()).toEqual([429, 504, 504]);
  });

  test('that throws, rejects or dies is a 500, and the next request is served', async () => {
    const failing = `
      exports.handler = async (context, event, callback) => {
        if (event.how === 'reject') throw new Error('no');
        if (event.how === 'die') process.exit(1);
        if (event.how === 'die later') setTimeout(() => process.exit(1), 50);
        callback(event.how === 'error' ? new Error('no') : null, 'fine');
      };`;
    const host = await serve({ functions: [file('/run', failing)] });
    for (const how of ['reject', 'die', 'error'])
      expect(await statusOf(`${host.url}/run?how=${how}`)).toBe(500);
    expect(await statusOf(`${host.url}/run?how=die+later`)).toBe(200);
    const [pid = 0] = host.instances.pids;
    await vi.waitUntil(() => !isRunning(pid));
    expect(await statusOf(`${host.url}/run`)).toBe(200);
  });

  test('reads private Assets through the Runtime', async () => {
    const host = await serve({
      functions: [answering("Runtime.getAssets()['/prompts/error.md'].open()")],
      assets: [PROMPT],
    });
    expect(await (await fetch(`${host.url}/run`)).text()).toBe('It failed.');
  });

  test('finds another class in the place of the global Response, if Twilio does that', async () => {
    const code = answering('String(Response === Twilio.Response)');
    for (const [globalResponse, expected] of [
      ['platform', 'true'],
      ['web', 'false'],
    ] as const) {
      const host = await serve({ functions: [code] }, { switches: { globalResponse } });
      expect(await (await fetch(`${host.url}/run`)).text()).toBe(expected);
    }
  });
});

describe('what a Function answers with', () => {
  const made = (code: string) => `(() => { const r = new Twilio.Response(); ${code} return r; })()`;
  const JSON_HEADER = "r.appendHeader('Content-Type', 'application/json');";
  test.each([
    ['a string', "'text'", 200, 'text/plain', 'text'],
    ['an object', '({ a: 1 })', 200, 'application/json', '{"a":1}'],
    ['nothing', 'undefined', 200, null, ''],
    ['JSON', made(`${JSON_HEADER} r.setBody({ a: 1 });`), 200, 'application/json', '{"a":1}'],
    ['JSON twice over', made(`${JSON_HEADER} r.setBody('{}');`), 200, 'application/json', '"{}"'],
    [
      'null where JSON has no body',
      made(`r.setStatusCode(202); ${JSON_HEADER}`),
      202,
      'application/json',
      'null',
    ],
    ['nothing at all', made('r.setStatusCode(202);'), 202, null, ''],
    ['its status', made("r.setStatusCode(418).setBody('tea');"), 418, null, 'tea'],
  ])('is %s', async (_, expression, status, type, body) => {
    const host = await serve({ functions: [answering(expression)] });
    const response = await fetch(`${host.url}/run`);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      status,
      type,
      body,
    ]);
  });

  test('is at most 4 MB, with at most 90 headers', async () => {
    const host = await serve({
      functions: [
        file('/body', "exports.handler = (c, e, done) => done(null, 'x'.repeat(5e6));"),
        file(
          '/headers',
          `exports.handler = (c, e, done) => {
            const r = new Twilio.Response();
            for (let i = 0; i < 95; i += 1) r.appendHeader('x-' + i, '1');
            done(null, r);
          };`,
        ),
      ],
    });
    expect(await statusOf(`${host.url}/body`)).toBe(502);
    expect(await statusOf(`${host.url}/headers`)).toBe(431);
  });
});
