/** What other clients have takes no place in a list, and a cursor tells nothing of it. */
import { expect, test } from 'vitest';
import { type ClientsStage, connectClients } from '../host/clients.ts';
import type { Agent, Setup } from '../host/connect.ts';
import { passTime } from '../host/go-on.ts';
import { requestsOf, type Sids, start } from '../host/payment.ts';
import { documentOf, sync } from '../host/twilio-side.ts';

const LIVE = 'payment://live';
const INVALID_PARAMS = -32602;
/** Documents that one list looks through: 20 requests of 100. */
const BOUND = 2_000;

type All = ClientsStage<'till' | 'desk'>;

/** A stage on which the till has had many payments before the desk starts one. */
async function behind(others: number, setup?: Setup): Promise<{ stage: All; mine: Sids }> {
  const stage = await connectClients({ till: 'rwc', desk: 'rwc' }, setup);
  const first = await start({ ...stage, agent: stage.till });
  await stage.simulator.settled();
  const { data } = documentOf(stage, first.paymentSid);
  for (let i = 0; i < others; i++) {
    const paymentSid = `PK${i.toString(16).padStart(32, '0')}`;
    const Data = JSON.stringify({ ...data, paymentSid });
    await sync(stage, 'POST', '', { UniqueName: `payment-${paymentSid}`, Data });
  }
  const mine = await start({ ...stage, agent: stage.desk, call: stage.simulator.placeCall() });
  await stage.simulator.settled();
  return { stage, mine };
}

async function completedSids({ client }: Agent, context?: { callSid: string }): Promise<string[]> {
  const { completion } = await client.complete({
    ref: { type: 'ref/prompt', name: 'CardNumber' },
    argument: { name: 'paymentSid', value: 'PK' },
    ...(context && { context: { arguments: context } }),
  });
  return completion.values;
}

async function liveSids({ client }: Agent): Promise<string[]> {
  const { contents } = await client.readResource({ uri: LIVE });
  const { payments } = JSON.parse((contents[0] as { text: string }).text) as { payments: Sids[] };
  return payments.map(({ paymentSid }) => paymentSid);
}

test('a client finds its own payment behind many of others, at once and everywhere', async () => {
  const { stage, mine } = await behind(310);
  const { desk, till } = stage;
  const page = await desk.client.listResources();
  expect(page.resources.map(({ uri }) => uri)).toEqual([
    `payment://${mine.callSid}/${mine.paymentSid}/status`,
  ]);
  expect(page.nextCursor).toBeUndefined();
  expect(await liveSids(desk)).toEqual([mine.paymentSid]);
  expect(await completedSids(desk)).toEqual([mine.paymentSid]);
  expect(await completedSids(stage.agent, mine)).toEqual([mine.paymentSid]);

  // Where there is enough to show, nobody reads to the end.
  expect(await requestsOf(stage, () => till.client.listResources())).toEqual(['documents.list']);
  expect(await liveSids(till)).toHaveLength(311);
});

test('one list takes so many requests and no more, and its cursor leads on, for the same client alone', async () => {
  const { stage, mine } = await behind(BOUND);
  const { desk, till, simulator } = stage;
  let cursor = '';
  const requests = await requestsOf(stage, async () => {
    const page = await desk.client.listResources();
    expect(page.resources).toEqual([]);
    cursor = page.nextCursor ?? '';
  });
  expect(requests).toEqual(Array(20).fill('documents.list'));
  const next = await desk.client.listResources({ cursor });
  expect(next.resources.map(({ uri }) => uri)).toEqual([
    `payment://${mine.callSid}/${mine.paymentSid}/status`,
  ]);
  expect(next.nextCursor).toBeUndefined();

  // It holds no document's SID or name, in any form that a client could read.
  const readable = Buffer.from(cursor, 'base64url').toString('latin1');
  for (const { sid, uniqueName } of simulator.documents()) {
    for (const text of [cursor, readable, Buffer.from(readable, 'base64url').toString('latin1')]) {
      expect(text).not.toContain(sid);
      expect(text).not.toContain(uniqueName);
    }
  }
  const changed = `${cursor.startsWith('A') ? 'B' : 'A'}${cursor.slice(1)}`;
  for (const [agent, foreign] of [
    [till, cursor],
    [desk, changed],
    [desk, cursor.slice(0, -1)],
    [desk, `${cursor}A`],
    [desk, ''],
  ] as const)
    await expect(agent.client.listResources({ cursor: foreign })).rejects.toMatchObject({
      code: INVALID_PARAMS,
    });
  const { completion } = await desk.client.complete({
    ref: { type: 'ref/prompt', name: 'CardNumber' },
    argument: { name: 'paymentSid', value: '' },
  });
  expect(completion).toEqual({ values: [], hasMore: true });
});

test('where Sync is slow a list ends in time, and its cursor leads on', async () => {
  const { stage, mine } = await behind(1_200);
  const { desk, simulator } = stage;
  const takesLong = () => {
    passTime(800);
    return true;
  };
  simulator.faults.add({ route: 'documents.list', when: takesLong, action: { latencyMs: 0 } });
  const page = await desk.client.listResources();
  expect(page.resources).toEqual([]);
  simulator.faults.clear();
  const next = await desk.client.listResources({ cursor: page.nextCursor ?? '' });
  expect(next.resources.map(({ uri }) => uri)).toEqual([
    `payment://${mine.callSid}/${mine.paymentSid}/status`,
  ]);
});
