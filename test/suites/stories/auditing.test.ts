/** Who started, completed and canceled what, how it was confirmed and what came of it: in the log and in the document. */
import { beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../../functions/runtime/bearer-tokens.ts';
import { ask, bodyOf } from '../generations/requests.ts';
import { connect, type Stage, TOKEN, VISA } from '../host/connect.ts';
import { enterAll } from '../host/entries.ts';
import { hurry } from '../host/hurry.ts';
import { type Sids, start } from '../host/payment.ts';
import { rawAgent } from '../host/raw.ts';
import { documentOf } from '../host/twilio-side.ts';

beforeEach(hurry);

const DESK_TOKEN = 'token-of-a-desk';
const CHARGE = { chargeAmount: 12.5, securityCode: false };

async function connectStage(variables: Record<string, string> = {}): Promise<Stage> {
  return connect({ variables: { MCP_TOKENS: `desk:rwca::${digestOf(DESK_TOKEN)}`, ...variables } });
}

/** The audit lines of the log so far, without what all log lines have. */
function auditOf({ host }: Stage): Record<string, unknown>[] {
  return host.logs
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ event }) => event === 'audit')
    .map(({ level, event: _, ...line }) => {
      expect(level).toBe('info');
      return line;
    });
}

/** The history in the payment's document: who did what, how confirmed, what came of it. */
function historyOf(stage: Stage, { paymentSid }: Sids): unknown[][] {
  const { audit } = documentOf(stage, paymentSid).data as { audit: Record<string, unknown>[] };
  return audit.map(({ at, client, action, confirmed, outcome }) => {
    expect(Math.abs(Number(at) - Date.now())).toBeLessThan(60_000);
    return [client, action, confirmed, outcome];
  });
}

describe('the log has a line', () => {
  test('for the start, the completion and the result of a charge', async () => {
    const stage = await connectStage();
    const sids = await start(stage, CHARGE);
    await enterAll(stage, sids);
    await stage.agent.call('completePaymentCapture', {
      ...sids,
      chargeAmount: 12.5,
      currency: 'USD',
      lastFour: '4242',
    });
    await stage.simulator.settled();
    const about = { ...sids, client: 'MCP_AUTH_TOKEN', chargeAmount: 12.5, currency: 'USD' };
    expect(auditOf(stage)).toEqual([
      { ...about, tool: 'startPaymentCapture', action: 'start', outcome: 'started' },
      {
        ...about,
        tool: 'completePaymentCapture',
        action: 'complete',
        confirmed: 'model',
        outcome: 'completing',
      },
      { ...about, tool: 'completePaymentCapture', action: 'result', outcome: 'success' },
    ]);
    expect(historyOf(stage, sids)).toEqual([
      ['MCP_AUTH_TOKEN', 'start', '', 'done'],
      ['MCP_AUTH_TOKEN', 'complete', 'model', 'asked'],
    ]);
  });

  test('for a cancel, by whom it was', async () => {
    const stage = await connectStage();
    const sids = await start(stage, CHARGE);
    const desk = await stage.connectAgent({ Authorization: `Bearer ${DESK_TOKEN}` });
    await desk.call('cancelPaymentCapture', sids);
    await stage.simulator.settled();
    expect(auditOf(stage).slice(1)).toMatchObject([
      { ...sids, client: 'desk', action: 'take-over', from: 'MCP_AUTH_TOKEN', outcome: 'started' },
      { client: 'desk', action: 'cancel', chargeAmount: 12.5, currency: 'USD', outcome: 'started' },
      { action: 'result', outcome: 'transaction-cancelled' },
    ]);
    expect(historyOf(stage, sids)).toEqual([
      ['MCP_AUTH_TOKEN', 'start', '', 'done'],
      ['desk', 'take-over', '', 'done'],
      ['desk', 'cancel', '', 'asked'],
    ]);
  });

  test('for a take-over and a charge whose writes lost their first answers', async () => {
    const stage = await connectStage();
    const sids = await start(stage, CHARGE);
    await enterAll(stage, sids);
    const desk = await stage.connectAgent({ Authorization: `Bearer ${DESK_TOKEN}` });
    const lose = { route: 'documents.update', action: 'lost' } as const;
    const isOfPayment = ({ params }: { params: Record<string, string> }) =>
      /"takeOver"/.test(params.Data ?? '');
    const isCharge = ({ params }: { params: Record<string, string> }) =>
      /"action":"complete"/.test(params.Data ?? '');
    stage.simulator.faults.add({ ...lose, times: 1, when: isOfPayment });
    stage.simulator.faults.add({ ...lose, times: 1, when: isCharge });
    const repeated = { chargeAmount: 12.5, currency: 'USD', lastFour: '4242' };
    await desk.call('completePaymentCapture', { ...sids, ...repeated });
    await stage.simulator.settled();
    expect(stage.simulator.charges).toHaveLength(1);
    expect(
      auditOf(stage).filter(({ action }) => action === 'take-over' || action === 'complete'),
    ).toMatchObject([
      { client: 'desk', action: 'take-over', from: 'MCP_AUTH_TOKEN' },
      { client: 'desk', action: 'complete', confirmed: 'model' },
    ]);
    const lost = stage.simulator.requests.filter(({ outcome }) => outcome === 'lost');
    expect(lost).toHaveLength(2);
  });

  test('for a question to a person, and for their yes', async () => {
    const stage = await connectStage({ CONFIRM_CHARGES: 'always' });
    const sids = await start(stage, CHARGE);
    await enterAll(stage, sids);
    const complete = async (more: object) => {
      const params = { name: 'completePaymentCapture', arguments: sids, ...more };
      const meta = { clientCapabilities: { elicitation: {} } };
      return bodyOf(await ask(rawAgent(stage), 'tools/call', params, { meta })).result ?? {};
    };
    const { requestState } = await complete({});
    await complete({ requestState, inputResponses: { confirm: { action: 'decline' } } });
    const again = await complete({});
    await complete({ requestState: again.requestState, inputResponses: { confirm: { action: 'accept' } } });
    await stage.simulator.settled();
    expect(
      auditOf(stage)
        .slice(1)
        .map(({ action, confirmed, outcome }) => [action, confirmed, outcome]),
    ).toEqual([
      ['complete', 'none', 'asked'],
      ['complete', undefined, 'CONFIRMATION_DECLINED'],
      ['complete', 'none', 'asked'],
      ['complete', 'person', 'completing'],
      ['result', undefined, 'success'],
    ]);
    expect(historyOf(stage, sids).at(-1)).toEqual(['MCP_AUTH_TOKEN', 'complete', 'person', 'asked']);
  });
});

