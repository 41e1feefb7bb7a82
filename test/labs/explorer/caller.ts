import { KeypadCaller } from '../../simulator/keypad.ts';
import type { Scheduler } from './scheduler.ts';
import type { TwilioSide } from './twilio-side.ts';

const CARDS = [
  '4242424242424242',
  '5555555555554444',
  '4012888888881881',
  '5105105105105100',
  '4000000000000002',
];
const KEYS: Record<string, readonly string[]> = {
  'payment-card-number': CARDS,
  'security-code': ['123'],
  'expiration-date': ['1230'],
  'postal-code': ['94105#'],
  'bank-routing-number': ['110000000'],
  'bank-account-number': ['000123456789#', '000987654321#'],
  confirmation: ['1', '2'],
};

/** Of so many second thoughts of a caller, one is to hang up. */
const HANG_UP_IN = 3;

/** The person on the phone: types what Twilio listens for, sometimes something else, `*`, nothing, or hangs up. */
export class Caller {
  readonly #keypad: KeypadCaller;
  readonly #scheduler: Scheduler;
  readonly #twilio: TwilioSide;
  readonly #callSid: string;
  /** The first card is the one that beginnings have. */
  #cards = 1;

  constructor(scheduler: Scheduler, twilio: TwilioSide, callSid: string) {
    this.#scheduler = scheduler;
    this.#twilio = twilio;
    this.#callSid = callSid;
    this.#keypad = new KeypadCaller(twilio.world, callSid);
  }

  get isOnTheLine(): boolean {
    return this.#twilio.world.calls.find(this.#callSid)?.status === 'in-progress';
  }

  /** What they may do now. */
  events(): (() => void)[] {
    return this.isOnTheLine && this.#keypad.listeningFor() ? [() => this.#act()] : [];
  }

  /** What they seldom do, whatever goes on. */
  second(): (() => void)[] {
    if (!this.isOnTheLine) return [];
    return [
      () => {
        if (this.#scheduler.choose(HANG_UP_IN, 'caller') !== 1) return;
        this.#scheduler.tell('the caller hangs up');
        void this.#keypad.hangsUp();
      },
    ];
  }

  #act(): void {
    const field = this.#keypad.listeningFor() ?? '';
    const options = field.endsWith('-matcher') ? this.#again(field) : (KEYS[field] ?? ['1']);
    // In small worlds nobody has second thoughts, but a card is always another one.
    const { isPlain } = this.#scheduler;
    const chosen = isPlain
      ? this.#cards++ % options.length
      : this.#scheduler.choose(options.length + 3, 'caller');
    const keys = options[chosen];
    if (keys !== undefined) {
      this.#type(field, keys);
      return;
    }
    const others = [
      { told: 'presses *', act: () => this.#keypad.pressesStar() },
      { told: 'types nothing', act: () => this.#keypad.typesNothing() },
      { told: 'hangs up', act: () => this.#keypad.hangsUp() },
    ];
    const other = others[chosen - options.length];
    this.#scheduler.tell(`the caller ${other?.told}`);
    void other?.act();
  }

  #type(field: string, keys: string): void {
    const digits = keys.replace('#', '').slice(-4);
    const isTold = /card|account|confirmation/.test(field);
    this.#scheduler.tell(`the caller types the ${field}${isTold ? ` ending in ${digits}` : ''}`);
    // All but the last key at once: what screens are shown of each is not what this is about.
    const { sessions } = this.#twilio.world;
    const listener = [...sessions.values()].find((one) => one.callSid === this.#callSid && one.listening);
    if (listener?.listening) listener.listening.digits = keys.slice(0, -1);
    void this.#keypad.types(keys.slice(-1));
  }

  /** What was typed before, or something else. */
  #again(capture: string): readonly string[] {
    const field = capture.replace(/-matcher$/, '');
    const { sessions } = this.#twilio.world;
    const listener = [...sessions.values()].find((one) => one.callSid === this.#callSid && one.listening);
    const entered = [...(listener?.entered ?? [])].find(([name]) => name === field)?.[1] ?? '';
    return [entered, ...(KEYS[field] ?? []).filter((keys) => keys !== entered).slice(0, 1)];
  }
}
