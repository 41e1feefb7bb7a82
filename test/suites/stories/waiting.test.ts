/** A wait in place of polling: how soon it answers, how late at most, and what it costs. */
import type { CallToolRequest, Progress } from '@modelcontextprotocol/sdk/types.js';
import { beforeEach, describe, expect, test } from 'vitest';
import type { FaultAction } from '../../simulator/index.ts';
import { ask, askOld, bodyOf } from '../generations/requests.ts';
import { connect, type Stage } from '../host/connect.ts';
import { enterAll, onOwnCall } from '../host/entries.ts';
import { passTime } from '../host/go-on.ts';
import { hurry } from '../host/hurry.ts';
import { type Sids, start, statusOf } from '../host/payment.ts';
import { rawAgent } from '../host/raw.ts';

beforeEach(hurry);

/** How much later than asked a wait may answer, and how soon after a change it must: one pause between two reads, in milliseconds. */
const LATE_MS = 600;
/** Sync reads in a wait of 8 s, and where Sync fails, with their repeats: far below its 20 a second. */
const MOST_READS = 16;
const MOST_REPEATED = 40;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A status, and how many milliseconds it took. */
async function timed(work: Promise<Record<string, unknown>>) {
  const began = Date.now();
  const status = await work;
  return { status, ms: Date.now() - began };
}

function wait({ agent }: Stage, sids: Sids, args: Record<string, unknown>) {
  return timed(agent.call('getPaymentStatus', { ...sids, ...args }));
}

/** How often the payment's document was read. */
function readsOf({ simulator }: Stage, { paymentSid }: Sids): number {
  return simulator.requests.filter(
    ({ route, path }) => route === 'documents.fetch' && path.includes(paymentSid),
  ).length;
}

async function listening(stage: Stage): Promise<Sids> {
  const sids = await start(stage);
  await stage.agent.call('captureExpirationDate', sids);
  return sids;
}

/** The first digit is news, those after it are none. */
function typing(digits: string): (stage: Stage) => Promise<Sids> {
  return async (stage) => {
    const sids = await listening(stage);
    await stage.caller.types(digits);
    return sids;
  };
}

async function ready(stage: Stage): Promise<Sids> {
  const sids = await start(stage, { chargeAmount: 12.5, securityCode: false });
  await enterAll(stage, sids);
  return sids;
}

test('a wait answers soon after each change', async () => {
  const stage = await connect();
  const CHANGES: [
    string,
    (own: Stage) => Promise<Sids>,
    (own: Stage, sids: Sids) => Promise<unknown>,
    object,
  ][] = [
    [
      'a field is asked for',
      start,
      ({ agent }, sids) => agent.call('captureCardNumber', sids),
      { capturing: 'payment-card-number' },
    ],
    ['the first digit', listening, ({ caller }) => caller.types('1'), { partial: true }],
    [
      'an entry that is accepted',
      typing('12'),
      ({ caller }) => caller.types('30'),
      { expirationDate: '1230' },
    ],
    [
      'an entry that is not',
      typing('13'),
      ({ caller }) => caller.types('30'),
      { lastError: expect.stringMatching(/^invalid-date/) },
    ],
    [
      'nothing typed',
      listening,
      ({ caller }) => caller.typesNothing(),
      { lastError: expect.stringMatching(/^input-timeout/) },
    ],
    ['the star', listening, ({ caller }) => caller.pressesStar(), { phase: 'failed' }],
    ['the end of the call', listening, ({ caller }) => caller.hangsUp(), { phase: 'failed' }],
    [
      'a cancel',
      listening,
      ({ agent }, sids) => agent.call('cancelPaymentCapture', sids),
      { revision: expect.any(Number) },
    ],
    [
      'a completion',
      ready,
      ({ agent }, sids) => agent.call('completePaymentCapture', sids),
      { phase: expect.stringMatching(/^complet/) },
    ],
  ];
  const scenes = await Promise.all(
    CHANGES.map(async ([name, prepare, change, expected]) => {
      const own = onOwnCall(stage);
      return { name, own, change, expected, sids: await prepare(own) };
    }),
  );
  await stage.simulator.settled();
  await Promise.all(
    scenes.map(async ({ name, own, change, expected, sids }, i) => {
      const { revision } = await statusOf(own.agent, sids);
      const waiting = own.agent.call('getPaymentStatus', {
        ...sids,
        waitSeconds: 8,
        sinceRevision: revision,
      });
      // At any time between two reads.
      await pause(700 + 160 * i);
      const [{ status, ms }] = await Promise.all([timed(waiting), change(own, sids)]);
      expect(status, name).toMatchObject(expected);
      expect(status.revision, name).toBeGreaterThan(Number(revision));
      expect(ms, name).toBeLessThan(LATE_MS);
    }),
  );
});

