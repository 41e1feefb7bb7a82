import { type Stage, VISA } from './connect.ts';
import { type Sids, statusOf } from './payment.ts';

/** The tool of each field, and what the caller types for it: with the key that ends an entry of no fixed length. */
const ENTRIES: Record<string, { tool: string; keys: string }> = {
  'payment-card-number': { tool: 'captureCardNumber', keys: VISA },
  'security-code': { tool: 'captureSecurityCode', keys: '123' },
  'expiration-date': { tool: 'captureExpirationDate', keys: '1230' },
  'postal-code': { tool: 'capturePostalCode', keys: '94105#' },
  'bank-routing-number': { tool: 'captureBankRoutingNumber', keys: '021000021' },
  'bank-account-number': { tool: 'captureBankAccountNumber', keys: '000123456789#' },
};

/** What a bank payment cannot do without. */
export const BANK = { paymentMethod: 'ach-debit', parameter: { AVSName: 'Ada Lovelace' } };

/** Something of a field's entry that tests need to say in their own words. */
export function entryOf(capture: string): { tool: string; keys: string } {
  const entry = ENTRIES[capture.replace('-matcher', '')];
  if (!entry) throw new Error(`Nobody types ${capture}`);
  return entry;
}

/** Has a capture asked for by the tool of its field and typed, and gives the status that it leads to. */
export async function enter(
  { agent, caller, simulator }: Stage,
  sids: Sids,
  capture: string,
  { keys = entryOf(capture).keys, args = {} }: { keys?: string; args?: Record<string, unknown> } = {},
): Promise<Record<string, unknown>> {
  await agent.call(entryOf(capture).tool, { ...sids, ...args });
  await caller.types(keys);
  await simulator.settled();
  return statusOf(agent, sids);
}

/** Has everything typed that is still missing, in the order in which the status lists it. */
export async function enterAll(stage: Stage, sids: Sids): Promise<Record<string, unknown>> {
  for (;;) {
    const status = await statusOf(stage.agent, sids);
    const [capture] = status.required as string[];
    if (!capture) return status;
    await enter(stage, sids, capture);
  }
}

/** A call of its own in the same Twilio, so that one stage serves many payments. */
export function onOwnCall(stage: Stage): Stage {
  const call = stage.simulator.placeCall();
  return { ...stage, call, caller: stage.simulator.caller(call.sid) };
}
