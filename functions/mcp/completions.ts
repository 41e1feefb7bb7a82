import type { CompleteRequest, CompleteResult } from '@modelcontextprotocol/sdk/types.js';
import { LANGUAGES } from '../payments/advice/sentences.ts';
import type { Payments } from '../payments/payments.ts';
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
  const found = await valuesOf(argument.name, payments, context?.arguments?.callSid);
  const fitting = found.filter((value) => value.toLowerCase().startsWith(argument.value.toLowerCase()));
  const values = fitting.slice(0, MAX_VALUES);
  return { completion: { values, total: fitting.length, hasMore: fitting.length > values.length } };
}

async function valuesOf(
  argument: string,
  payments: Payments,
  callSid: string | undefined,
): Promise<readonly string[]> {
  if (argument === 'language') return LANGUAGES;
  return argument === 'callSid' ? callSids(payments) : paymentSids(payments, callSid);
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
async function callSids(payments: Payments): Promise<string[]> {
  const [{ sessions }, calls] = await Promise.all([payments.list(undefined), payments.callsInProgress()]);
  return [...new Set([...sessions, ...calls].map(({ callSid }) => callSid))];
}

async function paymentSids(payments: Payments, callSid: string | undefined): Promise<string[]> {
  const { sessions } = await payments.list(undefined);
  return sessions
    .filter((session) => !callSid || session.callSid === callSid)
    .map(({ paymentSid }) => paymentSid);
}
