/** What every client does here: it lists all that it can, takes a whole payment, reads its status, and says so. */

/** The running server, as a client is told of it. */
export interface Server {
  url: string;
  token: string;
  /** SID of a call in progress, on which a caller types what they are asked for. */
  callSid: string;
}

/** What a tool said, as the model behind this client gets it. */
export type Facts = Record<string, unknown>;

/** A client that is connected. It leaves out what it has no way to do. */
export interface Connected {
  listTools(): Promise<{ name: string }[]>;
  listPrompts?(): Promise<{ name: string }[]>;
  getPrompt?(name: string, args: Record<string, string>): Promise<{ messages: unknown[] }>;
  listResourceTemplates?(): Promise<{ uriTemplate: string }[]>;
  listResources?(): Promise<{ uri: string }[]>;
  /** The text of a resource. */
  readResource?(uri: string): Promise<string>;
  /** Throws what the tool says where it failed. */
  callTool(name: string, args: Record<string, unknown>): Promise<Facts>;
  /** The revision that the client says it speaks. */
  protocolVersion?: string | undefined;
  close(): Promise<unknown>;
}

/** What a client's program prints as its last line. */
export interface Outcome {
  listed: Record<string, number>;
  protocolVersion?: string | undefined;
  phase: unknown;
  result: unknown;
  confirmationCode: unknown;
}

const PAYMENT_MS = 240_000;
const POLL_MS = 500;

/** Runs a client's program to its end. */
export async function drive(connect: (server: Server) => Promise<Connected>): Promise<void> {
  const { MCP_URL: url = '', MCP_TOKEN: token = '', CALL_SID: callSid = '' } = process.env;
  const client = await connect({ url, token, callSid });
  const listed = await listDefinitions(client, callSid);
  await failOnce(client, callSid);
  const status = await takePayment(client, callSid, async (uri) => {
    const resources = await client.listResources?.();
    if (!resources) return;
    listed.resources = resources.length;
    if (!resources.some((resource) => resource.uri === uri)) throw new Error('The payment is not listed');
  });
  await compareResource(client, callSid, status);
  const { protocolVersion } = client;
  await client.close();
  const { phase, result, paymentConfirmationCode: confirmationCode } = status;
  const outcome: Outcome = { listed, protocolVersion, phase, result, confirmationCode };
  console.log(JSON.stringify(outcome));
}

async function listDefinitions(client: Connected, callSid: string): Promise<Record<string, number>> {
  const tools = await client.listTools();
  const listed: Record<string, number> = { tools: tools.length };
  const prompts = await client.listPrompts?.();
  if (prompts) listed.prompts = prompts.length;
  const prompt = await client.getPrompt?.('StartCapture', { callSid });
  if (prompt && !JSON.stringify(prompt.messages).includes(callSid))
    throw new Error('A prompt lacks its call');
  const templates = await client.listResourceTemplates?.();
  if (templates) listed.templates = templates.length;
  return listed;
}

/** A failure has to reach the model in words, whatever a client makes of results that are errors. */
async function failOnce({ callTool }: Connected, callSid: string): Promise<void> {
  const paymentSid = `PK${'0'.repeat(32)}`;
  const said = await callTool('getPaymentStatus', { callSid, paymentSid }).catch(String);
  if (!/PAYMENT_NOT_FOUND/.test(String(said)))
    throw new Error(`A failure is not told: ${JSON.stringify(said)}`);
}

/** Starts a payment, and from there on does what `nextStep` says. */
async function takePayment(
  client: Connected,
  callSid: string,
  onStarted: (uri: string) => Promise<void>,
): Promise<Facts> {
  const start = { callSid, chargeAmount: 49.9, currency: 'USD', description: 'Invoice 1001' };
  let status = await client.callTool('startPaymentCapture', start);
  const sids = { callSid, paymentSid: String(status.paymentSid) };
  await onStarted(uriOf(sids));
  const deadline = Date.now() + PAYMENT_MS;
  while (status.nextStep !== 'done') {
    if (Date.now() > deadline) throw new Error(`The payment is stuck: ${JSON.stringify(status)}`);
    // The caller says yes to what they are asked, which here is whether to charge.
    const nextStep = String(status.thenCall ?? status.nextStep);
    const isWaiting = nextStep === 'wait' || nextStep === 'askCaller';
    if (isWaiting) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    status = await client.callTool(isWaiting ? 'getPaymentStatus' : nextStep, sids);
  }
  return client.callTool('getPaymentStatus', sids);
}

async function compareResource(client: Connected, callSid: string, status: Facts): Promise<void> {
  if (!client.readResource) return;
  const text = await client.readResource(uriOf({ callSid, paymentSid: String(status.paymentSid) }));
  const { paymentConfirmationCode } = JSON.parse(text) as Facts;
  if (paymentConfirmationCode !== status.paymentConfirmationCode)
    throw new Error('The resource says otherwise');
}

function uriOf({ callSid, paymentSid }: { callSid: string; paymentSid: string }): string {
  return `payment://${callSid}/${paymentSid}/status`;
}

/** The facts of a result: the structured ones, or the text, which holds the same. */
export function factsOf(result: {
  isError?: boolean | undefined;
  structuredContent?: unknown;
  content?: unknown;
}): Facts {
  const text = textOf(result.content);
  // Some clients drop isError: what is no object of facts is a failure.
  if (result.isError || !text.startsWith('{')) throw new Error(`A tool failed: ${text}`);
  return (result.structuredContent ?? JSON.parse(text)) as Facts;
}

/** The text of the first block of a list of contents. */
export function textOf(contents: unknown): string {
  const [first] = Array.isArray(contents) ? (contents as { text?: unknown }[]) : [];
  return String(first?.text ?? '');
}
