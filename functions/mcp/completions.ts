import type { CompleteRequest, CompleteResult } from '@modelcontextprotocol/sdk/types.js';
import { LANGUAGES } from '../payments/advice/sentences.ts';
import type { Payments } from '../payments/payments.ts';
import { isFinished } from '../payments/session/phase.ts';
import type { PaymentSession } from '../payments/session/session.ts';
import { RPC_CODES, RpcError } from './json-rpc.ts';
import { PROMPT_LIST } from './prompts/index.ts';
import { RESOURCE_TEMPLATES } from './resources/index.ts';

/** The most values that one completion may hold (MCP, Completion). */
const MAX_VALUES = 100;

/**
 * Values for the arguments of prompts and of the status resource: calls in progress, and live payments, those of
 * the call that is given already; and languages.
 * @throws RpcError for a prompt, resource or argument that there is not.
 */
export async function complete(
  params: CompleteRequest['params'],
  payments: Payments,
): Promise<CompleteResult> {
  const { ref, argument, context } = params;
  if (!argumentsOf(ref).includes(argument.name)) {
    throw new RpcError(RPC_CODES.invalidParams, 'There is no such prompt, resource or argument.');
  }
  const typed = argument.value.toLowerCase();
  const fits = (value: string) => value.toLowerCase().startsWith(typed);
  const { found, more } = await valuesOf(argument.name, payments, fits, context?.arguments?.callSid);
  const values = found.slice(0, MAX_VALUES);
  const total = more ? {} : { total: found.length };
  return { completion: { values, ...total, hasMore: more || found.length > values.length } };
}

/** Values that fit what was typed, and whether there may be more than were looked for. */
interface Found {
  found: string[];
  more: boolean;
}

async function valuesOf(
  argument: string,
  payments: Payments,
  fits: (value: string) => boolean,
  callSid: string | undefined,
): Promise<Found> {
  if (argument === 'language') return { found: LANGUAGES.filter(fits), more: false };
  return argument === 'callSid' ? callSids(payments, fits) : paymentSids(payments, fits, callSid);
}

function argumentsOf(ref: CompleteRequest['params']['ref']): string[] {
  if (ref.type === 'ref/prompt') {
    return PROMPT_LIST.find(({ name }) => name === ref.name)?.arguments?.map(({ name }) => name) ?? [];
  }
  return RESOURCE_TEMPLATES.some(({ uriTemplate }) => uriTemplate === ref.uri)
    ? ['callSid', 'paymentSid']
    : [];
}

/** Calls with a live payment first, for they are the likelier ones. */
async function callSids(payments: Payments, fits: (callSid: string) => boolean): Promise<Found> {
  const isWanted = (session: PaymentSession) => !isFinished(session) && fits(session.callSid);
  const [page, calls] = await Promise.all([
    payments.list({ isWanted, enough: MAX_VALUES }),
    payments.callsInProgress(),
  ]);
  const fitting = calls.map(({ callSid }) => callSid).filter(fits);
  const found = [...new Set([...page.payments.map(({ data }) => data.callSid), ...fitting])];
  return { found, more: page.nextCursor !== undefined };
}

async function paymentSids(
  payments: Payments,
  fits: (paymentSid: string) => boolean,
  callSid: string | undefined,
): Promise<Found> {
  const isWanted = (session: PaymentSession) =>
    !isFinished(session) && fits(session.paymentSid) && (!callSid || session.callSid === callSid);
  const { payments: found, nextCursor } = await payments.list({ isWanted, enough: MAX_VALUES });
  return { found: found.map(({ data }) => data.paymentSid), more: nextCursor !== undefined };
}
