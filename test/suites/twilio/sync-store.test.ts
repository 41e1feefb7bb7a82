/** The Sync store by itself: what it does about conflicts, documents that go, lifetimes and other versions. */
import { createRequire } from 'node:module';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { newLedger } from '../../../functions/payments/session/call-ledger.ts';
import { newSession, type Terms } from '../../../functions/payments/session/session.ts';
import { createTwilioClient } from '../../../functions/twilio/client.ts';
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
function stores(ttlSeconds = 3_600) {
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
  return createSyncStores({ client, serviceSid: 'default', ttlSeconds, left: () => left, time });
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
