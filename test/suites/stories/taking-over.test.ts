/** A person takes a payment over: it is written down, and whoever had it is told so and touches it no more. */
import { beforeEach, describe, expect, test } from 'vitest';
import { auditOf, type ClientsStage, connectClients } from '../host/clients.ts';
import type { Stage } from '../host/connect.ts';
import { elsewhere } from '../host/forget.ts';
import { hurry } from '../host/hurry.ts';
import { captureAll, type Sids, settledStatus, start, statusOf } from '../host/payment.ts';
import { documentOf } from '../host/twilio-side.ts';
import { useCases } from '../host/use-cases.ts';

beforeEach(hurry);

const TERMS = { chargeAmount: 12.5 };

type Clients = ClientsStage<'bot' | 'person' | 'chief'>;

/** A bot that may do all with its own payments, and two people who may see those of all. */
function connectAll(): Promise<Clients> {
  return connectClients({ bot: 'rwc', person: 'rwca', chief: 'rwca' });
}

function by(stage: Clients, name: 'bot' | 'person' | 'chief'): Stage {
  return { ...stage, agent: stage[name] };
}

function historyOf(stage: Stage, { paymentSid }: Sids): unknown[][] {
  const { audit } = documentOf(stage, paymentSid).data as { audit: Record<string, unknown>[] };
  return audit.map(({ client, action, from }) => (from ? [client, action, from] : [client, action]));
}

function takeOversOf(stage: Stage): unknown[] {
  return auditOf(stage).filter(({ action }) => action === 'take-over');
}

test('a supervisor takes over after the card number, and charges: the bot is told so, and nothing is charged twice', async () => {
  const stage = await connectAll();
  const { bot, person, caller, simulator } = stage;
  const sids = await start(by(stage, 'bot'), TERMS);
  await bot.call('captureCardNumber', sids);
  await caller.types('4242424242424242');
  const { revision } = await settledStatus(by(stage, 'bot'), sids);

  // The next step of the bot, as the person sees it, is no advice to the person.
  expect(await statusOf(person, sids)).toMatchObject({
    nextStep: 'wait',
    say: '',
    why: expect.stringContaining('bot has this payment now.'),
  });
  expect(takeOversOf(stage)).toEqual([]);
  const waiting = bot.call('getPaymentStatus', { ...sids, waitSeconds: 8, sinceRevision: revision });
  await person.call('captureSecurityCode', sids);
  expect(await waiting).toMatchObject({
    nextStep: 'wait',
    say: '',
    why: 'person has this payment now. Leave it to them, and wait to hear how it ends.',
  });
  await caller.types('123');
  await captureAll(by(stage, 'person'), sids);

  const before = simulator.requests.length;
  for (const tool of ['captureExpirationDate', 'completePaymentCapture', 'cancelPaymentCapture']) {
    expect(await bot.fail(tool, sids)).toBe(
      'TAKEN_OVER: person has it now. Nothing was done. Leave the payment to them, and read the status to hear how it ends.\nnextStep: wait',
    );
  }
  expect(await bot.fail('startPaymentCapture', { callSid: sids.callSid, ...TERMS })).toMatch(
    /^TAKEN_OVER: person has it now\. Nothing was done\./,
  );
  const writes = simulator.requests.slice(before).filter(({ route }) => !/fetch|create/.test(route));
  expect(writes).toEqual([]);

  await person.call('completePaymentCapture', sids);
  await simulator.settled();
  for (const agent of [bot, person])
    expect(await statusOf(agent, sids)).toMatchObject({ nextStep: 'done', result: 'success' });
  expect(await bot.call('completePaymentCapture', sids)).toMatchObject({ phase: 'completed' });
  expect(simulator.charges).toHaveLength(1);
  expect(historyOf(stage, sids)).toEqual([
    ['bot', 'start'],
    ['person', 'take-over', 'bot'],
    ['person', 'complete'],
  ]);
  expect(takeOversOf(stage)).toEqual([
    {
      level: 'info',
      event: 'audit',
      client: 'person',
      tool: 'captureSecurityCode',
      ...sids,
      action: 'take-over',
      from: 'bot',
      ...TERMS,
      currency: 'USD',
      outcome: 'capturing',
    },
  ]);
});

