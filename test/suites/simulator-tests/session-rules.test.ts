import { describe, expect, test } from 'vitest';
import { openScene, refusalOf } from './scene.ts';

describe('creating a session', () => {
  test.each([
    [{ idempotencyKey: '' }, 20001],
    [{ statusCallback: '/payment-status' }, 21609],
    [{ statusCallback: 'ftp://pay.example.com' }, 21609],
    [{ statusCallback: `https://pay.example.com/${'a'.repeat(4_000)}` }, 21609],
    [{ chargeAmount: -1 }, 64003],
    [{ chargeAmount: 1.005 }, 64003],
    [{ chargeAmount: 1_000_000 }, 64003],
    [{ chargeAmount: 100.5, currency: 'JPY' }, 64003],
    [{ chargeAmount: 1.0005, currency: 'KWD' }, 64003],
    [{ paymentConnector: 'Nobody' }, 64004],
    [{ tokenType: 'payment-method' as const, paymentConnector: 'Plain' }, 64006],
    [{ currency: 'XXX' }, 64011],
    [{ paymentMethod: 'ach-debit' as const, paymentConnector: 'Plain' }, 64013],
    [{ paymentMethod: 'ach-debit' as const }, 64014],
    [{ bankAccountType: 'consumer-checking' as const }, 64017],
    [{ input: 'speech' }, 64020],
    [{ timeout: 601 }, 64020],
    [{ minPostalCodeLength: 0 }, 64020],
    [{ validCardTypes: 'visa,amex' }, 64020],
    [{ requireMatchingInputs: 'bank-account-number' }, 64020],
    [{ confirmation: 'yes' }, 64020],
    [{ parameter: { deep: { er: 1 } } }, 64020],
  ])('with %o is refused with %i', async (terms, code) => {
    const { simulator, start } = await openScene();
    simulator.connectors.set('Plain', {
      currencies: ['USD'],
      tokenTypes: ['reusable'],
      paymentMethods: ['credit-card'],
    });
    expect(await refusalOf(start(terms))).toEqual({ status: 400, code });
    expect(simulator.payments()).toEqual([]);
  });

  test('takes zero as a tokenization', async () => {
    const { simulator, start } = await openScene();
    await start({ chargeAmount: 0 });
    expect(simulator.payments()[0]?.chargeAmount).toBeUndefined();
  });

  test.each(['queued', 'ringing', 'completed', 'busy', 'failed', 'no-answer', 'canceled'] as const)(
    'needs the call to be in progress, not %s',
    async (status) => {
      const { simulator, start } = await openScene();
      const call = simulator.placeCall({ status });
      expect(await refusalOf(start({}, call.sid))).toEqual({ status: 400, code: 21220 });
    },
  );

  test('needs a call', async () => {
    const { start } = await openScene();
    expect(await refusalOf(start({}, `CA${'0'.repeat(32)}`))).toEqual({ status: 404, code: 20404 });
  });

  test('is refused while another one lives on the call', async () => {
    const { simulator, start, update, last } = await openScene({ switches: { paymentErrorStatus: 409 } });
    const first = await start();
    expect(await refusalOf(start())).toEqual({ status: 409, code: 64021 });

    simulator.switches.sessionInProgress = 'callback';
    const second = await start();
    expect(await last()).toMatchObject({ Sid: second, ErrorType: 'session-in-progress' });

    simulator.switches.sessionInProgress = 'both';
    expect(await refusalOf(start())).toEqual({ status: 409, code: 64021 });
    expect((await last()).Sid).not.toBe(second);
    expect(simulator.payments().map(({ state }) => state)).toEqual(['open', 'refused', 'refused']);

    await update(first, { status: 'cancel' });
    simulator.switches.sessionInProgress = 'rest';
    expect(await start()).toMatch(/^PK/);
  });
});

