import { CONFIRM_MS } from '../../../functions/payments/session/phase.ts';
import { act, COMMANDS } from './acts.ts';
import { Agent, type Known } from './agent.ts';
import { Caller } from './caller.ts';
import { type Choices, randomOf, replay } from './choices.ts';
import { freeTheCall } from './last-agent.ts';
import { Network } from './network.ts';
import { Scheduler } from './scheduler.ts';
import { Service } from './service.ts';
import { KINDS, PLAIN_SETTING, type Setting } from './setting.ts';
import { Truth } from './truth.ts';
import { CALLS, TwilioSide, type TwilioState } from './twilio-side.ts';
import { breathe, quiet, VirtualTime } from './virtual-time.ts';

export interface Finding {
  kind: string;
  story: string[];
}

export interface Outcome {
  finding: Finding | undefined;
  taken: number[];
  counts: number[];
}

/** A moment at which nothing is under way, and from which schedules begin. */
interface Beginning {
  twilio: TwilioState;
  now: number;
  known: Known | undefined;
}

const MAX_STEPS = 4_000;
/** Milliseconds that one step takes. */
const STEP_MS = 5;

/** One run of the real tools, use cases, adapters, `twilio` client and callback handler, in an order that choices decide. */
export class Schedule {
  readonly #setting: Setting;
  readonly #choices: Choices;
  readonly #time: VirtualTime;
  readonly #scheduler: Scheduler;
  readonly #twilio: TwilioSide;
  readonly #truth: Truth;
  readonly #service: Service;
  readonly #network: Network;
  readonly #agents: Agent[];
  readonly #callers: Caller[];
  #acts: number;

