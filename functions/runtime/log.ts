/** All that a line of the log can hold: names, codes, SIDs and counts. There is no member for a body, a message or free text. */
interface Members {
  endpoint: Endpoint;
  method: string;
  /** The name of the credential that asks. Of a callback: who last did something to the payment. */
  client: string;
  /** With OAuth: the program by which the person asks. Not known of callbacks. */
  clientId: string;
  /** The tool that was called. Of a callback: the one whose request it reports on. */
  tool: string;
  callSid: string;
  paymentSid: string;
  status: number;
  code: string;
  twilioStatus: number;
  twilioCode: number;
  parameters: readonly string[];
  variables: readonly string[];
  milliseconds: number;
  action: string;
  /** Of a take-over: who had the payment before. */
  from: string | undefined;
  chargeAmount: number;
  currency: string;
  confirmed: string;
  outcome: string;
  /** An unexpected error: written as the name of its class and where it was thrown, without its message. */
  cause: unknown;
}

export type Endpoint = 'mcp' | 'payment-status' | 'oauth-protected-resource' | 'desk' | 'health';

/** What every line about a payment holds, as far as it is known. */
export type About = Partial<Pick<Members, 'client' | 'clientId' | 'tool' | 'callSid' | 'paymentSid'>>;
const ABOUT = ['client', 'tool', 'callSid', 'paymentSid'] as const satisfies (keyof About)[];
/** The same of what a client has asked for. */
const ASKED = ['client', 'clientId', 'tool', 'callSid', 'paymentSid'] as const satisfies (keyof About)[];

interface Event {
  /** On Twilio an error also raises a Debugger alert (82005), a warning another (82004): there are no warnings. */
  level: 'info' | 'error';
  members: readonly (keyof Members)[];
}

/** All events, with all members that a line of theirs may have. `docs/operations.md` says what each means. */
export const EVENTS = {
  request: { level: 'info', members: ['endpoint', 'method', ...ASKED, 'status', 'code', 'milliseconds'] },
  callback: { level: 'info', members: ['endpoint', ...ABOUT, 'status', 'code', 'milliseconds'] },
  audit: {
    level: 'info',
    members: [...ASKED, 'action', 'from', 'chargeAmount', 'currency', 'confirmed', 'outcome'],
  },
  tool_refused: { level: 'info', members: [...ASKED, 'code', 'twilioStatus', 'twilioCode'] },
  tool_failed: { level: 'error', members: [...ASKED, 'code', 'twilioStatus', 'twilioCode', 'cause'] },
  not_stored: { level: 'error', members: [...ABOUT, 'code', 'twilioStatus', 'twilioCode'] },
  unmasked_value_dropped: { level: 'error', members: [...ABOUT, 'parameters'] },
  configuration: { level: 'error', members: ['endpoint', 'variables'] },
  no_credential: { level: 'error', members: ['endpoint', 'variables'] },
  issuer_unavailable: { level: 'error', members: ['endpoint', 'variables'] },
  sync_unavailable: { level: 'error', members: ['endpoint', 'twilioStatus', 'twilioCode'] },
  unexpected: { level: 'error', members: ['endpoint', 'cause'] },
  unhandled_rejection: { level: 'error', members: ['cause'] },
} as const satisfies Record<string, Event>;

export type EventName = keyof typeof EVENTS;
export type LogFields<E extends EventName> = Partial<Pick<Members, (typeof EVENTS)[E]['members'][number]>>;

/** Writes one line of JSON. */
export type Log = <E extends EventName>(event: E, fields: LogFields<E>) => void;

/**
 * Writes to the Functions log.
 * @param about what each line is about. What becomes known later may be put in then.
 * @param also hears each line as well, without its cause: for the MCP logging capability.
 */
export function createLog(about: About = {}, also?: (event: EventName, fields: About) => void): Log {
  return (event, fields) => {
    const { level, members }: Event = EVENTS[event];
    const all: Partial<Members> = { ...about, ...fields };
    const said = members.filter((name) => name !== 'cause' && all[name] !== undefined && all[name] !== '');
    const line = Object.fromEntries(said.map((name) => [name, all[name]]));
    const cause = 'cause' in all && members.includes('cause') ? describe(all.cause) : {};
    // biome-ignore lint/suspicious/noConsole: the console is the Functions log
    console[level](JSON.stringify({ level, event, ...line, ...cause }));
    also?.(event, line);
  };
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
