import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { About } from '../runtime/log.ts';
import { isRecord, isRequest } from './json-rpc.ts';
import { toolNamed } from './tools/index.ts';

const SIDS = { callSid: /\bCA[0-9a-f]{32}\b/i, paymentSid: /\bPK[0-9a-f]{32}\b/i } as const;

/** The tool, the call and the payment that a message is about, as far as it names them in their proper form. */
export function subjectOf(message: JSONRPCMessage): Omit<About, 'client'> {
  if (!isRequest(message)) return {};
  const { name, arguments: given, uri } = message.params ?? {};
  const tool = message.method === 'tools/call' ? toolNamed(name)?.name : undefined;
  const args = isRecord(given) ? given : {};
  const callSid = sidIn(SIDS.callSid, args.callSid ?? uri);
  const paymentSid = sidIn(SIDS.paymentSid, args.paymentSid ?? uri);
  return { ...(tool && { tool }), ...(callSid && { callSid }), ...(paymentSid && { paymentSid }) };
}

function sidIn(form: RegExp, text: unknown): string | undefined {
  const sid = typeof text === 'string' ? form.exec(text)?.[0] : undefined;
  // A URI may have the letters in small (RFC 3986, section 6.2.2.1).
  return sid && `${sid.slice(0, 2).toUpperCase()}${sid.slice(2)}`;
}
