import { setMaxListeners } from 'node:events';
import type { Account } from './account.ts';
import type { CallbackPost, RecordedCallback } from './callback-record.ts';
import { connectionOverrides, retriesAfter } from './connection-overrides.ts';
import type { EventHub } from './events.ts';
import { pause } from './pause.ts';
import type { Pending } from './pending.ts';
import { Random } from './random.ts';
import { voiceSignature } from './signature.ts';
import type { Post } from './webhook.ts';

/** `given` is the order in which Twilio would have sent them; a list of positions gives any other. */
export type ReleaseOrder = 'given' | 'reversed' | 'shuffled' | readonly number[];

/** The settings of how callbacks travel, and the holding and dropping of them. May be changed at any time. */
export interface Delivery {
  /**
   * `ordered`: one after another for each payment session, each after the answer to the one before. `concurrent`:
   * each at once, answers not awaited. `shuffled`: like concurrent, but what is due at the same time goes out in
   * random order. Twilio promises no order.
   */
  mode: 'ordered' | 'concurrent' | 'shuffled';
  /** Whether each key of an unfinished entry has its callback, as at Twilio, or of keys pressed at once the last alone. */
  partials: 'each' | 'last';
  /** Restarts the random sequence of this part when set. */
  seed: number;
  /** Probability that a callback is delivered a second time. */
  duplicates: number;
  /** Wait before each callback, drawn between the two bounds, in milliseconds. */
  delayMs: readonly [number, number];
  /** Multiplies the connect, read and total times that a URL may take, so that tests of slow receivers are fast. */
  timeScale: number;
  /** Pause before a retry. Not documented. */
  retryPauseMs: number;
  /** Where a URL's origin is really posted to (`https://pay.example.com` to a local address). Signatures keep the URL. */
  origins: Record<string, string>;
  /** Whether callbacks are being collected instead of posted. */
  readonly holding: boolean;
  /** The callbacks collected so far. */
  readonly held: readonly RecordedCallback[];
  /** From now on callbacks are collected. */
  hold(): void;
  /** Posts what was collected, one after another, and holds no more. `repeats` is how many times more each one goes out. */
  release(options?: { order?: ReleaseOrder; repeats?: number }): Promise<void>;
  /** Callbacks for which the predicate holds are never posted. Returns how to end that. */
  drop(predicate: (callback: RecordedCallback) => boolean): () => void;
}

/** Carries status callbacks from the payment sessions to their URLs. */
export class CallbackDelivery implements Delivery {
  mode: Delivery['mode'] = 'ordered';
  partials: Delivery['partials'] = 'each';
  duplicates = 0;
  delayMs: readonly [number, number] = [0, 0];
  timeScale = 1;
  retryPauseMs = 20;
  origins: Record<string, string> = {};
  holding = false;
  readonly held: RecordedCallback[] = [];
  readonly records: RecordedCallback[] = [];
  readonly #drops = new Set<(callback: RecordedCallback) => boolean>();
  readonly #lastOf = new Map<string, Promise<void>>();
  readonly #batch: { record: RecordedCallback; answered: () => void }[] = [];
  readonly #account: Account;
  readonly #events: EventHub;
  readonly #pending: Pending;
  readonly #postOnce: Post;
  readonly #closing = new AbortController();
  #seed: number;
  #random: Random;

