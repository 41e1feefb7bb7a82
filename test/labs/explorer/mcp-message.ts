import type { ToolName } from '../../../functions/payments/advice/guidance.ts';

/** A person behind a client that can ask one, with their reply if there is one. */
export interface Person {
  answer?: { state: string; accepted: boolean };
}

/** What a tool's result says, as far as agents look at it. */
export interface ToolResult {
  /** Of an error. */
  code?: string;
  paymentSid?: string;
  phase?: string;
  nextStep?: string;
  thenCall?: string;
  why?: string;
  say?: string;
  lastError?: string;
  chargeAmount?: number;
  paymentCardNumber?: string;
  bankAccountNumber?: string;
  /** A person must be asked first. */
  question?: { state: string; message: string };
}

interface RawResult {
  isError?: boolean;
  structuredContent?: object;
  requestState?: string;
  inputRequests?: { confirm?: { params?: { message?: string } } };
}

export function resultOf(raw: object): ToolResult {
  const { isError, structuredContent, requestState, inputRequests } = raw as RawResult;
  if (requestState !== undefined)
    return { question: { state: requestState, message: inputRequests?.confirm?.params?.message ?? '' } };
  const said = (structuredContent ?? {}) as ToolResult;
  return isError ? { ...said, code: /^[A-Z_]+/.exec(said.why ?? '')?.[0] ?? 'UNKNOWN' } : said;
}

const META = 'io.modelcontextprotocol/';
const MODERN = '2026-07-28';

/** The call of a tool as a Functions event: of the revision that can ask a person if there is one, else of the one before. */
export function eventOf({
  tool,
  args,
  person,
  token,
}: {
  tool: ToolName;
  args: Record<string, unknown>;
  person: Person | undefined;
  token: string;
}): Record<string, unknown> {
  const { answer } = person ?? {};
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json',
    'mcp-protocol-version': person ? MODERN : '2025-11-25',
    ...(person && { 'mcp-method': 'tools/call', 'mcp-name': tool }),
  };
  const modern = person && {
    _meta: {
      [`${META}protocolVersion`]: MODERN,
      [`${META}clientCapabilities`]: { elicitation: {} },
    },
    ...(answer && {
      requestState: answer.state,
      inputResponses: { confirm: { action: answer.accepted ? 'accept' : 'decline' } },
    }),
  };
  return {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: tool, arguments: args, ...modern },
    request: { headers, cookies: {} },
  };
}
