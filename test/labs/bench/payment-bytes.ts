import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Simulator } from '../../simulator/index.ts';

/** What a payment costs the model that takes it. */
export interface PaymentCost {
  /** How many tools it calls. */
  calls: number;
  /** How much text it reads in their answers, in bytes. */
  bytes: number;
}

/** What the caller types for each field, one entry after another. */
const RIGHT: Record<string, readonly string[]> = {
  'payment-card-number': ['4242424242424242'],
  'security-code': ['123'],
  'expiration-date': ['1230'],
};
const MISTYPED = { ...RIGHT, 'payment-card-number': ['4242424242424241', '4242424242424242'] };

/** Takes a charge as its answers say, and again with the card number mistyped once, and measures both. */
export async function measurePayments(
  simulator: Simulator,
  callTool: (name: string, args: Record<string, unknown>) => Promise<CallToolResult>,
): Promise<{ plain: PaymentCost; mistyped: PaymentCost }> {
  return { plain: await measure(RIGHT), mistyped: await measure(MISTYPED) };

  async function measure(entries: Record<string, readonly string[]>): Promise<PaymentCost> {
    const call = simulator.placeCall();
    const caller = simulator.caller(call.sid);
    const left = new Map(Object.entries(entries).map(([field, typed]) => [field, [...typed]]));
    const cost: PaymentCost = { calls: 0, bytes: 0 };
    let tool = 'startPaymentCapture';
    let args: Record<string, unknown> = { callSid: call.sid, chargeAmount: 12.5 };
    for (;;) {
      const { content, structuredContent, isError } = await callTool(tool, args);
      const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
      if (isError || !structuredContent) throw new Error(`${tool} failed: ${text}`);
      cost.calls += 1;
      cost.bytes += Buffer.byteLength(text);
      const { paymentSid, nextStep, thenCall } = structuredContent;
      if (nextStep === 'done') return cost;
      args = { callSid: call.sid, paymentSid };
      tool = String(thenCall ?? nextStep);
      if (nextStep !== 'wait' && (nextStep !== 'askCaller' || thenCall !== undefined)) continue;
      const { listeningFor } = await caller.types('');
      if (nextStep === 'askCaller') await caller.types(left.get(listeningFor ?? '')?.shift() ?? '');
      await simulator.settled();
      tool = 'getPaymentStatus';
    }
  }
}
