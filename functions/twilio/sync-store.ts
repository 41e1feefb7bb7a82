import type { Twilio } from 'twilio';
import type * as z from 'zod';
import { PaymentError } from '../payments/errors.ts';
import type { SessionStore, Store, Stored } from '../payments/ports.ts';
import { callLedgerSchema } from '../payments/session/call-ledger.ts';
import { isFinished } from '../payments/session/phase.ts';
import { isPending, type PaymentSession, sessionSchema } from '../payments/session/session.ts';
import { answerOf, safeCause } from './client.ts';
import type { LastSeen } from './last-seen.ts';
import { sleep, type Time } from './time.ts';

export interface SyncStoreOptions {
  /** Made when it is first needed: most requests of a client need none. */
  client(): Twilio;
  serviceSid: string;
  /** The documents that this instance keeps. */
  lastSeen: LastSeen;
  /** Keeps those of one account and service from those of others. */
  scope: string;
  /** Seconds that a document lives after its last write: Sync does not renew it by itself. */
  ttlSeconds: number;
  /** The same for payments that are finished or may be charged, if that is longer. */
  keepFinishedSeconds?: number | undefined;
  /** Milliseconds that the invocation may still take. */
  left(): number;
  time: Time;
}

/** The longest pause between two attempts at a conditional write, in milliseconds. */
const MAX_BACKOFF_MS = 800;
/** The longest that a document may live (https://www.twilio.com/docs/sync/objects-ttl). */
const MAX_TTL_SECONDS = 31_536_000;
/** The most documents that Sync lists at once. */
const PAGE_SIZE = 100;

type Documents = ReturnType<Twilio['sync']['v1']['services']>['documents'];
type Document = Awaited<ReturnType<Documents['create']>>;

/**
 * Seconds that a call's ledger outlives its payments, however long these are kept. Both TTLs are renewed on each write; a payment is last written
 * while its call lasts, which is a day at most (https://www.twilio.com/docs/voice/api/call-resource, TimeLimit), or by a
 * callback soon after.
 */
const LEDGER_OUTLIVES_SECONDS = 2 * 86_400;

/**
 * The two kinds of Sync documents:
 * - `payment-{paymentSid}`: a payment session (`sessionSchema`);
 * - `call-{callSid}`: the ledger of a call (`callLedgerSchema`).
 * Sync keeps 16 KiB a document, about 20 reads and 20 writes a second (https://www.twilio.com/docs/sync/limits).
 */
export function createSyncStores(options: SyncStoreOptions) {
  const { ttlSeconds, keepFinishedSeconds = 0 } = options;
  const longest = Math.max(ttlSeconds, keepFinishedSeconds);
  const ttlOf = (session: PaymentSession) =>
    isFinished(session) || isPending(session.completing) ? longest : ttlSeconds;
  const ledgerTtl = Math.min(longest + LEDGER_OUTLIVES_SECONDS, MAX_TTL_SECONDS);
  return {
    sessions: {
      ...documentStore(options, 'payment', sessionSchema, ttlOf),
      lifetimeMs: ttlSeconds * 1000,
      list: sessionLister(options),
      typing: (paymentSid, entry, length) =>
        options.lastSeen.typing(`${keyOf(options, `payment-${paymentSid}`)} ${entry}`, length),
      listen: (paymentSid, tell) =>
        options.lastSeen.listen(keyOf(options, `payment-${paymentSid}`), (data) =>
          tell(data as PaymentSession),
        ),
    } satisfies SessionStore,
    ledgers: documentStore(options, 'call', callLedgerSchema, () => ledgerTtl),
  };
}

