import { voiceSignature } from '../../simulator/index.ts';
import type { BenchRun } from './bench-run.ts';

interface Sids {
  callSid: string;
  paymentSid: string;
}

/** More payments than an instance keeps documents of: it has forgotten each when its turn comes again. */
const FORGOTTEN_AFTER = 120;
/** A mask may grow that often. */
const DIGITS = 16;

/**
 * Payments in a fixed order, so that an instance either has just seen the next one or has forgotten it.
 * Each is captured once, and then has its card number typed digit by digit.
 */
export class PaymentPool {
  readonly #run: BenchRun;
  readonly #toCapture: Sids[] = [];
  readonly #typing: { sids: Sids; digits: number }[] = [];
  #seen: { sids: Sids; digits: number } | undefined;

  constructor(run: BenchRun) {
    this.#run = run;
  }

  /** Starts payments until those that are captured first have been forgotten. */
  async fill(captures: number): Promise<void> {
    for (let i = 0; i < captures + FORGOTTEN_AFTER + 1; i++) this.#toCapture.push(await this.#start());
  }

  /** A payment to capture that the instance has forgotten. */
  async captureForgotten(): Promise<void> {
    const sids = this.#toCapture.shift();
    if (!sids) throw new Error('The pool is empty');
    await this.#capture(sids);
    this.#typing.push({ sids, digits: 0 });
  }

  /** Has enough payments typed in turn for each to be forgotten in between. */
  async prepareForgottenDigit(): Promise<void> {
    while (this.#typing.length <= FORGOTTEN_AFTER) await this.captureForgotten();
  }

  /** One digit more of a payment that the instance has forgotten: of the one whose last digit is longest ago. */
  async typeForgotten(): Promise<void> {
    const next = this.#typing.shift();
    if (!next) throw new Error('The pool is empty');
    await this.#type(next.sids, (next.digits % DIGITS) + 1);
    this.#typing.push({ ...next, digits: next.digits + 1 });
  }

  /** Starts a payment, whose documents the instance has seen then. */
  async startSeen(): Promise<void> {
    this.#seen = { sids: await this.#start(), digits: 0 };
  }

  async captureSeen(): Promise<void> {
    if (this.#seen) await this.#capture(this.#seen.sids);
  }

  /** Sees to it that the next digit is one of a payment whose last digit the same instance has stored. */
  async prepareSeenDigit(): Promise<void> {
    if (this.#seen && this.#seen.digits > 0 && this.#seen.digits < DIGITS) return;
    await this.startSeen();
    await this.captureSeen();
    await this.typeSeen();
  }

  async typeSeen(): Promise<void> {
    if (!this.#seen) return;
    this.#seen.digits += 1;
    await this.#type(this.#seen.sids, this.#seen.digits);
  }

  async #start(): Promise<Sids> {
    const { simulator, result } = this.#run;
    const { sid: callSid } = simulator.placeCall();
    const text = await result('startPaymentCapture', { callSid, paymentSid: undefined, chargeAmount: 12.5 });
    await simulator.settled();
    const { structuredContent } = JSON.parse(text) as { structuredContent: { paymentSid: string } };
    return { callSid, paymentSid: structuredContent.paymentSid };
  }

  async #capture(sids: Sids): Promise<void> {
    await this.#run.result('captureCardNumber', { ...sids });
  }

  async #type({ callSid, paymentSid }: Sids, digits: number): Promise<void> {
    const { url: base, simulator, post } = this.#run;
    const { accountSid, authToken } = simulator.credentials;
    const url = `${base}/payment-status?call=${callSid}&command=1&field=payment-card-number`;
    const params = {
      AccountSid: accountSid,
      CallSid: callSid,
      Sid: paymentSid,
      Capture: 'payment-card-number',
      PartialResult: 'true',
      PaymentCardNumber: 'x'.repeat(digits),
      Required: 'payment-card-number, expiration-date, security-code',
    };
    await post(url, new URLSearchParams(params).toString(), {
      'Content-Type': 'application/x-www-form-urlencoded',
      'X-Twilio-Signature': voiceSignature(authToken, url, params),
    });
  }
}
