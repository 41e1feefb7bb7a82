/** The outages of docs/operations.md, each played through once: what the operator sees, what they do, and that it works. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeToken } from '../../cli/token.ts';
import type { Route } from '../../simulator/index.ts';
import { connect, type Stage } from '../host/connect.ts';
import { passTime } from '../host/go-on.ts';
import { captureAll, type Sids, settledStatus, start, statusOf } from '../host/payment.ts';
import { localIssuer } from './local-issuer.ts';
import { alertsOf, failures, health, logOf, payments, slowTwilio } from './operator.ts';

const VOICE: Route[] = ['calls.fetch', 'calls.list', 'payments.create', 'payments.update'];
const SYNC: Route[] = ['documents.create', 'documents.fetch', 'documents.update', 'documents.list'];

function fail({ simulator }: Stage, routes: Route[]): void {
  for (const route of routes) simulator.faults.add({ route, action: { status: 503 } });
}

async function ready(stage: Stage): Promise<Sids> {
  const sids = await start(stage);
  await captureAll(stage, sids);
  return sids;
}

async function pay(stage: Stage, sids: Sids): Promise<Record<string, unknown>> {
  await captureAll(stage, sids);
  await stage.agent.call('completePaymentCapture', sids);
  return settledStatus(stage, sids);
}

describe('Twilio is down:', () => {
  test('the same calls go through once it is over, and one charge is made', async () => {
    const stage = await connect();
    const { agent, simulator, call } = stage;
    fail(stage, VOICE);
    const args = { callSid: call.sid, chargeAmount: 12.5 };
    const lines = await logOf(stage, async () => {
      expect(await agent.fail('startPaymentCapture', args)).toMatch(/^TWILIO_UNAVAILABLE: .*repeat the same/);
    });
    expect(alertsOf(lines)).toEqual(['tool_failed TWILIO_UNAVAILABLE']);
    expect(await failures(stage)).toEqual(
      ['Credentials', 'Right to take payments', 'AUTH_TOKEN'].map(
        (check) => `${check}: The Voice API is in trouble (HTTP 503). See https://status.twilio.com.`,
      ),
    );
    // Our own service and Sync are well.
    expect(await failures(stage, true)).toEqual([]);
    expect(await health(stage)).toMatchObject({ status: 'ok' });

    simulator.faults.clear();
    expect(await pay(stage, await start(stage))).toMatchObject({ phase: 'completed' });
    expect(simulator.charges).toHaveLength(1);
    expect(await failures(stage)).toEqual([]);
  });

  test('a completion that it swallowed is settled by what the processor says, and the caller pays', async () => {
    const stage = await connect();
    const { agent, simulator } = stage;
    const sids = await ready(stage);
    fail(stage, VOICE);
    expect(await agent.fail('completePaymentCapture', sids)).toMatch(/^COMPLETION_UNKNOWN: /);
    passTime(60_000);
    expect(await statusOf(agent, sids)).toMatchObject({
      nextStep: 'done',
      why: expect.stringContaining('The outcome is unknown'),
    });
    simulator.faults.clear();
    const args = { callSid: sids.callSid, chargeAmount: 12.5 };
    expect(await agent.fail('startPaymentCapture', args)).toMatch(/^MAY_BE_CHARGED: /);

    expect((await payments(stage, [])).out).toContain('1 unknown outcome');
    expect((await payments(stage, ['show', sids.paymentSid])).out).toContain('never said what came of it');
    expect(simulator.charges).toEqual([]);
    await payments(stage, ['settle', sids.paymentSid, '--not-paid']);
    // The session that never heard of its completion lives on.
    expect(await agent.fail('startPaymentCapture', args)).toMatch(/nextStep: cancelPaymentCapture$/);
    await agent.call('cancelPaymentCapture', sids);
    await simulator.settled();
    expect(await pay(stage, await start(stage))).toMatchObject({ phase: 'completed' });
    expect(simulator.charges).toHaveLength(1);
  });
});

describe('Sync is down:', () => {
  test('nothing is charged meanwhile, health tells, and the payment goes on afterwards', async () => {
    const stage = await connect();
    const { agent, simulator, host } = stage;
    const sids = await ready(stage);
    fail(stage, SYNC);
    const quick = slowTwilio(stage, 2_000);
    const lines = await logOf(stage, async () => {
      expect(await agent.fail('completePaymentCapture', sids)).toMatch(/^STORE_UNAVAILABLE: /);
      expect((await fetch(`${host.url}/health`)).status).toBe(503);
    });
    expect(alertsOf(lines)).toEqual(['tool_failed STORE_UNAVAILABLE', 'sync_unavailable']);
    expect(await failures(stage)).toEqual([
      'Sync service: Sync is in trouble (HTTP 503). See https://status.twilio.com.',
      expect.stringMatching(/^Health: Sync gives the deployed service no good answer\./),
    ]);
    expect(await failures(stage, true)).toEqual([expect.stringMatching(/^Health: /)]);
    expect(simulator.charges).toEqual([]);

    quick();
    simulator.faults.clear();
    expect(await statusOf(agent, sids)).toMatchObject({ phase: 'ready' });
    expect(await pay(stage, sids)).toMatchObject({ phase: 'completed' });
    passTime(10_000);
    expect(await failures(stage)).toEqual([]);
  });

  test('what a caller typed meanwhile is asked for again', async () => {
    const stage = await connect();
    const { agent, caller, simulator } = stage;
    const sids = await start(stage);
    await agent.call('captureCardNumber', sids);
    // Of an entry its last callback alone, to be quick.
    simulator.delivery.drop(({ params }) => params.PartialResult === 'true');
    fail(stage, SYNC);
    const quick = slowTwilio(stage, 2_000);
    const lines = await logOf(stage, async () => {
      await caller.types('4242424242424242');
      await simulator.settled();
    });
    expect(alertsOf(lines)).toEqual(['not_stored STORE_UNAVAILABLE']);
    quick();
    simulator.faults.clear();
    passTime(60_000);
    expect(await statusOf(agent, sids)).toMatchObject({ nextStep: 'captureCardNumber' });
    expect(await pay(stage, sids)).toMatchObject({ phase: 'completed' });
  });

  test('a result that was lost is settled under the code of the processor', async () => {
    const stage = await connect();
    const { agent, simulator } = stage;
    const sids = await ready(stage);
    simulator.delivery.hold();
    await agent.call('completePaymentCapture', sids);
    fail(stage, SYNC);
    const quick = slowTwilio(stage, 2_000);
    const lines = await logOf(stage, async () => {
      await simulator.delivery.release();
      await simulator.settled();
    });
    expect(alertsOf(lines)).toEqual(['not_stored STORE_UNAVAILABLE']);
    quick();
    simulator.faults.clear();
    passTime(60_000);
    expect(await statusOf(agent, sids)).toMatchObject({
      why: expect.stringContaining('The outcome is unknown'),
    });
    expect((await payments(stage, [])).out).toContain('1 unknown outcome');
    const [charge] = simulator.charges;
    const code = charge?.confirmationCode ?? '';
    await payments(stage, ['settle', sids.paymentSid, '--paid', code]);
    expect(await statusOf(agent, sids)).toMatchObject({
      phase: 'completed',
      paymentConfirmationCode: code,
    });
  });
});

test('the processor is down: no alert, the status says that nothing was charged, and the next payment goes through', async () => {
  const stage = await connect({ switches: { processorOutcome: 'unavailable' } });
  const { agent, simulator } = stage;
  const sids = await ready(stage);
  const lines = await logOf(stage, async () => {
    await agent.call('completePaymentCapture', sids);
    await simulator.settled();
  });
  expect(alertsOf(lines)).toEqual([]);
  expect(lines).toContainEqual(
    expect.objectContaining({ event: 'audit', action: 'result', outcome: 'payment-connector-error' }),
  );
  expect(await statusOf(agent, sids)).toMatchObject({
    phase: 'failed',
    why: expect.stringMatching(/gateway is not available\. No payment was confirmed\.$/),
  });
  expect((await payments(stage, [])).out).toContain('1 payments: 1 failed.');
  const story = (await payments(stage, ['show', sids.paymentSid])).out;
  expect(story).toContain('The payment provider could not be reached.');
  expect(await failures(stage)).toEqual([]);

  simulator.switches.processorOutcome = 'by-card';
  expect(await pay(stage, await start(stage))).toMatchObject({ phase: 'completed' });
  expect(simulator.charges).toHaveLength(1);
});

describe('the issuer is down:', () => {
  test('its clients are answered 503, a token of MCP_TOKENS helps meanwhile, and they go on afterwards', async () => {
    const issuer = await localIssuer();
    const stage = await connect({ variables: { OAUTH_ISSUER: issuer.url } });
    issuer.isDown = true;
    const headers = { Authorization: `Bearer ${await issuer.token(stage)}` };
    const lines = await logOf(stage, async () => {
      await expect(stage.connectAgent(headers)).rejects.toThrow('ISSUER_UNAVAILABLE');
    });
    expect(alertsOf(lines)).toEqual(['issuer_unavailable']);
    expect(await failures(stage, true)).toEqual([]);

    const made = makeToken(['--name', 'anna', '--scopes', 'read,write,charge', '--env', 'none']);
    const [, token = ''] = /\n {2}([\w-]{43})\n/.exec(made) ?? [];
    [, stage.variables.MCP_TOKENS = ''] = /\n {2}MCP_TOKENS=(.+)\n/.exec(made) ?? [];
    const anna = await stage.connectAgent({ Authorization: `Bearer ${token}` });
    const own = { ...stage, agent: anna };
    expect(await pay(own, await start(own))).toMatchObject({ phase: 'completed' });

    issuer.isDown = false;
    passTime(6_000);
    const person = await stage.connectAgent(headers);
    const next = { ...stage, agent: person, call: stage.simulator.placeCall() };
    await start(next);
  });

  test('for less than ten minutes: nobody feels it', async () => {
    const issuer = await localIssuer();
    const stage = await connect({ variables: { OAUTH_ISSUER: issuer.url } });
    const person = await stage.connectAgent({ Authorization: `Bearer ${await issuer.token(stage)}` });
    const own = { ...stage, agent: person };
    const sids = await start(own);
    issuer.isDown = true;
    passTime(9 * 60_000);
    const lines = await logOf(stage, async () => {
      expect(await statusOf(person, sids)).toMatchObject({ phase: 'started' });
    });
    expect(alertsOf(lines)).toEqual([]);
    passTime(2 * 60_000);
    await expect(statusOf(person, sids)).rejects.toThrow('ISSUER_UNAVAILABLE');
    onTestFinished(() => {
      issuer.isDown = false;
    });
  });
});
