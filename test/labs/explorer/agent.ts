import type { ToolName } from '../../../functions/payments/advice/guidance.ts';
import { guidanceOf } from '../../../functions/payments/advice/next-step.ts';
import { paymentStatus, type View } from '../../../functions/payments/advice/status.ts';
import type { Payments } from '../../../functions/payments/payments.ts';
import type { Stored } from '../../../functions/payments/ports.ts';
import type { Field } from '../../../functions/payments/session/fields.ts';
import type { PaymentSession } from '../../../functions/payments/session/session.ts';
import { type AgentError, type Schedule, toAgentError } from './schedule.ts';

const FIELDS: Record<string, Field> = {
  captureCardNumber: 'payment-card-number',
  captureSecurityCode: 'security-code',
  captureExpirationDate: 'expiration-date',
  capturePostalCode: 'postal-code',
};

interface Known {
  paymentSid: string;
  chargeAmount: number;
  lastFour: string;
  phase: string;
  nextStep: string;
}

/** Milliseconds that an agent waits before it reads again. */
const WAIT_MS = 1_000;

/** One client: it follows the advice, or does something else that a client may do. */
export class Agent {
  readonly name: string;
  readonly #schedule: Schedule;
  #known: Known | undefined;
  #amount = 5;
  #nextStep = 'startPaymentCapture';
  #anotherPayment = false;
  isIdle = true;
  isDone = false;

  constructor(schedule: Schedule, name: string) {
    this.#schedule = schedule;
    this.name = name;
  }

  get phase(): string {
    return this.#known?.phase ?? '';
  }

  /** Is told by another agent which payment there is. */
  learnFrom(other: Agent): void {
    this.#known = other.#known;
    this.#nextStep = other.#nextStep;
  }