test('a wait answers at once where there is something new, or nothing to wait for', async () => {
  const stage = await connect();
  const sids = await start(stage);
  const { revision } = await statusOf(stage.agent, sids);
  const older = await wait(stage, sids, { waitSeconds: 8, sinceRevision: Number(revision) - 1 });
  expect(older.ms).toBeLessThan(LATE_MS);
  expect((await wait(stage, sids, { waitSeconds: 0, sinceRevision: revision })).ms).toBeLessThan(LATE_MS);
  await stage.agent.call('cancelPaymentCapture', sids);
  await stage.simulator.settled();
  const over = await wait(stage, sids, { waitSeconds: 8 });
  expect(over).toMatchObject({ status: { phase: 'canceled', nextStep: 'done' } });
  expect(over.ms).toBeLessThan(LATE_MS);
});

test('a wait ends in time, whatever Sync does meanwhile, and reads seldom', async () => {
  const stage = await connect();
  const { simulator } = stage;
  const quiet = onOwnCall(stage);
  const unheard = await start(quiet);
  // Long enough for the call to be looked up as well.
  passTime(20_000);
  const FAULTS: [seconds: number, skip: number, action: FaultAction | undefined][] = [
    [8, 0, undefined],
    [8, 1, { status: 503 }],
    [2, 1, { status: 503 }],
    [2, 1, { status: 429, retryAfter: 1 }],
    [2, 1, { latencyMs: 2_000 }],
    [2, 0, { latencyMs: 450 }],
    [2, 1, 'timeout'],
    [2, 1, 'reset'],
    [0.5, 0, undefined],
  ];
  simulator.faults.add({
    route: 'calls.fetch',
    action: { latencyMs: 4_000 },
    when: ({ path }) => path.includes(quiet.call.sid),
  });
  const scenes = await Promise.all(
    FAULTS.map(async (fault) => {
      const own = onOwnCall(stage);
      return { fault, own, sids: await start(own) };
    }),
  );
  await simulator.settled();
  await Promise.all([
    wait(quiet, unheard, { waitSeconds: 2 }).then(({ ms }) => {
      expect(ms).toBeLessThan(2_000 + LATE_MS);
    }),
    ...scenes.map(async ({ fault, own, sids }) => {
      const [waitSeconds, skip, action] = fault;
      const { revision } = await statusOf(own.agent, sids);
      const before = readsOf(stage, sids);
      const when = ({ path }: { path: string }) => path.includes(sids.paymentSid);
      if (action) simulator.faults.add({ route: 'documents.fetch', skip, action, when });
      const { status, ms } = await wait(own, sids, { waitSeconds, sinceRevision: revision });
      const what = JSON.stringify(fault);
      expect(status, what).toMatchObject({ revision, phase: 'started' });
      expect(ms, what).toBeGreaterThan(waitSeconds * 1_000 - 50);
      expect(ms, what).toBeLessThan(waitSeconds * 1_000 + LATE_MS);
      const most = action ? MOST_REPEATED : MOST_READS;
      expect(readsOf(stage, sids) - before, what).toBeLessThanOrEqual(most);
    }),
  ]);
});

