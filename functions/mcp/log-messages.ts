import type { JSONRPCNotification } from '@modelcontextprotocol/sdk/types.js';
import type { LogFields, LogLevel } from '../runtime/log.ts';

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
