import twilio from 'twilio';
import { type ApiAnswer, ApiError, errorBody, notFound } from '../../simulator/api.ts';
import { CallbackParameters } from '../../simulator/callback-parameters.ts';
import type { CallbackPost } from '../../simulator/callback-record.ts';
import { CallBook } from '../../simulator/calls.ts';
import { Clock } from '../../simulator/clock.ts';
import { EVERYTHING } from '../../simulator/connectors.ts';
import { EventHub } from '../../simulator/events.ts';
import type { PaymentSession } from '../../simulator/payment-session.ts';
import { PaymentsApi } from '../../simulator/payments-api.ts';
import { Pending } from '../../simulator/pending.ts';
import type { Charge } from '../../simulator/processor.ts';
import { Random } from '../../simulator/random.ts';
import { DEFAULT_SWITCHES, type Switches } from '../../simulator/switches.ts';
import { SyncApi } from '../../simulator/sync-api.ts';
import { DocumentStore, type StoredDocument } from '../../simulator/sync-documents.ts';
import type { World } from '../../simulator/world.ts';

/** A request on its way to Twilio. */
export interface Underway {
  method: string;
  url: string;
  form: Record<string, unknown>;
  ifMatch: string | undefined;
  /** The user name that it came with, which tells the invocation. */
  username: string;
  /** When it was sent, epoch milliseconds. */
  at: number;
  answer(result: { statusCode: number; body: unknown }): void;
  fail(error: Error): void;
}

/** A status callback on its way from Twilio. */
export interface Due extends CallbackPost {
  tries: number;
}

/** Everything that Twilio knows at a moment at which nothing is under way. */
export interface TwilioState {
  sessions: readonly PaymentSession[];
  documents: readonly StoredDocument[];
  answers: ReadonlyMap<string, ApiAnswer>;
  charges: readonly Charge[];
}

export const CREDENTIALS = {
  accountSid: `AC${'1'.repeat(32)}`,
  authToken: '2'.repeat(32),
  apiSecret: 'secret-of-the-explorer',
};

/** The calls of a schedule, and the leg above each if it has one. */
export const CALLS = ['a', 'b'].map((letter) => `CA${letter.repeat(32)}`);
const PARENTS = ['e', 'f'].map((letter) => `CA${letter.repeat(32)}`);

/** Twilio in this process: requests and callbacks wait until a schedule says what becomes of them. */
export class TwilioSide {
  readonly requests: Underway[] = [];
  readonly callbacks: Due[] = [];
  readonly world: World;
  readonly documents: DocumentStore;
  readonly #payments: PaymentsApi;
  readonly #sync: SyncApi;

