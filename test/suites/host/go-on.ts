import { onTestFinished } from 'vitest';
import type { Agent, Stage } from './connect.ts';
import { type Sids, statusOf } from './payment.ts';

/** What the caller types when asked for a field. */
const KEYS: Record<string, string> = {
  'payment-card-number': '4242424242424242',
  'security-code': '123',
  'expiration-date': '1230',
};

/** More steps than any payment needs; taking them all means that nextStep leads nowhere. */
const MAX_STEPS = 60;
const WAIT_MS = 60;

/**
 * Calls a tool as an agent does: what got no answer, or an error that says to wait, is sent again with the same
 * arguments, up to three times and each time so much later. Undefined where the tool says that something else is to be done.
 */
export async function persist(
  { call }: Agent,
  tool: string,
  args: Record<string, unknown>,
  { laterMs = 0 } = {},
): Promise<Record<string, unknown> | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call(tool, args);
    } catch (error) {
      const nextStep = /\nnextStep: (\w+)$/.exec(String(error))?.[1] ?? 'wait';
      if (nextStep !== 'wait' && nextStep !== tool) return undefined;
      if (attempt === 4) throw error;
      if (laterMs > 0) passTime(laterMs);
    }
  }
}

/**
 * Takes a payment on to its end by doing what nextStep says and nothing else; a caller who is waited for stops in
 * the middle of the entry. Throws where that leads nowhere.
 */
export async function goOn(stage: Stage, sids: Sids): Promise<Record<string, unknown>> {
  const { agent, caller, simulator } = stage;
  let status: Record<string, unknown> = {};
  for (let step = 0; step < MAX_STEPS; step++) {
    await simulator.settled();
    status = (await persist(agent, 'getPaymentStatus', sids)) ?? status;
    // The caller says yes to what they are asked, but pays once.
    const nextStep = String(status.thenCall ?? status.nextStep);
    if (nextStep === 'done' || nextStep === 'startPaymentCapture') return status;
    if (nextStep === 'wait' && status.partial) await caller.typesNothing();
    else if (nextStep === 'wait') await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    else if (nextStep === 'askCaller') await caller.types(KEYS[String(status.capturing)] ?? '');
    else await persist(agent, nextStep, sids);
  }
  throw new Error(`The payment is stuck: ${JSON.stringify(status)}`);
}

/** The whole status without the one member that depends on the time of day. */
export async function endState(stage: Stage, sids: Sids): Promise<Record<string, unknown>> {
  await stage.simulator.settled();
  const { updatedAt: _, ...status } = await statusOf(stage.agent, sids);
  return status;
}

/** Lets time pass for everything in this process, Functions and Twilio alike, until the test ends. */
export function passTime(milliseconds: number): void {
  const then = Date.now;
  Date.now = () => then() + milliseconds;
  onTestFinished(() => {
    Date.now = then;
  });
}