  constructor(account: Account, seed: number, events: EventHub, pending: Pending, post: Post) {
    this.#account = account;
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#events = events;
    this.#pending = pending;
    this.#postOnce = post;
    // Every post and every pause listens to it.
    setMaxListeners(0, this.#closing.signal);
  }

  get seed(): number {
    return this.#seed;
  }

  set seed(seed: number) {
    this.#seed = seed;
    this.#random = new Random(seed);
  }

  /** Takes callbacks over. Resolves when each was answered, given up, dropped or put aside. */
  async hand(posts: readonly CallbackPost[]): Promise<void> {
    await Promise.all(posts.map((post) => this.#take(post)));
  }

  hold(): void {
    this.holding = true;
  }

  async release({
    order = 'given',
    repeats = 0,
  }: {
    order?: ReleaseOrder;
    repeats?: number;
  } = {}): Promise<void> {
    const held = this.held.splice(0);
    this.holding = false;
    const over = this.#pending.start();
    const posted = this.#postInTurn(this.#arrange(held, order, repeats)).finally(over);
    // In ordered mode what comes next for these payments waits until the held ones are through.
    for (const { paymentSid } of held) this.#lastOf.set(paymentSid, posted);
    await posted;
  }

  drop(predicate: (callback: RecordedCallback) => boolean): () => void {
    this.#drops.add(predicate);
    return () => {
      this.#drops.delete(predicate);
    };
  }

  /** Ends all waits and connections. */
  close(): void {
    this.#closing.abort();
  }

  #take(post: CallbackPost): Promise<void> {
    const record: RecordedCallback = {
      ...post,
      index: this.records.length,
      at: new Date().toISOString(),
      token: this.#random.uuid(),
      attempts: 0,
      statuses: [],
      delivered: false,
      lost: false,
    };
    this.records.push(record);
    if ([...this.#drops].some((drops) => drops(record))) {
      record.lost = true;
      return Promise.resolve();
    }
    if (this.holding) {
      this.held.push(record);
      return Promise.resolve();
    }
    const over = this.#pending.start();
    return this.#route(record).finally(over);
  }

  #route(record: RecordedCallback): Promise<void> {
    if (this.mode === 'concurrent') return this.#deliver(record);
    if (this.mode === 'shuffled') return new Promise((answered) => this.#addToBatch(record, answered));
    const before = this.#lastOf.get(record.paymentSid) ?? Promise.resolve();
    const answered = before.then(() => this.#deliver(record));
    this.#lastOf.set(record.paymentSid, answered);
    return answered;
  }

  #addToBatch(record: RecordedCallback, answered: () => void): void {
    if (this.#batch.length === 0) {
      setImmediate(() => {
        for (const due of this.#random.shuffle(this.#batch.splice(0)))
          void this.#deliver(due.record).then(due.answered);
      });
    }
    this.#batch.push({ record, answered });
  }

  async #deliver(record: RecordedCallback): Promise<void> {
    // Leaves the turn, so that the answer to the request that caused the callback is on its way first.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const [min, max] = this.delayMs;
    if (max > 0) await pause(this.#random.integer(min, max), this.#closing.signal);
    const again = this.#random.chance(this.duplicates);
    await this.#post(record);
    if (again) await this.#post(record);
  }

  async #postInTurn(records: readonly RecordedCallback[]): Promise<void> {
    for (const record of records) await this.#post(record);
  }

  /** One delivery with the retries that its URL asks for. */
  async #post(record: RecordedCallback): Promise<void> {
    const overrides = connectionOverrides(record.url);
    const deadline = Date.now() + overrides.totalTime * this.timeScale;
    let delivered = false;
    for (let retry = 0; !delivered && !this.#closing.signal.aborted; retry += 1) {
      const left = Math.max(1, deadline - Date.now());
      const status = await this.#postOnce({
        url: this.#target(record.url),
        body: new URLSearchParams(record.params).toString(),
        headers: this.#headers(record),
        connectTimeout: Math.min(left, overrides.connectTimeout * this.timeScale),
        readTimeout: Math.min(left, overrides.readTimeout * this.timeScale),
        signal: this.#closing.signal,
      });
      record.attempts += 1;
      record.statuses.push(status);
      delivered = typeof status === 'number' && status < 400;
      if (delivered || retry >= overrides.retryCount || !retriesAfter(status, overrides.retryPolicies)) break;
      if (Date.now() + this.retryPauseMs >= deadline) break;
      await pause(this.retryPauseMs, this.#closing.signal);
    }
    record.delivered ||= delivered;
    record.lost = !record.delivered;
    const { callSid, paymentSid, url, params, statuses } = record;
    this.#events.emit({
      type: 'callback',
      callSid,
      paymentSid,
      url,
      params,
      delivered,
      statuses: [...statuses],
    });
  }

  #target(url: string): URL {
    const target = new URL(url);
    const instead = this.origins[target.origin];
    return instead === undefined ? target : new URL(`${target.pathname}${target.search}`, instead);
  }

  #headers(record: RecordedCallback): Record<string, string> {
    return {
      host: new URL(record.url).host,
      accept: '*/*',
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'user-agent': 'TwilioProxy/1.1',
      'x-twilio-signature': voiceSignature(this.#account.credentials.authToken, record.url, record.params),
      'i-twilio-idempotency-token': record.token,
    };
  }

  #arrange(held: readonly RecordedCallback[], order: ReleaseOrder, repeats: number): RecordedCallback[] {
    const ordered =
      typeof order === 'string'
        ? order === 'reversed'
          ? [...held].reverse()
          : [...held]
        : order.flatMap((position) => held.slice(position, position + 1));
    const all = Array.from({ length: repeats + 1 }, () => ordered).flat();
    return order === 'shuffled' ? this.#random.shuffle(all) : all;
  }
}
