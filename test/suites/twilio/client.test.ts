import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PaymentError } from '../../../functions/payments/errors.ts';
import {
  answerOf,
  createTwilioClient,
  safeCause,
  type TwilioClientOptions,
  toPaymentError,
} from '../../../functions/twilio/client.ts';
import { machineTime } from '../../../functions/twilio/time.ts';
import { redirectPath } from '../../simulator/index.ts';

createRequire(import.meta.url)(redirectPath);

const ACCOUNT_SID = `AC${'1'.repeat(32)}`;
const CALL_SID = `CA${'2'.repeat(32)}`;
const PASSWORD = 'the-secret-of-the-key';
const BASIC = Buffer.from(`${ACCOUNT_SID}:${PASSWORD}`).toString('base64');

/** How Twilio behaves for one request. */
type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

const answers: Behaviour = (_, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ sid: CALL_SID, status: 'in-progress' }));
};
const resets: Behaviour = (request) => {
  request.socket.destroy();
};
const hangs: Behaviour = () => undefined;
const trickles: Behaviour = (_, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 10);
  response.on('close', () => clearInterval(timer));
};

function refuses(status: number, code?: number, headers: Record<string, string> = {}): Behaviour {
  return (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify({ ...(code && { code }), message: 'In the words of Twilio', status }));
  };
}

