/** A voice agent takes a payment: a language model talks to the caller and uses the tools of the payment server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type CallToolResult, ErrorCode, McpError, type Tool } from '@modelcontextprotocol/sdk/types.js';

export interface ToolCall {
  id: string;
  name: string;
  arguments: Record<string, unknown>;
}

/** What the model reads, oldest first: give it to your model's API in that API's own form. */
export type Message =
  | { from: 'system' | 'caller'; text: string }
  | { from: 'agent'; text: string; calls: ToolCall[] }
  | { from: 'tool'; id: string; text: string };

/** One request to your language model: what it says to the caller, and the tools that it calls. */
export type Model = (
  messages: readonly Message[],
  tools: readonly Tool[],
) => Promise<{ text: string; calls: ToolCall[] }>;

/** The voice on the call: ConversationRelay, a media stream, or whatever else speaks and listens. */
export interface Line {
  /** SID of the caller's own leg. */
  readonly callSid: string;
  readonly isOver: boolean;
  /** Speaks to the caller. Resolves when the sentence has been spoken. */
  say(text: string): Promise<void>;
  /** What the caller has said since this was asked last, as text. */
  heard(): string[];
  /** Resolves as soon as the caller has said something, or the call is over. */
  somethingHeard(): Promise<void>;
}

/** As much of an answer as the program itself acts on. The model reads all of it. */
export interface Outcome {
  paymentSid?: string;
  phase?: string;
  nextStep?: string;
  result?: string;
  paymentConfirmationCode?: string;
}

const MAX_TURNS = 200;
const MAX_TRIES = 3;

/** @throws Error if the server is not there, or does not know the token. */
export async function connect(url: string, token: string): Promise<Client> {
  const client = new Client({ name: 'voice-agent', version: '1.0.0' });
  const headers = { Authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

/**
 * Lets the model take one payment, and gives the last answer of the server.
 * @param task what the payment is for, in words: "Take 49.90 USD for invoice 1001."
 * @throws Error if the server cannot be reached, or the model comes to no end.
 */
export async function takePayment(client: Client, model: Model, line: Line, task: string): Promise<Outcome> {
  const { tools } = await client.listTools();
  const system = `${client.getInstructions()}\n\nYou speak on the phone: short sentences, no lists. The call is ${line.callSid}. ${task}`;
  const messages: Message[] = [{ from: 'system', text: system }];
  let outcome: Outcome = {};
  for (let turn = 0; turn < MAX_TURNS; turn += 1) {
    for (const text of line.heard()) messages.push({ from: 'caller', text: withoutNumbers(text) });
    // Twilio ends the payment of a caller who has hung up.
    if (line.isOver) return lastStatus(client, line, outcome);
    const { text, calls } = await model(messages, tools);
    messages.push({ from: 'agent', text, calls });
    if (text) await line.say(text);
    for (const call of calls) {
      // The program knows the call. A model may misread a SID.
      const result = await callTool(client, call.name, { ...call.arguments, callSid: line.callSid });
      messages.push({ from: 'tool', id: call.id, text: textOf(result) });
      if (result.structuredContent) outcome = result.structuredContent;
    }
    if (calls.length > 0) continue;
    if (outcome.nextStep === 'done') return lastStatus(client, line, outcome);
    await line.somethingHeard();
  }
  throw new Error(`No end after ${MAX_TURNS} turns`);
}

/** The answer of a command is short: the status has the result and the confirmation code. */
async function lastStatus(client: Client, { callSid }: Line, outcome: Outcome): Promise<Outcome> {
  const { paymentSid } = outcome;
  if (!paymentSid) return outcome;
  return (await callTool(client, 'getPaymentStatus', { callSid, paymentSid })).structuredContent ?? outcome;
}

/** A call whose answer was lost is made again as it was: nothing is charged twice. */
async function callTool(
  client: Client,
  name: string,
  args: Record<string, unknown>,
): Promise<CallToolResult> {
  for (let tries = 1; ; tries += 1) {
    try {
      return (await client.callTool({ name, arguments: args })) as CallToolResult;
    } catch (error) {
      // There is no such tool. The model has to hear of it.
      if (error instanceof McpError && error.code === ErrorCode.InvalidParams) {
        return { isError: true, content: [{ type: 'text', text: error.message }] };
      }
      if (tries === MAX_TRIES) throw error;
      await sleep(tries * 250);
    }
  }
}

/** Callers read their card aloud, whatever they are told. Neither the model nor a log needs it. */
function withoutNumbers(text: string): string {
  return text.replace(/\d(?:[ .,-]*\d){8,}/g, '[a long number, withheld: ask the caller to type it]');
}

function textOf({ content }: CallToolResult): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}