  /** @param hears whether callbacks of unfinished entries are sent as well. */
  constructor(
    switches: Partial<Switches>,
    { calls, parents, hears }: { calls: number; parents: boolean; hears: boolean },
    state?: TwilioState,
  ) {
    const { accountSid } = CREDENTIALS;
    const clock = new Clock();
    const random = new Random(state ? 2 : 1);
    const settings = { ...DEFAULT_SWITCHES, updateEcho: false, ...switches };
    const book = new CallBook(accountSid, clock, random);
    for (const [i, sid] of CALLS.slice(0, calls).entries()) {
      const parentCallSid = parents ? PARENTS[i] : undefined;
      if (parentCallSid) book.place({ sid: parentCallSid, from: 'client:agent' });
      book.place({ sid, ...(parentCallSid && { parentCallSid }) });
    }
    const hand = async (posts: readonly CallbackPost[]) => {
      for (const post of posts)
        if (hears || post.params.PartialResult !== 'true') this.callbacks.push({ ...post, tries: 0 });
    };
    this.world = {
      accountSid,
      clock,
      random,
      switches: settings,
      events: new EventHub(() => clock.now()),
      pending: new Pending(),
      calls: book,
      connectors: new Map([['Default', EVERYTHING]]),
      sessions: new Map(state?.sessions.map((session) => [session.sid, copyOf(session)])),
      parameters: new CallbackParameters(accountSid, settings, (sid) => book.find(sid)?.parentCallSid),
      delivery: { hand, mode: 'concurrent' } as unknown as World['delivery'],
      charges: [...(state?.charges ?? [])],
      answers: new Map(state?.answers),
    };
    this.documents = new DocumentStore(clock);
    for (const document of state?.documents ?? []) this.documents.save({ ...document });
    this.#payments = new PaymentsApi(this.world);
    this.#sync = new SyncApi({
      accountSid,
      clock,
      random,
      switches: settings,
      documents: this.documents,
      services: undefined,
    });
  }

  get state(): TwilioState {
    const { sessions, answers, charges } = this.world;
    return {
      charges: [...charges],
      sessions: [...sessions.values()].map(copyOf),
      documents: this.documents.all().map((document) => ({ ...document })),
      answers: new Map(answers),
    };
  }

  /**
   * Takes the place of the package's HTTP: everything above it is the real client.
   * @param isRunning whether the invocation with that user name is neither dead nor through: no other sends anything.
   */
  install(isRunning: (username: string) => boolean): () => void {
    const { prototype } = twilio.RequestClient;
    const { request } = prototype;
    prototype.request = (options) =>
      new Promise<never>((resolve, reject) => {
        const { method, uri, username = '', data = {}, headers } = options as unknown as SentRequest;
        if (!isRunning(username)) return;
        this.requests.push({
          method: method.toUpperCase(),
          url: uri,
          form: data,
          ifMatch: headers?.['If-Match'],
          username,
          at: Date.now(),
          answer: resolve as (result: unknown) => void,
          fail: reject,
        });
      });
    return () => {
      prototype.request = request;
    };
  }

  /** Has Twilio carry a request out. */
  carryOut(request: Underway): { statusCode: number; body: unknown } {
    let answer: ApiAnswer;
    try {
      answer = this.#work(request);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { status, code, message } = error;
      answer = { status, body: errorBody(status, code, message) };
    }
    if (answer.callbacks) void this.world.delivery.hand(answer.callbacks);
    return { statusCode: answer.status, body: answer.body };
  }

  #work({ method, url, form: sent, ifMatch }: Underway): ApiAnswer {
    const { path, service = '', document, callSid = '', payments, paymentSid } = placeOf(url);
    const form = new URLSearchParams();
    for (const name in sent) if (sent[name] !== undefined) form.append(name, String(sent[name]));
    const request = { method, host: '', path, query: new URLSearchParams(), form, ifMatch };
    const isPost = method === 'POST';
    if (service) {
      if (document === undefined) return this.#sync.create(request, service);
      return isPost
        ? this.#sync.update(request, service, document)
        : this.#sync.fetch(request, service, document);
    }
    if (!isPost && callSid && !payments) return this.world.calls.fetch(callSid, path);
    if (isPost && payments)
      return paymentSid
        ? this.#payments.update(request, callSid, paymentSid)
        : this.#payments.create(request, callSid);
    throw notFound(path);
  }
}

interface SentRequest {
  method: string;
  uri: string;
  username?: string;
  data?: Record<string, unknown>;
  headers?: Record<string, string>;
}

interface Place {
  path: string;
  service?: string;
  document?: string;
  callSid?: string;
  payments?: string;
  paymentSid?: string;
}

const PLACE =
  /^https:\/\/[^/]+(?<path>\/(?:v1\/Services\/(?<service>[^/]+)\/Documents(?:\/(?<document>[^/?]+))?|2010-04-01\/Accounts\/[^/]+\/Calls\/(?<callSid>[^/.]+)(?<payments>\/Payments)?(?:\/(?<paymentSid>[^/.]+))?\.json))$/;

/** What a URL of Twilio's names. */
export function placeOf(url: string): Place {
  const { groups } = PLACE.exec(url) ?? {};
  if (!groups) throw new Error(`The explorer does not know ${url}`);
  return groups as unknown as Place;
}

function copyOf(session: PaymentSession): PaymentSession {
  const { entered, matched, listening } = session;
  return {
    ...session,
    entered: new Map(entered),
    matched: new Set(matched),
    listening: listening && { ...listening },
  };
}
