import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';

/** As much of the tools' results as an agent needs; it has to do with what they say, not with what we know. */
const status = z.object({
  paymentSid: z.string(),
  phase: z.string(),
  /** Only in what getPaymentStatus answers. */
  capturing: z.string().optional(),
  nextStep: z.string(),
  /** After a question: what follows a yes, and a no. */
  thenCall: z.string().optional(),
  ifNo: z.string().optional(),
  say: z.string(),
  why: z.string().default(''),
  partial: z.boolean().default(false),
  paymentCardNumber: z.string().default(''),
  paymentCardType: z.string().default(''),
  securityCode: z.string().default(''),
  expirationDate: z.string().default(''),
  chargeAmount: z.number().default(0),
  currency: z.string().default(''),
  result: z.string().default(''),
  paymentConfirmationCode: z.string().default(''),
});
export type Status = z.infer<typeof status>;

/** What an agent does beside calling tools. */
export interface Surroundings {
  /** Tells the caller something. `askedFor` is the field that they are to type now. */
  say(text: string, askedFor?: string): void;
  /** Asks the caller, and tells whether they say yes. */
  confirm(question: string): Promise<boolean>;
  /** Hears of each tool call and what it led to. */
  onStatus(tool: string, status: Status): void;
}

const POLL_MS = 750;

/**
 * Takes one payment the way a language model would: it knows the tools' names from the server, starts, and from
 * there on follows `nextStep` and `say`.
 */
export async function takePayment(
  client: Client,
  surroundings: Surroundings,
  start: { callSid: string; chargeAmount: number; currency?: string; description: string },
): Promise<Status> {
  const { tools } = await client.listTools();
  const call = async (name: string, args: Record<string, unknown>): Promise<Status> => {
    const result = (await client.callTool({ name, arguments: args })) as CallToolResult;
    if (result.isError) throw new Error(`${name} failed: ${textOf(result)}`);
    const now = status.parse(result.structuredContent);
    surroundings.onStatus(name, now);
    return now;
  };

  let now = await call('startPaymentCapture', start);
  const sids = { callSid: start.callSid, paymentSid: now.paymentSid };
  let said = '';
  for (;;) {
    const { nextStep, thenCall, ifNo, say, capturing } = now;
    if (nextStep === 'askCaller' && !thenCall && capturing === undefined) {
      now = await call('getPaymentStatus', sids);
      continue;
    }
    if (thenCall) {
      const answer = (await surroundings.confirm(say)) ? thenCall : (ifNo ?? thenCall);
      // Another payment is another conversation.
      if (answer === 'done' || answer === 'startPaymentCapture') return now;
      const { chargeAmount, currency, paymentCardNumber } = now;
      const agreed = { chargeAmount, currency, lastFour: paymentCardNumber.slice(-4) };
      now = await call(answer, { ...sids, ...(answer === 'completePaymentCapture' && agreed) });
      continue;
    }
    if (say && say !== said) surroundings.say(say, nextStep === 'askCaller' ? capturing : undefined);
    said = say;
    if (nextStep === 'done') return now;
    if (nextStep === 'wait' || nextStep === 'askCaller') {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      now = await call('getPaymentStatus', sids);
    } else {
      if (!tools.some(({ name }) => name === nextStep)) throw new Error(`There is no tool ${nextStep}`);
      now = await call(nextStep, sids);
    }
  }
}

function textOf({ content }: CallToolResult): string {
  return content
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join(' ')
    .trim();
}
