import twilio from 'twilio';
import { CallbackParameters } from '../../simulator/callback-parameters.ts';
import type { CallbackPost } from '../../simulator/callback-record.ts';
import { CallBook } from '../../simulator/calls.ts';
import { Clock } from '../../simulator/clock.ts';
import { EVERYTHING } from '../../simulator/connectors.ts';
import { EventHub } from '../../simulator/events.ts';
import { FaultList } from '../../simulator/faults.ts';
import { Kills } from '../../simulator/kills.ts';
import { PaymentsApi } from '../../simulator/payments-api.ts';
import { Pending } from '../../simulator/pending.ts';
import { Random } from '../../simulator/random.ts';
import { ServerlessApi } from '../../simulator/serverless/serverless-api.ts';
import { DEFAULT_SWITCHES, type Switches } from '../../simulator/switches.ts';
import { SyncApi } from '../../simulator/sync-api.ts';
import { DocumentStore } from '../../simulator/sync-documents.ts';
import { TwilioGate } from '../../simulator/twilio-gate.ts';
import type { World } from '../../simulator/world.ts';

/** A request on its way to Twilio. */
export interface Underway {
  kind: 'request';
  method: string;
  url: string;
  form: Record<string, unknown>;
  headers: Record<string, string>;
  answer(result: { statusCode: number; body: unknown }): void;
  fail(error: Error): void;
}

/** A status callback on its way from Twilio. */
export interface Due extends CallbackPost {
  kind: 'callback';
  tries: number;
}

/** Twilio in this process: requests and callbacks wait until a schedule says what becomes of them. */
export class TwilioSide {
  readonly requests: Underway[] = [];
  readonly callbacks: Due[] = [];
  readonly world: World;
  readonly documents: DocumentStore;
  readonly credentials = {
    accountSid: `AC${'1'.repeat(32)}`,
    authToken: '2'.repeat(32),
    apiKey: `SK${'3'.repeat(32)}`,
    apiSecret: 'secret-of-the-explorer',
  };
  readonly #gate: TwilioGate;

  constructor(switches: Partial<Switches>) {
    const random = new Random(1);
    const clock = new Clock();
    const events = new EventHub(() => clock.now());
    const pending = new Pending();
    const { accountSid } = this.credentials;
    const calls = new CallBook(accountSid, clock, random);
    const settings = { ...DEFAULT_SWITCHES, updateEcho: false, ...switches };
    const hand = async (posts: readonly CallbackPost[]) => {
      // A screen may show each digit; what decides about money is the last of them.
      const partial = posts.filter(({ params }) => params.PartialResult === 'true');
      this.callbacks.push(
        ...posts
          .filter((post) => !partial.includes(post))
          .map((post) => ({ ...post, kind: 'callback' as const, tries: 0 })),
      );
    };
    this.world = {
      accountSid,
      clock,
      random,
      switches: settings,
      events,
      pending,
      calls,
      connectors: new Map([['Default', EVERYTHING]]),
      sessions: new Map(),
      parameters: new CallbackParameters(accountSid, settings, (sid) => calls.find(sid)?.parentCallSid),
      delivery: { hand, mode: 'concurrent' } as unknown as World['delivery'],
      charges: [],
    };
    this.documents = new DocumentStore(clock);
    this.#gate = new TwilioGate({
      world: this.world,
      credentials: this.credentials,
      payments: new PaymentsApi(this.world),
      sync: new SyncApi({
        accountSid,
        clock,
        random,
        switches: settings,
        documents: this.documents,
        services: undefined,
      }),
      serverless: new ServerlessApi({ accountSid, clock, random }),
      faults: new FaultList(),
      kills: new Kills(events),
      seed: 1,
    });
  }

  /** Takes the place of the package's HTTP: everything above it is the real client. */
  install(): () => void {
    const { prototype } = twilio.RequestClient;
    const { request } = prototype;
    const requests = this.requests;
    prototype.request = (options) =>
      new Promise<never>((resolve, reject) => {
        const {
          method,
          uri,
          username = '',
          password = '',
          params,
          data,
          headers = {},
        } = options as unknown as {
          method: string;
          uri: string;
          username?: string;
          password?: string;
          params?: Record<string, string>;
          data?: Record<string, unknown>;
          headers?: Record<string, string>;
        };
        const query = params ? `?${new URLSearchParams(params)}` : '';
        requests.push({
          kind: 'request',
          method: method.toUpperCase(),
          url: `${uri}${query}`,
          form: data ?? {},
          headers: {
            ...headers,
            authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
          },
          answer: resolve as (result: unknown) => void,
          fail: reject,
        });
      });
    return () => {
      prototype.request = request;
    };
  }

  /** Has Twilio carry a request out. */
  async carryOut({ method, url, form, headers }: Underway): Promise<{ statusCode: number; body: unknown }> {
    const { host, pathname, search } = new URL(url);
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(form))
      if (value !== undefined) body.append(name, String(value));
    const lower = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const reply = await this.#gate.handle({
      method,
      url: `${pathname}${search}`,
      headers: { ...lower, 'x-simulated-host': host },
      body: Buffer.from(body.toString()),
    });
    this.#gate.requests.length = 0;
    if (reply.kind !== 'answer') throw new Error('The simulator gave no answer');
    reply.sent();
    return { statusCode: reply.answer.status, body: reply.answer.body };
  }
}
