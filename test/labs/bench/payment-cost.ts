import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Simulator } from '../../simulator/index.ts';

/** What a payment costs, as seen from outside. */
export interface PaymentCost {
  /** How many tools the model calls. */
  calls: number;
  /** How much text it reads in their answers, in bytes. */
  bytes: number;
  /** Tool calls, the desk's among them, and status callbacks. */
  invocations: number;
  /** Requests to Twilio: the Voice API and Sync. */
  requests: number;
  /** Milliseconds of CPU that the process of the Functions takes, with what it runs them in. */
  cpuMs: number;
}

/** What the caller types for each field, one entry after another. */
const RIGHT: Record<string, readonly string[]> = {
  'payment-card-number': ['4242424242424242'],
  'security-code': ['123'],
  'expiration-date': ['1230'],
};
const MISTYPED = { ...RIGHT, 'payment-card-number': ['4242424242424241', '4242424242424242'] };

/** A desk reads every 0.6 s while a caller types, who takes 0.3 s for a key. */
const KEYS_A_READ = 2;

/**
 * Takes a charge as its answers say: a plain one, one with the card number mistyped once, and a plain one that a desk watches.
 * @param cpuMs how much CPU the process of the Functions has taken so far, in milliseconds.
 */
export async function measurePayments(
  simulator: Simulator,
  callTool: (name: string, args: Record<string, unknown>) => Promise<CallToolResult>,
  cpuMs: () => Promise<number> = async () => 0,
): Promise<{ plain: PaymentCost; mistyped: PaymentCost; watched: PaymentCost }> {
  return {
    plain: await measure(RIGHT),
    mistyped: await measure(MISTYPED),
    watched: await measure(RIGHT, { isWatched: true }),
  };

  async function measure(
    entries: Record<string, readonly string[]>,
    { isWatched = false } = {},
  ): Promise<PaymentCost> {
    const call = simulator.placeCall();
    const left = new Map(Object.entries(entries).map(([field, typed]) => [field, [...typed]]));
    const before = { requests: simulator.requests.length, callbacks: simulator.callbacks.length };
    const cpuBefore = await cpuMs();
    const cost = { calls: 0, bytes: 0, invocations: 0 };
    let tool = 'startPaymentCapture';
    let args: Record<string, unknown> = { callSid: call.sid, chargeAmount: 12.5 };
    for (;;) {
      const { content, structuredContent, isError } = await ask(tool, args);
      if (isError || !structuredContent) throw new Error(`${tool} failed: ${JSON.stringify(content)}`);
      cost.calls += 1;
      cost.bytes += content.reduce(
        (sum, part) => sum + Buffer.byteLength(part.type === 'text' ? part.text : ''),
        0,
      );
      const { paymentSid, nextStep, thenCall } = structuredContent;
      if (nextStep === 'done') break;
      args = { callSid: call.sid, paymentSid };
      if (isWatched) await ask('getPaymentStatus', args);
      tool = String(thenCall ?? nextStep);
      if (nextStep !== 'wait' && (nextStep !== 'askCaller' || thenCall !== undefined)) continue;
      if (nextStep === 'askCaller') await type(args);
      tool = 'getPaymentStatus';
    }
    return {
      ...cost,
      invocations: cost.invocations + simulator.callbacks.length - before.callbacks,
      requests: simulator.requests.length - before.requests,
      cpuMs: (await cpuMs()) - cpuBefore,
    };

    async function ask(name: string, given: Record<string, unknown>): Promise<CallToolResult> {
      cost.invocations += 1;
      const result = await callTool(name, given);
      await simulator.settled();
      return result;
    }

    async function type(sids: Record<string, unknown>): Promise<void> {
      const caller = simulator.caller(call.sid);
      const { listeningFor } = await caller.types('');
      const digits = left.get(listeningFor ?? '')?.shift() ?? '';
      for (const [i, digit] of [...digits].entries()) {
        await caller.types(digit);
        await simulator.settled();
        if (isWatched && i % KEYS_A_READ === 0) await ask('getPaymentStatus', sids);
      }
    }
  }
}