describe('while a caller types', () => {
  const BOTH = { accept: 'application/json, text/event-stream' };
  const SECONDS = 1.6;

  /** A card number half typed, and the rest during waits beside each other. */
  async function whileTyping<R>(waits: (stage: Stage, call: CallToolRequest['params']) => Promise<R>) {
    const stage = await connect();
    const sids = await start(stage);
    await stage.agent.call('captureCardNumber', sids);
    await stage.caller.types('4242');
    await stage.simulator.settled();
    const { revision } = await statusOf(stage.agent, sids);
    const args = { ...sids, waitSeconds: SECONDS, sinceRevision: revision };
    const began = Date.now();
    const [answers] = await Promise.all([
      waits(stage, { name: 'getPaymentStatus', arguments: args }),
      stage.caller.types('424242', { everyMs: 200 }),
    ]);
    return { answers, revision, ms: Date.now() - began };
  }

  test('more digits of the same entry do not end a wait, and nobody hears of them who did not ask', async () => {
    const { answers, revision, ms } = await whileTyping((stage, params) =>
      Promise.all([
        askOld(rawAgent(stage), 'tools/call', params, BOTH),
        ask(rawAgent(stage), 'tools/call', params, { headers: BOTH }),
      ]),
    );
    expect(ms).toBeGreaterThan(SECONDS * 1_000 - 50);
    for (const answer of answers) {
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
      expect(bodyOf(answer).result?.structuredContent).toMatchObject({
        revision,
        partial: true,
        paymentCardNumber: 'x'.repeat(10),
      });
    }
  });

  /** Progress rises, and shows masks that grow. */
  function expectProgress(told: Progress[]) {
    expect(told.length).toBeGreaterThanOrEqual(2);
    const numbers = told.map(({ progress }) => progress);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    for (const { total, message } of told) {
      expect(total).toBe(SECONDS);
      expect(message).toMatch(/^payment-card-number x{5,10}$/);
    }
  }

  test('a client that asked for progress hears of it before the result, in both generations', async () => {
    const told: Progress[] = [];
    const { answers } = await whileTyping(({ agent, host }, params) =>
      Promise.all([
        agent.client
          .callTool(params, undefined, { onprogress: (each) => told.push(each) })
          .then(() => told.length),
        ask(
          rawAgent({ host }),
          'tools/call',
          { ...params, _meta: { progressToken: 'p-1' } },
          { headers: BOTH },
        ),
        ask(rawAgent({ host }), 'tools/call', { ...params, _meta: { progressToken: 'p-2' } }),
      ]),
    );
    const [toldBefore, modern, jsonAlone] = answers;
    expectProgress(told);
    expect(toldBefore).toBe(told.length);
    const events = modern.text
      .trim()
      .split('\n\n')
      .map((event) => JSON.parse(event.replace(/^event: message\ndata: /, '')));
    expect(events.pop()).toMatchObject({ id: 1, result: { resultType: 'complete' } });
    for (const event of events)
      expect(event).toMatchObject({ method: 'notifications/progress', params: { progressToken: 'p-1' } });
    expectProgress(events.map(({ params }) => params));
    expect(bodyOf(jsonAlone).result).toMatchObject({ resultType: 'complete' });
  });
});

test.each([
  { waitSeconds: 9 },
  { waitSeconds: 8.1 },
  { waitSeconds: -1 },
  { waitSeconds: '9' },
  { sinceRevision: -1 },
  { sinceRevision: 1.5 },
])('a wait that cannot be is refused: %j', async (args) => {
  const stage = await connect();
  const sids = await start(stage);
  const [name] = Object.keys(args);
  expect(await stage.agent.fail('getPaymentStatus', { ...sids, ...args })).toMatch(
    new RegExp(`^INVALID_ARGUMENT: ${name}: must be `),
  );
});
