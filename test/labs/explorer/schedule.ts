import { AsyncLocalStorage } from 'node:async_hooks';
import { handler as callbackHandler } from '../../../functions/payment-status.protected.ts';
import { errorAdvice } from '../../../functions/payments/advice/error-advice.ts';
import type { ToolName } from '../../../functions/payments/advice/guidance.ts';
import type { View } from '../../../functions/payments/advice/status.ts';
import { PaymentError } from '../../../functions/payments/errors.ts';
import { createPayments, type Payments } from '../../../functions/payments/payments.ts';
import { SETTING_VALUES } from '../../../functions/payments/session/setting-values.ts';
import { readFullConfig } from '../../../functions/runtime/config.ts';
import { connectTwilio } from '../../../functions/twilio/connect.ts';
import { voiceSignature } from '../../simulator/index.ts';
import type { Switches } from '../../simulator/switches.ts';
import { Agent } from './agent.ts';
import { Caller } from './caller.ts';
import { type Choices, randomOf } from './choices.ts';
import { Truth } from './truth.ts';
import { type Due, TwilioSide, type Underway } from './twilio-side.ts';
import { quiet, VirtualTime } from './virtual-time.ts';

/** What a schedule begins with, and how much may go on in it. */
export interface Setting {
  /** How far a first payment has come, which everybody knows, before anything goes wrong. */
  begins?: 'started' | 'capturing' | 'ready' | 'completed';
  agents: number;
  /** What agents do of their own accord before everything calms down. */
  acts: number;
  /** Requests and callbacks that go wrong. */
  faults: number;
  switches?: Partial<Switches>;
}

export interface Finding {
  kind: string;
  story: string[];
}

export interface Outcome {
  finding: Finding | undefined;
  taken: number[];
}

class PlatformResponse {
  statusCode = 200;
  setStatusCode(status: number): void {
    this.statusCode = status;
  }
  setBody(): void {
    // Twilio ignores it.
  }
  appendHeader(): void {
    // Twilio ignores it.
  }
}

/** Milliseconds within which an invocation answers, or Twilio stops it. */
const INVOCATION_MS = 10_000;
/** Milliseconds within which everything ends once nothing goes wrong any more. */
const CALM_MS = 30_000;
/** Milliseconds by which an answer is late: longer than Sync's requests are waited for, and less than Voice's. */
const LATE_MS = 3_500;
const MAX_STEPS = 4_000;
/** Milliseconds that one step takes. */
const STEP_MS = 5;

/** The fates of a request: the first is that all goes well. */
const FATES = [
  'ok',
  'lost after',
  'lost before',
  'silent before',
  'silent after',
  '503',
  '503 after',
  '408 after',
  '400 99999',
  '400 64021',
  '404',
  '429',
  '401',
  'rubbish after',
  'answered late',
] as const;

const invocationOf = new AsyncLocalStorage<{ dead: boolean }>();

/** One run of the real use cases, adapters, `twilio` client and callback handler, in an order that choices decide. */
export class Schedule {
  readonly twilio: TwilioSide;
  readonly time: VirtualTime;
  readonly truth: Truth;
  readonly story: string[] = [];
  readonly callSid: string;
  readonly choices: Choices;
  readonly variables: Record<string, string>;
  calm = false;
  #isPreparing = false;
  readonly #seen = new WeakSet<object>();
  readonly #late = new WeakSet<object>();
  #faults: number;
  #acts: number;
  readonly #begins: Setting['begins'];
  #running = 0;
  readonly #agents: Agent[];
  readonly #caller: Caller;

