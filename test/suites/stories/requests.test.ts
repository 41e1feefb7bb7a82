import { expect, test } from 'vitest';
import { type RecordedCallback, type Route, voiceSignature } from '../../simulator/index.ts';
import { connect, type Setup, type Stage, VISA } from '../host/connect.ts';
import { elsewhere, forget } from '../host/forget.ts';
import { reach } from '../host/in-process.ts';
import { captureAll, requestsOf, type Sids, settledStatus, start, statusOf } from '../host/payment.ts';
import { postCallback } from '../host/twilio-side.ts';

/** Long enough for requests that are sent together to be seen together. */
const LATENCY_MS = 100;

/**
 * The Twilio requests of some work in rounds: what is in one round was sent without waiting for any other of it.
 * A request's round is one more than the latest round that had been answered when it arrived.
 */
async function roundsOf({ simulator }: Stage, work: () => Promise<unknown>): Promise<string[][]> {
  const first = simulator.requests.length;
  const roundOf = new Map<object, number>();
  const answered = new Set<object>();
  const place = () => {
    const round = 1 + Math.max(0, ...[...answered].map((request) => roundOf.get(request) ?? 0));
    for (const request of simulator.requests.slice(first)) {
      if (!roundOf.has(request)) roundOf.set(request, round);
    }
  };
  const stop = simulator.on(({ type }) => {
    if (type !== 'request') return;
    place();
    for (const request of simulator.requests.slice(first)) {
      if (request.outcome !== 'open') answered.add(request);
    }
  });
  const remove = simulator.faults.add({ route: '*', action: { latencyMs: LATENCY_MS } });
  await work();
  remove();
  stop();
  place();
  const rounds: string[][] = [];
  for (const [index, request] of simulator.requests.slice(first).entries()) {
    const round = roundOf.get(request) ?? index;
    rounds[round - 1] = [...(rounds[round - 1] ?? []), request.route].sort();
  }
  return rounds;
}

/** A payment whose callbacks wait, so that only what a tool asks for is counted. */
async function quiet(setup: Setup = {}) {
  const stage = await connect(setup);
  // The first request of a process takes longer than any other.
  await start({ ...stage, call: stage.simulator.placeCall() });
  await stage.simulator.settled();
  stage.simulator.delivery.hold();
  return stage;
}

async function started(setup: Setup = {}): Promise<{ stage: Stage; sids: Sids }> {
  const stage = await connect(setup);
  const sids = await start(stage);
  await stage.simulator.settled();
  return { stage, sids };
}

async function ready() {
  const { stage, sids } = await started();
  await captureAll(stage, sids);
  stage.simulator.delivery.hold();
  return { stage, sids };
}

test('a start takes five requests in three rounds', async () => {
  const stage = await quiet();
  expect(await roundsOf(stage, () => start(stage))).toEqual([
    ['calls.fetch', 'documents.create'],
    ['payments.create'],
    ['documents.create', 'documents.update'],
  ]);
});

test('a repeated start looks up the payment that is there', async () => {
  const { stage, sids } = await started();
  const routes = await requestsOf(stage, async () => expect(await start(stage)).toEqual(sids));
  expect(routes).not.toContain('payments.create');
  expect([...routes].sort()).toEqual([
    'calls.fetch',
    'documents.create',
    'documents.fetch',
    'documents.fetch',
  ]);
});

test('a capture takes two rounds: a write, which confirms what the instance has seen, or a read before that', async () => {
  const stage = await quiet();
  const capture = async (before = () => {}) => {
    const sids = await start({ ...stage, call: stage.simulator.placeCall() });
    before();
    return roundsOf(stage, () => stage.agent.call('captureCardNumber', sids));
  };
  expect(await capture()).toEqual([['documents.update'], ['payments.update']]);
  expect(await capture(forget)).toEqual([['documents.fetch'], ['documents.update', 'payments.update']]);
});

test('Twilio is asked to capture while the document that was just read is written', async () => {
  const stage = await quiet();
  const { simulator, agent } = stage;
  const sids = await start(stage);
  const wasWritten: boolean[] = [];
  simulator.on((event) => {
    if (event.type !== 'request' || event.route !== 'payments.update') return;
    const writes = simulator.requests.filter(({ route }) => route === 'documents.update');
    wasWritten.push(writes.some(({ status }) => status === 200));
  });
  simulator.faults.add({ route: 'payments.update', action: { latencyMs: 200 } });
  forget();
  await agent.call('captureCardNumber', sids);
  expect(wasWritten).toEqual([true]);
});

test('a capture of a field that was asked for before asks Twilio last, once it is written', async () => {
  const stage = await quiet();
  const { simulator, agent } = stage;
  const sids = await start(stage);
  await agent.call('captureCardNumber', sids);
  expect(await roundsOf(stage, () => agent.call('captureCardNumber', sids))).toEqual([
    ['documents.fetch'],
    ['documents.update'],
    ['payments.update'],
  ]);
  const [first, second] = simulator.requests.filter(({ route }) => route === 'payments.update');
  expect(second?.params.IdempotencyKey).not.toBe(first?.params.IdempotencyKey);
});

