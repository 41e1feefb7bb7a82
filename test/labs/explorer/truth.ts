import type { PaymentSession } from '../../../functions/payments/session/session.ts';
import type { ToolResult } from './mcp-message.ts';
import type { Invocation, ToolRequest } from './service.ts';
import type { TwilioSide } from './twilio-side.ts';

/** Milliseconds after which a completion may be called off. */
const CALL_OFF_MS = 5_000;

/** Milliseconds for which Twilio may still confirm a cancel. */
const UNCONFIRMED_MS = 10_000;
/** Phases in which nothing is at the processor. */
const BEFORE_COMPLETION = ['started', 'capturing', 'ready'];

/** Errors that tell how a payment stands. */
const ABOUT_STATE =
  /^(NOT_READY|OUT_OF_ORDER|FIELD_NOT_REQUIRED|PAYMENT_FINISHED|COMPLETING|CANCELING|TAKEN_OVER|CONFIRMATION_\w+)$/;

interface Confirmation {
  paymentSid: string;
  chargeAmount: number;
  lastFour: string;
}

/** What is so, as Twilio and the processor know it, against what agents were told. */
export class Truth {
  readonly violations: string[] = [];
  /** Charges that an agent or a person has confirmed: amount and digits, each time it asked to complete. */
  readonly confirmations: Confirmation[] = [];
  /** Payments that were started although something was, or may have been, charged on the call. */
  readonly #others = new Set<string>();
  /** Payments of which somebody was told that nothing was charged. */
  readonly #uncharged = new Set<string>();
  /** Payments of which the service was told, and has taken it, that they were charged. */
  readonly #reported = new Set<string>();
  /** Charges of each invocation's call before it began. */
  readonly #chargesBefore = new WeakMap<Invocation, number>();
  /** Payments that Twilio was completing, or had charged, before each invocation began. */
  readonly #completingBefore = new WeakMap<Invocation, Set<string>>();
  readonly #twilio: TwilioSide;
  #checked: number;

  constructor(twilio: TwilioSide) {
    this.#twilio = twilio;
    this.#checked = twilio.world.charges.length;
  }

  violated(what: string): void {
    this.violations.push(what);
  }

  /** An invocation begins. */
  opened(invocation: Invocation): void {
    const { charges, sessions } = this.#twilio.world;
    this.#chargesBefore.set(invocation, charges.length);
    const completing = [...sessions.values()].filter((session) => isCompleting(session));
    this.#completingBefore.set(invocation, new Set(completing.map(({ sid }) => sid)));
  }

  /** Twilio is asked to complete a payment: nobody may have asked to cancel it before that was noted. */
  completing(paymentSid: string): void {
    const { completing, canceling } = this.#documentOf(paymentSid);
    if (!completing || !canceling) return;
    // A completion that is overdue may be called off while it is on its way.
    const isOverdue = Date.now() - completing.at >= CALL_OFF_MS;
    if (canceling.asked > canceling.refused && !isOverdue)
      this.violated('Twilio was asked to complete a payment that is being canceled');
  }

  /** The service has taken a status callback. */
  received({ Sid, Result }: Record<string, unknown>, { isConfirmed }: Invocation): void {
    if (!isConfirmed) this.violated('a callback was taken on what was kept of its payment');
    if (Result === 'success') this.#reported.add(String(Sid));
  }

  /** An invocation had Twilio make a session. */
  created(paymentSid: string, { anotherPayment }: Invocation): void {
    if (anotherPayment) this.#others.add(paymentSid);
  }