/** A Twilio that behaves as told, request by request, the last way for good; and our client in front of it. */
async function open(behaviours: Behaviour[], options: Partial<TwilioClientOptions> = {}) {
  const times: number[] = [];
  const hosts: unknown[] = [];
  const server = createServer((request, response) => {
    hosts.push(request.headers['x-simulated-host']);
    times.push(performance.now());
    const behave = behaviours[Math.min(times.length, behaviours.length) - 1] ?? answers;
    behave(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.TWILIO_SIMULATOR_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const connect = createTwilioClient({
    accountSid: ACCOUNT_SID,
    username: ACCOUNT_SID,
    password: PASSWORD,
    edge: '',
    region: '',
    // Longer than any answer here takes on a busy machine.
    requestMs: 30_000,
    repeats: true,
    left: () => 40_000,
    time: machineTime,
    ...options,
  });
  return { fetchCall: () => connect().calls(CALL_SID).fetch(), times, hosts };
}

/** What a promise rejects with. */
async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('was expected to fail'),
    (error: unknown) => error,
  );
}

/** Milliseconds that a deadline, counted from now, is still away. */
function deadline(milliseconds: number): () => number {
  const at = performance.now() + milliseconds;
  return () => at - performance.now();
}

describe('a client that repeats', () => {
  test.each<[string, Behaviour]>([
    ['too many requests', refuses(429, 20429)],
    ['an internal error', refuses(500)],
    ['a bad gateway', refuses(502)],
    ['an overload', refuses(503, 20503)],
    ['a gateway’s time-out', refuses(504)],
    ['a broken connection', resets],
  ])('gets over %s', async (_, trouble) => {
    const { fetchCall, times } = await open([trouble, trouble, answers]);
    expect(await fetchCall()).toMatchObject({ status: 'in-progress' });
    expect(times).toHaveLength(3);
  });

  test('gets over a request that is not answered in its time', async () => {
    let limits = 0;
    const after: typeof machineTime.after = (ms, run) => machineTime.after(limits++ === 0 ? 60 : ms, run);
    const { fetchCall, times } = await open([hangs, answers], { time: { ...machineTime, after } });
    expect(await fetchCall()).toMatchObject({ status: 'in-progress' });
    expect(times).toHaveLength(2);
  });

  test('waits for as long as Retry-After says', async () => {
    const { fetchCall, times } = await open([refuses(429, 20429, { 'Retry-After': '0.4' }), answers]);
    await fetchCall();
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(390);
  });

  test('does not wait for a Retry-After that outlasts the invocation', async () => {
    const { fetchCall, times } = await open([refuses(429, 20429, { 'Retry-After': '60' })]);
    expect(await errorOf(fetchCall())).toMatchObject({ status: 429, code: 20429 });
    expect(times).toHaveLength(1);
  });

  test.each([400, 401, 403, 404, 409, 412])('takes %i for an answer', async (status) => {
    const { fetchCall, times } = await open([refuses(status, 20000)]);
    expect(await errorOf(fetchCall())).toMatchObject({ status, code: 20000 });
    expect(times).toHaveLength(1);
  });

  test('gives up after five attempts', async () => {
    const { fetchCall, times } = await open([refuses(503, 20503, { 'Retry-After': '0.01' })]);
    expect(await errorOf(fetchCall())).toMatchObject({ status: 503 });
    expect(times).toHaveLength(5);
  });
});

test.each<[string, Behaviour, object]>([
  ['too many requests', refuses(429, 20429), { status: 429, code: 20429 }],
  ['an overload', refuses(503), { status: 503 }],
  ['a broken connection', resets, { code: 'ECONNRESET' }],
])('a client that does not repeat asks once, whatever happens: %s', async (_, trouble, error) => {
  const { fetchCall, times } = await open([trouble, answers], { repeats: false });
  expect(await errorOf(fetchCall())).toMatchObject(error);
  expect(times).toHaveLength(1);
});

describe('no request lasts longer than the invocation', () => {
  test.each<[string, Behaviour, boolean]>([
    ['no answer', hangs, false],
    ['no answer, repeated', hangs, true],
    ['an answer that comes byte by byte', trickles, false],
    ['one error after the other', refuses(503), true],
    ['one broken connection after the other', resets, true],
  ])('%s', async (_, trouble, repeats) => {
    const { fetchCall } = await open([trouble], { repeats, left: deadline(150), requestMs: 60_000 });
    const before = performance.now();
    await errorOf(fetchCall());
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  test('nor than its own limit', async () => {
    const { fetchCall, times } = await open([trickles], { repeats: false, requestMs: 80 });
    const before = performance.now();
    const error = toPaymentError(await errorOf(fetchCall()));
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(error).toMatchObject({ code: 'TWILIO_UNAVAILABLE', wasRefused: false });
    expect(times).toHaveLength(1);
  });

  test('and none is sent when time is up', async () => {
    const { fetchCall, times } = await open([answers], { left: () => 0 });
    expect(toPaymentError(await errorOf(fetchCall()))).toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    expect(times).toHaveLength(0);
  });
});

test.each([
  ['', '', 'api.twilio.com'],
  ['dublin', 'ie1', 'api.dublin.ie1.twilio.com'],
])('edge %j and region %j ask %s, whatever the environment says', async (edge, region, host) => {
  Object.assign(process.env, { TWILIO_EDGE: 'sydney', TWILIO_REGION: 'au1' });
  onTestFinished(() => {
    delete process.env.TWILIO_EDGE;
    delete process.env.TWILIO_REGION;
  });
  const { fetchCall, hosts } = await open([answers], { edge, region });
  await fetchCall();
  expect(hosts).toEqual([host]);
});

describe('what an agent is told of a failed request', () => {
  test.each<[number, number, string]>([
    [400, 21220, 'CALL_NOT_IN_PROGRESS'],
    [401, 20003, 'TWILIO_UNAUTHORIZED'],
    [403, 20003, 'TWILIO_UNAUTHORIZED'],
    [404, 20404, 'TWILIO_NOT_FOUND'],
    [429, 20429, 'TWILIO_RATE_LIMITED'],
    [400, 64003, 'TWILIO_REFUSED'],
    [409, 64021, 'TWILIO_REFUSED'],
    [400, 99999, 'TWILIO_REFUSED'],
    [500, 64002, 'TWILIO_UNAVAILABLE'],
    [503, 20503, 'TWILIO_UNAVAILABLE'],
  ])('HTTP %i with code %i is %s', async (status, twilioCode, code) => {
    const { fetchCall } = await open([refuses(status, twilioCode)], { repeats: false });
    const error = toPaymentError(await errorOf(fetchCall()));
    expect(error).toMatchObject({
      code,
      twilio: { status, code: twilioCode },
      wasRefused: status < 500 && twilioCode !== 99999,
    });
    expect(error.message).toContain(`Twilio error ${twilioCode}, HTTP ${status}`);
  });

  test('an error page that is no JSON is no answer', async () => {
    const page: Behaviour = (_, response) => response.writeHead(502).end('<html>Bad gateway</html>');
    const { fetchCall } = await open([page], { repeats: false });
    const error = toPaymentError(await errorOf(fetchCall()));
    expect(error).toMatchObject({ code: 'TWILIO_UNAVAILABLE', wasRefused: false });
  });

  test('names the setting that an operator should look at', () => {
    const refused = (code: number) => toPaymentError({ status: 400, code }).message;
    expect(refused(21609)).toContain('PUBLIC_URL');
    expect(refused(64004)).toContain('PAYMENT_CONNECTOR');
  });

  test('is never in Twilio’s words, and never holds the credentials', async () => {
    for (const trouble of [resets, hangs, trickles, refuses(400, 64020), refuses(503)]) {
      const { fetchCall } = await open([trouble], { repeats: false, requestMs: 50 });
      const error = toPaymentError(await errorOf(fetchCall()));
      const written = [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), error.stack];
      for (const text of [
        ...written,
        String(error.cause),
        inspect(error.cause, { depth: 20, showHidden: true }),
      ]) {
        expect(text).not.toMatch(/In the words of Twilio|authorization/i);
        expect(text).not.toContain(PASSWORD);
        expect(text).not.toContain(BASIC);
      }
    }
  });

  test('although the error of the package does hold them', async () => {
    const { fetchCall } = await open([resets], { repeats: false });
    expect(inspect(await errorOf(fetchCall()), { depth: 20 })).toContain(BASIC);
  });

  test('is what it was told already, where that is known', () => {
    const known = new PaymentError('COMPLETING');
    expect(toPaymentError(known)).toBe(known);
  });

  test.each([undefined, null, 'text', 7])(
    'is that Twilio did not answer, when what was thrown is %j',
    (thrown) => {
      expect(answerOf(thrown)).toEqual({ status: 0, code: 0 });
      expect(toPaymentError(thrown)).toMatchObject({ code: 'TWILIO_UNAVAILABLE' });
    },
  );
});

test('the cause that is kept of an error is its name and code', () => {
  const error = Object.assign(new TypeError('with a secret'), { code: 'ECONNRESET', config: {} });
  expect(safeCause(error).message).toBe('TypeError ECONNRESET');
  expect(safeCause({ code: 20429 }).message).toBe('Error');
});
