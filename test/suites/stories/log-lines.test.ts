/** What an operator finds in the log: whose line it is, which payment, and nothing that raises an alert for nothing. */
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../functions/runtime/bearer-tokens.ts';
import { EVENTS, type EventName } from '../../../functions/runtime/log.ts';
import { connect, type Stage, VISA } from '../host/connect.ts';
import { enterAll } from '../host/entries.ts';
import { captureAll, type Sids, start, statusOf } from '../host/payment.ts';

type Line = Record<string, unknown> & { level: string; event: EventName };

/** The lines of the log since so many were there. */
function linesOf({ host }: Stage, from = 0): Line[] {
  return host.logs.slice(from).map((line) => JSON.parse(line) as Line);
}

function alertsOf(stage: Stage): Line[] {
  return linesOf(stage).filter(({ level }) => level !== 'info');
}

test('every line about a payment has its call, the payment, the client and the tool', async () => {
  const stage = await connect();
  const { simulator, agent } = stage;
  const from = stage.host.logs.length;
  const sids = await start(stage);
  await agent.fail('completePaymentCapture', sids);
  simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 503 } });
  await agent.fail('captureCardNumber', sids);
  await captureAll(stage, sids);
  await agent.call('completePaymentCapture', sids);
  await simulator.settled();
  await agent.call('getPaymentStatus', sids);

  const lines = linesOf(stage, from).filter(
    ({ event, method }) => event !== 'request' || method === 'tools/call',
  );
  expect(new Set(lines.map(({ event }) => event))).toEqual(
    new Set(['request', 'audit', 'callback', 'tool_refused', 'tool_failed']),
  );
  for (const line of lines)
    expect(line).toMatchObject({ ...sids, client: 'MCP_AUTH_TOKEN', tool: expect.stringMatching(/\w/) });
});

test('a result has amount and currency, and who completed the payment', async () => {
  const token = 'a-token-of-the-desk';
  const stage = await connect({ variables: { MCP_TOKENS: `desk:rwca::${digestOf(token)}` } });
  const sids = await start(stage);
  await captureAll(stage, sids);
  const desk = await stage.connectAgent({ Authorization: `Bearer ${token}` });
  await desk.call('completePaymentCapture', sids);
  await stage.simulator.settled();
  expect(linesOf(stage).findLast(({ action }) => action === 'result')).toEqual({
    level: 'info',
    event: 'audit',
    client: 'desk',
    tool: 'completePaymentCapture',
    ...sids,
    action: 'result',
    chargeAmount: 12.5,
    currency: 'USD',
    outcome: 'success',
  });
});

test('a callback that names the parent leg is logged under the leg of the payment', async () => {
  const stage = await connect({ switches: { callbackCallSid: 'parent' } });
  const { caller } = stage.simulator.placeCallWithAgentLeg({ caller: 'child' });
  const { paymentSid } = await stage.agent.call('startPaymentCapture', { callSid: caller.sid });
  const sids = { callSid: caller.sid, paymentSid: String(paymentSid) };
  await stage.agent.call('captureCardNumber', sids);
  await stage.simulator.caller(caller.sid).types(VISA);
  await stage.simulator.settled();
  const callbacks = linesOf(stage).filter(({ event }) => event === 'callback');
  expect(new Set(callbacks.map(({ callSid }) => callSid))).toEqual(new Set([sids.callSid]));
});

describe('raises no alert:', () => {
  test.each<[string, (stage: Stage, sids: Sids) => Promise<unknown>]>([
    ['a wrong argument', ({ agent }, sids) => agent.fail('captureCardNumber', { ...sids, paymentSid: 'x' })],
    ['a payment that is not there', ({ agent }, sids) => agent.fail('captureCardNumber', other(sids))],
    ['what comes too early', ({ agent }, sids) => agent.fail('completePaymentCapture', sids)],
    [
      'a card number in an argument',
      ({ agent }, sids) => agent.fail('startPaymentCapture', { ...sids, description: VISA }),
    ],
    [
      'an amount above the limit',
      ({ agent }, { callSid }) => agent.fail('startPaymentCapture', { callSid, chargeAmount: 2_000 }),
    ],
    [
      'a second payment',
      ({ agent }, { callSid }) => agent.fail('startPaymentCapture', { callSid, chargeAmount: 5 }),
    ],
    ['a call that is not there', ({ agent }) => agent.fail('startPaymentCapture', { callSid: NO_CALL })],
    [
      'a call that has ended',
      async ({ agent, simulator, caller }, sids) => {
        caller.hangsUp();
        await simulator.settled();
        await agent.fail('captureCardNumber', sids);
      },
    ],
    [
      'a step that Twilio is not ready for',
      async ({ agent, simulator }, sids) => {
        simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 409, code: 64021 } });
        await agent.fail('captureCardNumber', sids);
      },
    ],
  ])('%s', async (_, mistake) => {
    const stage = await connect();
    await mistake(stage, await start(stage));
    expect(linesOf(stage).filter(({ event }) => event === 'tool_refused')).toHaveLength(1);
    expect(alertsOf(stage)).toEqual([]);
  });
});

describe('raises an alert:', () => {
  test.each<[string, number, number]>([
    ['credentials that Twilio refuses', 401, 20003],
    ['too many requests', 429, 20429],
    ['a failure of Twilio', 500, 20500],
    ['a setting that Twilio does not take', 400, 64004],
    ['a code that nobody knows', 400, 69999],
  ])('%s', async (_, status, code) => {
    const stage = await connect();
    const sids = await start(stage);
    stage.simulator.faults.add({ route: 'payments.update', action: { status, code } });
    await stage.agent.fail('captureCardNumber', sids);
    expect(alertsOf(stage)).toMatchObject([
      { level: 'error', event: 'tool_failed', twilioCode: code, ...sids },
    ]);
  });

  test('a document that cannot be read', async () => {
    const stage = await connect();
    const sids = await start(stage);
    await stage.simulator.settled();
    stage.simulator.faults.add({ route: 'documents.fetch', action: { status: 401, code: 20003 } });
    await stage.agent.fail('getPaymentStatus', sids);
    expect(alertsOf(stage)).toMatchObject([{ event: 'tool_failed', code: 'TWILIO_UNAUTHORIZED' }]);
  });
});

test('no line holds more than its event has', async () => {
  const stage = await connect();
  const sids = await start(stage);
  await enterAll(stage, sids);
  await stage.agent.call('cancelPaymentCapture', sids);
  await statusOf(stage.agent, sids);
  for (const { level, event, ...members } of linesOf(stage)) {
    expect(level).toBe(EVENTS[event].level);
    const listed: readonly string[] = EVENTS[event].members;
    expect(Object.keys(members).filter((name) => !listed.includes(name))).toEqual([]);
  }
});

const NO_CALL = `CA${'0'.repeat(32)}`;

function other(sids: Sids): Sids {
  return { ...sids, paymentSid: `PK${'0'.repeat(32)}` };
}