test('a completion is noted twice before Twilio is asked, and reads both documents where the instance has not seen them', async () => {
  const complete = ({ stage, sids }: Awaited<ReturnType<typeof ready>>) =>
    roundsOf(stage, () => stage.agent.call('completePaymentCapture', sids));
  expect(await complete(await ready())).toEqual([
    ['documents.update', 'documents.update'],
    ['payments.update'],
  ]);
  const unseen = await ready();
  forget();
  expect(await complete(unseen)).toEqual([
    ['documents.fetch', 'documents.fetch'],
    ['documents.update', 'documents.update'],
    ['payments.update'],
  ]);
});

test('a cancel takes two requests, and a read before them where the instance has not seen the payment', async () => {
  const cancel = ({ stage, sids }: Awaited<ReturnType<typeof started>>) => {
    stage.simulator.delivery.hold();
    return requestsOf(stage, () => stage.agent.call('cancelPaymentCapture', sids));
  };
  expect(await cancel(await started())).toEqual(['documents.update', 'payments.update']);
  const unseen = await started();
  forget();
  expect(await cancel(unseen)).toEqual(['documents.fetch', 'documents.update', 'payments.update']);
});

test('completing or canceling what has ended is one fresh read', async () => {
  const { stage, sids } = await ready();
  const { agent, simulator } = stage;
  await agent.call('completePaymentCapture', sids);
  await simulator.delivery.release();
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed' });
  expect(await requestsOf(stage, () => agent.call('completePaymentCapture', sids))).toEqual([
    'documents.fetch',
  ]);
  expect(await requestsOf(stage, () => agent.call('cancelPaymentCapture', sids))).toEqual([
    'documents.fetch',
  ]);
});

test('what cannot be done now is refused after a fresh read', async () => {
  const { stage, sids } = await started();
  const refused = (tool: string) => requestsOf(stage, () => stage.agent.fail(tool, sids));
  expect(await refused('captureSecurityCode')).toEqual(['documents.fetch']);
  expect(await refused('completePaymentCapture')).toEqual(['documents.fetch']);
});

test('reading the status is one request, and so is reading the resource', async () => {
  const { stage, sids } = await started();
  expect(await requestsOf(stage, () => statusOf(stage.agent, sids))).toEqual(['documents.fetch']);
  const uri = `payment://${sids.callSid}/${sids.paymentSid}/status`;
  expect(await requestsOf(stage, () => stage.agent.client.readResource({ uri }))).toEqual([
    'documents.fetch',
  ]);
});

test('a page of the resources is one request', async () => {
  const { stage } = await started();
  expect(await requestsOf(stage, () => stage.agent.client.listResources())).toEqual(['documents.list']);
});

test('what says nothing about a payment asks Twilio nothing', async () => {
  const { stage } = await started();
  const { agent, call } = stage;
  const routes = await requestsOf(stage, async () => {
    await stage.connectAgent();
    await agent.client.listTools();
    await agent.client.listPrompts();
    await agent.client.listResourceTemplates();
    await agent.client.getPrompt({ name: 'StartCapture', arguments: { callSid: call.sid } });
    await agent.client.ping();
    await agent.fail('getPaymentStatus', { callSid: call.sid, paymentSid: 'none' });
    await agent.fail('startPaymentCapture', { callSid: call.sid, chargeAmount: 1_000_000 });
  });
  expect(routes).toEqual([]);
});

test('the status of a session that has been quiet looks at its call as well', async () => {
  const stage = await connect({ switches: { hangupCallback: false } });
  const { agent, caller, simulator } = stage;
  simulator.advance(-60_000);
  const sids = await start(stage);
  await simulator.settled();
  const status = () => requestsOf(stage, () => statusOf(agent, sids));
  expect(await status()).toEqual(['documents.fetch', 'calls.fetch']);
  await caller.hangsUp();
  // That the call is over is written down, so it is asked for once.
  expect(await status()).toEqual(['documents.fetch', 'calls.fetch', 'documents.update']);
  expect(await status()).toEqual(['documents.fetch']);
});

/** The requests that the delivery of what is held takes. */
async function delivering(stage: Stage, repeats = 0): Promise<string[]> {
  return requestsOf(stage, () => stage.simulator.delivery.release({ repeats }));
}

const READS: readonly string[] = ['documents.fetch'] satisfies Route[];

test('a digit takes one write, and a read before it where the instance has not seen the payment', async () => {
  const { stage, sids } = await started();
  const { agent, caller, simulator } = stage;
  await agent.call('captureCardNumber', sids);
  await simulator.settled();
  const typing = (digit: string) => requestsOf(stage, () => caller.types(digit));
  expect(await typing('4')).toEqual(['documents.update']);
  expect(await typing('2')).toEqual(['documents.update']);
  forget();
  expect(await typing('4')).toEqual(['documents.fetch', 'documents.update']);
});

