import { isJSONRPCRequest, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { createServer, isToolName } from './mcp/server.ts';
import { FunctionsTransport, isAnswer, readMessage, rpcError } from './mcp/transport.ts';
import { createPayments } from './payments/payments.ts';
import { authenticate } from './runtime/auth.ts';
import { type Config, ConfigError, readConfig } from './runtime/config.ts';
import { bodyOf, endpoint, type HttpResponse, headersOf, INVOCATION_MS, isRecord } from './runtime/http.ts';
import { createLog, type Log, type LogFields, type LogLevel } from './runtime/log.ts';
import { type Context, platform } from './runtime/platform.ts';
import { connectTwilio } from './twilio/connect.ts';

/** POST /mcp: one MCP message in, its answer out. */
export const handler = endpoint('mcp', async (context, event) => {
  const startedAt = Date.now();
  const headers = headersOf(event);
  const done = (response: HttpResponse, fields: LogFields): HttpResponse => {
    const { status } = response;
    createLog().info('request', { endpoint: 'mcp', status, milliseconds: Date.now() - startedAt, ...fields });
    return response;
  };

  const authentication = authenticate(context, headers);
  if ('refused' in authentication) {
    const { refused, code } = authentication;
    if (code === 'NOT_CONFIGURED')
      createLog().error('no_credential', { endpoint: 'mcp', variables: ['MCP_AUTH_TOKEN'] });
    return done(refused, { code });
  }
  const { client } = authentication.principal;
  const read = readMessage(headers, bodyOf(event));
  if (isAnswer(read)) return done(read, { client, code: 'BAD_REQUEST' });
  return done(await answer(context, read, headers, startedAt), { client, ...namesOf(read) });
});

async function answer(
  context: Context,
  message: JSONRPCMessage,
  headers: Record<string, string>,
  startedAt: number,
): Promise<HttpResponse> {
  let config: Config;
  try {
    config = readConfig(context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    createLog().error('configuration', { endpoint: 'mcp', variables: error.variables });
    return rpcError(500, error.message, {}, -32603);
  }

  let forward: (level: LogLevel, event: string, fields: LogFields) => void = () => undefined;
  const log: Log = createLog((level, event, fields) => forward(level, event, fields));
  const ports = connectTwilio(config, startedAt + INVOCATION_MS);
  const server = createServer({
    payments: createPayments(ports),
    charges: {
      currency: config.CURRENCY,
      tokenType: config.TOKEN_TYPE,
      paymentConnector: config.PAYMENT_CONNECTOR,
      maxChargeAmount: config.MAX_CHARGE_AMOUNT,
    },
    now: ports.clock.now,
    log,
    promptText,
  });
  const transport = new FunctionsTransport();
  await server.connect(transport);
  forward = (level, event, { variables: _, ...fields }) => {
    if (level === 'info') return;
    const data = { event, ...fields };
    // A warning here is about the agent's own call: to the client it is information.
    void server.sendLoggingMessage({
      level: level === 'warn' ? 'info' : 'error',
      logger: 'agent-payments',
      data,
    });
  };
  try {
    return await transport.exchange(message, headers);
  } finally {
    await server.close();
  }
}

function promptText(name: string): string {
  const asset = platform.Runtime.getAssets()[`/prompts/${name}.md`];
  if (!asset) throw new Error('A prompt has no asset.');
  return asset.open();
}

/** What of a message may be logged: the method and tool where they are ones we know. */
function namesOf(message: JSONRPCMessage): LogFields {
  if (!isJSONRPCRequest(message)) return { method: 'notification' };
  const { method, params } = message;
  const tool = isRecord(params) ? params.name : undefined;
  return {
    method: /^[a-z]{1,20}(?:\/[a-z]{1,20}){0,2}$/i.test(method) ? method : 'unknown',
    ...(method === 'tools/call' && isToolName(tool) && { tool }),
  };
}