describe('a refusal has its line as well, with the amount that it was about:', () => {
  test.each<[string, Record<string, string>, Record<string, unknown>, Record<string, unknown>]>([
    [
      'an amount above the limit',
      { MAX_CHARGE_AMOUNT: '10' },
      CHARGE,
      { chargeAmount: 12.5, currency: 'USD', outcome: 'AMOUNT_REFUSED' },
    ],
    [
      'a forbidden currency',
      { ALLOWED_CURRENCIES: 'USD' },
      { ...CHARGE, currency: 'eur' },
      { chargeAmount: 12.5, currency: 'EUR', outcome: 'CURRENCY_REFUSED' },
    ],
    [
      'terms that do not fit together',
      {},
      { minPostalCodeLength: 5 },
      { chargeAmount: 0, currency: 'USD', outcome: 'INVALID_ARGUMENT' },
    ],
    [
      'a call that there is not',
      {},
      { ...CHARGE, callSid: `CA${'0'.repeat(32)}` },
      { chargeAmount: 12.5, currency: 'USD', outcome: 'CALL_NOT_FOUND' },
    ],
  ])('a start with %s', async (_, variables, args, expected) => {
    const stage = await connectStage(variables);
    const { callSid = stage.call.sid } = args;
    await stage.agent.fail('startPaymentCapture', { callSid, ...args });
    expect(auditOf(stage)).toEqual([
      { action: 'start', client: 'MCP_AUTH_TOKEN', tool: 'startPaymentCapture', callSid, ...expected },
    ]);
  });

  test('a completion or a cancel that may not be', async () => {
    const stage = await connectStage();
    const { agent, simulator } = stage;
    const sids = await start(stage, CHARGE);
    await agent.fail('completePaymentCapture', sids);
    await enterAll(stage, sids);
    await agent.fail('completePaymentCapture', { ...sids, chargeAmount: 1 });
    simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 429, code: 20429 } });
    await agent.fail('completePaymentCapture', sids);
    simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 503 } });
    await agent.fail('completePaymentCapture', sids);
    await agent.fail('cancelPaymentCapture', sids);
    const none = `PK${'0'.repeat(32)}`;
    await agent.fail('cancelPaymentCapture', { ...sids, paymentSid: none });
    const lines = auditOf(stage).slice(1);
    expect(lines.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['complete', 'NOT_READY'],
      ['complete', 'CONFIRMATION_MISMATCH'],
      ['complete', 'TWILIO_RATE_LIMITED'],
      ['complete', 'COMPLETION_UNKNOWN'],
      ['cancel', 'COMPLETING'],
      ['cancel', 'PAYMENT_NOT_FOUND'],
    ]);
    for (const line of lines.slice(0, -1))
      expect(line).toMatchObject({ ...sids, chargeAmount: 12.5, currency: 'USD' });
    expect(historyOf(stage, sids)).toEqual([
      ['MCP_AUTH_TOKEN', 'start', '', 'done'],
      ['MCP_AUTH_TOKEN', 'complete', 'none', 'asked'],
      ['MCP_AUTH_TOKEN', 'complete', 'none', 'TWILIO_RATE_LIMITED'],
      ['MCP_AUTH_TOKEN', 'complete', 'none', 'asked'],
    ]);
  });
});

test('the history keeps its twenty newest entries', async () => {
  const stage = await connectStage();
  const { agent, simulator } = stage;
  const sids = await start(stage, CHARGE);
  await enterAll(stage, sids);
  simulator.faults.add({ route: 'payments.update', action: { status: 409, code: 64020 } });
  for (let i = 0; i < 11; i++) await agent.fail('completePaymentCapture', sids);
  simulator.faults.clear();
  await agent.call('cancelPaymentCapture', sids);
  const history = historyOf(stage, sids);
  expect(history).toHaveLength(20);
  expect(history.at(-1)).toEqual(['MCP_AUTH_TOKEN', 'cancel', '', 'asked']);
  expect(history.at(-2)).toEqual(['MCP_AUTH_TOKEN', 'complete', 'none', 'TWILIO_REFUSED']);
});

test('neither log nor history ever hold a token or a card number', async () => {
  const stage = await connectStage();
  const sids = await start(stage, { securityCode: false });
  await enterAll(stage, sids);
  await stage.agent.call('completePaymentCapture', sids);
  await stage.simulator.settled();
  const lines = JSON.stringify([auditOf(stage), historyOf(stage, sids)]);
  const { paymentToken, profileId } = await stage.agent.call('getPaymentStatus', sids);
  expect(String(paymentToken)).not.toBe('');
  for (const secret of [TOKEN, DESK_TOKEN, VISA, String(paymentToken), String(profileId)])
    expect(lines).not.toContain(secret);
});
