/** The Sync store by itself: what it does about conflicts, documents that go, lifetimes and other versions. */
import { createRequire } from 'node:module';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { PaymentError } from '../../../functions/payments/errors.ts';
import { newLedger } from '../../../functions/payments/session/call-ledger.ts';
import { newSession, type PaymentSession, type Terms } from '../../../functions/payments/session/session.ts';
import { createTwilioClient } from '../../../functions/twilio/client.ts';
import { LastSeen } from '../../../functions/twilio/last-seen.ts';
import { createSyncStores } from '../../../functions/twilio/sync-store.ts';
import { machineTime } from '../../../functions/twilio/time.ts';
import { redirectPath, type Simulator, startSimulator } from '../../simulator/index.ts';

createRequire(import.meta.url)(redirectPath);

const CALL = `CA${'1'.repeat(32)}`;
const PAYMENT = `PK${'2'.repeat(32)}`;
const SESSION = newSession({ paymentSid: PAYMENT, callSid: CALL });
const NAME = `payment-${PAYMENT}`;
const TERMS = {
  chargeAmount: 5,
  currency: 'USD',
  tokenType: '',
  description: '',
  paymentConnector: 'Default',
  paymentMethod: 'credit-card',
  required: ['payment-card-number'],
} as const;

let simulator: Simulator;
let pauses: number[];
let left: number;

/** The stores over a simulated Twilio: their pauses take no time, and are half of the longest that they may be. */
function stores(ttlSeconds = 3_600, lastSeen = new LastSeen()) {
  const { accountSid, apiKey: username, apiSecret: password } = simulator.credentials;
  const client = createTwilioClient({
    accountSid,
    username,
    password,
    edge: '',
    region: '',
    requestMs: 5_000,
    repeats: false,
    left: () => 5_000,
    time: machineTime,
  });
  const time = {
    ...machineTime,
    random: () => 0.5,
    after(milliseconds: number, run: () => void) {
      pauses.push(milliseconds);
      run();
      return () => undefined;
    },
  };
  return createSyncStores({
    client,
    serviceSid: 'default',
    lastSeen,
    scope: '',
    ttlSeconds,
    left: () => left,
    time,
  });
}

/** The requests since so many had been made. */
function requestsSince(count: number) {
  return simulator.requests.slice(count);
}

beforeEach(async () => {
  simulator = await startSimulator();
  process.env.TWILIO_SIMULATOR_URL = simulator.url;
  pauses = [];
  left = 5_000;
  onTestFinished(() => simulator.close());
});

