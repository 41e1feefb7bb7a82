import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { rpcError } from './mcp/answer-message.ts';
import { type Exchange, FunctionsTransport, toAnswer, toBatchAnswer } from './mcp/functions-transport.ts';
import { isRequest } from './mcp/json-rpc.ts';
import { toLogMessage } from './mcp/logging.ts';
import { type Incoming, isAnswer, readMessages } from './mcp/messages.ts';
import { aboutServer, createServer, requiredScope } from './mcp/server.ts';
import { subjectOf } from './mcp/subject.ts';
import { createSpeak } from './mcp/wording.ts';
import { createPayments, type Payments } from './payments/payments.ts';
import type { AuditLine } from './payments/ports.ts';
import { SETTING_VALUES } from './payments/session/setting-values.ts';
import { authenticate, insufficientScope } from './runtime/auth.ts';
import { type AccessConfig, ConfigError, readAccessConfig, readFullConfig } from './runtime/config.ts';
import {
  bodyOf,
  endpoint,
  type Headers,
  type HttpResponse,
  headersOf,
  INVOCATION_MS,
  refusal,
} from './runtime/http.ts';
import { type About, createLog, type LogFields } from './runtime/log.ts';
import { corsHeaders, isAllowedOrigin } from './runtime/origin.ts';
import { type Context, platform } from './runtime/platform.ts';
import type { Principal } from './runtime/scopes.ts';
import { connectTwilio } from './twilio/connect.ts';

/** POST /mcp: one MCP message in, its answer out. */
export const handler = endpoint('mcp', async (context, event) => {
  const startedAt = Date.now();
  const { response, ...fields } = await serve(context, {
    headers: headersOf(event),
    body: bodyOf(event),
    startedAt,
  });
  const { status } = response;
  createLog()('request', { endpoint: 'mcp', status, milliseconds: Date.now() - startedAt, ...fields });
  return response;
});

interface HttpRequest {
  headers: Headers;
  body: Record<string, unknown>;
  /** Epoch milliseconds. */
  startedAt: number;
}

/** A response, and what the log says of it. */
interface Served extends LogFields<'request'> {
  response: HttpResponse;
}

async function serve(context: Context, request: HttpRequest): Promise<Served> {
  const access = orConfigError(() => readAccessConfig(context));
  if (access instanceof ConfigError) return misconfigured(access);
  const { response, ...fields } = await serveAllowed(context, request, access);
  const headers = { ...response.headers, ...corsHeaders(request.headers, access) };
  return { response: { ...response, headers }, ...fields };
}

async function serveAllowed(context: Context, request: HttpRequest, access: AccessConfig): Promise<Served> {
  const { headers, body, startedAt } = request;
  const principal = await admit(request, access);
  if ('response' in principal) return principal;
  const who = whoOf(principal);
  const read = readMessages(headers, body);
  if (isAnswer(read)) return { response: read, ...who, code: 'BAD_REQUEST' };
  const { messages, isBatch } = read;
  const names = { ...who, ...namesOf(messages) };
  const missing = messages
    .map(({ message }) => requiredScope(message))
    .find((scope) => scope && !principal.scopes.includes(scope));
  if (missing) {
    const response = insufficientScope(access, missing, principal.scopes);
    return { response, code: 'INSUFFICIENT_SCOPE', ...names };
  }
  const config = orConfigError(() => readFullConfig(context, SETTING_VALUES));
  if (config instanceof ConfigError) return { ...misconfigured(config), ...names };
  const sender = { principal, headers, deadline: startedAt + INVOCATION_MS };
  const exchanges = await Promise.all(messages.map((incoming) => exchange(config, incoming, sender)));
  const response = isBatch ? toBatchAnswer(exchanges, headers) : toAnswer(exchanges[0], headers);
  return { response, ...names, ...(!isBatch && exchanges[0]?.about) };
}

