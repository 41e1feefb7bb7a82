import type { RecordedRequest } from '../../simulator/index.ts';
import { allowanceOf, type FuzzEvent } from './events.ts';
import { LIMIT_MS, type Outcome, PlatformResponse } from './functions.ts';
import type { Facts } from './stage.ts';

/** One thing that an invocation must not have done. */
export interface Violation {
  rule: string;
  detail: string;
}

/** An invocation with all that it left behind. */
export interface Run {
  event: FuzzEvent;
  outcome: Outcome;
  /** To Twilio. */
  requests: readonly RecordedRequest[];
}

const PATHS =
  /\bat .{1,80}:\d+:\d+|node_modules|file:\/\/|(?:\/[\w.-]+)+\/[\w-]+\.(?:[cm]?[jt]s|json)\b|[A-Z]:\\/;
const SID = /(?<![0-9A-Za-z])[A-Z]{2}[0-9a-fA-F]{32}(?![0-9A-Za-z])/g;
const HEADER = /^[\t\x20-\x7e]*$/;

/** Everything that is wrong with an invocation. */
export function violationsOf(run: Run, facts: Facts, cards: readonly string[]): Violation[] {
  const { outcome, requests } = run;
  const { answers, thrown, milliseconds, logs } = outcome;
  const found: Violation[] = [];
  const violated = (rule: string, detail: string) => found.push({ rule, detail });

  for (const error of thrown)
    violated('throws', error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (milliseconds > LIMIT_MS) violated('hangs', `${Math.round(milliseconds)} ms`);
  if (answers.length !== 1) violated('answers once', `${answers.length} answers`);
  for (const { error, response } of answers) {
    if (error !== null) violated('answers without an error', String(error));
    if (!(response instanceof PlatformResponse)) violated('answers with a response', typeof response);
    else for (const problem of problemsOf(response)) violated('answers in form', problem);
  }

  const unexpected = logs.find((line) => /"event":"unexpected"|INTERNAL_ERROR/.test(line));
  if (unexpected) violated('knows its errors', unexpected);

  const answer = answers.map(({ response }) => textOf(response, run.event)).join('\n');
  const written = requests.map(({ path, params }) => `${path} ${JSON.stringify(params)}`);
  const places = { answer, log: logs.join('\n'), 'request to Twilio': written.join('\n') };
  for (const [place, text] of Object.entries(places)) {
    for (const secret of facts.secrets)
      if (text.includes(secret)) violated('keeps secrets', `${place}: ${secret}`);
    const card = cardIn(text, cards);
    if (card) violated('drops card numbers', `${place}: ${card} in ${text.slice(0, 1_000)}`);
  }
  const path = PATHS.exec(answer);
  if (path) violated('shows no stack', path[0]);

  const allowance = allowanceOf(run.event, facts);
  const isOpen = run.event.endpoint.startsWith('metadata');
  if (allowance === 'nothing' && requests.length > 0)
    violated('asks nobody for strangers', `${requests[0]?.route}`);
  if (allowance === 'nothing' && !isOpen && statusOf(outcome) < 400)
    violated('lets no strangers in', String(statusOf(outcome)));
  const change = requests.find(({ route }) => route.startsWith('payments.'));
  if (allowance !== 'all' && change) violated('lets readers only read', change.route);
  return found;
}

export function statusOf({ answers }: Outcome): number {
  const [first] = answers;
  return first?.response instanceof PlatformResponse ? Number(first.response.statusCode) : 0;
}

/** What the platform could not send on, or a client not read. */
function problemsOf({ statusCode, body, headers }: PlatformResponse): string[] {
  const problems: string[] = [];
  if (!Number.isInteger(statusCode) || Number(statusCode) < 200 || Number(statusCode) > 599)
    problems.push(`status ${statusCode}`);
  const type = headers['Content-Type'];
  if (typeof body === 'object' && body !== null) {
    if (type !== 'application/json') problems.push(`an object as ${type}`);
    if (JSON.stringify(body) === undefined) problems.push('a body that is not JSON');
  } else if (typeof body === 'string') {
    if (type !== 'text/event-stream' || !/^(?:event: message\ndata: .*\n\n)+$/.test(body))
      problems.push(`a text as ${type}`);
  } else if (body !== null || type !== undefined) problems.push(`${typeof body} as ${type}`);
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string' || !HEADER.test(value))
      problems.push(`header ${name}: ${JSON.stringify(value)}`);
  }
  return problems;
}

/**
 * An answer as text. A JSON-RPC answer repeats the id of its request, whatever that is; no one but the client sees
 * it, so that one member is left out.
 */
function textOf(response: unknown, { event }: FuzzEvent): string {
  if (!(response instanceof PlatformResponse)) return '';
  const { body, headers } = response;
  const ids = [event, ...Object.values(event)].map((message) => (Object(message) as { id?: unknown }).id);
  const withoutId = (message: unknown): unknown => {
    if (Array.isArray(message)) return message.map(withoutId);
    if (typeof message !== 'object' || message === null || !('id' in message)) return message;
    const { id, ...rest } = message;
    return typeof id !== 'object' && ids.includes(id) ? rest : message;
  };
  const messages =
    typeof body === 'string'
      ? [...body.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''))
      : [body];
  return JSON.stringify([headers, ...messages.map(withoutId)]);
}

/**
 * A card number in a text, however it is written there: with separators, in digits of another script. SIDs are left
 * out, for some hold the digits of a card number by chance.
 */
export function cardIn(text: string, cards: readonly string[]): string | undefined {
  const plain = text
    .replace(SID, 'SID')
    .normalize('NFKC')
    .replace(/\\u200b|\\n/g, ' ')
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x0660))
    .replace(/(?<=\d)[^\p{L}\p{N}]{1,3}(?=\d)/gu, '');
  const runs = plain.match(/\d{13,}/g) ?? [];
  return runs.length === 0 ? undefined : cards.find((card) => runs.some((run) => run.includes(card)));
}