  /** One act: the first is what the advice says. */
  async act(): Promise<void> {
    this.isIdle = false;
    const others: (() => Promise<void>)[] = [
      () => this.capture('captureCardNumber'),
      () => this.start(500),
      () => this.cancel(),
      // What its own caller agreed to, which may be another payment's amount.
      () => this.complete(this.#amount),
      () => this.capture('captureCardNumber'),
      () => this.start(500, true),
      () => this.pause(8_000),
    ];
    const chosen = this.#schedule.choose(others.length + 1, 'act');
    await (chosen === 0 ? this.follow() : others[chosen - 1]?.());
    this.isIdle = true;
  }

  /** Follows the advice once. */
  async follow(): Promise<void> {
    const step = this.#nextStep;
    if (step in FIELDS) return this.capture(step as ToolName);
    if (step === 'startPaymentCapture') return this.start(this.#amount, this.#anotherPayment);
    if (step === 'completePaymentCapture') return this.complete();
    if (step === 'cancelPaymentCapture') return this.cancel();
    if (step === 'askCaller' && this.#known?.phase === 'ready') return this.complete();
    if (step !== 'getPaymentStatus') await this.pause(WAIT_MS);
    return this.read();
  }

  /** Finds out what there is on the call, ends it as the advice says, and starts a payment of its own. */
  async freeTheCall(): Promise<void> {
    this.isIdle = false;
    for (;;) {
      this.#amount = 7;
      this.#nextStep = 'startPaymentCapture';
      await this.start(7, this.#anotherPayment);
      const mine = this.#known?.chargeAmount === 7 ? this.#known.paymentSid : undefined;
      if (mine) break;
      for (let steps = 0; steps < 60 && this.#nextStep !== 'done' && this.#known; steps++) {
        if (this.#nextStep === 'startPaymentCapture') break;
        await this.follow();
      }
      await this.pause(WAIT_MS);
    }
    this.isDone = true;
  }

  async start(chargeAmount: number, anotherPayment = false): Promise<void> {
    const { callSid, truth } = this.#schedule;
    this.#amount = chargeAmount;
    const started = await this.#call(
      'startPaymentCapture',
      `starts ${chargeAmount}${anotherPayment ? ', another payment' : ''}`,
      async (payments) =>
        (
          await payments.start({
            callSid,
            asked: { chargeAmount, currency: 'USD' },
            anotherPayment,
          })
        ).stored,
    );
    if (started === undefined) return;
    if ('code' in started) {
      const sid = /PK[0-9a-f]{32}/.exec(started.text)?.[0];
      if (started.code === 'ALREADY_PAID' || started.code === 'MAY_BE_CHARGED') this.#anotherPayment = true;
      else if (sid) {
        this.#known = {
          paymentSid: sid,
          chargeAmount: 0,
          lastFour: '',
          phase: '',
          nextStep: started.nextStep,
        };
        this.#nextStep = started.nextStep;
        if (started.nextStep === 'cancelPaymentCapture') return;
        await this.read();
        // A payment that nobody wants is in the way of this one.
        if (this.name === 'Z' && this.#nextStep !== 'done' && this.#known.phase !== 'completing')
          this.#nextStep = 'cancelPaymentCapture';
      }
      return;
    }
    truth.started(started.data.paymentSid, chargeAmount, anotherPayment);
  }

  async capture(tool: ToolName): Promise<void> {
    const known = this.#known;
    const field = FIELDS[tool];
    if (!known || !field) return this.read();
    await this.#call(tool, tool, (payments) => payments.capture({ ...this.#sids(known), field }));
  }

  async complete(agreed?: number): Promise<void> {
    const known = this.#known;
    if (!known) return this.read();
    const { lastFour, paymentSid } = known;
    const chargeAmount = agreed ?? known.chargeAmount;
    this.#schedule.truth.confirmations.push({ paymentSid, chargeAmount, lastFour });
    const repeated = { chargeAmount, currency: 'USD', ...(lastFour && { lastFour }) };
    await this.#call(
      'completePaymentCapture',
      `completes ${chargeAmount} from ${lastFour}`,
      async (payments) => (await payments.complete(this.#sids(known), { repeated, canAsk: false })).stored,
    );
  }

  async cancel(): Promise<void> {
    const known = this.#known;
    if (!known) return this.read();
    await this.#call('cancelPaymentCapture', 'cancels', (payments) => payments.cancel(this.#sids(known)));
  }

  async read(): Promise<void> {
    const known = this.#known;
    if (!known) return;
    await this.#call('getPaymentStatus', '', (payments) => payments.status(this.#sids(known)));
  }

  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  #sids({ paymentSid }: Known) {
    return { callSid: this.#schedule.callSid, paymentSid };
  }

  async #call(
    tool: ToolName,
    what: string,
    work: (payments: Payments) => Promise<Stored<PaymentSession>>,
  ): Promise<Stored<PaymentSession> | AgentError | undefined> {
    const schedule = this.#schedule;
    if (what) schedule.tell(`${this.name} ${what}`);
    try {
      const stored = await schedule.invoke(`${this.name}'s ${tool}`, work);
      if (stored === 'no answer') {
        schedule.tell(`${this.name} gets no answer to ${tool}`);
        this.#nextStep = tool;
        return undefined;
      }
      this.#learn(stored, tool !== 'getPaymentStatus');
      return stored;
    } catch (error) {
      const known = toAgentError(error, tool, this.#view());
      schedule.tell(`${this.name} is told ${known.code}, next ${known.nextStep}`);
      this.#nextStep = known.nextStep;
      return known;
    }
  }

  #view(): View {
    const { now } = this.#schedule.time;
    return {
      now,
      maxAttempts: 3,
      language: 'en',
      speak: ({ sentences }) => sentences.join(' '),
      withToken: true,
    };
  }

  #learn(stored: Stored<PaymentSession>, isCommanded: boolean): void {
    const { truth } = this.#schedule;
    const view = this.#view();
    const status = paymentStatus(stored, view);
    const { nextStep: step, thenCall, why } = guidanceOf(stored, view, isCommanded);
    // The caller says yes to what they are asked, but starts no payment because of it.
    const nextStep = thenCall === 'startPaymentCapture' ? 'done' : (thenCall ?? step);
    const { paymentSid, phase, chargeAmount, paymentCardNumber, say, lastError } = status;
    const before = this.#known;
    this.#known = { paymentSid, phase, chargeAmount, lastFour: paymentCardNumber.slice(-4), nextStep };
    this.#nextStep = nextStep;
    truth.told(paymentSid, chargeAmount, `${why} ${say} ${lastError}`);
    if (before?.phase !== phase || before.nextStep !== nextStep)
      this.#schedule.tell(
        `${this.name} reads ${phase}, next ${nextStep}${why ? ` (${why.slice(0, 70)})` : ''}`,
      );
  }
}