  /** A tool was answered: what it says must be so. */
  answered({ tool, args }: ToolRequest, result: ToolResult, invocation: Invocation): void {
    const { paymentSid = String(args.paymentSid ?? ''), chargeAmount, code } = result;
    const session = this.#twilio.world.sessions.get(paymentSid);
    const amount = Number(session?.terms.chargeAmount ?? 0);
    if (tool === 'startPaymentCapture' && !code) {
      const callSid = String(args.callSid);
      const isCompleting = (sid: string) => sid === paymentSid && result.phase === 'completing';
      if (amount !== args.chargeAmount)
        this.violated(`a start of ${args.chargeAmount} was answered with a payment of ${amount}`);
      const before = this.#twilio.world.charges.slice(0, this.#chargesBefore.get(invocation));
      if (invocation.anotherPayment) this.#others.add(paymentSid);
      // One that is being completed may be charged, and is no other payment.
      else if (before.some((charge) => charge.callSid === callSid && !isCompleting(charge.paymentSid)))
        this.violated('a plain start on a call that was charged was answered with a payment');
      if (session?.callSid !== callSid)
        this.violated('a start was answered with the payment of another call');
    }
    const wasCompleting = this.#completingBefore.get(invocation)?.has(paymentSid);
    if (
      !code &&
      BEFORE_COMPLETION.includes(result.phase ?? '') &&
      wasCompleting &&
      session &&
      isCompleting(session)
    )
      this.violated(`${tool} says ${result.phase} of a payment that Twilio was asked to complete`);
    if (tool === 'cancelPaymentCapture') {
      const { abandoned, canceling } = this.#documentOf(paymentSid);
      if (abandoned && canceling && Date.now() - canceling.at < UNCONFIRMED_MS)
        this.violated('a payment was given up although Twilio may still confirm its cancel');
    }
    const isAboutState = !code || (ABOUT_STATE.test(code) && !result.why?.includes('Twilio error'));
    if (isAboutState && !invocation.isConfirmed)
      this.violated(`${tool} was answered ${code || result.phase} on what was kept of a payment`);
    if (tool === 'getPaymentStatus' && code && code !== 'PAYMENT_NOT_FOUND' && invocation.hasRead)
      this.violated(`a status that could be read was withheld (${code})`);
    if (chargeAmount && chargeAmount !== amount)
      this.violated(`${chargeAmount} is shown of a payment of ${amount}`);
    const words = [result.why, result.say, result.lastError].join(' ');
    if (/nothing was charged/i.test(words) && !/only if/i.test(words)) this.#uncharged.add(paymentSid);
  }

  /** What the service has written down of a payment. */
  #documentOf(paymentSid: string): Partial<PaymentSession> {
    const name = `payment-${paymentSid}`;
    const { data } = this.#twilio.documents.all().find(({ uniqueName }) => uniqueName === name) ?? {};
    return (data ?? {}) as Partial<PaymentSession>;
  }

  /** What must hold at every moment. */
  check(): void {
    const { charges, sessions } = this.#twilio.world;
    for (; this.#checked < charges.length; this.#checked++) {
      const charge = charges[this.#checked];
      if (!charge) continue;
      const before = charges.slice(0, this.#checked).filter(({ callSid }) => callSid === charge.callSid);
      if (before.some(({ paymentSid }) => paymentSid === charge.paymentSid))
        this.violated('a payment was charged twice');
      if (before.length > 0 && !this.#others.has(charge.paymentSid))
        this.violated('the call was charged twice');
      if (charge.amount === undefined) continue;
      const { entered } = sessions.get(charge.paymentSid) ?? {};
      const digits = entered?.get('payment-card-number') ?? entered?.get('bank-account-number') ?? '';
      const isConfirmed = this.confirmations.some(
        (one) =>
          one.paymentSid === charge.paymentSid &&
          one.chargeAmount === Number(charge.amount) &&
          one.lastFour !== '' &&
          digits.endsWith(one.lastFour),
      );
      if (!isConfirmed)
        this.violated(`${charge.amount} was charged to ${digits.slice(-4)}, which nobody had confirmed`);
    }
    if (this.#uncharged.size === 0) return;
    for (const { paymentSid, amount } of charges)
      if (amount !== undefined && this.#uncharged.has(paymentSid))
        this.violated('it was said that nothing was charged, and it was');
  }

  /** The last words about a payment, once nothing goes on any more. */
  lastWords(paymentSid: string, { phase, code }: ToolResult): void {
    if (code) return;
    const { charges, sessions } = this.#twilio.world;
    const isCharged = charges.some((charge) => charge.paymentSid === paymentSid);
    if (phase === 'completed' && !isCharged)
      this.violated('a payment is called completed that was not charged');
    if (phase !== 'completed' && this.#reported.has(paymentSid))
      this.violated(`a payment that was charged is called ${phase}`);
    const state = sessions.get(paymentSid)?.state;
    if (state === 'open') this.violated(`a payment is called ${phase}, and its session lives`);
  }
}

/** Whether the processor has a payment, or has charged it. */
function isCompleting({ state, result }: { state: string; result?: string | undefined }): boolean {
  return state === 'completing' || result === 'success';
}
