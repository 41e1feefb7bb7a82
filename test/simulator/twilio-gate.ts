import type { Account } from './account.ts';
import { listAddOns } from './add-ons.ts';
import { type ApiAnswer, ApiError, type ApiRequest, errorBody, notFound } from './api.ts';
import type { CallbackPost } from './callback-record.ts';
import type { FaultAction, FaultList } from './faults.ts';
import type { Kills } from './kills.ts';
import { pause } from './pause.ts';
import type { PaymentsApi } from './payments-api.ts';
import { Random } from './random.ts';
import type { RecordedRequest } from './request-record.ts';
import { hostByPath, matchRoute, type RouteMatch } from './routes.ts';
import { parseMultipart } from './serverless/multipart.ts';
import type { ServerlessApi } from './serverless/serverless-api.ts';
import type { SyncApi } from './sync-api.ts';
import type { World } from './world.ts';

/** What comes in over HTTP, before anything is known about it. */
export interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What goes out: an answer, a destroyed connection, or silence. */
export type Reply =
  | { readonly kind: 'answer'; readonly answer: ApiAnswer; readonly sent: () => void }
  | { readonly kind: 'destroy' }
  | { readonly kind: 'silence' };

/** Twilio's front door: records, checks who asks, lets faults happen, and has the request worked off. */
export class TwilioGate {
  readonly requests: RecordedRequest[] = [];
  readonly #world: World;
  readonly #account: Account;
  readonly #payments: PaymentsApi;
  readonly #sync: SyncApi;
  readonly #serverless: ServerlessApi;
  readonly #faults: FaultList;
  readonly #kills: Kills;
  readonly #latency: Random;

  constructor(parts: {
    world: World;
    account: Account;
    payments: PaymentsApi;
    sync: SyncApi;
    serverless: ServerlessApi;
    faults: FaultList;
    kills: Kills;
    seed: number;
  }) {
    this.#world = parts.world;
    this.#account = parts.account;
    this.#payments = parts.payments;
    this.#sync = parts.sync;
    this.#serverless = parts.serverless;
    this.#faults = parts.faults;
    this.#kills = parts.kills;
    this.#latency = new Random(parts.seed);
  }

