/** POST /mcp of the test Function: the transport and the front of the real one, with the suite's definitions behind them. */
import type { Answer } from '../../../../functions/mcp/answer-message.ts';
import {
  type Exchange,
  FunctionsTransport,
  toAnswer,
  toBatchAnswer,
} from '../../../../functions/mcp/functions-transport.ts';
import { type Incoming, isAnswer, readMessages } from '../../../../functions/mcp/messages.ts';
import { authenticate } from '../../../../functions/runtime/auth.ts';
import { readAccessConfig } from '../../../../functions/runtime/config.ts';
import { bodyOf, endpoint, headersOf, refusal } from '../../../../functions/runtime/http.ts';
import { isAllowedOrigin } from '../../../../functions/runtime/origin.ts';
import { MISSING_CAPABILITY } from './input-required.ts';
import { CAPABILITIES, createEverythingServer, SERVER_INFO } from './server.ts';

const CLIENT_CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

export const handler = endpoint('mcp', async (context, event) => {
  const headers = headersOf(event);
  const access = readAccessConfig(context);
  if (!isAllowedOrigin(headers, access)) return refusal(403, 'FOREIGN_ORIGIN', 'Not from here.');
  const authentication = await authenticate(headers, access, Date.now());
  if ('refused' in authentication) return authentication.refused;
  const read = readMessages(headers, bodyOf(event));
  if (isAnswer(read)) return read;
  const exchanges = await Promise.all(read.messages.map((message) => exchange(message, headers)));
  return read.isBatch ? toBatchAnswer(exchanges, headers) : answerOf(exchanges[0], headers);
});

async function exchange(
  { message, generation }: Incoming,
  headers: Record<string, string>,
): Promise<Exchange> {
  const meta = 'params' in message ? message.params?._meta : undefined;
  const server = createEverythingServer((meta?.[CLIENT_CAPABILITIES] ?? {}) as Record<string, unknown>);
  const transport = new FunctionsTransport();
  await server.connect(transport);
  try {
    const about = {
      capabilities: CAPABILITIES,
      instructions: '',
      serverInfo: SERVER_INFO,
      identity: SERVER_INFO,
    };
    return await generation.answer(message, (request) => transport.exchange(request, headers), about);
  } finally {
    await server.close();
  }
}

/** A missing capability is answered 400 (revision 2026-07-28, basic/index). No tool of the real server needs one. */
function answerOf(said: Exchange | undefined, headers: Record<string, string>): Answer {
  const answer = toAnswer(said, headers);
  const isMissing =
    said?.response && 'error' in said.response && said.response.error.code === MISSING_CAPABILITY;
  return isMissing ? { ...answer, status: 400 } : answer;
}
