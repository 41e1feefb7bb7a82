import type { JSONRPCNotification } from '@modelcontextprotocol/sdk/types.js';
import type { PaymentError } from '../payments/errors.ts';
import type { Log, LogFields, LogLevel } from '../runtime/log.ts';

/** A line of the log as MCP clients get it; undefined if it is not for them. */
export function toLogMessage(
  level: LogLevel,
  event: string,
  { variables: _, ...fields }: LogFields,
): JSONRPCNotification | undefined {
  if (level === 'info') return undefined;
  return {
    jsonrpc: '2.0',
    method: 'notifications/message',
    params: {
      // A warning of ours is about the agent's own call: to the client it is information.
      level: level === 'warn' ? 'info' : 'error',
      logger: 'agent-payments',
      data: { event, ...fields },
    },
  };
}

/** An agent's mistake is a warning; what the operator or Twilio has to do with is an error. */
export function logFailure(log: Log, error: PaymentError, tool?: string): void {
  const { twilio, cause } = error;
  const isOurs = error.code === 'INTERNAL_ERROR' || error.code === 'NOT_CONFIGURED';
  const isAgents = error.code === 'CALL_NOT_FOUND' || error.code === 'CALL_NOT_IN_PROGRESS';
  const isTwilios = twilio !== undefined || error.code === 'STORE_UNAVAILABLE';
  const level = isOurs || (isTwilios && !isAgents) ? 'error' : 'warn';
  log[level]('tool_failed', {
    ...(tool && { tool }),
    code: error.code,
    ...(twilio && { twilioStatus: twilio.status, twilioCode: twilio.code }),
    ...(isOurs && { cause }),
  });
}
