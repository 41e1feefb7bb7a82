import { readFileSync } from 'node:fs';
import type { PaymentSession } from '../payment-session.ts';
import type { World } from '../world.ts';

/** Seconds between two digits, if the session says nothing else (Payment resource page, Timeout). */
const BETWEEN_DIGITS = 5;

/** What an agent says to the caller, and in which language. */
export interface Said {
  text: string;
  language: string;
}

/** What the caller's phone shows of its call. Never a digit. */
export interface PhoneView {
  callSid: string;
  number: string;
  status: string;
  seconds: number;
  /** The field that Twilio listens for; empty if it does not listen. */
  listeningFor: string;
  /** How often it has begun to listen on this call. */
  turn: number;
  typed: number;
  /** Until Twilio stops to listen; 0 before the first digit. */
  secondsLeft: number;
  /** How the newest payment of the call ended; empty while it lives. */
  result: string;
  said: Said | undefined;
}

/** The page of the caller's phone. */
export const phonePage = (): string => readFileSync(new URL('./phone.html', import.meta.url), 'utf8');

/** Counts how often Twilio has begun to listen, by call. */
export class Phones {
  readonly #world: World;
  readonly #turns = new Map<string, { turn: number; at: number }>();
  /** What the agent says on a call, if anybody knows. */
  agentSays: (callSid: string) => Promise<Said | undefined> = async () => undefined;

  constructor(world: World) {
    this.#world = world;
    world.events.on((event) => {
      if (event.type === 'digits')
        this.#turns.set(event.callSid, { turn: this.#turn(event.callSid), at: Date.now() });
      if (event.type === 'capture')
        this.#turns.set(event.callSid, { turn: this.#turn(event.callSid) + 1, at: Date.now() });
    });
  }

  async view(callSid: string): Promise<PhoneView> {
    const call = this.#world.calls.find(callSid);
    if (!call) throw new Error('No such call');
    const sessions = [...this.#world.sessions.values()].filter((session) => session.callSid === callSid);
    const listener: PaymentSession | undefined = sessions.find(({ listening }) => listening);
    const since = this.#turns.get(callSid)?.at ?? Date.now();
    const typed = listener?.listening?.digits.length ?? 0;
    // For the first digit Twilio waits as long as it takes: nothing else is known.
    const left = typed > 0 ? (listener?.terms.timeout ?? BETWEEN_DIGITS) * 1_000 - (Date.now() - since) : 0;
    return {
      callSid,
      number: call.direction === 'inbound' ? call.from : call.to,
      status: call.status,
      seconds: Math.round(((call.endedAt ?? this.#world.clock.now()) - call.startedAt) / 1_000),
      listeningFor: listener?.listening?.capture ?? '',
      turn: this.#turn(callSid),
      typed,
      secondsLeft: Math.max(0, Math.ceil(left / 1_000)),
      result: sessions.at(-1)?.result ?? '',
      said: await this.agentSays(callSid).catch(() => undefined),
    };
  }

  #turn(callSid: string): number {
    return this.#turns.get(callSid)?.turn ?? 0;
  }
}
