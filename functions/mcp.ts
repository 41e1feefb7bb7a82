import { rpcError } from './mcp/answer-message.ts';
import { type Exchange, FunctionsTransport, toAnswer, toBatchAnswer } from './mcp/functions-transport.ts';
import { INSTRUCTIONS } from './mcp/instructions.ts';
import { isRequest } from './mcp/json-rpc.ts';
import { isAnswer, type Read, readMessages } from './mcp/messages.ts';
import { CAPABILITIES, calledTool, createServer, IDENTITY, requiredScope, serverInfo } from './mcp/server.ts';
import { mayCharge } from './mcp/tool.ts';
import { createSpeak } from './mcp/wording.ts';
import { createPayments } from './payments/payments.ts';
import type { AuditLine } from './payments/ports.ts';
import { SETTING_VALUES } from './payments/session/terms.ts';
import { authenticate, insufficientScope } from './runtime/auth.ts';
import { type AccessConfig, ConfigError, readAccessConfig, readFullConfig } from './runtime/config.ts';
import { bodyOf, endpoint, type HttpResponse, headersOf, INVOCATION_MS, refusal } from './runtime/http.ts';
import { createLog, type Log, type LogFields, type LogLevel } from './runtime/log.ts';
import { corsHeaders, isAllowedOrigin } from './runtime/origin.ts';
import { platform } from './runtime/platform.ts';
import type { Principal } from './runtime/scopes.ts';
import { connectTwilio } from './twilio/connect.ts';

/** POST /mcp: one MCP message in, its answer out. */
export const handler = endpoint('mcp', async (context, event) => {
  const startedAt = Date.now();
  const headers = headersOf(event);
  let cors: Record<string, string> = {};
  const done = (response: HttpResponse, fields: LogFields): HttpResponse => {
    const { status } = response;
    createLog().info('request', { endpoint: 'mcp', status, milliseconds: Date.now() - startedAt, ...fields });
    return { ...response, headers: { ...response.headers, ...cors } };
  };

  let access: AccessConfig;
  try {
    access = readAccessConfig(context);
  } catch (error) {
    return done(misconfigured(error), { code: 'NOT_CONFIGURED' });
  }
  cors = corsHeaders(headers, access);
  if (access.tokens.malformed > 0)
    createLog().error('configuration', { endpoint: 'mcp', variables: ['MCP_TOKENS'] });
  if (!isAllowedOrigin(headers, access)) {
    const message =
      'Requests from this origin or to this host are not allowed. ALLOWED_ORIGINS lists those that are.';
    return done(refusal(403, 'FOREIGN_ORIGIN', message), { code: 'FOREIGN_ORIGIN' });
  }
  const authentication = await authenticate(headers, access, startedAt);
  if ('refused' in authentication) {
    const { refused, code } = authentication;
    if (code === 'ISSUER_UNAVAILABLE')
      createLog().error('issuer_unavailable', { endpoint: 'mcp', variables: ['OAUTH_ISSUER'] });
    if (code === 'NOT_CONFIGURED')
      createLog().error('no_credential', { endpoint: 'mcp', variables: ['MCP_AUTH_TOKEN'] });
    return done(refused, { code });
  }
  const { principal } = authentication;
  const { client } = principal;
  const read = readMessages(headers, bodyOf(event));
  if (isAnswer(read)) return done(read, { client, code: 'BAD_REQUEST' });
  const { messages, isBatch } = read;
  const names = namesOf(messages);
  const missing = messages
    .map(({ message }) => requiredScope(message))
    .find((scope) => scope && !principal.scopes.includes(scope));
  if (missing)
    return done(insufficientScope(access, missing, principal.scopes), {
      client,
      code: 'INSUFFICIENT_SCOPE',
      ...names,
    });
  let config: FullConfig;
  try {
    config = readFullConfig(context, SETTING_VALUES);
  } catch (error) {
    return done(misconfigured(error), { client, code: 'NOT_CONFIGURED', ...names });
  }
  const asked = { headers, principal, deadline: startedAt + INVOCATION_MS };
  const exchanges = await Promise.all(messages.map((message) => exchange(config, message, asked)));
  return done(isBatch ? toBatchAnswer(exchanges, headers) : toAnswer(exchanges[0], headers), {
    client,
    ...names,
  });
});

