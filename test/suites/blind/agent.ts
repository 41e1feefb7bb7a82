import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { type CallToolResult, McpError, type Tool } from '@modelcontextprotocol/sdk/types.js';
import { schemas } from './schemas.ts';

type Arguments = Record<string, unknown>;

/** As much of an answer as the agent acts on. What the text of an error does not say is what the last answer said. */
export interface Answer {
  nextStep: string;
  /** Where the caller's answer, or their yes, leads; empty if it is not a question that they answer in words. */
  thenCall: string;
  /** Where their no leads. */
  ifNo: string;
  say: string;
  why: string;
  phase: string;
  revision: number;
  isError: boolean;
}

/** What the agent does and hears, in order. */
export type Entry =
  | { by: 'agent'; tool: string; args: Arguments }
  | { by: 'server'; answer: Answer }
  | { by: 'network'; lost: string }
  | { by: 'agent'; says: string };

/** The conversation around the tools. */
export interface Surroundings {
  /** The caller hears it and does what they do about it. */
  say(text: string): Promise<void>;
  /** What the caller says to a question: yes or no, or another start with what they want changed. */
  answers(answer: Answer): boolean | Arguments;
  /** A tool that the caller's own wish calls for in place of the next step, with the arguments of a start. */
  wish(answer: Answer): Promise<{ tool: string; args?: Arguments } | undefined>;
  /** Time passes: while the agent waits for a change, or before it makes a call again that failed. */
  pause(why: 'wait' | 'repeat'): Promise<void>;
  onEntry(entry: Entry): void;
}

/** How it ended for the agent: the server said done, no payment came about, or a person has to take over. */
export type Ending = 'done' | 'not started' | 'handed over';

export interface Followed {
  ending: Ending;
  paymentSid: string;
  last: Answer;
}

const NOTHING = { nextStep: '', thenCall: '', ifNo: '', say: '', why: '' };

/** More steps than any payment needs. */
const MAX_STEPS = 120;
/** How often one and the same answer may come again: two minutes of waiting, each time for eight seconds. */
const MAX_WAITS = 16;
/** The same for answers that name a tool: a completion is repeated every twenty seconds. */
const MAX_REPEATS = 6;
/** After so many failures in a row a person takes over, as the errors say. */
const MAX_FAILURES = 3;
const MAX_LOST = 5;

/**
 * Takes a payment, knowing nothing but what the server's instructions say of how answers are to be followed, the
 * tools of the list, and each answer. Throws wherever that leads nowhere.
 * @param start the arguments of the start.
 */