describe('an update', () => {
  const ended = <T extends { callEnded: string }>(session: T | undefined) =>
    session && { ...session, callEnded: `${session.callEnded}x` };

  test('that loses to another one reads again, and changes what it finds', async () => {
    const { sessions } = stores();
    const stale = await sessions.create(PAYMENT, SESSION);
    await sessions.update(PAYMENT, (session) => session && { ...session, sessionError: 'other' });
    const before = simulator.requests.length;
    const updated = await sessions.update(PAYMENT, ended, stale);
    const requests = requestsSince(before);
    expect(updated).toMatchObject({ data: { callEnded: 'x', sessionError: 'other' }, isWritten: true });
    expect(requests.map(({ route }) => route)).toEqual([
      'documents.update',
      'documents.fetch',
      'documents.update',
    ]);
    expect(requests.map(({ headers }) => headers['if-match'])).toEqual(['0', undefined, '1']);
  });

  test('backs off longer each time, by chance, and gives up when the invocation has no time for it', async () => {
    const { sessions } = stores();
    const stale = await sessions.create(PAYMENT, SESSION);
    simulator.faults.add({ route: 'documents.update', times: 7, action: { status: 412, code: 54103 } });
    await sessions.update(PAYMENT, ended, stale);
    expect(pauses).toEqual([12.5, 25, 50, 100, 200, 400, 400]);
    left = 10;
    simulator.faults.add({ route: 'documents.update', action: { status: 412, code: 54103 } });
    await expect(sessions.update(PAYMENT, ended)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  test('of a document that went between read and write makes it anew from nothing', async () => {
    const { sessions } = stores();
    const stale = await sessions.create(PAYMENT, SESSION);
    simulator.advance(2 * 3_600_000);
    const seen: unknown[] = [];
    const updated = await sessions.update(
      PAYMENT,
      (session) => {
        seen.push(session);
        return { ...(session ?? SESSION), sessionError: 'new' };
      },
      stale,
    );
    expect(seen).toEqual([SESSION, undefined]);
    expect(updated).toMatchObject({ data: { sessionError: 'new' }, isWritten: true });
  });

  test('of a document that somebody else makes at the same moment changes that one', async () => {
    const { sessions } = stores();
    await sessions.create(PAYMENT, { ...SESSION, sessionError: 'other' });
    const updated = await sessions.update(
      PAYMENT,
      (session) => ({ ...(session ?? SESSION), callEnded: 'x' }),
      null,
    );
    expect(updated?.data).toMatchObject({ sessionError: 'other', callEnded: 'x' });
  });

  test('that changes nothing writes nothing', async () => {
    const { sessions } = stores();
    await sessions.create(PAYMENT, SESSION);
    const before = simulator.requests.length;
    expect(await sessions.update(PAYMENT, (session) => session)).toMatchObject({ isWritten: false });
    expect(await sessions.update(`PK${'3'.repeat(32)}`, (session) => session)).toBeUndefined();
    const requests = requestsSince(before);
    expect(requests.map(({ route }) => route)).toEqual(['documents.fetch', 'documents.fetch']);
  });
});

test('each write renews the life of a document, and a ledger lives two days longer than its payments', async () => {
  const { sessions, ledgers } = stores(600);
  const owned = {
    terms: { ...TERMS, required: ['payment-card-number'] } as Terms,
    at: 0,
    owner: 'a',
    client: 'desk',
  };
  await sessions.create(PAYMENT, SESSION);
  await ledgers.create(CALL, newLedger(CALL, { ...owned, anotherPayment: false }));
  simulator.advance(400_000);
  await sessions.update(PAYMENT, (session) => session && { ...session, callEnded: 'x' });
  simulator.advance(400_000);
  expect(await sessions.read(PAYMENT)).toBeDefined();
  simulator.advance(400_000);
  expect(await sessions.read(PAYMENT)).toBeUndefined();
  simulator.advance(2 * 86_400_000 - 700_000);
  expect(await ledgers.read(CALL)).toBeDefined();
  simulator.advance(200_000);
  expect(await ledgers.read(CALL)).toBeUndefined();
});

test('no document lives longer than Sync allows', async () => {
  await stores(31_536_000).ledgers.create(
    CALL,
    newLedger(CALL, {
      terms: { ...TERMS, required: ['payment-card-number'] } as Terms,
      at: 0,
      owner: 'a',
      client: 'desk',
      anotherPayment: false,
    }),
  );
  expect(simulator.requests[0]?.params.Ttl).toBe('31536000');
});

describe('a document of another version', () => {
  test('is told, for nobody can do anything about it', async () => {
    const { sessions } = stores();
    await sessions.create(PAYMENT, { ...SESSION, version: 0 as 1 });
    await expect(sessions.read(PAYMENT)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      detail: 'It was saved by another version of this server.',
      advice: { nextStep: 'done', say: 'hand-over' },
    });
    await expect(sessions.update(PAYMENT, () => SESSION)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(simulator.documents().map(({ uniqueName, data }) => [uniqueName, data.version])).toEqual([
      [NAME, 0],
    ]);
  });

  test('is left out of a list', async () => {
    const { sessions } = stores();
    await sessions.create(PAYMENT, SESSION);
    await sessions.create(`PK${'3'.repeat(32)}`, { ...SESSION, version: 0 as 1 });
    const { sessions: listed } = await sessions.list(undefined);
    expect(listed.map(({ data }) => data.paymentSid)).toEqual([PAYMENT]);
  });

  test('before this one may be a ledger without what was added since', async () => {
    const { ledgers } = stores();
    // As the release before wrote it: the newest attempt alone.
    const old = {
      version: 1,
      callSid: CALL,
      attempt: 3,
      terms: TERMS,
      at: 17,
      refused: false,
    };
    await ledgers.create(CALL, old as never);
    expect((await ledgers.read(CALL))?.data).toMatchObject({
      attempt: 3,
      owner: '',
      anotherPayment: false,
      paymentSids: [],
      earlier: [],
      charges: [],
      declinesOf: {},
      terms: { chargeAmount: 5, language: 'en', validCardTypes: [] },
    });
  });
});

describe('what an instance saw last', () => {
  const routes = (since: number) => requestsSince(since).map(({ route }) => route);
  const ended = (callEnded: string) => (session: PaymentSession | undefined) =>
    session && { ...session, callEnded };

  test('spares a change its read, and is what the write made of it then', async () => {
    const { sessions } = stores();
    await sessions.create(PAYMENT, SESSION);
    const before = simulator.requests.length;
    await sessions.update(PAYMENT, ended('completed'));
    expect(routes(before)).toEqual(['documents.update']);
    expect(sessions.lastSeen(PAYMENT)?.data.callEnded).toBe('completed');
  });

  test('is read anew if another instance has written since, and the change is made again', async () => {
    const [here, there] = [stores().sessions, stores().sessions];
    await here.create(PAYMENT, SESSION);
    await there.update(PAYMENT, (session) => session && { ...session, sessionError: 'there' });
    const before = simulator.requests.length;
    const updated = await here.update(PAYMENT, ended('here'));
    expect(routes(before)).toEqual(['documents.update', 'documents.fetch', 'documents.update']);
    expect(updated?.data).toMatchObject({ sessionError: 'there', callEnded: 'here' });
  });

  test.each([
    ['leaves it as it is', (session: PaymentSession) => session],
    ['leaves it alone', () => undefined],
    [
      'refuses it',
      () => {
        throw new PaymentError('COMPLETING');
      },
    ],
  ])('is read anew before a change that %s', async (_, unlessThere) => {
    const [here, there] = [stores().sessions, stores().sessions];
    await here.create(PAYMENT, SESSION);
    await there.update(PAYMENT, (session) => session && { ...session, sessionError: 'there' });
    const updated = await here.update(PAYMENT, (session) =>
      session?.sessionError === 'there' ? { ...session, callEnded: 'here' } : unlessThere(session ?? SESSION),
    );
    expect(updated?.data).toMatchObject({ sessionError: 'there', callEnded: 'here' });
  });

  test('never answers a read', async () => {
    const [here, there] = [stores().sessions, stores().sessions];
    await here.create(PAYMENT, SESSION);
    await there.update(PAYMENT, ended('there'));
    expect((await here.read(PAYMENT))?.data.callEnded).toBe('there');
  });

  test('is forgotten when nobody knows what a write came to', async () => {
    const { sessions } = stores();
    await sessions.create(PAYMENT, SESSION);
    simulator.faults.add({ route: 'documents.update', action: { status: 503 } });
    await expect(sessions.update(PAYMENT, ended('x'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(sessions.lastSeen(PAYMENT)).toBeUndefined();
  });

  test('is kept for two minutes, and never longer than Sync keeps it: revisions begin anew then', async () => {
    const lastSeen = new LastSeen();
    const stored = { data: SESSION, revision: '3', updatedAt: new Date(0).toISOString() };
    lastSeen.keep('a', stored, { began: lastSeen.begin(), now: 0, expires: Number.POSITIVE_INFINITY });
    lastSeen.keep('b', stored, { began: lastSeen.begin(), now: 0, expires: 60_000 });
    expect(lastSeen.find('a', 119_999)).toMatchObject({ ...stored, seenAt: 0 });
    expect(lastSeen.find('a', 120_000)).toBeUndefined();
    expect(lastSeen.find('b', 59_999)).toMatchObject(stored);
    expect(lastSeen.find('b', 60_000)).toBeUndefined();
  });

  test('is of the newest hundred documents', () => {
    const lastSeen = new LastSeen();
    const stored = { data: SESSION, revision: '0', updatedAt: '' };
    for (let i = 0; i <= 100; i++)
      lastSeen.keep(`${i}`, stored, { began: lastSeen.begin(), now: 0, expires: 1_000 });
    expect(lastSeen.find('0', 0)).toBeUndefined();
    expect(lastSeen.find('1', 0)).toBeDefined();
  });

  test('is not replaced by the answer to a request that began before it was kept', () => {
    const lastSeen = new LastSeen();
    const began = lastSeen.begin();
    const keep = (revision: string, since: number) =>
      lastSeen.keep(
        'a',
        { data: SESSION, revision, updatedAt: '' },
        { began: since, now: 0, expires: 1_000 },
      );
    keep('2', lastSeen.begin());
    keep('1', began);
    expect(lastSeen.find('a', 0)?.revision).toBe('2');
  });

  test('tells those who wait for it, until they stop', () => {
    const lastSeen = new LastSeen();
    const heard: unknown[] = [];
    const stop = lastSeen.listen('a', (data) => heard.push(data));
    const keep = (revision: string, data: unknown) =>
      lastSeen.keep(
        'a',
        { data, revision, updatedAt: '' },
        { began: lastSeen.begin(), now: 0, expires: 1_000 },
      );
    keep('1', 'first');
    keep('1', 'the same, read again');
    keep('2', 'second');
    stop();
    keep('3', 'third');
    expect(heard).toEqual(['first', 'second']);
  });
});