type FullConfig = ReturnType<typeof readFullConfig<typeof SETTING_VALUES>>;

interface Asked {
  headers: Record<string, string>;
  principal: Principal;
  /** Epoch milliseconds. */
  deadline: number;
}

/** One message in, what the server says about it out: a server takes one transport, and a transport one message. */
async function exchange(
  config: FullConfig,
  { message, generation }: Read,
  { headers, principal, deadline }: Asked,
): Promise<Exchange> {
  let forward: (level: LogLevel, event: string, fields: LogFields) => void = () => undefined;
  const log: Log = createLog((level, event, fields) => forward(level, event, fields));
  const { payments, language } = paymentsOf(config, deadline, log);
  const speak = createSpeak(promptAsset);
  const server = createServer({
    payments,
    client: principal.client,
    scopes: principal.scopes,
    person: generation.personOf(message),
    view: () => ({
      now: Date.now(),
      maxAttempts: config.settings.maxAttempts,
      language: language(),
      speak,
      withToken: mayCharge(principal.scopes),
    }),
    log,
    promptText,
    publicUrl: config.publicUrl,
  });
  const transport = new FunctionsTransport();
  await server.connect(transport);
  forward = (level, event, { variables: _, ...fields }) => {
    if (level === 'info') return;
    const data = { event, ...fields };
    // A warning here is about the agent's own call: to the client it is information.
    server
      .sendLoggingMessage({
        level: level === 'warn' ? 'info' : 'error',
        logger: 'agent-payments',
        data,
      })
      // Nobody waits for it, and the line is in the log already.
      .catch(() => undefined);
  };
  const about = {
    capabilities: CAPABILITIES,
    instructions: INSTRUCTIONS,
    serverInfo: serverInfo(config.publicUrl),
    identity: IDENTITY,
  };
  try {
    return await generation.answer(message, (asked) => transport.exchange(asked, headers), about);
  } finally {
    await server.close();
  }
}

/** The payments on Twilio, and the language of the one that was read: what goes wrong with it is told in that. */
function paymentsOf(config: FullConfig, deadline: number, log: Log) {
  const { settings } = config;
  const twilio = connectTwilio(config, deadline);
  let language: string = settings.language;
  const read: typeof twilio.sessions.read = async (id) => {
    const stored = await twilio.sessions.read(id);
    language = stored?.data.terms?.language ?? language;
    return stored;
  };
  const audit = ({ callSid, paymentSid, ...line }: AuditLine) =>
    log.info('audit', { callSid, ...(paymentSid && { paymentSid }), ...line });
  const ports = { ...twilio, sessions: { ...twilio.sessions, read }, audit };
  return { payments: createPayments(ports, settings), language: () => language };
}

/** The text of a file in assets/prompts, whose name is without its `.private` there. */
function promptAsset(file: string): string | undefined {
  return platform.Runtime.getAssets()[`/prompts/${file}`]?.open();
}

function promptText(name: string): string {
  const text = promptAsset(`${name}.md`);
  if (text === undefined) throw new Error('A prompt has no asset.');
  return text;
}

/** The answer where a setting is wrong: it names variables and holds no value. */
function misconfigured(error: unknown): HttpResponse {
  if (!(error instanceof ConfigError)) throw error;
  createLog().error('configuration', { endpoint: 'mcp', variables: error.variables });
  return rpcError(500, error.message, { code: -32603 });
}

/** What of the messages may be logged: the method, where it looks like one, and the tool, where there is one. */
function namesOf([first, ...more]: Read[]): LogFields {
  if (more.length > 0) return { method: 'batch' };
  const message = first?.message;
  if (!message || !isRequest(message)) return { method: 'notification' };
  const tool = calledTool(message)?.name;
  const isMethod = /^[a-z]{1,20}(?:\/[a-z]{1,20}){0,2}$/i.test(message.method);
  return { method: isMethod ? message.method : 'unknown', ...(tool && { tool }) };
}