function documentStore<T extends object>(
  options: SyncStoreOptions,
  kind: string,
  schema: () => z.ZodType<T>,
  ttlOf: (data: T) => number,
): Store<T> {
  const { lastSeen, time } = options;
  const documents = () => documentsOf(options);
  const name = (id: string) => `${kind}-${id}`;
  const key = (id: string) => keyOf(options, name(id));

  async function keeping(id: string, request: () => Promise<Stored<T> | undefined>) {
    const began = lastSeen.begin();
    const stored = await request();
    if (stored) {
      const expires = Date.parse(stored.updatedAt) + ttlOf(stored.data) * 1000;
      lastSeen.keep(key(id), stored, { began, now: time.now(), expires });
    }
    return stored;
  }

  function toStored(document: Document): Stored<T> {
    const parsed = schema().safeParse(document.data);
    if (!parsed.success) {
      throw new PaymentError('STORE_UNAVAILABLE', {
        detail: 'It was saved by another version of this server.',
        nextStep: 'done',
        say: 'hand-over',
      });
    }
    return asStored(document, parsed.data);
  }

  async function read(id: string): Promise<Stored<T> | undefined> {
    let found: Stored<T> | undefined;
    try {
      found = await keeping(id, () =>
        attempt([404], async () => toStored(await documents()(name(id)).fetch())),
      );
      return found;
    } finally {
      // There is none, or none that this server can read.
      if (!found) lastSeen.forget(key(id));
    }
  }

  async function write(id: string, expected: number[], request: () => Promise<Stored<T>>) {
    // Until the answer is there, nobody knows whether it is out of date.
    lastSeen.forget(key(id));
    return keeping(id, () => attempt(expected, request));
  }

  const create = (id: string, data: T) =>
    write(id, [409], async () =>
      asStored(await documents().create({ uniqueName: name(id), data, ttl: ttlOf(data) }), data),
    );

  const replace = (id: string, data: T, ifMatch: string) =>
    write(id, [412, 404], async () =>
      asStored(await documents()(name(id)).update({ data, ttl: ttlOf(data), ifMatch }), data),
    );

  // Only this store puts anything under this key.
  const find = (id: string) => lastSeen.find(key(id), time.now()) as Stored<T> | undefined;

  return {
    read,
    create,
    lastSeen: find,

    async update(id, change, from) {
      let current = from === undefined ? (find(id) ?? (await read(id))) : (from ?? undefined);
      for (let conflicts = 0; ; conflicts++) {
        const next = orUnchanged(current, change);
        if (next === undefined || next === current?.data) {
          if (current?.seenAt === undefined) return current && { ...current, isWritten: false };
          current = await read(id);
          continue;
        }
        const saved = await (current ? replace(id, next, current.revision) : create(id, next));
        if (saved) return { ...saved, isWritten: true };
        const pause = options.time.random() * Math.min(25 * 2 ** conflicts, MAX_BACKOFF_MS);
        if (options.left() <= pause) throw new PaymentError('STORE_UNAVAILABLE');
        await sleep(options.time, pause);
        current = await read(id);
      }
    },
  };
}

/** What a change makes of a document. Why it will not change one that was only kept, a fresh read has to confirm. */
function orUnchanged<T>(
  current: Stored<T> | undefined,
  change: (data: T | undefined) => T | undefined,
): T | undefined {
  try {
    return change(current?.data);
  } catch (error) {
    if (current?.seenAt !== undefined && error instanceof PaymentError) return undefined;
    throw error;
  }
}

function keyOf({ scope }: SyncStoreOptions, name: string): string {
  return `${scope} ${name}`;
}

/** Of a write, Sync's answer repeats what was sent, which need not be parsed. */
function asStored<T>({ revision, dateUpdated }: Document, data: T): Stored<T> {
  return { data, revision, updatedAt: dateUpdated.toISOString() };
}

/** Pages through all documents of the service and keeps the payments. */
function sessionLister(options: SyncStoreOptions): SessionStore['list'] {
  return async (cursor) => {
    const [pageToken, pageNumber] = cursor?.split(' ') ?? [];
    const page = await attempt(cursor ? [400, 404] : [], () =>
      documentsOf(options).page({
        pageSize: PAGE_SIZE,
        ...(pageToken && { pageToken, pageNumber: Number(pageNumber) }),
      }),
    );
    if (!page) throw new PaymentError('INVALID_ARGUMENT', { detail: 'The cursor is not valid.' });
    const sessions = page.instances.flatMap((document) => {
      if (!document.uniqueName?.startsWith('payment-')) return [];
      const parsed = sessionSchema().safeParse(document.data);
      return parsed.success ? [asStored(document, parsed.data)] : [];
    });
    const next = page.nextPageUrl ? new URL(page.nextPageUrl).searchParams : undefined;
    const token = next?.get('PageToken');
    return { sessions, nextCursor: token ? `${token} ${next?.get('Page') ?? '1'}` : undefined };
  };
}

function documentsOf({ client, serviceSid }: SyncStoreOptions): Documents {
  return client().sync.v1.services(serviceSid).documents;
}

/** Runs one request; undefined for the statuses that the caller expects, STORE_UNAVAILABLE for all other failures. */
async function attempt<R>(expected: number[], request: () => Promise<R>): Promise<R | undefined> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof PaymentError) throw error;
    const twilio = answerOf(error);
    if (expected.includes(twilio.status)) return undefined;
    const isDenied = twilio.status === 401 || twilio.status === 403;
    throw new PaymentError(isDenied ? 'TWILIO_UNAUTHORIZED' : 'STORE_UNAVAILABLE', {
      twilio,
      cause: safeCause(error),
    });
  }
}