  async handle(raw: RawRequest): Promise<Reply> {
    const url = new URL(raw.url, 'http://twilio.invalid');
    const host = (raw.headers['x-simulated-host'] ?? hostByPath(url.pathname)).toLowerCase();
    const match = matchRoute(host, raw.method, url.pathname);
    const { fields: form, files } = formOf(raw);
    const record = this.#record(raw, url, host, match, form);
    const fate = this.#kills.fateOf(record.invocation);
    if (fate === 'swallowed') return silence(record, 'swallowed');

    const reply = await this.#work(record, match, {
      method: raw.method,
      host,
      path: url.pathname,
      query: url.searchParams,
      form,
      files,
      ifMatch: raw.headers['if-match'],
      authorization: raw.headers.authorization ?? '',
    });
    if (fate === 'answered') return reply;
    // The caller of the dead invocation still gets the callbacks of what was worked off.
    if (reply.kind === 'answer') reply.sent();
    if (record.invocation !== undefined) this.#kills.announce(record.invocation);
    return silence(record, 'swallowed');
  }

  async #work(
    record: RecordedRequest,
    match: RouteMatch | undefined,
    request: ApiRequest & { authorization: string },
  ): Promise<Reply> {
    const refusal = this.#refusal(match, request);
    if (refusal) return this.#answer(record, refusal);
    const fault = this.#faults.hit(record);
    if (fault === 'timeout') return silence(record, 'timeout');
    if (fault === 'reset') return destroy(record, 'reset');
    if (typeof fault === 'object' && 'status' in fault) return this.#answer(record, faultAnswer(fault));
    if (typeof fault === 'object') await pause(this.#latencyOf(fault.latencyMs));

    const answer = match ? this.#worked(match, request) : asAnswer(notFound(request.path));
    if (fault === 'lost') {
      this.#post(answer.callbacks ?? []);
      return destroy(record, 'lost');
    }
    if (!this.#world.switches.callbacksBeforeAnswer) return this.#answer(record, answer);
    await this.#world.delivery.hand(answer.callbacks ?? []);
    return this.#answer(record, { ...answer, callbacks: [] });
  }

  #worked(match: RouteMatch, request: ApiRequest): ApiAnswer {
    const { callSid = '', paymentSid = '', service = '', document = '' } = match;
    try {
      switch (match.route) {
        case 'calls.fetch':
          return this.#world.calls.fetch(callSid, request.path);
        case 'calls.list':
          return this.#world.calls.list(request);
        case 'payments.create':
          return this.#payments.create(request, callSid);
        case 'payments.update':
          return this.#payments.update(request, callSid, paymentSid);
        case 'documents.create':
          return this.#sync.create(request, service);
        case 'documents.fetch':
          return this.#sync.fetch(request, service, document);
        case 'documents.update':
          return this.#sync.update(request, service, document);
        case 'documents.delete':
          return this.#sync.delete(request, service, document);
        case 'documents.list':
          return this.#sync.list(request, service);
        case 'addOns.list':
          return listAddOns(this.#world, request);
        default:
          return this.#serverless.answer(match.route, request, match);
      }
    } catch (error) {
      if (error instanceof ApiError) return asAnswer(error);
      throw error;
    }
  }

  /** Basic authentication with Auth Token or API key (error 20003), and the account of the path (error 20404). */
  #refusal(
    match: RouteMatch | undefined,
    request: ApiRequest & { authorization: string },
  ): ApiAnswer | undefined {
    if (!this.#account.accepts(request.authorization))
      return asAnswer(new ApiError(401, 20003, 'Authenticate'));
    if (match?.accountSid !== undefined && match.accountSid !== this.#account.accountSid)
      return asAnswer(notFound(request.path));
    return undefined;
  }

  #record(
    raw: RawRequest,
    url: URL,
    host: string,
    match: RouteMatch | undefined,
    form: URLSearchParams,
  ): RecordedRequest {
    const { authorization: _, ...headers } = raw.headers;
    const invocation = headers['x-simulated-invocation'];
    const record: RecordedRequest = {
      at: new Date().toISOString(),
      host,
      method: raw.method,
      path: url.pathname,
      route: match?.route ?? 'unknown',
      params: { ...Object.fromEntries(url.searchParams), ...Object.fromEntries(form) },
      headers,
      status: null,
      outcome: 'open',
      ...(invocation === undefined ? {} : { invocation }),
      ...(match?.paymentSid === undefined ? {} : { paymentSid: match.paymentSid }),
      ...(match?.callSid === undefined ? {} : { callSid: match.callSid }),
    };
    this.requests.push(record);
    return record;
  }

  #answer(record: RecordedRequest, answer: ApiAnswer): Reply {
    record.status = answer.status;
    record.outcome = 'answered';
    const { method, route, status } = record;
    this.#world.events.emit({ type: 'request', method, route, status });
    return { kind: 'answer', answer, sent: () => this.#post(answer.callbacks ?? []) };
  }

  #post(callbacks: readonly CallbackPost[]): void {
    void this.#world.delivery.hand(callbacks);
  }

  #latencyOf(range: number | readonly [number, number]): number {
    return typeof range === 'number' ? range : this.#latency.integer(range[0], range[1]);
  }
}

/** A multipart form's fields and files, or the fields of any other body. */
function formOf({ method, headers, body }: RawRequest): ReturnType<typeof parseMultipart> & object {
  if (method !== 'POST') return { fields: new URLSearchParams(), files: {} };
  const multipart = parseMultipart(headers['content-type'] ?? '', body);
  return multipart ?? { fields: new URLSearchParams(body.toString('utf8')), files: {} };
}

function asAnswer({ status, code, message }: ApiError): ApiAnswer {
  return { status, body: errorBody(status, code, message) };
}

function faultAnswer(fault: Extract<FaultAction, { status: number }>): ApiAnswer {
  const code = fault.code ?? (fault.status === 429 ? 20429 : 20500);
  return {
    status: fault.status,
    body: errorBody(fault.status, code, fault.message ?? 'A fault of the simulator'),
    ...(fault.retryAfter === undefined ? {} : { headers: { 'retry-after': String(fault.retryAfter) } }),
  };
}

function silence(record: RecordedRequest, outcome: 'timeout' | 'swallowed'): Reply {
  record.outcome = outcome;
  record.status = null;
  return { kind: 'silence' };
}

function destroy(record: RecordedRequest, outcome: 'reset' | 'lost'): Reply {
  record.outcome = outcome;
  return { kind: 'destroy' };
}
