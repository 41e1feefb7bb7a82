/** A wait in place of polling: how soon it answers, how late at most, and what it costs. */
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, test } from 'vitest';
import { ask, askOld } from '../generations/requests.ts';
import { connect, type Stage } from '../host/connect.ts';
import { enterAll, onOwnCall } from '../host/entries.ts';
import { passTime } from '../host/go-on.ts';
import { type Sids, start, statusOf } from '../host/payment.ts';
import { rawAgent } from '../host/raw.ts';
import type { FaultAction } from '../simulator/index.ts';

/** How much later than asked a wait may answer, and how soon after a change it must, in milliseconds. */
const LATE_MS = 500;
const SOON_MS = 1_000;
/** Sync reads in a wait of 8 s, and where Sync fails, with their repeats: far below its 20 a second. */
const MOST_READS = 16;
const MOST_REPEATED = 40;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A status, and how long it took. */
async function timed(work: Promise<Record<string, unknown>>) {
  const began = performance.now();
  const status = await work;
  return { status, ms: performance.now() - began };
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

async function ready(stage: Stage): Promise<Sids> {
  const sids = await start(stage, { chargeAmount: 12.5, securityCode: false });
  await enterAll(stage, sids);
  return sids;
}

test('a wait answers within a second of each change', async () => {
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
      listening,
      ({ caller }) => caller.types('1230'),
      { expirationDate: '1230' },
    ],
    [
      'an entry that is not',
      listening,
      ({ caller }) => caller.types('1320'),
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
  await Promise.all(
    CHANGES.map(async ([name, prepare, change, expected]) => {
      const own = onOwnCall(stage);
      const sids = await prepare(own);
      await stage.simulator.settled();
      const { revision } = await statusOf(own.agent, sids);
      const waiting = own.agent.call('getPaymentStatus', {
        ...sids,
        waitSeconds: 8,
        sinceRevision: revision,
      });
      await pause(700);
      const [{ status, ms }] = await Promise.all([timed(waiting), change(own, sids)]);
      expect([name, status]).toEqual([name, expect.objectContaining(expected)]);
      expect(status.revision).toBeGreaterThan(Number(revision));
      expect([name, ms < SOON_MS]).toEqual([name, true]);
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
  await Promise.all([
    wait(quiet, unheard, { waitSeconds: 2 }).then(({ ms }) => expect(ms).toBeLessThan(2_000 + LATE_MS)),
    ...FAULTS.map(async ([waitSeconds, skip, action]) => {
      const own = onOwnCall(stage);
      const sids = await start(own);
      await simulator.settled();
      const { revision } = await statusOf(own.agent, sids);
      const before = readsOf(stage, sids);
      if (action)
        simulator.faults.add({
          route: 'documents.fetch',
          skip,
          action,
          when: ({ path }) => path.includes(sids.paymentSid),
        });
      const { status, ms } = await wait(own, sids, { waitSeconds, sinceRevision: revision });
      const what = JSON.stringify([waitSeconds, action]);
      expect(status, what).toMatchObject({ revision, phase: 'started' });
      expect(ms, what).toBeGreaterThan(waitSeconds * 1_000 - 50);
      expect(ms, what).toBeLessThan(waitSeconds * 1_000 + LATE_MS);
      expect(readsOf(stage, sids) - before, what).toBeLessThanOrEqual(action ? MOST_REPEATED : MOST_READS);
    }),
  ]);
});

describe('while a caller types', () => {
  /** A card number half typed, and the rest during a wait of a second and a half. */
  async function typing(waiting: (own: Stage, sids: Sids) => Promise<unknown>) {
    const stage = await connect();
    const sids = await start(stage);
    await stage.agent.call('captureCardNumber', sids);
    await stage.caller.types('4242');
    await stage.simulator.settled();
    const { revision } = await statusOf(stage.agent, sids);
    const [answer] = await Promise.all([
      waiting(stage, { ...sids, waitSeconds: 1.6, sinceRevision: revision }),
      stage.caller.types('424242', { everyMs: 200 }),
    ]);
    return { answer, revision };
  }

  /** Progress rises, and shows masks that grow. */
  function expectProgress(
    told: { progress: number; total?: number | undefined; message?: string | undefined }[],
  ) {
    expect(told.length).toBeGreaterThanOrEqual(2);
    const numbers = told.map(({ progress }) => progress);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    for (const { total, message } of told) {
      expect(total).toBe(1.6);
      expect(message).toMatch(/^payment-card-number x{5,10}$/);
    }
  }

  test('more digits of the same entry do not end a wait', async () => {
    const { answer, revision } = await typing(async (stage, sids) => wait(stage, sids, {}));
    expect(answer).toMatchObject({ status: { revision, partial: true, paymentCardNumber: 'x'.repeat(10) } });
    expect((answer as { ms: number }).ms).toBeGreaterThan(1_550);
  });

  test('a client that asked for progress hears of it before the result (older generation)', async () => {
    const told: { progress: number; total?: number | undefined; message?: string | undefined }[] = [];
    const { revision, answer } = await typing(async ({ agent }, sids) => {
      const params = { name: 'getPaymentStatus', arguments: sids };
      const result = await agent.client.callTool(params, undefined, {
        onprogress: (each) => told.push(each),
      });
      return { result: result as CallToolResult, toldBefore: told.length };
    });
    expectProgress(told);
    expect(answer).toMatchObject({ toldBefore: told.length, result: { structuredContent: { revision } } });
  });

  const BOTH = { accept: 'application/json, text/event-stream' };

  test('and so it is in 2026-07-28', async () => {
    const { answer } = await typing((stage, sids) => {
      const params = { name: 'getPaymentStatus', arguments: sids, _meta: { progressToken: 'p-1' } };
      return ask(rawAgent(stage), 'tools/call', params, { headers: BOTH });
    });
    const events = String((answer as { text: string }).text)
      .trim()
      .split('\n\n')
      .map((event) => JSON.parse(event.replace(/^event: message\ndata: /, '')));
    const result = events.pop();
    expect(result).toMatchObject({ id: 1, result: { resultType: 'complete' } });
    expect(new Set(events.map(({ method }) => method))).toEqual(new Set(['notifications/progress']));
    expect(new Set(events.map(({ params }) => params.progressToken))).toEqual(new Set(['p-1']));
    expectProgress(events.map(({ params }) => params));
  });

  test.each([
    ['2025-11-25', askOld],
    [
      '2026-07-28',
      (...[raw, method, params, headers]: Parameters<typeof askOld>) =>
        ask(raw, method, params, { headers: headers ?? {} }),
    ],
  ] as const)('a client that did not ask hears nothing but the result (%s)', async (_, send) => {
    const { answer } = await typing((stage, sids) =>
      send(rawAgent(stage), 'tools/call', { name: 'getPaymentStatus', arguments: sids }, BOTH),
    );
    expect(answer).toMatchObject({ status: 200, json: { id: 1, result: { content: expect.any(Array) } } });
  });
});

test.each([
  { waitSeconds: 9 },
  { waitSeconds: 8.1 },
  { waitSeconds: -1 },
  { waitSeconds: '8' },
  { sinceRevision: -1 },
  { sinceRevision: 1.5 },
])('a wait that cannot be is refused: %j', async (args) => {
  const stage = await connect();
  const sids = await start(stage);
  const [name] = Object.keys(args);
  expect(await stage.agent.fail('getPaymentStatus', { ...sids, ...args })).toMatch(
    new RegExp(`^INVALID_ARGUMENT: ${name}: `),
  );
});
