import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { RunError } from '../../cli/program.ts';
import { MISTYPED_NUMBER, TEST_CARD } from '../../cli/test-card.ts';
import type { Simulator } from '../../simulator/index.ts';

/** As much of a status as is needed to go on and to judge how it ended. */
const status = z.object({
  phase: z.string(),
  capturing: z.string(),
  nextStep: z.string(),
  thenCall: z.string().optional(),
  result: z.string(),
  paymentConfirmationCode: z.string(),
  paymentToken: z.string(),
});
type Status = z.infer<typeof status>;

/** One payment, from its start to its end. */
export interface Scenario {
  readonly name: string;
  /** Beside the call. */
  readonly terms: Readonly<Record<string, unknown>>;
  /** What the caller types for the card number, one entry after another. */
  readonly cardNumbers: readonly string[];
  /** The agent cancels where it should have done this. */
  readonly cancelsBefore?: string;
  /** How it has to end. */
  readonly ending: {
    readonly phase: string;
    readonly result?: string;
    /** The amounts that the processor was asked for. */
    readonly charges: readonly number[];
    readonly token: boolean;
  };
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a charge of 12.50',
    terms: { chargeAmount: 12.5 },
    cardNumbers: [TEST_CARD.number],
    ending: { phase: 'completed', result: 'success', charges: [12.5], token: false },
  },
  {
    name: 'a token',
    terms: {},
    cardNumbers: [TEST_CARD.number],
    ending: { phase: 'completed', result: 'success', charges: [], token: true },
  },
  {
    name: 'a charge with a mistyped card number',
    terms: { chargeAmount: 20 },
    cardNumbers: [MISTYPED_NUMBER, TEST_CARD.number],
    ending: { phase: 'completed', result: 'success', charges: [20], token: false },
  },
  {
    name: 'a payment that is cancelled',
    terms: { chargeAmount: 30 },
    cardNumbers: [TEST_CARD.number],
    cancelsBefore: 'captureSecurityCode',
    ending: { phase: 'canceled', charges: [], token: false },
  },
];

export interface TakenPayment {
  readonly name: string;
  /** The tools in the order in which they were called, reads of the status aside. */
  readonly tools: readonly string[];
  readonly status: Status;
  readonly milliseconds: number;
}

/** As much of an MCP client as taking a payment needs. */
export type ToolCaller = Pick<Client, 'callTool'>;

/** More reads of the status than any payment needs. */
const MOST_READS = 200;
const PAUSE_MS = 50;

/** Takes one payment, on a call of its own if none is given: the agent does what nextStep says, the caller types what they are asked for. */
export async function take(
  client: ToolCaller,
  simulator: Simulator,
  scenario: Scenario,
  callSid = simulator.placeCall().sid,
): Promise<TakenPayment> {
  const { name, terms, cancelsBefore } = scenario;
  const startedAt = Date.now();
  const before = simulator.charges.length;
  const entries = entriesOf(scenario);
  const tools: string[] = [];
  const call = (tool: string, args: Record<string, unknown>) => {
    if (tool !== 'getPaymentStatus') tools.push(tool);
    return callTool(client, tool, args);
  };
  const { paymentSid } = await call('startPaymentCapture', { callSid, ...terms });
  const sids = { callSid, paymentSid };
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    await simulator.settled();
    const now = status.parse(await call('getPaymentStatus', sids));
    // The caller says yes to what they are asked.
    const nextStep = now.thenCall ?? now.nextStep;
    if (nextStep === 'done') {
      const taken = { name, tools, status: now, milliseconds: Date.now() - startedAt };
      return judge(taken, scenario, amountsSince(simulator, before));
    }
    if (nextStep === 'wait') await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    else if (nextStep === 'askCaller') {
      const digits = entries[now.capturing]?.shift();
      if (!digits) throw new RunError(`${name}: the caller knows nothing to type for ${now.capturing}.`);
      await simulator.caller(callSid).types(digits);
    } else await call(nextStep === cancelsBefore ? 'cancelPaymentCapture' : nextStep, sids);
  }
  throw new RunError(`${name}: it does not come to an end. Called: ${tools.join(', ')}.`);
}

function amountsSince({ charges }: Simulator, before: number): number[] {
  return charges.slice(before).flatMap(({ amount }) => (amount === undefined ? [] : [Number(amount)]));
}

function entriesOf({ cardNumbers }: Scenario): Record<string, string[]> {
  return {
    'payment-card-number': [...cardNumbers],
    'security-code': [TEST_CARD.securityCode],
    'expiration-date': [TEST_CARD.expirationDate],
  };
}

async function callTool(
  client: ToolCaller,
  tool: string,
  args: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const result = (await client.callTool({ name: tool, arguments: args })) as CallToolResult;
  if (!result.isError && result.structuredContent) return result.structuredContent;
  const [first] = result.content;
  throw new RunError(`${tool} failed: ${first?.type === 'text' ? first.text : 'no text'}`);
}

/** @throws RunError where the payment did not end as it should. */
function judge(taken: TakenPayment, { name, ending }: Scenario, charges: readonly number[]): TakenPayment {
  const { phase, result, paymentToken, paymentConfirmationCode } = taken.status;
  const problems = [
    ...(phase === ending.phase ? [] : [`the phase is ${phase}, not ${ending.phase}`]),
    ...(ending.result === undefined || result === ending.result
      ? []
      : [`the result is ${result}, not ${ending.result}`]),
    ...(String(charges) === String(ending.charges)
      ? []
      : [`the card was charged [${charges}], not [${ending.charges}]`]),
    ...(ending.charges.length > 0 && !paymentConfirmationCode ? ['there is no confirmation code'] : []),
    ...(ending.token && !paymentToken ? ['there is no token'] : []),
  ];
  if (problems.length > 0) throw new RunError(`${name}: ${problems.join(', ')}.`);
  return taken;
}