  constructor(setting: Setting, choices: Choices, beginning?: Beginning) {
    const { agents, asking, calls, faults, kind, commands, switches } = setting;
    this.#setting = setting;
    this.#choices = choices;
    this.#acts = setting.acts;
    this.#time = new VirtualTime(randomOf(7), beginning?.now);
    this.#time.install();
    this.#scheduler = new Scheduler(this.#time, choices, { faults, isPlain: commands !== undefined });
    this.#twilio = new TwilioSide(switches, setting, beginning?.twilio);
    this.#truth = new Truth(this.#twilio);
    this.#service = new Service(this.#scheduler, this.#truth, setting);
    for (const document of this.#twilio.documents.all()) this.#service.show(document);
    this.#network = new Network(this.#scheduler, this.#twilio, this.#service);
    this.#agents = Array.from({ length: agents }, (_, i) => {
      const options = { callSid: CALLS[i % calls] ?? '', terms: KINDS[kind], canAsk: i < asking };
      return new Agent(this.#scheduler, this.#service, { name: String.fromCharCode(65 + i), ...options });
    });
    this.#callers = CALLS.slice(0, calls).map(
      (callSid) => new Caller(this.#scheduler, this.#twilio, callSid),
    );
    for (const agent of this.#agents) if (agent.callSid === CALLS[0]) agent.learn(beginning?.known);
    if (beginning)
      this.#scheduler.tell(`-- a payment of 5 is ${setting.begins}, and all clients on its call know it --`);
  }

  /** Plays until nothing is left to happen, then looks whether everybody got out. */
  async play(): Promise<Outcome> {
    await this.#guarded(async () => {
      this.#scheduler.isCalm = false;
      for (const [i, command] of (this.#setting.commands ?? []).entries()) {
        const agent = this.#agents[i];
        if (agent) void agent.busy(() => COMMANDS[command](agent));
      }
      await this.#steps(() => this.#acts <= 0 && this.#agents.every(({ isIdle }) => isIdle));
      this.#scheduler.isCalm = true;
      this.#scheduler.tell('-- nothing goes wrong any more --');
      for (const callSid of CALLS.slice(0, this.#setting.calls)) await this.#freeTheCall(callSid);
      await this.#steps(() => this.#network.isEmpty && this.#time.next === undefined);
    });
    const [kind] = this.#truth.violations;
    const { taken, counts } = this.#choices;
    const { story } = this.#scheduler;
    return { finding: kind === undefined ? undefined : { kind, story }, taken, counts };
  }

  /** Takes a first payment as far as schedules of its kind begin, undisturbed. */
  async prepare(): Promise<Beginning | Finding> {
    const [first] = this.#agents;
    const { begins } = this.#setting;
    let state: TwilioState | undefined;
    await this.#guarded(async () => {
      let isThere = false;
      void (async () => {
        while (first && first.known?.phase !== begins) {
          if (begins === 'canceled' && first.known?.phase === 'ready') await first.cancel();
          else await first.follow();
        }
        isThere = true;
      })();
      await this.#steps(() => isThere && this.#network.isEmpty);
      state = this.#twilio.state;
    });
    const [kind] = this.#truth.violations;
    if (kind !== undefined || !state)
      return { kind: kind ?? 'the beginning is not reached', story: this.#scheduler.story };
    return { twilio: state, now: this.#time.now, known: first?.known };
  }

  /** Runs with everything in place that stands in for the machine and the platform. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    await breathe();
    const restore = this.#install();
    const unhandled = (reason: unknown) => this.#truth.violated(`a promise floats: ${String(reason)}`);
    process.on('unhandledRejection', unhandled);
    // Refusals are errors, and nobody reads where they came from.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      await work();
    } catch (error) {
      this.#truth.violated(`the schedule broke: ${error instanceof Error ? error.stack : String(error)}`);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      process.off('unhandledRejection', unhandled);
      restore();
      this.#time.uninstall();
    }
  }

  #install(): () => void {
    Service.install();
    const restore = this.#twilio.install((username) => {
      const invocation = this.#service.invocationOf(username);
      return invocation !== undefined && !invocation.isDead;
    });
    const levels = ['log', 'info', 'warn', 'error'] as const;
    const originals = levels.map((level) => [level, console[level]] as const);
    for (const level of levels) console[level] = () => undefined;
    return () => {
      restore();
      for (const [level, original] of originals) console[level] = original;
    };
  }

  /** A fresh agent follows the advice blindly until the call is free and every payment on it has ended. */
  async #freeTheCall(callSid: string): Promise<void> {
    const options = { callSid, terms: KINDS[this.#setting.kind], canAsk: false };
    const last = new Agent(this.#scheduler, this.#service, { name: 'Z', ...options });
    let isDone = false;
    const keyMs = this.#setting.kind === 'pressed' ? CONFIRM_MS : 0;
    const work = { agent: last, keyMs, twilio: this.#twilio, truth: this.#truth };
    void freeTheCall(work).then(() => {
      isDone = true;
    });
    await this.#steps(() => isDone);
  }

  async #steps(isOver: () => boolean): Promise<void> {
    const { violations } = this.#truth;
    for (let steps = 0; ; steps++) {
      await quiet();
      this.#truth.check();
      if (violations.length > 0 || isOver()) return;
      if (steps > MAX_STEPS) return this.#truth.violated('it goes on for ever');
      const events = this.#events();
      const chosen = events[this.#scheduler.choose(events.length, 'order')];
      if (!chosen) return this.#truth.violated('nothing happens any more, and somebody waits');
      chosen();
      this.#time.pass(STEP_MS);
    }
  }

  /** All that may happen next; the usual comes first. */
  #events(): (() => void)[] {
    const { inTime, late } = this.#network.events();
    const { next } = this.#time;
    const idle = this.#acts > 0 && !this.#scheduler.isCalm ? this.#agents.filter(({ isIdle }) => isIdle) : [];
    return [
      ...inTime,
      ...this.#callers.flatMap((caller) => caller.events()),
      ...idle.map((agent) => () => {
        this.#acts -= 1;
        const others = this.#agents.filter((other) => other !== agent);
        const { ttlSeconds } = this.#setting;
        const ttlMs = ttlSeconds < 3_600 ? ttlSeconds * 1_000 : undefined;
        void agent.busy(() => act(agent, { others, ttlMs }));
      }),
      ...late,
      ...(next === undefined ? [] : [() => this.#time.pass(Math.max(0, next - this.#time.now))]),
      ...(this.#scheduler.isCalm ? [] : this.#callers.flatMap((caller) => caller.second())),
    ];
  }
}

const beginnings = new Map<string, Promise<Beginning | Finding>>();

/** Plays one schedule, from its beginning on, which is restored. */
export async function playSchedule(setting: Setting, choices: Choices): Promise<Outcome> {
  if (!setting.begins) return new Schedule(setting, choices).play();
  const { begins, kind, parents } = setting;
  const key = JSON.stringify([begins, kind, parents]);
  const known =
    beginnings.get(key) ??
    new Schedule({ ...PLAIN_SETTING, begins, kind, parents, agents: 1 }, replay([])).prepare();
  beginnings.set(key, known);
  const beginning = await known;
  if ('kind' in beginning) return { finding: beginning, taken: [], counts: [] };
  return new Schedule(setting, choices, beginning).play();
}
