import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect } from 'vitest';
import type { Fault, RecordedCallback } from '../../simulator/index.ts';
import { connect, type Setup, type Stage, TOKEN } from '../host/connect.ts';
import { passTime } from '../host/go-on.ts';
import { hurry } from '../host/hurry.ts';
import { reach } from '../host/in-process.ts';
import { postCallback } from '../host/twilio-side.ts';
import { type Ending, type Entry, type Followed, followBlind } from './agent.ts';
import { type Habits, ObedientCaller, type Reaction, sentencesOf } from './caller.ts';
import { schemas } from './schemas.ts';

/** How an answer is lost: nobody gets the request, everything is done, or it is still being done when the agent gives up. */
export type Loss = 'request' | 'answer' | 'patience';

/** What comes of a payment. */
export interface End {
  /** Of the payment, once all is over; `none` where there is no payment. */
  phase: 'completed' | 'canceled' | 'failed' | 'completing' | 'capturing' | 'ready' | 'none';
  /** How it ended for the agent: `done`, unless given. */
  ending?: Ending;
  result?: string;
  /** Charges and tokens at the processor: one where the payment is completed, unless given. */
  charges?: number;
  /** The last sentence that the caller heard. */
  said?: string;
  /** Payment sessions that were ever started: one, unless given. */
  sessions?: number;
  /** Whether Twilio's session outlives the agent, who could do nothing about it. */
  outlives?: boolean;
}

export interface Scenario {
  /** A sentence. */
  name: string;
  setup?: Setup;
  /** What the agent starts with beside the call; a charge of 12.50 unless given. */
  start?: Record<string, unknown>;
  /** Payments after the first one on the same call: each with what the agent starts with. */
  again?: readonly Record<string, unknown>[];
  caller?: Habits;
  /** Whether Twilio reports every single digit: most of a scenario's time would go into them, and few are about them. */
  hasDigits?: boolean;
  /** Whether the caller agrees to be charged: yes, unless given. */
  agrees?: boolean;
  /** What the caller answers to questions, by the sentence: one after another, the last one for ever. */
  answers?: Readonly<Record<string, SpokenAnswer | readonly SpokenAnswer[]>>;
  /**
   * The caller says or does something, or has the agent call another tool, at an answer with this next step, or to which a
   * yes would have led to this tool: the first, unless given.
   */
  wish?: {
    at: string;
    time?: number;
    tool?: string;
    args?: Record<string, unknown>;
    does?: Exclude<Reaction, string>;
    says?: string;
  };
  /** Whether the call has two legs, and which one is the caller's. */
  callersLeg?: 'parent' | 'child';
  /** Whether the agent starts with the other leg's SID. */
  startsOnAgentsLeg?: boolean;
  /** What goes wrong at Twilio. */
  faults?: readonly Fault[];
  /** Whether the agent gets no answer: by the tool and how often it was called before, and by the number of all calls before. */
  loses?: (tool: string, times: number, calls: number) => Loss | undefined;
  /** Changes a callback on its way; the callback as it is where it gives undefined. */
  rewrite?: (callback: RecordedCallback) => Record<string, string> | undefined;
  /** Anything else that is to be so before the agent starts. */
  before?: (stage: Stage) => void;
  /** How much longer than it has to the agent waits each time, in milliseconds of the clock's time. */
  busyMs?: number;
  /** How long the agent really waits for a change, in seconds: next to nothing, unless the scenario is about it. */
  waitSeconds?: number;
  /** The ErrorTypes that Twilio reported, one for each time. */
  errors?: readonly string[];
  /** How often a tool was called. */
  calls?: Record<string, number>;
  end: End;
}

/** What a caller says to a question, and what it means. */
export interface SpokenAnswer {
  says: string;
  isYes: boolean;
  /** What the agent starts with if the caller wants something else. */
  terms?: Record<string, unknown>;
}

/** Callers agree to go on, and want no second payment unless a scenario says so. */
function usualAnswer(sentence: string, agrees: boolean): SpokenAnswer {
  const isYes = sentence.startsWith('agree.')
    ? agrees
    : !/^(?:result\.|pay-again|check-|may-be-)/.test(sentence);
  return { says: isYes ? 'Yes.' : 'No.', isYes };
}

/** What happened, for the transcript. */
export type Event = Entry | { by: 'caller'; does: string };