describe('a payment is taken over', () => {
  test.each<[string, (stage: Clients, sids: Sids) => Promise<unknown>]>([
    [
      'by starting it again',
      ({ person }, { callSid }) => person.call('startPaymentCapture', { callSid, ...TERMS }),
    ],
    ['by a capture', ({ person }, sids) => person.call('captureCardNumber', sids)],
    ['by a completion', ({ person }, sids) => person.call('completePaymentCapture', sids)],
    ['by a cancel', ({ person }, sids) => person.call('cancelPaymentCapture', sids)],
  ])('%s', async (_, act) => {
    const stage = await connectAll();
    const sids = await start(by(stage, 'bot'), TERMS);
    await captureAll(by(stage, 'bot'), sids);
    await act(stage, sids);
    expect(historyOf(stage, sids).slice(0, 2)).toEqual([
      ['bot', 'start'],
      ['person', 'take-over', 'bot'],
    ]);
    expect(stage.simulator.payments()).toHaveLength(1);
  });

  test('by nobody who only reads', async () => {
    const stage = await connectAll();
    const sids = await start(by(stage, 'bot'), TERMS);
    const { revision } = await statusOf(stage.person, sids);
    const uri = `payment://${sids.callSid}/${sids.paymentSid}/status`;
    await stage.person.client.readResource({ uri });
    await stage.person.client.readResource({ uri: 'payment://live' });
    await stage.person.client.getPrompt({ name: 'CardNumber', arguments: sids as Record<string, string> });
    await stage.person.fail('startPaymentCapture', { callSid: sids.callSid, chargeAmount: 7 });
    expect(await statusOf(stage.bot, sids)).toMatchObject({ revision, nextStep: 'captureCardNumber' });
    expect(historyOf(stage, sids)).toEqual([['bot', 'start']]);
  });

  test('no more once it has ended', async () => {
    const stage = await connectAll();
    const sids = await start(by(stage, 'bot'), TERMS);
    await stage.bot.call('cancelPaymentCapture', sids);
    await stage.simulator.settled();
    expect(await stage.person.call('cancelPaymentCapture', sids)).toMatchObject({ phase: 'canceled' });
    expect(await stage.person.fail('captureCardNumber', sids)).toMatch(/^PAYMENT_FINISHED: /);
    expect(takeOversOf(stage)).toEqual([]);
  });
});

test('who sees all payments is told of a take-over first, and takes back by starting again', async () => {
  const stage = await connectAll();
  const { person, chief } = stage;
  const sids = await start(by(stage, 'person'), TERMS);
  await chief.call('captureCardNumber', sids);
  expect(await person.fail('captureCardNumber', sids)).toContain(
    'TAKEN_OVER: chief has it now. To take it back, call startPaymentCapture with its arguments.',
  );
  await person.call('startPaymentCapture', { callSid: sids.callSid, ...TERMS });
  await person.call('captureCardNumber', sids);
  expect(await chief.fail('captureCardNumber', sids)).toContain('TAKEN_OVER: person has it now.');
  expect(historyOf(stage, sids)).toEqual([
    ['person', 'start'],
    ['chief', 'take-over', 'person'],
    ['person', 'take-over', 'chief'],
  ]);
  const { revision } = await statusOf(person, sids);
  await chief.call('startPaymentCapture', { callSid: sids.callSid, ...TERMS });
  expect(Number((await statusOf(person, sids)).revision)).toBeGreaterThan(Number(revision));
});

describe('a command of the bot that is under way when a person takes over', () => {
  test.each([
    ['captureExpirationDate', 'TAKEN_OVER'],
    ['cancelPaymentCapture', 'TAKEN_OVER'],
    ['completePaymentCapture', 'TAKEN_OVER'],
  ])('%s: is refused inside its write', async (tool, code) => {
    const stage = await connectAll();
    const { bot, person, simulator, call } = stage;
    const sids = await start(by(stage, 'bot'), TERMS);
    await captureAll(by(stage, 'bot'), sids);
    let isHeldUp = () => {};
    const heldUp = new Promise<void>((resolve) => {
      isHeldUp = resolve;
    });
    simulator.faults.add({
      route: 'documents.update',
      times: 1,
      when: ({ path }) => {
        const isPayment = path.includes(`payment-${sids.paymentSid}`);
        if (isPayment) isHeldUp();
        return isPayment;
      },
      action: { latencyMs: 1_000 },
    });
    const command = bot.fail(tool, sids);
    await heldUp;
    await person.call('startPaymentCapture', { callSid: call.sid, ...TERMS });
    expect(await command).toMatch(new RegExp(`^${code}: person has it now`));
    await simulator.settled();
    expect(simulator.charges).toEqual([]);
    expect(await statusOf(person, sids)).toMatchObject({ phase: 'ready', nextStep: 'askCaller' });
    expect(historyOf(stage, sids)).toEqual([
      ['bot', 'start'],
      ['person', 'take-over', 'bot'],
    ]);
  });
});

