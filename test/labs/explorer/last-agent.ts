import type { Agent } from './agent.ts';
import type { Truth } from './truth.ts';
import type { TwilioSide } from './twilio-side.ts';

/** Milliseconds within which everything ends once nothing goes wrong any more. */
const CALM_MS = 30_000;
/** A moment to end a payment once its outcome is overdue, and to start the next one. */
const LEEWAY_MS = 5_000;
const WAIT_MS = 1_000;
/** What nobody else starts. */
const AMOUNT = 7;

interface Work {
  agent: Agent;
  /** Milliseconds that a caller has to confirm by a key, if payments ask for one. */
  keyMs: number;
  twilio: TwilioSide;
  truth: Truth;
}

/**
 * Finds out what there is on the call, ends it as the advice says, and starts a payment of its own; then hears the last
 * words about all the others.
 */
export async function freeTheCall({ agent, keyMs, twilio, truth }: Work): Promise<void> {
  const { time } = agent.scheduler;
  const startedAt = time.now;
  let anotherPayment = false;
  for (;;) {
    const result = await agent.start(AMOUNT, anotherPayment);
    if (result?.code === 'CALL_NOT_IN_PROGRESS') break;
    if (result && !result.code && !(await isRefusedLater(agent, twilio))) break;
    if (time.now - startedAt > 2 * CALM_MS + keyMs)
      return truth.violated('the call is not free after a minute of following the advice');
    if (result?.code === 'ALREADY_PAID' || result?.code === 'MAY_BE_CHARGED') anotherPayment = true;
    else if (result?.code === 'PAYMENT_IN_PROGRESS') await endAsAdvised(agent, keyMs, truth);
    else await agent.pause(WAIT_MS);
  }
  const took = time.now - startedAt;
  if (took > CALM_MS + keyMs + LEEWAY_MS)
    truth.violated(`freeing the call took ${Math.round(took / 1000)} s`);
  const own = agent.known?.chargeAmount === AMOUNT ? agent.known.paymentSid : undefined;
  for (const { sid, callSid, state } of twilio.world.sessions.values()) {
    if (callSid !== agent.callSid || sid === own || state === 'refused') continue;
    agent.known = { paymentSid: sid, chargeAmount: 0, lastFour: '', phase: '', nextStep: '' };
    agent.nextStep = 'getPaymentStatus';
    await endAsAdvised(agent, keyMs, truth);
  }
}

/** Whether a callback says that the session that was just started is refused, because another one lives on the call. */
async function isRefusedLater(agent: Agent, { world }: TwilioSide): Promise<boolean> {
  if (world.switches.sessionInProgress === 'rest') return false;
  await agent.pause(WAIT_MS);
  await agent.read();
  return agent.known?.phase === 'failed';
}

/** Ends a payment that nobody wants: by canceling it, if nothing else is under way, and as the advice says. */
async function endAsAdvised(agent: Agent, keyMs: number, truth: Truth): Promise<void> {
  const { time } = agent.scheduler;
  const startedAt = time.now;
  let result = agent.nextStep === 'cancelPaymentCapture' ? undefined : await agent.read();
  if (agent.known?.phase !== 'completing' && agent.nextStep !== 'done')
    agent.nextStep = 'cancelPaymentCapture';
  while (agent.nextStep !== 'done' && agent.nextStep !== 'startPaymentCapture') {
    if (time.now - startedAt > 2 * CALM_MS + keyMs)
      return truth.violated('a payment does not end in a minute of following the advice');
    result = await agent.follow();
  }
  if (agent.known && result) truth.lastWords(agent.known.paymentSid, result);
}