export async function followBlind(
  client: Client,
  start: Arguments,
  surroundings: Surroundings,
  { waitSeconds }: { waitSeconds: number },
): Promise<Followed> {
  const { tools } = await client.listTools();
  const seen = new Map<string, number>();
  let known: Arguments = {};
  let said = '';

  let tool = 'startPaymentCapture';
  let terms: Arguments = start;
  let args: Arguments = start;
  let last: Answer = { ...NOTHING, phase: '', revision: 0, isError: false };
  let failures = 0;
  let isHandingOver = false;

  for (let step = 0; step < MAX_STEPS; step++) {
    const isReading = tool === 'getPaymentStatus';
    last = await ask();
    await sayOnce(isReading);
    failures = last.isError && last.nextStep === tool ? failures + 1 : 0;
    const wish = await surroundings.wish(last);
    if (failures >= MAX_FAILURES) {
      const canCancel = known.paymentSid !== undefined && !isHandingOver && tool !== 'cancelPaymentCapture';
      if (!canCancel) return end('handed over');
      isHandingOver = true;
      failures = 0;
      next('cancelPaymentCapture');
    } else if (betterLeg()) {
      next('startPaymentCapture', { callSid: betterLeg() });
    } else if (failures > 0) {
      await surroundings.pause('repeat');
    } else if (wish) {
      next(wish.tool, wish.args);
    } else if (last.nextStep === 'done') {
      if (known.paymentSid === undefined) return end('not started');
      return end(isHandingOver ? 'handed over' : 'done');
    } else if (last.thenCall) {
      const answer = surroundings.answers(last);
      const follows = answer ? last.thenCall : last.ifNo || last.thenCall;
      if (follows === 'done') return end(known.paymentSid === undefined ? 'not started' : 'done');
      if (follows === 'startPaymentCapture') known = {};
      next(follows, typeof answer === 'object' ? answer : {});
    } else if (last.nextStep === 'wait' || last.nextStep === 'askCaller') {
      await surroundings.pause('wait');
      next('getPaymentStatus', { waitSeconds, sinceRevision: last.revision });
    } else {
      next(last.nextStep);
    }
  }
  throw new Error(`The payment has not ended after ${MAX_STEPS} steps; the last answer was ${show(last)}`);

  function end(ending: Ending): Followed {
    return { ending, paymentSid: String(known.paymentSid ?? ''), last };
  }

  /** The leg that hears the caller, if an error names it. */
  function betterLeg(): string | undefined {
    return last.isError ? /\bUse (CA\w{32})/.exec(last.why)?.[1] : undefined;
  }

  /** What is to be called next, with all arguments that it takes and that are known. */
  function next(name: string, further: Arguments = {}): void {
    tool = name;
    if (name === 'startPaymentCapture') {
      terms = { ...terms, ...further };
      args = terms;
      return;
    }
    const properties = Object.keys(definition(name).inputSchema.properties ?? {});
    const facts: Arguments = {
      callSid: terms.callSid,
      paymentSid: known.paymentSid,
      ...factsOf(known),
      ...further,
    };
    args = Object.fromEntries(
      properties
        .filter((property) => facts[property] !== undefined)
        .map((property) => [property, facts[property]]),
    );
  }

  function definition(name: string): Tool {
    const found = tools.find((one) => one.name === name);
    if (!found) throw new Error(`There is no tool ${name}, which the next step of ${show(last)} names`);
    return found;
  }

  /** Calls the tool; what got no answer is called again with the same arguments. */
  async function ask(): Promise<Answer> {
    const { valid, errorMessage } = schemas.getValidator(definition(tool).inputSchema as never)(args);
    if (!valid) throw new Error(`${tool} was to be called with wrong arguments: ${errorMessage}`);
    for (let lost = 0; ; lost++) {
      surroundings.onEntry({ by: 'agent', tool, args });
      try {
        const result = (await client.callTool({ name: tool, arguments: args })) as CallToolResult;
        const answer = read(result);
        surroundings.onEntry({ by: 'server', answer });
        check(answer);
        return answer;
      } catch (error) {
        if (!isLost(error) || lost === MAX_LOST) throw error;
        surroundings.onEntry({ by: 'network', lost: tool });
        await surroundings.pause('repeat');
      }
    }
  }

  function read({ isError, structuredContent, content }: CallToolResult): Answer {
    if (!isError) {
      const answer = (structuredContent ?? {}) as Partial<Answer>;
      known = { ...known, ...structuredContent };
      return { ...NOTHING, phase: '', revision: Number.NaN, ...pick(answer), isError: false };
    }
    // Clients differ in which of the two a model gets to see: they must say the same.
    const [first] = content;
    const text = first?.type === 'text' ? first.text : '';
    const line = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';
    const answer = {
      nextStep: line('nextStep'),
      thenCall: line('thenCall'),
      ifNo: line('ifNo'),
      say: line('say'),
      why: text.split('\n')[0] ?? '',
    };
    const differs = Object.entries(answer).some(([name, said]) => (structuredContent?.[name] ?? '') !== said);
    if (differs) throw new Error(`${tool} says one thing in words and another in data: ${text}`);
    const { phase, revision } = last;
    return { ...answer, phase, revision, isError: true };
  }

  function check(answer: Answer): void {
    if (!answer.nextStep) throw new Error(`${tool} did not say what comes next: ${show(answer)}`);
    if (Number.isNaN(answer.revision)) throw new Error(`${tool} gave no revision: ${show(answer)}`);
    // The amount, the last digits and the keys to press are the only digits that a caller ever hears.
    if (/\d{5}/.test(answer.say)) throw new Error(`${tool} would have the caller told digits: ${answer.say}`);
    if (/[?？]$/.test(answer.say) && !answer.thenCall)
      throw new Error(`A question that leads nowhere: ${show(answer)}`);
    if (answer.thenCall && !answer.say) throw new Error(`An answer without a question: ${show(answer)}`);
    if (answer.why.startsWith('INVALID_ARGUMENT') && !answer.thenCall)
      throw new Error(`${tool} refused its arguments: ${answer.why}`);
    const { nextStep, revision, phase } = answer;
    // A completion is repeated for two minutes before its outcome counts as unknown.
    const isWait = nextStep === 'wait' || nextStep === 'askCaller' || phase === 'completing';
    const key = `${tool} -> ${nextStep}, revision ${revision}, ${phase}`;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    if (times > (isWait ? MAX_WAITS : MAX_REPEATS)) throw new Error(`A loop: ${key} came ${times} times`);
  }

  /** What was said already is not said again while the agent only reads. */
  async function sayOnce(isReading: boolean): Promise<void> {
    const { say } = last;
    if (say && !(isReading && say === said)) {
      surroundings.onEntry({ by: 'agent', says: say });
      await surroundings.say(say);
    }
    said = say;
  }
}

function pick({ nextStep, thenCall, ifNo, say, why, phase, revision }: Partial<Answer>): Partial<Answer> {
  const members = { nextStep, thenCall, ifNo, say, why, phase, revision };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** What the status tells of the charge, under the names that tools have for it. */
function factsOf({ chargeAmount, currency, paymentCardNumber, bankAccountNumber }: Arguments): Arguments {
  const lastFour = /\d+$/.exec(String(paymentCardNumber || bankAccountNumber || ''))?.[0];
  return { chargeAmount, currency, ...(lastFour && { lastFour }) };
}

/** Whether no answer came at all: errors of the protocol are answers. */
function isLost(error: unknown): boolean {
  if (error instanceof McpError || !(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return code === 504 || error instanceof TypeError;
}

function show(answer: Answer): string {
  return JSON.stringify(answer);
}
