import type { Simulator } from '../../simulator/index.ts';

/** What the caller types when asked for a field. */
const KEYS: Record<string, string> = {
  'payment-card-number': '4242424242424242',
  'security-code': '123',
  'expiration-date': '1230',
};

/** A payment that has not ended by then is stuck. */
const STUCK_MS = 120_000;
const POLL_MS = [300, 600] as const;

export interface ToolCall {
  tool: string;
  milliseconds: number;
  /** The code of an error. */
  error?: string;
}

export interface Taken {
  callSid: string;
  paymentSid: string;
  status: Record<string, unknown>;
  isStuck: boolean;
}

export interface PayerOptions {
  simulator: Simulator;
  mcpUrl: string;
  token: string;
  /** Milliseconds between two keys of the caller. */
  keyMs: number;
  /** Hears of each tool call. */
  onCall(call: ToolCall): void;
}

/** Takes one payment on a call of its own, as nextStep says. */
export async function takePayment(options: PayerOptions): Promise<Taken> {
  const { simulator, keyMs } = options;
  const call = simulator.placeCall();
  const caller = simulator.caller(call.sid);
  const deadline = Date.now() + STUCK_MS;
  let status = await persist(
    options,
    'startPaymentCapture',
    { callSid: call.sid, chargeAmount: 12.5 },
    deadline,
  );
  const sids = { callSid: call.sid, paymentSid: String(status.paymentSid) };
  for (;;) {
    // The caller says yes to everything.
    const nextStep = String(status.thenCall ?? status.nextStep);
    const isStuck = Date.now() > deadline;
    if (nextStep === 'done' || nextStep === 'startPaymentCapture' || isStuck) {
      return { ...sids, status: await persist(options, 'getPaymentStatus', sids, deadline), isStuck };
    }
    if (nextStep === 'askCaller')
      await caller.types(KEYS[String(status.capturing)] ?? '', { everyMs: keyMs });
    const isTool = nextStep !== 'askCaller' && nextStep !== 'wait';
    if (!isTool) await pause();
    status = await persist(options, isTool ? nextStep : 'getPaymentStatus', sids, deadline);
  }
}

/** Calls a tool until it does not fail any more, with what its errors say is next in between. */
async function persist(
  options: PayerOptions,
  tool: string,
  args: Record<string, unknown>,
  deadline: number,
): Promise<Record<string, unknown>> {
  const { content, isError, structuredContent } = await callTool(options, tool, args);
  if (!isError && structuredContent) return structuredContent;
  if (Date.now() > deadline) throw new Error(`${tool} keeps failing: ${content[0]?.text}`);
  const nextStep = /nextStep: (\w+)$/.exec(content[0]?.text ?? '')?.[1];
  await pause();
  return persist(options, nextStep === 'getPaymentStatus' ? nextStep : tool, args, deadline);
}

interface ToolResult {
  isError?: boolean;
  content: { text: string }[];
  structuredContent?: Record<string, unknown>;
}

async function callTool(
  { mcpUrl, token, onCall }: PayerOptions,
  name: string,
  args: Record<string, unknown>,
): Promise<ToolResult> {
  const began = performance.now();
  const response = await fetch(mcpUrl, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      Accept: 'application/json',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
  });
  const { result } = (await response.json()) as { result?: ToolResult };
  if (!result) throw new Error(`The Functions answered ${response.status} to ${name}`);
  const error = result.isError ? (/^\w+/.exec(result.content[0]?.text ?? '')?.[0] ?? 'unknown') : undefined;
  onCall({ tool: name, milliseconds: performance.now() - began, ...(error && { error }) });
  return result;
}

async function pause(): Promise<void> {
  const [least, most] = POLL_MS;
  await new Promise((resolve) => setTimeout(resolve, least + Math.random() * (most - least)));
}
