import type { TwilioSide } from './twilio-side.ts';

interface Confirmation {
  paymentSid: string;
  chargeAmount: number;
  lastFour: string;
}

/** What is so, as Twilio and the processor know it, against what agents were told. */
export class Truth {
  readonly violations: string[] = [];
  /** Charges that an agent has confirmed: amount and card, each time it asked to complete. */
  readonly confirmations: Confirmation[] = [];
  /** Payments that were started although something was, or may have been, charged on the call. */
  readonly others = new Set<string>();
  /** Payments of which somebody was told that nothing was charged. */
  readonly uncharged = new Set<string>();
  readonly #twilio: TwilioSide;
  #checked = 0;

  constructor(twilio: TwilioSide) {
    this.#twilio = twilio;
  }

  violated(what: string): void {
    this.violations.push(what);
  }

  /** A start was answered with a payment: its terms at Twilio are those that were asked for. */
  started(paymentSid: string, chargeAmount: number, anotherPayment: boolean): void {
    if (anotherPayment) this.others.add(paymentSid);
    const session = this.#twilio.world.sessions.get(paymentSid);
    const amount = Number(session?.terms.chargeAmount);
    if (amount !== chargeAmount)
      this.violated(`a start of ${chargeAmount} was answered with a payment of ${amount}`);
  }

  /** A status was shown. */
  told(paymentSid: string, chargeAmount: number, words: string): void {
    const session = this.#twilio.world.sessions.get(paymentSid);
    if (chargeAmount > 0 && Number(session?.terms.chargeAmount) !== chargeAmount)
      this.violated(`${chargeAmount} is shown of a payment of ${session?.terms.chargeAmount}`);
    if (/nothing was charged/i.test(words) && !/only if/i.test(words)) this.uncharged.add(paymentSid);
  }

  check(): void {
    const { charges, sessions } = this.#twilio.world;
    for (; this.#checked < charges.length; this.#checked++) {
      const charge = charges[this.#checked];
      if (!charge) continue;
      const card = sessions.get(charge.paymentSid)?.entered.get('payment-card-number') ?? '';
      const isConfirmed = this.confirmations.some(
        (one) =>
          one.paymentSid === charge.paymentSid &&
          one.chargeAmount === Number(charge.amount) &&
          one.lastFour === card.slice(-4),
      );
      if (!isConfirmed)
        this.violated(`${charge.amount} was charged to ${card.slice(-4)}, which nobody had confirmed`);
      const before = charges.slice(0, this.#checked);
      if (before.some(({ paymentSid }) => paymentSid === charge.paymentSid))
        this.violated('a payment was charged twice');
      if (before.length > 0 && !this.others.has(charge.paymentSid))
        this.violated('the call was charged twice');
    }
    for (const { paymentSid } of charges)
      if (this.uncharged.has(paymentSid)) this.violated('it was said that nothing was charged, and it was');
  }

  checkLastWords(): void {
    this.check();
  }
}