/** How long the agent is to wait, by the instructions: that much of the clock's time passes. */
const WAIT_SECONDS = 8;
/** The few seconds before the same call is made again. */
const REPEAT_MS = 4_000;

/** Each has its own credentials, so that what is left of a scenario is turned away by the next one's Twilio. */
let seed = 0;

/** Lets the agent take a payment, and holds what came of it against what should have. */
export async function play(scenario: Scenario): Promise<Event[]> {
  hurry();
  const events: Event[] = [];
  const { setup, start = { chargeAmount: 12.5 }, caller: habits = {}, waitSeconds = 0.02 } = scenario;
  const { stage, agentSid } = onLeg(await connect({ seed: ++seed, ...setup }), scenario.callersLeg);
  const callSid = scenario.startsOnAgentsLeg ? agentSid : stage.call.sid;
  const { simulator } = stage;

  const caller = new ObedientCaller(stage.call, stage.caller, habits, (does) =>
    events.push({ by: 'caller', does }),
  );
  const rewriting = rewriteCallbacks(stage, scenario.rewrite);
  for (const fault of scenario.faults ?? []) simulator.faults.add(fault);
  if (!scenario.hasDigits) simulator.delivery.drop(({ params }) => params.PartialResult === 'true');
  scenario.before?.(stage);
  const client = await connectClient(stage, scenario.loses);

  const written = () =>
    simulator
      .documents()
      .map(({ revision }) => revision)
      .join();
  let writtenBefore = '';
  let { wish } = scenario;
  let wishTimes = wish?.time ?? 1;
  const asks = new Map<string, number>();
  let followed: Followed | undefined;
  for (const terms of [start, ...(scenario.again ?? [])]) {
    followed = await followBlind(
      client,
      { callSid, ...terms },
      {
        say: (words) => caller.hears(words),
        answers({ say }) {
          const asked = sentencesOf(say).at(-1) ?? '';
          const { agrees = true, answers = {} } = scenario;
          const time = asks.get(asked) ?? 0;
          asks.set(asked, time + 1);
          const given = [answers[asked] ?? usualAnswer(asked, agrees)].flat();
          const { says, isYes, terms } =
            given[Math.min(time, given.length - 1)] ?? usualAnswer(asked, agrees);
          events.push({ by: 'caller', does: `"${says}"` });
          return terms ?? isYes;
        },
        async wish({ nextStep, thenCall }) {
          if (wish?.at !== (thenCall || nextStep) || --wishTimes > 0) return undefined;
          const { tool, args, does, says } = wish;
          wish = undefined;
          if (says) events.push({ by: 'caller', does: `"${says}"` });
          if (does) await caller.does(does);
          return tool === undefined ? undefined : { tool, ...(args && { args }) };
        },
        async pause(why) {
          await simulator.settled();
          await rewriting.settled();
          if (why === 'repeat') passTime(REPEAT_MS);
          // A wait is as long as it may be where nothing has happened since the last answer.
          else if (written() === writtenBefore && waitSeconds < 1)
            passTime(WAIT_SECONDS * 1_000 + (scenario.busyMs ?? 0));
        },
        onEntry(entry) {
          events.push(entry);
          if (entry.by === 'server') writtenBefore = written();
        },
      },
      { waitSeconds },
    );
  }
  if (!followed) throw new Error('No payment was taken');
  expect(wish, 'what the caller wanted to do').toBeUndefined();
  if (scenario.rewrite) expect(rewriting.posts.length).toBeGreaterThan(0);
  if (scenario.loses) expect(events.some(({ by }) => by === 'network')).toBe(true);
  await expectEnd(stage, scenario, followed, caller, events);
  return events;
}

