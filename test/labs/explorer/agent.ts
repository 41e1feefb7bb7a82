import type { ToolName } from '../../../functions/payments/advice/guidance.ts';
import type { Person, ToolResult } from './mcp-message.ts';
import type { Scheduler } from './scheduler.ts';
import type { Service } from './service.ts';

/** Milliseconds that an agent waits before it reads again. */
const WAIT_MS = 1_000;

/** What an agent knows of a payment, from what it was told last. */
export interface Known {
  paymentSid: string;
  chargeAmount: number;
  lastFour: string;
  phase: string;
  nextStep: string;
}

export interface AgentOptions {
  name: string;
  callSid: string;
  /** The arguments of a start beside the amount. */
  terms: Readonly<Record<string, unknown>>;
  /** Whether its client can ask a person before a charge. */
  canAsk: boolean;
}

/** One client with its commands: it follows the advice, or does what else a client may do. */
export class Agent {
  readonly name: string;
  readonly callSid: string;
  readonly scheduler: Scheduler;
  readonly #service: Service;
  readonly #options: AgentOptions;
  known: Known | undefined;
  /** What its own caller has agreed to pay. */
  amount = 5;
  nextStep = 'startPaymentCapture';
  #anotherPayment = false;
  isIdle = true;

  constructor(scheduler: Scheduler, service: Service, options: AgentOptions) {
    this.scheduler = scheduler;
    this.#service = service;
    this.#options = options;
    this.name = options.name;
    this.callSid = options.callSid;
  }

  /** Does something that nothing else of its own comes between. */
  async busy(work: () => Promise<unknown>): Promise<void> {
    this.isIdle = false;
    await work();
    this.isIdle = true;
  }

  /** Is told by somebody else which payment there is. */
  learn(known: Known | undefined): void {
    this.known = known;
    if (known) this.nextStep = known.nextStep;
  }

  /** Follows the advice once. */
  async follow(): Promise<ToolResult | undefined> {
    const step = this.nextStep;
    if (step === 'startPaymentCapture') return this.start(this.amount, this.#anotherPayment);
    if (step === 'completePaymentCapture') return this.complete();
    if (step === 'cancelPaymentCapture') return this.cancel();
    if (step.startsWith('capture')) return this.capture(step as ToolName);
    if (step !== 'getPaymentStatus') await this.pause(WAIT_MS);
    return this.read();
  }

  /** @returns what was said if no payment came of it. */
  async start(chargeAmount: number, anotherPayment = false): Promise<ToolResult | undefined> {
    this.amount = chargeAmount;
    const result = await this.#call(
      'startPaymentCapture',
      {
        callSid: this.callSid,
        chargeAmount,
        currency: 'USD',
        ...this.#options.terms,
        ...(anotherPayment && { anotherPayment }),
      },
      `starts ${chargeAmount}${anotherPayment ? ', another payment' : ''}`,
    );
    if (result?.code === 'ALREADY_PAID' || result?.code === 'MAY_BE_CHARGED') this.#anotherPayment = true;
    const other = result?.code && /PK[0-9a-f]{32}/.exec(result.why ?? '')?.[0];
    if (other && result?.code === 'PAYMENT_IN_PROGRESS' && this.known?.paymentSid !== other)
      this.known = { paymentSid: other, chargeAmount: 0, lastFour: '', phase: '', nextStep: this.nextStep };
    return result;
  }

  capture(tool: ToolName): Promise<ToolResult | undefined> {
    return this.#about(tool, {}, tool);
  }

  cancel(): Promise<ToolResult | undefined> {
    return this.#about('cancelPaymentCapture', {}, 'cancels');
  }

  /** @param waitSeconds for how long it waits for a change. */
  read(waitSeconds = 0): Promise<ToolResult | undefined> {
    return this.#about('getPaymentStatus', waitSeconds > 0 ? { waitSeconds } : {}, '');
  }

