import { type Agent, type Stage, VISA } from './connect.ts';

export interface Sids extends Record<string, unknown> {
  callSid: string;
  paymentSid: string;
}

/** What the caller types for each field, and the tool that asks for it, in the order of a payment. */
export const STEPS = [
  ['captureCardNumber', VISA],
  ['captureSecurityCode', '123'],
  ['captureExpirationDate', '1230'],
] as const;

/** Starts a charge of 12.50 on the stage's call. */
export async function start(
  { agent, call }: Stage,
  terms: Record<string, unknown> = { chargeAmount: 12.5 },
): Promise<Sids> {
  const { paymentSid } = await agent.call('startPaymentCapture', { callSid: call.sid, ...terms });
  return { callSid: call.sid, paymentSid: String(paymentSid) };
}

/** Has every field that is still missing asked for and typed. */
export async function captureAll({ agent, caller, simulator }: Stage, sids: Sids): Promise<void> {
  for (const [tool, digits] of STEPS) {
    const { required } = await statusOf(agent, sids);
    if (!(required as string[]).includes(FIELD_OF[tool])) continue;
    await agent.call(tool, sids);
    await caller.types(digits);
    await simulator.settled();
  }
}

const FIELD_OF = {
  captureCardNumber: 'payment-card-number',
  captureSecurityCode: 'security-code',
  captureExpirationDate: 'expiration-date',
} as const;

export function statusOf(agent: Agent, sids: Sids): Promise<Record<string, unknown>> {
  return agent.call('getPaymentStatus', sids);
}

/** Reads the status once everything that Twilio had to report has arrived. */
export async function settledStatus(
  { agent, simulator }: Stage,
  sids: Sids,
): Promise<Record<string, unknown>> {
  await simulator.settled();
  return statusOf(agent, sids);
}

/** How many Twilio requests something took, by route. */
export async function requestsOf({ simulator }: Stage, work: () => Promise<unknown>): Promise<string[]> {
  const before = simulator.requests.length;
  await work();
  return simulator.requests.slice(before).map(({ route }) => route);
}
