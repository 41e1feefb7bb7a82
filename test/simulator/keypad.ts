import type { CallbackPost } from './callback-record.ts';
import type { SimulatedCall } from './calls.ts';
import { endEntry, hearDigit, stopTyping } from './capture.ts';
import { confirm, finish, hangUp } from './completion.ts';
import { isLive, type PaymentSession } from './payment-session.ts';
import type { World } from './world.ts';

/** What became of keys pressed. Never says which keys they were. */
export interface TypedResult {
  readonly callSid: string;
  /** The capture that listened to the first key, if any did. */
  readonly field: string | undefined;
  readonly heard: number;
  readonly lost: number;
  /** What listens now. */
  readonly listeningFor: string | undefined;
}

/** The person at the other end of a call leg, with a telephone keypad. */
export interface Caller {
  readonly callSid: string;
  /**
   * Presses keys (0-9, # and *), optionally with a pause after each. Keys with nothing listening are lost; throws
   * only where the call is over. Resolves when the callbacks were handed over and, in ordered mode, answered.
   */
  types(digits: string, options?: { everyMs?: number }): Promise<TypedResult>;
  /** Resolves when Twilio listens for the field on this call. */
  waitsFor(field: string, timeoutMs?: number): Promise<void>;
  /** Lets the time for typing run out: with digits entered, they are judged; with none, it is an input-timeout. */
  typesNothing(): Promise<TypedResult>;
  pressesStar(): Promise<TypedResult>;
  hangsUp(): Promise<void>;
}

export class KeypadCaller implements Caller {
  readonly callSid: string;
  readonly #world: World;

  constructor(world: World, callSid: string) {
    this.#world = world;
    this.callSid = callSid;
  }

  async types(digits: string, { everyMs = 0 }: { everyMs?: number } = {}): Promise<TypedResult> {
    if (!/^[0-9#*]*$/.test(digits)) throw new Error('A telephone keypad has the keys 0-9, # and *');
    this.#mustBeOnTheLine();
    const field = this.listeningFor();
    const { delivery } = this.#world;
    const isTerse = delivery.partials === 'last' && everyMs === 0;
    let heard = 0;
    const answers: Promise<void>[] = [];
    for (const [i, key] of [...digits].entries()) {
      const callbacks = this.#press(key);
      if (callbacks) {
        heard += 1;
        const isOvertaken = isTerse && i + 1 < digits.length && this.listeningFor() === field;
        answers.push(delivery.hand(isOvertaken ? callbacks.filter(isNoPartial) : callbacks));
      }
      if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    await this.#answered(answers);
    return this.#result(field, heard, digits.length - heard);
  }

  waitsFor(field: string, timeoutMs = 5_000): Promise<void> {
    if (this.listeningFor() === field) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = this.#world.events.on((event) => {
        if (event.type !== 'capture' || event.callSid !== this.callSid || event.field !== field) return;
        stop();
        clearTimeout(timer);
        resolve();
      });
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`Twilio did not listen for ${field} within ${timeoutMs} ms`));
      }, timeoutMs);
    });
  }

  async typesNothing(): Promise<TypedResult> {
    this.#mustBeOnTheLine();
    const session = this.#listener();
    const field = this.listeningFor();
    if (session?.listening) {
      const { capture } = session.listening;
      // What a pause at the confirmation does is not established; here it declines.
      const callbacks =
        capture === 'confirmation'
          ? confirm(this.#world, session, '2')
          : stopTyping(this.#world, session, capture);
      await this.#answered([this.#world.delivery.hand(callbacks)]);
    }
    return this.#result(field, 0, 0);
  }

  pressesStar(): Promise<TypedResult> {
    return this.types('*');
  }

  async hangsUp(): Promise<void> {
    const call = this.#mustBeOnTheLine();
    const answers: Promise<void>[] = [];
    for (const leg of this.#world.calls.connectedTo(call)) {
      leg.status = 'completed';
      leg.endedAt = this.#world.clock.now();
      this.#world.events.emit({ type: 'call', callSid: leg.sid, status: leg.status });
      for (const session of this.#world.sessions.values()) {
        if (session.callSid === leg.sid && (isLive(session) || session.state === 'failed'))
          answers.push(this.#world.delivery.hand(hangUp(this.#world, session)));
      }
    }
    await this.#answered(answers);
  }

  listeningFor(): string | undefined {
    return this.#listener()?.listening?.capture;
  }

  /** The callbacks of one key, or undefined where nothing listens to it. */
  #press(key: string): CallbackPost[] | undefined {
    const session = this.#listener();
    if (!session?.listening) return undefined;
    if (key === '*') return finish(this.#world, session, { Result: 'caller-interrupted-with-star' });
    const { capture } = session.listening;
    if (capture === 'confirmation') return confirm(this.#world, session, key);
    return key === '#'
      ? endEntry(this.#world, session, capture)
      : hearDigit(this.#world, session, capture, key);
  }

  #listener(): PaymentSession | undefined {
    return [...this.#world.sessions.values()].find(
      ({ callSid, listening }) => callSid === this.callSid && listening,
    );
  }

  #mustBeOnTheLine(): SimulatedCall {
    const call = this.#world.calls.find(this.callSid);
    if (call?.status !== 'in-progress') throw new Error(`The call ${this.callSid} is not in progress`);
    return call;
  }

  async #answered(answers: readonly Promise<void>[]): Promise<void> {
    if (this.#world.delivery.mode === 'ordered') await Promise.all(answers);
  }

  #result(field: string | undefined, heard: number, lost: number): TypedResult {
    return { callSid: this.callSid, field, heard, lost, listeningFor: this.listeningFor() };
  }
}

function isNoPartial({ params }: CallbackPost): boolean {
  return params.PartialResult !== 'true';
}