  /** @param agreed the amount that it confirms, and `nothing` if it confirms none. */
  async complete(
    agreed: number | 'nothing' = this.known?.chargeAmount ?? 0,
  ): Promise<ToolResult | undefined> {
    const { lastFour = '', paymentSid = '' } = this.known ?? {};
    const { canAsk } = this.#options;
    const echo =
      agreed === 'nothing' ? {} : { chargeAmount: agreed, currency: 'USD', ...(lastFour && { lastFour }) };
    if (agreed !== 'nothing' && !canAsk)
      this.#service.truth.confirmations.push({ paymentSid, chargeAmount: agreed, lastFour });
    const what = agreed === 'nothing' ? 'completes' : `completes ${agreed} from ${lastFour}`;
    const result = await this.#about('completePaymentCapture', canAsk ? {} : echo, what);
    return result?.question ? this.#ask(paymentSid, result.question) : result;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.scheduler.choose(from.length, 'act')] as T;
  }

  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  /** A person reads the question and replies: at once or late, once or twice, yes or no. */
  async #ask(
    paymentSid: string,
    { state, message }: { state: string; message: string },
  ): Promise<ToolResult | undefined> {
    const chosen = this.scheduler.choose(4, 'act');
    const accepted = chosen !== 1;
    const [, amount = '0', lastFour = ''] = /^Charge (\S+) USD to .*?(\d*)\?$/.exec(message) ?? [];
    if (chosen === 2) await this.pause(5 * WAIT_MS);
    if (accepted)
      this.#service.truth.confirmations.push({ paymentSid, chargeAmount: Number(amount), lastFour });
    const reply = () =>
      this.#about('completePaymentCapture', {}, `has the reply ${accepted ? 'yes' : 'no'} to "${message}"`, {
        answer: { state, accepted },
      });
    if (chosen === 3) void reply();
    return reply();
  }

  async #about(
    tool: ToolName,
    args: Record<string, unknown>,
    what: string,
    person?: Person,
  ): Promise<ToolResult | undefined> {
    const { known } = this;
    if (known)
      return this.#call(tool, { callSid: this.callSid, paymentSid: known.paymentSid, ...args }, what, person);
    this.nextStep = 'startPaymentCapture';
    return undefined;
  }

  async #call(
    tool: ToolName,
    args: Record<string, unknown>,
    what: string,
    person?: Person,
  ): Promise<ToolResult | undefined> {
    const { name, scheduler } = this;
    if (what) scheduler.tell(`${name} ${what}`);
    const asked = person ?? (this.#options.canAsk ? {} : undefined);
    const result = await this.#service.call({ client: name, tool, args, person: asked });
    if (!result) {
      scheduler.tell(`${name} gets no answer to ${tool}`);
      this.nextStep = tool;
      return undefined;
    }
    this.#hear(result);
    return result;
  }

  #hear(result: ToolResult): void {
    const { code, paymentSid, phase = '', nextStep = '', thenCall, why, question } = result;
    if (question) return;
    // The caller says yes to what they are asked, but starts no payment because of it.
    const next = thenCall === 'startPaymentCapture' ? 'done' : (thenCall ?? nextStep);
    const before = this.known;
    if (code) this.scheduler.tell(`${this.name} is told ${code}, next ${next}`);
    if (!code && paymentSid) {
      const isSame = before?.paymentSid === paymentSid;
      const { chargeAmount = isSame ? before.chargeAmount : this.amount } = result;
      const shown = result.bankAccountNumber ?? result.paymentCardNumber;
      const lastFour =
        shown === undefined ? (isSame ? before.lastFour : '') : (/\d{1,4}$/.exec(shown)?.[0] ?? '');
      this.known = { paymentSid, chargeAmount, lastFour, phase, nextStep: next };
      if (!isSame || before.phase !== phase || this.nextStep !== next)
        this.scheduler.tell(
          `${this.name} reads ${phase}, next ${next}${why ? ` (${why.slice(0, 70)})` : ''}`,
        );
    }
    this.nextStep = next;
  }
}
