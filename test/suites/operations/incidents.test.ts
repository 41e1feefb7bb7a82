/** The incidents and rotations of docs/operations.md, each played through once. */
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../functions/runtime/bearer-tokens.ts';
import { connect, type Stage } from '../host/connect.ts';
import { captureAll, settledStatus, start, statusOf } from '../host/payment.ts';

/** The names of the events that raised an alert since so many lines. */
function alertsSince({ host }: Stage, from: number): string[] {
  const lines = host.logs.slice(from).map((line) => JSON.parse(line) as { level: string; event: string });
  return lines.filter(({ level }) => level === 'error').map(({ event }) => event);
}

describe('an outage', () => {
  test('of the Voice API: the same calls go through once it is over, and one charge is made', async () => {
    const stage = await connect();
    const { agent, simulator, call } = stage;
    const from = stage.host.logs.length;
    simulator.faults.add({ route: 'payments.create', action: { status: 503 } });
    const args = { callSid: call.sid, chargeAmount: 12.5 };
    expect(await agent.fail('startPaymentCapture', args)).toMatch(/^TWILIO_UNAVAILABLE/);
    expect(alertsSince(stage, from)).toEqual(['tool_failed']);
    simulator.faults.clear();
    const sids = await start(stage);
    await captureAll(stage, sids);
    await agent.call('completePaymentCapture', sids);
    expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed' });
    expect(simulator.charges).toHaveLength(1);
  });

  test('of Sync: nothing is charged meanwhile, health tells, and the payment goes on afterwards', async () => {
    const stage = await connect();
    const { agent, simulator, host } = stage;
    const sids = await start(stage);
    await captureAll(stage, sids);
    for (const route of ['documents.fetch', 'documents.update', 'documents.list'] as const)
      simulator.faults.add({ route, action: { status: 401, code: 20003 } });
    expect(await agent.fail('completePaymentCapture', sids)).toMatch(/^TWILIO_UNAUTHORIZED/);
    expect((await fetch(`${host.url}/health`)).status).toBe(503);
    expect(simulator.charges).toHaveLength(0);
    simulator.faults.clear();
    expect(await statusOf(agent, sids)).toMatchObject({ phase: 'ready' });
    await agent.call('completePaymentCapture', sids);
    expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed' });
  });
});

describe('a rotation in the middle of a payment', () => {
  test('of a bearer token: both work until the old entry is gone', async () => {
    const entry = (token: string) => `desk:rwc::${digestOf(token)}`;
    const stage = await connect({ variables: { MCP_TOKENS: entry('old-token') } });
    const old = await stage.connectAgent({ Authorization: 'Bearer old-token' });
    const { paymentSid } = await old.call('startPaymentCapture', {
      callSid: stage.call.sid,
      chargeAmount: 12.5,
    });
    const sids = { callSid: stage.call.sid, paymentSid: String(paymentSid) };
    stage.variables.MCP_TOKENS = `${entry('old-token')} ${entry('new-token')}`;
    const fresh = await stage.connectAgent({ Authorization: 'Bearer new-token' });
    expect(await statusOf(fresh, sids)).toMatchObject({ phase: 'started' });
    expect(await statusOf(old, sids)).toMatchObject({ phase: 'started' });
    stage.variables.MCP_TOKENS = entry('new-token');
    await expect(statusOf(old, sids)).rejects.toThrow();
    expect(await statusOf(fresh, sids)).toMatchObject({ phase: 'started' });
  });

  test('of the Auth Token: with the check left to the gateway no callback is lost', async () => {
    const stage = await connect();
    const { agent, caller, simulator, variables } = stage;
    const sids = await start(stage);
    await simulator.settled();
    // Twilio signs with the promoted token, and the service still has the one before.
    const { authToken } = simulator.credentials;
    variables.AUTH_TOKEN = 'b'.repeat(32);
    variables.CALLBACK_SIGNATURE = 'gateway';
    await agent.call('captureCardNumber', sids);
    await caller.types('4242424242424242');
    await simulator.settled();
    expect(await statusOf(agent, sids)).toMatchObject({ paymentCardNumber: 'xxxxxxxxxxxx4242' });
    variables.AUTH_TOKEN = authToken;
    variables.CALLBACK_SIGNATURE = 'verify';
    await captureAll(stage, sids);
    expect(await statusOf(agent, sids)).toMatchObject({ phase: 'ready' });
  });
});