describe('updating a session', () => {
  test.each([
    [{}, 64018],
    [{ capture: 'security-code', status: 'complete' }, 64018],
    [{ capture: 'shoe-size' }, 64020],
    [{ capture: 'bank-account-number' }, 64020],
    [{ capture: 'payment-card-number-matcher' }, 64021],
    [{ status: 'pause' }, 64020],
    [{ status: 'complete' }, 64019],
  ])('with %o is refused with %i', async (change, code) => {
    const { start, update } = await openScene();
    expect(await refusalOf(update(await start(), change))).toEqual({ status: 400, code });
  });

  test('needs the session and the call it was made for', async () => {
    const { simulator, start, update } = await openScene();
    const capture = { capture: 'expiration-date' };
    const missing = { status: 404, code: 20404 };
    expect(await refusalOf(update(`PK${'0'.repeat(32)}`, capture))).toEqual(missing);
    expect(await refusalOf(update(await start(), capture, simulator.placeCall().sid))).toEqual(missing);
  });

  test('is refused once it is over, or the call is', async () => {
    const { start, update, caller } = await openScene();
    const sid = await start();
    await update(sid, { status: 'cancel' });
    const over = { status: 400, code: 64021 };
    expect(await refusalOf(update(sid, { capture: 'expiration-date' }))).toEqual(over);
    expect(await refusalOf(update(sid, { status: 'cancel' }))).toEqual(over);
    await caller.hangsUp();
    expect(await refusalOf(update(sid, { status: 'cancel' }))).toEqual({ status: 400, code: 21220 });
  });

  test('is refused while the processor works', async () => {
    const { simulator, start, captureCard, update } = await openScene({ switches: { processorMs: 30 } });
    const sid = await start({ chargeAmount: 5, postalCode: false });
    await captureCard(sid);
    await update(sid, { status: 'complete' });
    for (const change of [{ status: 'cancel' }, { status: 'complete' }, { capture: 'expiration-date' }])
      expect(await refusalOf(update(sid, change))).toEqual({ status: 400, code: 64021 });
    await simulator.settled();
    expect(simulator.charges).toHaveLength(1);
  });

  test('with a capture while another one listens replaces it, or is refused', async () => {
    const { simulator, start, update } = await openScene();
    const sid = await start();
    await update(sid, { capture: 'payment-card-number' });
    await update(sid, { capture: 'expiration-date' });
    expect(simulator.payments()[0]?.listeningFor).toBe('expiration-date');
    simulator.switches.captureWhileCapturing = 'refused';
    expect(await refusalOf(update(sid, { capture: 'payment-card-number' }))).toEqual({
      status: 400,
      code: 64021,
    });
  });

  test('moves the callbacks to the URL of the newest request', async () => {
    const { receiver, start, update, simulator } = await openScene();
    const sid = await start({ statusCallback: `${receiver.url}?command=0` });
    await update(sid, { capture: 'expiration-date', statusCallback: `${receiver.url}?command=1#rc=2` });
    await simulator.settled();
    expect(receiver.received.map(({ path }) => path)).toEqual([
      '/payment-status?command=0',
      '/payment-status?command=1',
    ]);
    expect(receiver.received.every(({ genuine }) => genuine)).toBe(true);
  });
});

describe('an idempotency key', () => {
  test('repeated gets the first answer and does no new work', async () => {
    const { simulator, start, update, captureCard, receiver } = await openScene();
    const sid = await start({ chargeAmount: 5, postalCode: false, idempotencyKey: 'one' });
    expect(await start({ chargeAmount: 5, postalCode: false, idempotencyKey: 'one' })).toBe(sid);
    await captureCard(sid);
    await update(sid, { status: 'complete', idempotencyKey: 'one' });
    await simulator.settled();
    const posted = receiver.received.length;
    await update(sid, { status: 'complete', idempotencyKey: 'one' });
    await simulator.settled();
    expect(receiver.received).toHaveLength(posted);
    expect(simulator.charges).toHaveLength(1);
  });

  test.each(['ignored', 'refused'] as const)(
    'repeated is %s where the switch says so',
    async (idempotencyReplay) => {
      const { start, simulator } = await openScene({ switches: { idempotencyReplay } });
      await start({ idempotencyKey: 'one' });
      expect(await refusalOf(start({ idempotencyKey: 'one' }))).toEqual({ status: 400, code: 64021 });
      expect(simulator.payments()).toHaveLength(1);
    },
  );

  test('of a refused request may be used again', async () => {
    const { start, captureCard, update } = await openScene();
    const sid = await start({ postalCode: false });
    expect(await refusalOf(update(sid, { status: 'complete', idempotencyKey: 'c' }))).toMatchObject({
      code: 64019,
    });
    await captureCard(sid);
    expect(await refusalOf(update(sid, { status: 'complete', idempotencyKey: 'c' }))).toBe('accepted');
  });
});

test('wrong credentials and foreign accounts are turned away', async () => {
  const { simulator, callSid } = await openScene();
  const { accountSid, apiKey, apiSecret, authToken } = simulator.credentials;
  const ask = async (user: string, password: string, account = accountSid) => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const path = `/2010-04-01/Accounts/${account}/Calls/${callSid}.json`;
    const response = await fetch(simulator.url + path, { headers: { authorization } });
    return { status: response.status, body: await response.json() };
  };
  expect(await ask(accountSid, authToken)).toMatchObject({ status: 200 });
  expect(await ask(apiKey, apiSecret)).toMatchObject({ status: 200 });
  expect(await ask(apiKey, 'wrong')).toEqual({
    status: 401,
    body: {
      code: 20003,
      message: 'Authenticate',
      more_info: 'https://www.twilio.com/docs/errors/20003',
      status: 401,
    },
  });
  expect(await ask(accountSid, authToken, `AC${'0'.repeat(32)}`)).toMatchObject({
    status: 404,
    body: { code: 20404 },
  });
  expect(JSON.stringify(simulator.requests)).not.toContain('Basic');
});
