import type { JSONRPCNotification } from '@modelcontextprotocol/sdk/types.js';
import { codeGuide } from '../payments/advice/twilio-codes.ts';
import type { ErrorCode } from '../payments/error-codes.ts';
import type { PaymentError } from '../payments/errors.ts';
import type { About, EventName, Log } from '../runtime/log.ts';

/** A line of the log as MCP clients get it, without what they know of their own call; undefined if it is not for them. */
export function toLogMessage(
  event: EventName,
  { client: _, clientId: __, callSid: ___, paymentSid: ____, ...line }: About,
): JSONRPCNotification | undefined {
  if (event !== 'tool_refused' && event !== 'tool_failed') return undefined;
  return {
    jsonrpc: '2.0',
    method: 'notifications/message',
    params: {
      level: event === 'tool_refused' ? 'info' : 'error',
      logger: 'agent-payments',
      data: { event, ...line },
    },
  };
}

/** Failures that an operator or Twilio has to do with, whatever an agent does. All others are an agent's mistakes. */
const NOT_THE_AGENTS: readonly ErrorCode[] = [
  'COMPLETION_UNKNOWN',
  'INTERNAL_ERROR',
  'NOT_CONFIGURED',
  'SESSION_IN_PROGRESS',
  'STORE_UNAVAILABLE',
  'TWILIO_NOT_FOUND',
  'TWILIO_RATE_LIMITED',
  'TWILIO_UNAUTHORIZED',
  'TWILIO_UNAVAILABLE',
];

/** Logs a failure: `tool_refused` for what an agent can mend, `tool_failed` for everything else. */
export function logFailure(log: Log, error: PaymentError): void {
  const { code, twilio, cause } = error;
  const answer = twilio && { twilioStatus: twilio.status, twilioCode: twilio.code };
  if (isAgents(error)) log('tool_refused', { code, ...answer });
  else log('tool_failed', { code, ...answer, ...(code === 'INTERNAL_ERROR' && { cause }) });
}

function isAgents({ code, twilio }: PaymentError): boolean {
  if (code !== 'TWILIO_REFUSED') return !NOT_THE_AGENTS.includes(code);
  const guide = codeGuide(twilio?.code ?? 0);
  // An agent may repeat it, or start with what the caller says: nobody has to change a setting.
  return guide !== undefined && guide.nextStep !== 'done';
}
