/** Documents of the last release and of this one: each reads what the other wrote, so that a deploy loses no payment. */
import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { callLedgerSchema } from '../../../functions/payments/session/call-ledger.ts';
import { phaseOf } from '../../../functions/payments/session/phase.ts';
import { sessionSchema } from '../../../functions/payments/session/session.ts';
import { digestOf } from '../../../functions/runtime/bearer-tokens.ts';
import { connect, type Stage, VISA } from '../host/connect.ts';
import { hurry } from '../host/hurry.ts';
import { captureAll, type Sids, settledStatus, start } from '../host/payment.ts';
// Written by the code of LAST_RELEASE (release.ts), from payments on the simulated Twilio, and the schemas that it reads with.
import documents from './last-release/documents.json' with { type: 'json' };
import schemas from './last-release/schemas.json' with { type: 'json' };
import { makeOlder, payments } from './operator.ts';

async function complete(stage: Stage, sids: Sids): Promise<void> {
  await captureAll(stage, sids);
  await stage.agent.call('completePaymentCapture', sids);
  await settledStatus(stage, sids);
}

beforeEach(hurry);

describe('this release reads what the last one wrote:', () => {
  test.each([
    ['started', 'started'],
    ['capturing', 'capturing'],
    ['ready', 'ready'],
    ['completing', 'completing'],
    ['completed', 'completed'],
    ['canceled', 'canceled'],
    ['failed', 'failed'],
  ] as const)('a payment that was %s', (name, phase) => {
    const { payment, call } = documents[name];
    expect(phaseOf(sessionSchema().parse(payment))).toBe(phase);
    expect(callLedgerSchema().parse(call)).toMatchObject({
      callSid: payment.callSid,
      paymentSids: [payment.paymentSid],
    });
  });
});

describe('the last release reads what this one writes:', () => {
  type Kind = keyof typeof schemas;
  const readers = Object.fromEntries(
    Object.entries(schemas).map(([kind, schema]) => [kind, z.fromJSONSchema(schema as never)]),
  ) as Record<Kind, z.ZodType>;

  /** All documents that are in Sync now, each read by the schema of the last release. */
  function expectReadable({ simulator }: Stage): void {
    const kinds = simulator.documents().map(({ uniqueName = '', data }) => {
      const kind = uniqueName.split('-')[0] as Kind;
      const read = readers[kind].safeParse(data);
      expect([uniqueName, read.error?.issues]).toEqual([uniqueName, undefined]);
      return kind;
    });
    expect(new Set(kinds)).toEqual(new Set(['payment', 'call']));
  }

  test('it would notice a member that it needs and does not get', () => {
    const { completing: _, ...payment } = documents.ready.payment;
    expect(readers.payment.safeParse(payment).success).toBe(false);
  });

  test.each<[string, (stage: Stage, sids: Sids) => Promise<unknown>]>([
    ['a start', async () => undefined],
    [
      'a card number that was mistyped',
      async ({ agent, caller, simulator }, sids) => {
        await agent.call('captureCardNumber', sids);
        await caller.types('4242424242424241');
        await simulator.settled();
        await agent.call('captureCardNumber', sids);
        await caller.types(VISA);
      },
    ],
    [
      'a charge',
      async (stage, sids) => {
        await captureAll(stage, sids);
        await stage.agent.call('completePaymentCapture', sids);
      },
    ],
    ['a cancel', ({ agent }, sids) => agent.call('cancelPaymentCapture', sids)],
    ['a call that ended', ({ caller }) => caller.hangsUp()],
    [
      'a payment that somebody took over',
      async (stage, sids) => {
        stage.variables.MCP_TOKENS = `chief:rwca::${digestOf('of-the-chief')}`;
        const chief = await stage.connectAgent({ Authorization: 'Bearer of-the-chief' });
        await chief.call('captureCardNumber', sids);
      },
    ],
    [
      'a declined card, and a charge that was agreed on after another one',
      async (stage, sids) => {
        const { agent, simulator, call } = stage;
        simulator.switches.processorOutcome = 'decline';
        await complete(stage, sids);
        simulator.switches.processorOutcome = 'by-card';
        await complete(stage, await start(stage));
        const again = await start(stage, { chargeAmount: 12.5, anotherPayment: true });
        await agent.call('captureCardNumber', { ...again, callSid: call.sid });
      },
    ],
    [
      'an unknown outcome that was settled',
      async (stage, sids) => {
        await captureAll(stage, sids);
        stage.simulator.delivery.hold();
        await stage.agent.call('completePaymentCapture', sids);
        await makeOlder(stage, sids, 60_000);
        await payments(stage, ['settle', sids.paymentSid, '--not-paid']);
      },
    ],
  ])('%s', async (_, work) => {
    const stage = await connect();
    const sids = await start(stage);
    await work(stage, sids);
    await stage.simulator.settled();
    expectReadable(stage);
  });
});