test('the safest set-up: a bot without payments:charge prepares, a person with it charges', async () => {
  const stage = await connectClients(
    { bot: 'rw', person: 'rwca' },
    { variables: { CONFIRM_CHARGES: 'always' } },
  );
  const { bot, person, simulator } = stage;
  const own = { ...stage, agent: bot };
  expect((await bot.client.listTools()).tools.map(({ name }) => name)).not.toContain(
    'completePaymentCapture',
  );
  const sids = await start(own, TERMS);
  await captureAll(own, sids);
  const { revision, ...ready } = await statusOf(bot, sids);
  expect(ready).toMatchObject({
    phase: 'ready',
    nextStep: 'wait',
    why: 'All is captured. A person who may charge takes this payment over and completes it: wait to hear how it ends.',
  });
  const waiting = bot.call('getPaymentStatus', { ...sids, waitSeconds: 8, sinceRevision: revision });
  await person.call('completePaymentCapture', {
    ...sids,
    chargeAmount: 12.5,
    currency: 'USD',
    lastFour: '4242',
  });
  await waiting;
  await simulator.settled();
  expect(await statusOf(bot, sids)).toMatchObject({ nextStep: 'done', result: 'success' });
  expect(simulator.charges).toHaveLength(1);
});

test('the safest set-up: where nobody comes, the bot cancels, and the card was not charged', async () => {
  const stage = await connectClients({ bot: 'rw', person: 'rwca' });
  const { bot, person, simulator } = stage;
  const own = { ...stage, agent: bot };
  const sids = await start(own, TERMS);
  await captureAll(own, sids);
  await expect(bot.call('completePaymentCapture', sids)).rejects.toThrow('INSUFFICIENT_SCOPE');
  await bot.call('cancelPaymentCapture', sids);
  await simulator.settled();
  expect(await statusOf(person, sids)).toMatchObject({ phase: 'canceled', nextStep: 'done' });
  expect(simulator.charges).toEqual([]);
});

test('a bot whose process has not heard that it was taken over has nothing captured: what was confirmed is charged', async () => {
  const stage = await connectAll();
  const { bot, person, caller, simulator } = stage;
  const sids = await start(by(stage, 'bot'), TERMS);
  await elsewhere(async () => {
    await person.call('captureExpirationDate', sids);
    await caller.types('1230');
    await simulator.settled();
    await captureAll(by(stage, 'person'), sids);
  });
  for (const tool of ['captureCardNumber', 'captureSecurityCode'])
    expect(await bot.fail(tool, sids)).toMatch(/^TAKEN_OVER: /);
  expect(simulator.payments()[0]?.listeningFor).toBeUndefined();
  await person.call('completePaymentCapture', sids);
  expect(await settledStatus(by(stage, 'person'), sids)).toMatchObject({
    phase: 'completed',
    paymentCardNumber: 'xxxxxxxxxxxx4242',
  });
});

test('a bot that repeats a completion charges nothing once somebody has taken the payment over', async () => {
  const stage = await connectAll();
  const { bot, person, simulator } = stage;
  const sids = await start(by(stage, 'bot'), TERMS);
  await captureAll(by(stage, 'bot'), sids);
  simulator.faults.add({ route: 'payments.update', times: 1, action: 'reset' });
  await bot.fail('completePaymentCapture', sids);
  let isTaken = false;
  const waiting = useCases(stage, ({ clock }) => ({
    client: { name: 'bot', seesAll: false },
    clock: {
      ...clock,
      async sleep(milliseconds) {
        if (!isTaken) {
          isTaken = true;
          // It is being completed, as far as anybody knows; what matters is that the person has it now.
          await person.fail('captureCardNumber', sids);
        }
        return clock.sleep(milliseconds);
      },
    },
  }));
  await expect(waiting.complete(sids, { repeated: {}, canAsk: false })).rejects.toMatchObject({
    code: 'TAKEN_OVER',
  });
  await simulator.settled();
  expect(simulator.charges).toEqual([]);
});

test('a payment that is charged just as somebody takes it over by starting it again is not given to them as a new one', async () => {
  const stage = await connectAll();
  const { bot, person, simulator } = stage;
  const sids = await start(by(stage, 'bot'), TERMS);
  await captureAll(by(stage, 'bot'), sids);
  simulator.delivery.hold();
  await bot.call('completePaymentCapture', sids);
  const isTakeOver = ({ params }: { params: Readonly<Record<string, string>> }) => {
    if (!/"takeOver"/.test(params.Data ?? '')) return false;
    void simulator.delivery.release();
    return true;
  };
  const slow = { latencyMs: 500 } as const;
  simulator.faults.add({ route: 'documents.update', times: 1, when: isTakeOver, action: slow });
  expect(await person.fail('startPaymentCapture', { callSid: sids.callSid, ...TERMS })).toMatch(
    new RegExp(`^ALREADY_PAID: It was ${sids.paymentSid}`),
  );
  expect(simulator.charges).toHaveLength(1);
});
