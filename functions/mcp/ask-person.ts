import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Question } from '../payments/commands/confirm.ts';

/** The person behind a client that can ask one. */
export interface Person {
  /** What they replied, if this call brings a reply. */
  answer?: { state: string; accepted: boolean };
}

/** The name of the one question that there is. */
export const CONFIRM = 'confirm';

/** A question as clients of revision 2026-07-28 put it to a person: to accept its form is to say yes (client/elicitation). */
export function toInputRequired({
  state,
  chargeAmount,
  currency,
  cardType,
  lastDigits,
}: Question): CallToolResult {
  const from = lastDigits ? `the ${cardType || 'account'} ending in ${lastDigits}` : 'what the caller typed';
  return {
    resultType: 'input_required',
    inputRequests: {
      [CONFIRM]: {
        method: 'elicitation/create',
        params: {
          mode: 'form',
          message: `Charge ${chargeAmount} ${currency} to ${from}?`,
          requestedSchema: { type: 'object', properties: {} },
        },
      },
    },
    requestState: state,
    content: [],
  };
}
