import { voiceSignature } from '../../simulator/signature.ts';
import { describe, fatesOf } from './fates.ts';
import type { Scheduler } from './scheduler.ts';
import type { Invocation, Service } from './service.ts';
import { CREDENTIALS, type Due, placeOf, type TwilioSide, type Underway } from './twilio-side.ts';

/** Milliseconds by which an answer is late: longer than Sync's requests are waited for, and less than Voice's. */
const LATE_MS = 3_500;
/** Milliseconds within which an answer is certainly heard. */
const PROMPT_MS = 2_000;
/** How often Twilio sends a callback that was not taken. */
const TRIES = 5;

/** A request or a callback that may arrive, and when it was seen first, epoch milliseconds. */
interface Arrival {
  seenAt: number;
  arrive: () => void;
}

/** What travels between the service and Twilio: each request and each callback has its fate. */
export class Network {
  readonly #scheduler: Scheduler;
  readonly #twilio: TwilioSide;
  readonly #service: Service;
  /** When each request and each callback was seen first. */
  readonly #seen = new WeakMap<object, number>();
  readonly #late = new WeakSet<object>();

  constructor(scheduler: Scheduler, twilio: TwilioSide, service: Service) {
    this.#scheduler = scheduler;
    this.#twilio = twilio;
    this.#service = service;
  }

  get isEmpty(): boolean {
    return this.#twilio.requests.length === 0 && this.#twilio.callbacks.length === 0;
  }

  /**
   * What may arrive now, in order, and what takes its time: until nothing else is left to do. Once all is calm, the oldest
   * comes first, so that no callback waits for a client that asks and asks.
   */
  events(): { inTime: (() => void)[]; late: (() => void)[] } {
    const { requests, callbacks } = this.#twilio;
    const inTime: Arrival[] = [];
    const late: Arrival[] = [];
    for (const request of requests)
      this.#lane(request, inTime, late).push(this.#arrival(request, () => this.#decide(request)));
    for (const callback of callbacks)
      this.#lane(callback, inTime, late).push(this.#arrival(callback, () => this.#deliver(callback)));
    if (this.#scheduler.isCalm) for (const lane of [inTime, late]) lane.sort((a, b) => a.seenAt - b.seenAt);
    return { inTime: inTime.map(({ arrive }) => arrive), late: late.map(({ arrive }) => arrive) };
  }

  #arrival(event: object, arrive: () => void): Arrival {
    return { seenAt: this.#seen.get(event) ?? 0, arrive };
  }

  #lane<T>(event: object, inTime: T[], late: T[]): T[] {
    if (!this.#seen.has(event)) {
      this.#seen.set(event, this.#scheduler.time.now);
      if (!this.#scheduler.isCalm && this.#scheduler.choose(2, 'late') === 1) this.#late.add(event);
    }
    return this.#late.has(event) ? late : inTime;
  }

  #decide(request: Underway): void {
    const { requests } = this.#twilio;
    requests.splice(requests.indexOf(request), 1);
    const invocation = this.#service.invocationOf(request.username);
    // A dead invocation makes no more requests.
    if (invocation?.isDead) return;
    const { document } = placeOf(request.url);
    const isOfPayment = String(request.form.UniqueName ?? document).startsWith('payment-');
    const isRead = isOfPayment && request.method === 'GET';
    if (invocation && isRead) invocation.isConfirmed = true;
    const scheduler = this.#scheduler;
    const fates = fatesOf(request, scheduler.isPlain);
    const fate = scheduler.mayFail ? fates[scheduler.choose(fates.length + 1, 'fault') - 1] : undefined;
    if (!fate) {
      const reply = this.#carryOut(request, invocation);
      if (invocation && isOfPayment && reply.statusCode < 400) invocation.isConfirmed = true;
      if (invocation && isRead && reply.statusCode === 200 && scheduler.time.now - request.at < PROMPT_MS)
        invocation.hasRead = true;
      request.answer(reply);
      return;
    }
    scheduler.failed(`${describe(request)} ${fate.name}`);
    const reply = fate.isDone ? this.#carryOut(request, invocation) : undefined;
    const { reply: given } = fate;
    if (typeof given === 'object') {
      if (fate.afterMs) setTimeout(() => request.answer(given), fate.afterMs);
      else request.answer(given);
    } else if (fate.reply === 'dies') invocation?.die();
    else if (fate.reply === 'lost')
      request.fail(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    else if (fate.reply === 'late' && reply) setTimeout(() => request.answer(reply), LATE_MS);
  }

  #carryOut(request: Underway, invocation: Invocation | undefined) {
    const { paymentSid } = placeOf(request.url);
    if (paymentSid && request.form.Status === 'complete') this.#service.truth.completing(paymentSid);
    const { sessions } = this.#twilio.world;
    const before = sessions.size;
    const reply = this.#twilio.carryOut(request);
    if (sessions.size > before && invocation) {
      const { sid } = (reply.body ?? {}) as { sid?: string };
      if (sid) this.#service.truth.created(sid, invocation);
    }
    return reply;
  }

  #deliver(callback: Due): void {
    const { callbacks, world } = this.#twilio;
    const scheduler = this.#scheduler;
    // A session whose SID comes neither by an answer nor by a callback nor by the same key again cannot be found at all.
    const mayVanish = world.switches.idempotencyReplay === 'replay' || words(callback) !== 'of the start';
    const fates = ['comes twice', 'is refused by the platform', ...(mayVanish ? ['never comes'] : [])];
    const fate = scheduler.mayFail ? fates[scheduler.choose(fates.length + 1, 'fault') - 1] : undefined;
    callbacks.splice(callbacks.indexOf(callback), 1);
    if (fate) scheduler.failed(`the callback ${words(callback)} ${fate}`);
    if (fate === 'never comes') return;
    const again = () => callback.tries < TRIES && callbacks.push({ ...callback, tries: callback.tries + 1 });
    if (fate === 'comes twice') callbacks.push({ ...callback });
    if (fate === 'is refused by the platform') return void again();
    const [url = ''] = callback.url.split('#');
    const signature = voiceSignature(CREDENTIALS.authToken, url, callback.params);
    const query = Object.fromEntries(new URL(url).searchParams);
    this.#service.receive({ ...query, ...callback.params }, signature, again);
  }
}

function words({ params }: Due): string {
  if (params.Result) return `with the result ${params.Result}`;
  if (params.ErrorType) return `with the error ${params.ErrorType}`;
  return params.Capture ? `about the ${params.Capture}` : 'of the start';
}