async function expectEnd(
  stage: Stage,
  scenario: Scenario,
  { ending, paymentSid, last }: Followed,
  caller: ObedientCaller,
  events: readonly Event[],
): Promise<void> {
  const { simulator } = stage;
  const { phase, result, said, sessions = phase === 'none' ? 0 : 1, outlives = false } = scenario.end;
  const faults = scenario.faults ?? [];
  expect(ending).toBe(scenario.end.ending ?? (phase === 'none' ? 'not started' : 'done'));
  for (const { action, times = 1 } of faults) {
    const hit = simulator.requests.filter(({ status, outcome }) =>
      typeof action === 'object' && 'status' in action ? status === action.status : outcome === action,
    );
    expect(hit.length, 'requests that failed').toBeGreaterThanOrEqual(times);
  }
  simulator.faults.clear();
  await simulator.settled();
  if (paymentSid) {
    const status = await stage.agent.call('getPaymentStatus', { callSid: stage.call.sid, paymentSid });
    expect(status).toMatchObject({ phase, ...(result !== undefined && { result }) });
    if (phase === 'failed') expect(status.why).not.toBe('');
    if (phase === 'completing') expect(status.why).toMatch(/^The outcome is unknown/);
  } else {
    expect(phase).toBe('none');
    expect(last.why).not.toBe('');
  }
  const charges = scenario.end.charges ?? (phase === 'completed' ? 1 : 0);
  expect(simulator.charges).toHaveLength(charges);
  expect(simulator.payments()).toHaveLength(sessions);
  const live = simulator.payments().filter(({ state }) => !['finished', 'refused', 'failed'].includes(state));
  expect(live.length > 0, 'a session lives on').toBe(outlives);
  if (said) expect(caller.heard.at(-1)).toBe(said);
  if (scenario.errors) {
    const reported = simulator.callbacks.flatMap(({ params }) => params.ErrorType ?? []);
    expect(reported.sort()).toEqual([...scenario.errors].sort());
  }
  for (const [tool, times] of Object.entries(scenario.calls ?? {}))
    expect(
      events.filter((event) => 'tool' in event && event.tool === tool),
      tool,
    ).toHaveLength(times);
  expect(simulator.unknownRequests).toEqual([]);
  const keys = simulator.requests
    .filter(({ params }) => params.Status === 'complete')
    .map(({ paymentSid: sid, params }) => `${sid} ${params.IdempotencyKey}`);
  expect(new Set(keys).size).toBe(new Set(keys.map((key) => key.split(' ')[0])).size);
  const written = `${stage.everythingWritten()}\n${JSON.stringify(events)}`;
  if (phase === 'completed') expect(caller.secrets).not.toEqual([]);
  for (const secret of caller.secrets)
    expect(written.includes(secret), 'digits were written down').toBe(false);
}

/** The same stage with a call of two legs. */
function onLeg(stage: Stage, callersLeg: Scenario['callersLeg']): { stage: Stage; agentSid: string } {
  if (!callersLeg) return { stage, agentSid: '' };
  const { caller: call, agent } = stage.simulator.placeCallWithAgentLeg({ caller: callersLeg });
  return { stage: { ...stage, call, caller: stage.simulator.caller(call.sid) }, agentSid: agent.sid };
}

/** A client of its own, some of whose answers get lost. */
async function connectClient(stage: Stage, loses: Scenario['loses'] = () => undefined): Promise<Client> {
  const called: string[] = [];
  const client = new Client({ name: 'blind-agent', version: '1.0.0' }, { jsonSchemaValidator: schemas });
  stage.agentOf(client);
  const send: typeof fetch = async (url, init) => {
    const tool = toolOf(init?.body);
    const times = called.filter((name) => name === tool).length;
    const loss = tool && loses(tool, times, called.length);
    if (tool) called.push(tool);
    if (!loss) return reach(url, init);
    if (loss === 'request') throw new TypeError('fetch failed');
    const answering = reach(url, init).then((response) => response.text());
    if (loss === 'answer') await answering;
    else answering.catch(() => undefined);
    return new Response('', { status: 504 });
  };
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${stage.host.url}/mcp`), {
      requestInit: { headers: { Authorization: `Bearer ${TOKEN}` } },
      fetch: send as never,
    }),
  );
  return client;
}

function toolOf(body: unknown): string | undefined {
  const message = JSON.parse(typeof body === 'string' ? body : '{}') as {
    method?: string;
    params?: { name?: string };
  };
  return message.method === 'tools/call' ? message.params?.name : undefined;
}

/** Callbacks that reach us as something else, as Twilio might have sent them. */
function rewriteCallbacks({ simulator, ...stage }: Stage, rewrite: Scenario['rewrite']) {
  const posts: Promise<unknown>[] = [];
  if (rewrite) {
    simulator.delivery.drop((callback) => {
      const params = rewrite(callback);
      if (!params) return false;
      posts.push(postCallback({ simulator, ...stage }, { url: callback.url, params }));
      return true;
    });
  }
  return { posts, settled: () => Promise.all(posts) };
}