test('a callback of a command that its instance has not seen begins with a read, for a write would fail', async () => {
  const { stage, sids } = await started();
  await elsewhere(() => stage.agent.call('captureCardNumber', sids));
  const typing = (digit: string) => requestsOf(stage, () => stage.caller.types(digit));
  expect(await typing('4')).toEqual(['documents.fetch', 'documents.update']);
  await elsewhere(() => typing('2'));
  // Nothing tells that this one has been overtaken: its write fails, and it begins anew.
  expect(await typing('4')).toEqual(['documents.update', 'documents.fetch', 'documents.update']);
});

test('a repeated or late callback is read against and not written', async () => {
  const { stage, sids } = await started({ eachDigit: true });
  const { agent, caller, simulator } = stage;
  await agent.call('captureCardNumber', sids);
  await simulator.settled();
  simulator.delivery.hold();
  await caller.types(VISA.slice(0, 4));
  const late = simulator.callbacks.slice(-4);
  expect((await delivering(stage)).filter((route) => route === 'documents.update')).toHaveLength(4);
  const documents = simulator.documents();
  for (const callback of [...late].reverse()) {
    const routes = await requestsOf(stage, () => postCallback(stage, callback));
    expect(routes).toEqual(READS);
  }
  expect(simulator.documents()).toEqual(documents);
});

test('the callback of a capture, which says what the capture wrote, is only read against', async () => {
  const { stage, sids } = await started();
  stage.simulator.delivery.hold();
  await stage.agent.call('captureCardNumber', sids);
  expect(stage.simulator.delivery.held).toHaveLength(1);
  expect(await delivering(stage)).toEqual(READS);
});

test('the callback of a start that is known takes two reads and no write', async () => {
  const stage = await quiet();
  await start(stage);
  expect(await delivering(stage)).toEqual(['documents.fetch', 'documents.fetch']);
});

test('a callback that arrives before its document creates it and tells the ledger of its start', async () => {
  const stage = await quiet();
  const { simulator } = stage;
  simulator.faults.add({ route: 'payments.create', times: 1, action: 'lost' });
  await stage.agent.fail('startPaymentCapture', { callSid: stage.call.sid });
  const rounds = await roundsOf(stage, () => simulator.delivery.release());
  expect(rounds).toEqual([
    ['documents.fetch', 'documents.fetch'],
    ['documents.create', 'documents.update'],
  ]);
});

test('a refused callback asks Twilio nothing', async () => {
  const { stage } = await started();
  const { simulator } = stage;
  const [callback] = simulator.callbacks as [RecordedCallback];
  const url = callback.url.split('#')[0] ?? '';
  const routes = await requestsOf(stage, async () => {
    for (const token of ['', 'another', simulator.credentials.apiSecret]) {
      const response = await reach(url, {
        method: 'POST',
        headers: { 'X-Twilio-Signature': voiceSignature(token, url, callback.params) },
        body: new URLSearchParams(callback.params),
      });
      expect(response.status).toBe(403);
    }
  });
  expect(routes).toEqual([]);
});

test('a whole payment takes six requests to the Voice API and one write for each thing that happened', async () => {
  const stage = await connect({ eachDigit: true });
  const routes = await requestsOf(stage, async () => {
    const sids = await start(stage);
    await stage.simulator.settled();
    await captureAll(stage, sids);
    await stage.agent.call('completePaymentCapture', sids);
    expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
  });
  const count = (prefix: string) => routes.filter((route) => route.startsWith(prefix)).length;
  expect(count('calls.') + count('payments.')).toBe(6);
  expect(count('documents.create')).toBe(2);
  const happened = { digits: 16 + 3 + 4, accepted: 3, captures: 3, completion: 1, result: 1, ledger: 2 };
  const writes = Object.values(happened).reduce((sum, times) => sum + times, 0);
  // A capture may meet its own callback at the document and write again.
  expect(count('documents.update')).toBeGreaterThanOrEqual(writes);
  expect(count('documents.update')).toBeLessThanOrEqual(writes + happened.captures);
  expect(stage.simulator.unknownRequests).toEqual([]);
});

test('of digits that come at the same moment the newest mask is stored, and not each', async () => {
  const { stage, sids } = await started({ eachDigit: true });
  await stage.agent.call('captureCardNumber', sids);
  await stage.simulator.settled();
  stage.simulator.delivery.mode = 'concurrent';
  const rounds = await roundsOf(stage, async () => {
    await stage.caller.types(VISA.slice(0, 8));
    await stage.simulator.settled();
  });
  // The first is written from what was seen last, and the newest is, once or twice.
  expect(rounds[0]).toEqual([...Array(7).fill('documents.fetch'), 'documents.update']);
  const writes = rounds.flat().filter((route) => route === 'documents.update');
  expect(writes.length).toBeLessThanOrEqual(3);
  expect(await statusOf(stage.agent, sids)).toMatchObject({ paymentCardNumber: 'xxxxxxxx' });
});
