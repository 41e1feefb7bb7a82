/** What may be logged: names, codes, SIDs and counts. There is no member for a body, a message or free text. */
export interface LogFields {
  endpoint?: 'mcp' | 'payment-status' | 'oauth-protected-resource' | 'desk';
  method?: string;
  tool?: string;
  client?: string;
  code?: string;
  status?: number;
  twilioStatus?: number;
  twilioCode?: number;
  callSid?: string;
  paymentSid?: string;
  phase?: string;
  field?: string;
  parameters?: string[];
  variables?: string[];
  milliseconds?: number;
  /** Of an audit line: what was done, how much, how it was confirmed, what came of it. */
  action?: string;
  chargeAmount?: number;
  currency?: string;
  confirmed?: string;
  outcome?: string;
  /** An unexpected error: written as the name of its class and where it was thrown, without its message. */
  cause?: unknown;
}

export type LogLevel = 'info' | 'warn' | 'error';

/** One line of JSON per event. On Twilio, warnings and errors also raise Debugger alerts (82004, 82005). */
export type Log = Record<LogLevel, (event: string, fields?: LogFields) => void>;

/** Writes to the Functions log; `also` hears each line as well, for the MCP logging capability. */
export function createLog(also?: (level: LogLevel, event: string, fields: LogFields) => void): Log {
  const write =
    (level: LogLevel) =>
    (event: string, fields: LogFields = {}) => {
      const { cause, ...rest } = fields;
      // biome-ignore lint/suspicious/noConsole: the console is the Functions log
      console[level](JSON.stringify({ level, event, ...rest, ...(cause !== undefined && describe(cause)) }));
      also?.(level, event, rest);
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

function describe(cause: unknown): { error: string; at?: string[] } {
  if (!(cause instanceof Error)) return { error: typeof cause };
  // The stack begins with the message, which may hold anything, lines that look like frames too.
  const { message, stack = '' } = cause;
  const after = stack.slice(stack.indexOf(`${message}\n`) + message.length);
  const frames = after.split('\n').filter((line) => /^ +at .*:\d+:\d+\)?$/.test(line));
  return {
    error: cause.name,
    at: frames.slice(0, 3).map((line) => line.trim().replace(/\(?[^\s(]*[/\\]/, '')),
  };
}