  constructor(setting: Setting, choices: Choices) {
    this.choices = choices;
    this.time = new VirtualTime(randomOf(7));
    this.time.install();
    this.twilio = new TwilioSide(setting.switches ?? {});
    this.callSid = this.twilio.world.calls.place({}).sid;
    const { accountSid, authToken, apiKey, apiSecret } = this.twilio.credentials;
    this.variables = {
      ACCOUNT_SID: accountSid,
      AUTH_TOKEN: authToken,
      API_KEY: apiKey,
      API_SECRET: apiSecret,
      DOMAIN_NAME: 'explorer.example',
      CONFIRM_CHARGES: 'always',
    };
    this.#faults = setting.faults;
    this.#acts = setting.acts;
    this.#begins = setting.begins;
    this.truth = new Truth(this.twilio);
    this.#agents = Array.from(
      { length: setting.agents },
      (_, i) => new Agent(this, String.fromCharCode(65 + i)),
    );
    this.#caller = new Caller(this);
  }

  /** Nothing is chosen until the beginning is reached. */
  choose(count: number, kind: Parameters<Choices['choose']>[1]): number {
    return this.#isPreparing ? 0 : this.choices.choose(count, kind);
  }

  tell(line: string): void {
    this.story.push(`${((this.time.now % 3_600_000) / 1000).toFixed(2).padStart(8)}  ${line}`);
  }

  /** The use cases as one invocation has them, and its answer: an error or a result, or `no answer` from the platform. */
  async invoke<R>(what: string, work: (payments: Payments) => Promise<R>): Promise<R | 'no answer'> {
    const config = readFullConfig(this.variables, SETTING_VALUES);
    const invocation = { dead: false };
    let answered = false;
    const startedAt = this.time.now;
    const ended = new Promise<'no answer'>((resolve) => {
      setTimeout(() => {
        if (!answered && !invocation.dead) this.truth.violated(`${what} got no answer within 10 s`);
        resolve('no answer');
      }, INVOCATION_MS);
    });
    const answering = invocationOf.run(invocation, async () => {
      const twilio = connectTwilio(config, startedAt + 9_000);
      // One credential for all agents: whoever has it may go on with what another one began.
      const client = { name: 'agents', seesAll: false };
      return work(createPayments({ ...twilio, audit: () => undefined, client }, config.settings));
    });
    this.#running += 1;
    try {
      return await Promise.race([answering, ended]);
    } finally {
      answered = true;
      this.#running -= 1;
      answering.catch(() => undefined);
    }
  }

  /** Plays until nothing is left to happen, then looks whether everybody got out. */
  async play(): Promise<Outcome> {
    const restore = this.#install();
    const unhandled = (reason: unknown) => this.truth.violated(`a promise floats: ${String(reason)}`);
    process.on('unhandledRejection', unhandled);
    try {
      if (this.#begins) await this.#prepare(this.#begins);
      await this.#steps(() => this.#acts <= 0 && this.#agents.every(({ isIdle }) => isIdle));
      this.calm = true;
      this.tell('-- nothing goes wrong any more --');
      await this.#freeTheCall();
    } catch (error) {
      this.truth.violated(`the schedule broke: ${error instanceof Error ? error.stack : String(error)}`);
    } finally {
      process.off('unhandledRejection', unhandled);
      restore();
      this.time.uninstall();
    }
    const [kind] = this.truth.violations;
    return {
      finding: kind === undefined ? undefined : { kind, story: this.story },
      taken: this.choices.taken,
    };
  }

  #install(): () => void {
    const restore = this.twilio.install();
    const requests = this.twilio.requests;
    // A request belongs to the invocation that makes it: a dead one makes no more.
    const push = requests.push.bind(requests);
    requests.push = (...more: Underway[]) => {
      const invocation = invocationOf.getStore();
      if (invocation?.dead) return requests.length;
      for (const request of more) Object.assign(request, { invocation });
      return push(...more);
    };
    const platform = { Twilio: { Response: PlatformResponse }, Runtime: { getAssets: () => ({}) } };
    Object.assign(globalThis, platform);
    const levels = ['log', 'info', 'warn', 'error'] as const;
    const originals = levels.map((level) => [level, console[level]] as const);
    for (const level of levels) console[level] = () => undefined;
    return () => {
      restore();
      for (const [level, original] of originals) console[level] = original;
    };
  }

  /** Takes a payment as far as it is to be when the schedule begins, undisturbed. */
  async #prepare(phase: string): Promise<void> {
    const [first, ...others] = this.#agents;
    if (!first) return;
    this.#isPreparing = true;
    const [acts, faults] = [this.#acts, this.#faults];
    this.#acts = this.#faults = 0;
    let isThere = false;
    void (async () => {
      while (first.phase !== phase) await first.follow();
      isThere = true;
    })();
    await this.#steps(() => isThere);
    for (const other of others) other.learnFrom(first);
    [this.#acts, this.#faults] = [acts, faults];
    this.#isPreparing = false;
    this.story.length = 0;
    this.tell(`-- a payment of 5 is ${phase}, and all agents know it --`);
  }

  /** A fresh agent follows the advice blindly until the call is free, in half a minute. */
  async #freeTheCall(): Promise<void> {
    if (!this.#caller.isOnTheLine) return;
    const last = new Agent(this, 'Z');
    this.#agents.push(last);
    const startedAt = this.time.now;
    void last.freeTheCall();
    await this.#steps(() => last.isDone || this.time.now - startedAt > 3 * CALM_MS);
    if (!last.isDone)
      this.truth.violated('the call is not free after a minute and a half of following the advice');
    else if (this.time.now - startedAt > 2 * CALM_MS)
      this.truth.violated(`freeing the call took ${(this.time.now - startedAt) / 1000} s`);
    this.truth.checkLastWords();
  }

  async #steps(isOver: () => boolean): Promise<void> {
    for (let steps = 0; this.truth.violations.length === 0; steps++) {
      if (steps > MAX_STEPS) return this.truth.violated('it goes on for ever');
      await quiet();
      this.truth.check();
      if (isOver()) return;
      const events = this.#events();
      const chosen = events[this.choose(events.length, 'order')];
      if (!chosen) return;
      await chosen();
      this.time.pass(STEP_MS);
    }
  }

  /** All that may happen next; the usual comes first. */
  #events(): (() => Promise<void> | void)[] {
    const { requests, callbacks } = this.twilio;
    const idle = this.#acts > 0 && !this.calm ? this.#agents.filter(({ isIdle }) => isIdle) : [];
    const next = this.time.next;
    const isLate = (event: object) => this.#late.has(event);
    for (const event of [...requests, ...callbacks]) this.#seeFirst(event);
    const all = [
      ...requests.map((event) => ({ event, run: () => this.#decide(event) })),
      ...callbacks.map((event) => ({ event, run: () => this.#deliver(event) })),
    ];
    return [
      ...all.filter(({ event }) => !isLate(event)).map(({ run }) => run),
      ...this.#caller.events(),
      ...idle.map((agent) => () => {
        this.#acts -= 1;
        void agent.act();
      }),
      ...all.filter(({ event }) => isLate(event)).map(({ run }) => run),
      ...(next === undefined ? [] : [() => this.time.pass(Math.max(0, next - this.time.now))]),
    ];
  }

  /** A request or a callback may take its time: until nothing else is left to do. */
  #seeFirst(event: object): void {
    if (this.#seen.has(event)) return;
    this.#seen.add(event);
    if (!this.calm && this.choose(2, 'late') === 1) this.#late.add(event);
  }

  async #decide(request: Underway): Promise<void> {
    const { requests } = this.twilio;
    requests.splice(requests.indexOf(request), 1);
    const { invocation } = request as Underway & { invocation?: { dead: boolean } };
    const mayFail = !this.calm && this.#faults > 0;
    const isKillable = mayFail && invocation !== undefined;
    const fate = mayFail ? this.choose(FATES.length + (isKillable ? 2 : 0), 'fault') : 0;
    if (fate === 0) return request.answer(await this.twilio.carryOut(request));
    this.#faults -= 1;
    const name = FATES[fate];
    const what = describe(request);
    if (name === undefined && invocation) {
      // The first is killed before Twilio hears of it, the second after.
      this.tell(`${what}: the invocation dies ${fate === FATES.length ? 'before' : 'after'} it`);
      if (fate > FATES.length) await this.twilio.carryOut(request);
      invocation.dead = true;
      return;
    }
    this.tell(`${what}: ${name}`);
    const isDone = name?.endsWith('after');
    if (isDone) await this.twilio.carryOut(request);
    if (name?.startsWith('lost'))
      return request.fail(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    if (name === 'answered late') {
      const reply = await this.twilio.carryOut(request);
      setTimeout(() => request.answer(reply), LATE_MS);
      return;
    }
    if (name?.startsWith('silent')) return;
    if (name?.startsWith('rubbish')) return request.answer({ statusCode: 502, body: '<html>' });
    const [status = '503', code = '0'] = name?.split(' ') ?? [];
    const number = Number(code) || { 404: 20404, 429: 20429, 401: 20003 }[status] || 0;
    request.answer({
      statusCode: Number(status),
      body: { code: number, message: 'no', status: Number(status) },
    });
  }

  async #deliver(callback: Due): Promise<void> {
    const { callbacks } = this.twilio;
    const mayFail = !this.calm && this.#faults > 0;
    // A session whose SID comes neither by an answer nor by a callback nor by the same key again cannot be found at all.
    const mayVanish =
      this.twilio.world.switches.idempotencyReplay === 'replay' || words(callback) !== 'of the start';
    const fate = mayFail ? this.choose(mayVanish ? 3 : 2, 'fault') : 0;
    if (fate !== 1) callbacks.splice(callbacks.indexOf(callback), 1);
    if (fate > 0) {
      this.#faults -= 1;
      this.tell(`callback ${words(callback)}: ${fate === 1 ? 'comes twice' : 'never comes'}`);
      if (fate === 2) return;
    }
    const url = callback.url.split('#')[0] ?? '';
    const event = {
      ...Object.fromEntries(new URL(url).searchParams),
      ...callback.params,
      request: {
        headers: {
          'x-twilio-signature': voiceSignature(this.twilio.credentials.authToken, url, callback.params),
        },
        cookies: {},
      },
    };
    const invocation = { dead: false };
    void invocationOf.run(invocation, () =>
      callbackHandler(this.variables, event, (_, response) => {
        const { statusCode } = response as unknown as PlatformResponse;
        if (statusCode >= 400 && callback.tries < 5)
          callbacks.push({ ...callback, tries: callback.tries + 1 });
      }),
    );
  }
}

export function describe({ method, url, form }: Underway): string {
  const { pathname } = new URL(url);
  if (pathname.includes('/Documents')) {
    const name = String(form.UniqueName ?? pathname.split('/').at(-1));
    return `Sync ${method === 'GET' ? 'read' : form.UniqueName ? 'create' : 'write'} ${name.slice(0, 12)}`;
  }
  if (pathname.endsWith('/Payments.json')) return `create (${form.ChargeAmount ?? 'token'})`;
  if (pathname.includes('/Payments/')) return `${form.Status ?? `capture ${String(form.Capture)}`}`;
  return 'look-up of the call';
}

function words({ params }: Due): string {
  return params.Result ?? params.ErrorType ?? params.Capture ?? 'of the start';
}

export type AgentError = { code: string; nextStep: string; text: string };

export function toAgentError(error: unknown, tool: ToolName, view: View): AgentError {
  if (!(error instanceof PaymentError)) throw error;
  const { nextStep, thenCall, why } = errorAdvice(error, tool, view, 'en');
  return { code: error.code, nextStep: thenCall ?? nextStep, text: why };
}
