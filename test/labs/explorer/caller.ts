import { KeypadCaller } from '../../simulator/keypad.ts';
import type { Schedule } from './schedule.ts';

const KEYS: Record<string, string> = {
  'security-code': '123',
  'expiration-date': '1230',
};
const CARDS = [
  '4242424242424242',
  '5555555555554444',
  '4012888888881881',
  '5105105105105100',
  '4000000000000002',
];

/** The person on the phone: types what Twilio listens for, sometimes another card, `*`, or hangs up. */
export class Caller {
  readonly #keypad: KeypadCaller;
  readonly #schedule: Schedule;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#keypad = new KeypadCaller(schedule.twilio.world, schedule.callSid);
  }

  get isOnTheLine(): boolean {
    return this.#schedule.twilio.world.calls.find(this.#schedule.callSid)?.status === 'in-progress';
  }

  events(): (() => Promise<void>)[] {
    if (!this.isOnTheLine || !this.#keypad.listeningFor()) return [];
    return [() => this.#type()];
  }

  async #type(): Promise<void> {
    const { calm } = this.#schedule;
    const field = this.#keypad.listeningFor() ?? '';
    const isCard = field === 'payment-card-number';
    const options = isCard ? CARDS.length : 1;
    const chosen = calm ? 0 : this.#schedule.choose(options + 2, 'act');
    if (chosen === options) {
      this.#schedule.tell('the caller presses *');
      await this.#keypad.pressesStar();
      return;
    }
    if (chosen > options) {
      this.#schedule.tell('the caller hangs up');
      await this.#keypad.hangsUp();
      return;
    }
    const keys = isCard ? (CARDS[chosen] ?? '') : (KEYS[field] ?? '1');
    this.#schedule.tell(`the caller types the ${field}${isCard ? ` ending in ${keys.slice(-4)}` : ''}`);
    await this.#keypad.types(keys);
  }
}