/** Who sends a request, or the response that turns it away. */
async function admit({ headers, startedAt }: HttpRequest, access: AccessConfig): Promise<Principal | Served> {
  if (access.tokens.malformed > 0)
    createLog()('configuration', { endpoint: 'mcp', variables: ['MCP_TOKENS'] });
  if (!isAllowedOrigin(headers, access)) {
    const message =
      'Requests from this origin or to this host are not allowed. ALLOWED_ORIGINS lists those that are.';
    return { response: refusal(403, 'FOREIGN_ORIGIN', message), code: 'FOREIGN_ORIGIN' };
  }
  const authentication = await authenticate(headers, access, startedAt);
  if ('principal' in authentication) return authentication.principal;
  const { refused, code } = authentication;
  if (code === 'ISSUER_UNAVAILABLE')
    createLog()('issuer_unavailable', { endpoint: 'mcp', variables: ['OAUTH_ISSUER'] });
  if (code === 'NOT_CONFIGURED') createLog()('no_credential', { endpoint: 'mcp', variables: ['MCP_TOKENS'] });
  return { response: refused, code };
}

type FullConfig = ReturnType<typeof readFullConfig<typeof SETTING_VALUES>>;

interface Sender {
  principal: Principal;
  headers: Headers;
  /** Epoch milliseconds. */
  deadline: number;
}

/** One message in, what the server says about it out: a server takes one transport, and a transport one message. */
async function exchange(
  config: FullConfig,
  { message, generation }: Incoming,
  { principal, headers, deadline }: Sender,
): Promise<Exchange & { about: About }> {
  const { client, scopes } = principal;
  const about: About = { ...whoOf(principal), ...subjectOf(message) };
  const { language, maxAttempts } = config.settings;
  const speak = createSpeak(promptAsset);
  // A payment token and a profile can be charged again.
  const withToken = scopes.includes('payments:charge');
  const audience = { client, mayCharge: withToken };
  const transport = new FunctionsTransport();
  const log = createLog(about, (...line) => transport.notify(toLogMessage(...line)));
  const server = createServer({
    payments: paymentsOf(config, deadline, principal, (line) => {
      // A start is about a payment that has no name before.
      if (line.paymentSid) about.paymentSid = line.paymentSid;
      log('audit', line);
    }),
    client,
    scopes,
    person: generation.personOf(message),
    view: () => ({ now: Date.now(), maxAttempts, language, speak, withToken, audience }),
    log,
    promptText,
    deskHtml: () => platform.Runtime.getAssets()['/desk.html']?.open(),
    publicUrl: config.publicUrl,
  });
  await server.connect(transport);
  try {
    const ask = (request: JSONRPCMessage) => transport.exchange(request, headers);
    return { ...(await generation.answer(message, ask, aboutServer(config.publicUrl))), about };
  } finally {
    await server.close();
  }
}

function paymentsOf(
  config: FullConfig,
  deadline: number,
  principal: Principal,
  audit: (line: AuditLine) => void,
): Payments {
  const client = { name: principal.client, seesAll: principal.scopes.includes('payments:any') };
  return createPayments({ ...connectTwilio(config, deadline), audit, client }, config.settings);
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

/** The configuration, or what is wrong with it. */
function orConfigError<C>(read: () => C): C | ConfigError {
  try {
    return read();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

/** The answer if a setting is wrong: it names variables and holds no value. */
function misconfigured({ message, variables }: ConfigError): Served {
  createLog()('configuration', { endpoint: 'mcp', variables });
  return { response: rpcError(500, message, { code: -32603 }), code: 'NOT_CONFIGURED' };
}

/** What the log says of who asks. */
function whoOf({ client, clientId }: Principal): About {
  return { client, ...(clientId && { clientId }) };
}

/** What of the messages may be logged: the method, if it looks like one, and what it is about. */
function namesOf([first, ...more]: Incoming[]): LogFields<'request'> {
  if (more.length > 0) return { method: 'batch' };
  const message = first?.message;
  if (!message || !isRequest(message)) return { method: 'notification' };
  const isMethod = /^[a-z]{1,20}(?:\/[a-z]{1,20}){0,2}$/i.test(message.method);
  return { method: isMethod ? message.method : 'unknown', ...subjectOf(message) };
}
