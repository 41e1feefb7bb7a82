/** `npm run payments`, as an operator uses it. */
import { describe, expect, test } from 'vitest';
import { csvOf } from '../../cli/payments/export.ts';
import type { Facts } from '../../cli/payments/facts.ts';
import { managePayments } from '../../cli/payments.ts';
import { connect, type Stage, VISA } from '../host/connect.ts';
import { captureAll, type Sids, settledStatus, start, statusOf } from '../host/payment.ts';
import { documentOf, sync } from '../host/twilio-side.ts';
import { lose, payments as run } from './operator.ts';

const jsonOf = (out: string): Record<string, unknown>[] =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

async function pay(stage: Stage): Promise<Sids> {
  const sids = await start(stage);
  await captureAll(stage, sids);
  await stage.agent.call('completePaymentCapture', sids);
  await stage.simulator.settled();
  return sids;
}

test('an empty Sync says so, in a table and in JSON', async () => {
  const stage = await connect();
  expect((await run(stage, [])).out).toBe('Sync keeps no payments.');
  expect((await run(stage, ['--json'])).out).toBe('');
});

test('the list has every payment with its state, from the first page of Sync to the last', async () => {
  const stage = await connect();
  const paid = await pay(stage);
  for (let call = 0; call < 60; call++)
    await sync(stage, 'POST', '', { UniqueName: `other-${call}`, Data: '{}' });
  const live = await start({ ...stage, call: stage.simulator.placeCall() });
  const { out } = await run(stage, []);
  expect(out).toMatch(new RegExp(`paid +12.5 USD +visa 4242 +"ch_\\w+" +MCP_AUTH_TOKEN +${paid.paymentSid}`));
  expect(out).toMatch(new RegExp(`live +12.5 USD .*${live.paymentSid} +${live.callSid}`));
  expect(out).toContain('2 payments: 1 live, 1 paid.');
  expect(jsonOf((await run(stage, ['--json'])).out)).toMatchObject([
    { state: 'paid', chargeAmount: 12.5, currency: 'USD', result: 'success', completedBy: 'MCP_AUTH_TOKEN' },
    { state: 'live', confirmationCode: '', startedBy: 'MCP_AUTH_TOKEN' },
  ]);
});

test('no payment token is told, and a token that was made is no payment', async () => {
  const stage = await connect();
  const sids = await start(stage, {});
  await captureAll(stage, sids);
  await stage.agent.call('completePaymentCapture', sids);
  const { paymentToken } = await settledStatus(stage, sids);
  const outputs = [
    await run(stage, []),
    await run(stage, ['--json']),
    await run(stage, ['show', sids.paymentSid]),
  ];
  expect(String(paymentToken)).not.toBe('');
  for (const { out } of outputs) {
    expect(out).not.toContain(String(paymentToken));
    expect(out).toContain('saved');
  }
});

test('the story of a payment tells who, when, what was confirmed, and what Twilio said', async () => {
  const stage = await connect();
  const { agent, caller, simulator } = stage;
  const sids = await start(stage, { chargeAmount: 12.5, description: 'Invoice 7' });
  await agent.call('captureCardNumber', sids);
  await caller.types('4242424242424241');
  await simulator.settled();
  await captureAll(stage, sids);
  await agent.call('completePaymentCapture', {
    ...sids,
    chargeAmount: 12.5,
    currency: 'USD',
    lastFour: '4242',
  });
  await simulator.settled();
  const { out } = await run(stage, ['show', sids.paymentSid]);
  expect(out).toMatch(
    /^Payment PK\w+ on call CA\w+: paid\.\nA charge of 12\.5 USD, from visa 4242, for "Invoice 7"/,
  );
  const time = /^\d{4}-\d\d-\d\dT[\d:.]+Z {2}/gm;
  expect(out.match(time)).toHaveLength(6);
  expect(out.replace(time, '')).toContain(`
MCP_AUTH_TOKEN started it.
MCP_AUTH_TOKEN asked for the card number.
MCP_AUTH_TOKEN asked for the card number.
MCP_AUTH_TOKEN asked for the security code.
MCP_AUTH_TOKEN asked for the expiration date.
MCP_AUTH_TOKEN asked Twilio to complete it; the model had repeated amount, currency and last digits.
`);
  expect(out).toContain('The card number: captured; failed before: invalid-card-number.');
  expect(out).toContain('Twilio reported: success.');
});

describe('an unknown outcome', () => {
  test('is listed as such, and its story says how to settle it', async () => {
    const stage = await connect();
    const { paymentSid } = await lose(stage);
    expect((await run(stage, [])).out).toContain('1 payments: 1 unknown outcome. Look those up');
    const { out } = await run(stage, ['show', paymentSid]);
    expect(out).toContain('has never said what came of it');
    expect(out).toContain(`npm run payments -- settle ${paymentSid} --not-paid`);
  });

  test('that was not charged frees the call, in the history of who found it out', async () => {
    const stage = await connect();
    const { agent } = stage;
    const sids = await lose(stage);
    expect(await agent.fail('startPaymentCapture', { callSid: sids.callSid, chargeAmount: 12.5 })).toMatch(
      /^MAY_BE_CHARGED/,
    );
    const { out } = await run(stage, ['settle', sids.paymentSid, '--not-paid']);
    expect(out).toContain('operator:olivia looked it up at the processor; nothing was charged.');
    expect(await statusOf(agent, sids)).toMatchObject({
      phase: 'failed',
      why: expect.stringContaining('nothing was charged'),
    });
  });

  test('that was settled as not charged stays so when its document is gone', async () => {
    const stage = await connect();
    const sids = await lose(stage);
    await run(stage, ['settle', sids.paymentSid, '--not-paid']);
    await sync(stage, 'DELETE', `/payment-${sids.paymentSid}`);
    await stage.simulator.settled();
    const args = { callSid: sids.callSid, chargeAmount: 12.5 };
    const second = await stage.agent.call('startPaymentCapture', args);
    expect(second.paymentSid).not.toBe(sids.paymentSid);
  });

  test('that was settled as not charged was charged after all, if Twilio says so later', async () => {
    const stage = await connect();
    const { agent, simulator } = stage;
    const sids = await lose(stage);
    await run(stage, ['settle', sids.paymentSid, '--not-paid']);
    await simulator.delivery.release();
    expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed', result: 'success' });
    expect(await agent.fail('startPaymentCapture', { callSid: sids.callSid, chargeAmount: 12.5 })).toMatch(
      /^ALREADY_PAID/,
    );
    await expect(run(stage, ['settle', sids.paymentSid, '--not-paid'])).rejects.toThrow(
      'There is nothing to settle: the payment is paid (Twilio reported success).',
    );
  });

  test('that was charged is paid, under the code of the processor, and can be corrected', async () => {
    const stage = await connect();
    const { agent } = stage;
    const sids = await lose(stage);
    await run(stage, ['settle', sids.paymentSid, '--not-paid']);
    const { out } = await run(stage, ['settle', sids.paymentSid, '--paid', 'ch_77']);
    expect(out).toContain(': paid.');
    expect(await statusOf(agent, sids)).toMatchObject({
      phase: 'completed',
      result: '',
      paymentConfirmationCode: 'ch_77',
      nextStep: 'done',
    });
    expect(await agent.fail('startPaymentCapture', { callSid: sids.callSid, chargeAmount: 12.5 })).toMatch(
      /^ALREADY_PAID/,
    );
    await sync(stage, 'DELETE', `/payment-${sids.paymentSid}`);
    expect(await agent.fail('startPaymentCapture', { callSid: sids.callSid, chargeAmount: 12.5 })).toMatch(
      /^MAY_BE_CHARGED/,
    );
  });

  test('is not to be settled while it may still come, nor without a completion', async () => {
    const stage = await connect();
    const { agent, simulator } = stage;
    const sids = await start(stage);
    const settling = () => run(stage, ['settle', sids.paymentSid, '--not-paid']);
    await expect(settling()).rejects.toThrow('The payment is under way');
    await captureAll(stage, sids);
    simulator.delivery.hold();
    await agent.call('completePaymentCapture', sids);
    await expect(settling()).rejects.toThrow('The payment is under way');
    expect(documentOf(stage, sids.paymentSid).data).not.toHaveProperty('settlement');
  });
});

describe('an export', () => {
  test('has what was or may have been charged since then, to be compared by code', async () => {
    const stage = await connect();
    const paid = await pay(stage);
    const next = { ...stage, call: stage.simulator.placeCall() };
    await start(next);
    const { out, notes } = await run(stage, ['export', '--since', new Date().toISOString().slice(0, 10)]);
    const [header = '', row = '', ...more] = out.split('\r\n');
    expect(more).toEqual([]);
    expect(header).toMatch(/^confirmationCode,chargeAmount,currency,state,/);
    expect(row).toMatch(
      new RegExp(`^ch_\\w+,12.5,USD,paid,.*,visa 4242,${paid.paymentSid},${paid.callSid},success,`),
    );
    expect(notes).toBe('');
    const json = await run(stage, ['export', '--json', '--since', '2026-01-01']);
    expect(jsonOf(json.out)).toMatchObject([{ ...paid, state: 'paid' }]);
    expect(json.notes).toMatch(/may be gone: finished ones are kept 86400 s/);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    expect((await run(stage, ['export', '--since', tomorrow])).out.split('\r\n')).toHaveLength(1);
  });

  test('keeps what a processor sends from becoming a formula or a column', () => {
    const [, row] = csvOf([{ confirmationCode: '=A1,"x"' } as Facts]).split('\r\n');
    expect(row?.startsWith(`"'=A1,""x""",`)).toBe(true);
  });
});

describe('erasing a call', () => {
  const documents = ({ simulator }: Stage) => simulator.documents().map(({ uniqueName }) => uniqueName);

  async function paidAndOver(): Promise<{ stage: Stage; sids: Sids }> {
    const stage = await connect();
    const sids = await pay(stage);
    await stage.caller.hangsUp();
    await stage.simulator.settled();
    return { stage, sids };
  }

  test('deletes its payments and its ledger, once somebody has said yes', async () => {
    const { stage, sids } = await paidAndOver();
    const other = await start({ ...stage, call: stage.simulator.placeCall() });
    const { out, notes } = await run(stage, ['erase', sids.callSid], 'yes');
    expect(documents(stage).sort()).toEqual([`call-${other.callSid}`, `payment-${other.paymentSid}`]);
    expect(notes).toContain('These documents go for good');
    expect(JSON.parse(out)).toEqual({
      action: 'erase',
      client: 'operator:olivia',
      callSid: sids.callSid,
      documents: [`payment-${sids.paymentSid}`, `call-${sids.callSid}`],
    });
    expect((await run(stage, ['erase', sids.callSid, '--yes'])).out).toContain('Sync keeps nothing of call');
  });

  test('deletes the ledger of the leg as well if the call is named by the leg above it', async () => {
    const stage = await connect();
    const parent = stage.simulator.placeCall();
    const child = stage.simulator.placeCall({ parentCallSid: parent.sid });
    const own = { ...stage, call: child, caller: stage.simulator.caller(child.sid) };
    await pay(own);
    const erase = () => run(stage, ['erase', parent.sid, '--yes']);
    await stage.simulator.caller(parent.sid).hangsUp();
    await stage.simulator.settled();
    await erase();
    expect(documents(stage)).toEqual([]);
  });

  test.each([
    ['no', 'Nothing was erased.'],
    [undefined, 'give --yes'],
  ])('deletes nothing on the reply %s', async (reply, said) => {
    const { stage, sids } = await paidAndOver();
    await expect(run(stage, ['erase', sids.callSid], reply)).rejects.toThrow(said);
    expect(documents(stage)).toHaveLength(2);
  });

  test('is refused while the call is in progress: its ledger keeps it from being charged twice', async () => {
    const stage = await connect();
    const { callSid } = await pay(stage);
    await expect(run(stage, ['erase', callSid, '--yes'])).rejects.toThrow('The call is in-progress.');
    expect(documents(stage)).toHaveLength(2);
  });

  test('is refused while nobody knows whether it was charged', async () => {
    const stage = await connect();
    const { callSid, paymentSid } = await lose(stage);
    await stage.caller.hangsUp();
    await expect(run(stage, ['erase', callSid, '--yes'])).rejects.toThrow(
      `Whether ${paymentSid} was charged`,
    );
    await run(stage, ['settle', paymentSid, '--paid', 'ch_1']);
    await run(stage, ['erase', callSid, '--yes']);
    expect(documents(stage)).toEqual([]);
  });
});

test('payments that are finished or may be charged are kept as long as the operator says', async () => {
  const stage = await connect({ variables: { KEEP_FINISHED_SECONDS: '864000' } });
  const lifetime = (name: string) => {
    const document = stage.simulator.documents().find(({ uniqueName }) => uniqueName === name);
    return Math.round((Number(document?.dateExpires) - Date.now()) / 86_400_000);
  };
  const sids = await start(stage);
  await stage.simulator.settled();
  const payment = `payment-${sids.paymentSid}`;
  expect([lifetime(payment), lifetime(`call-${sids.callSid}`)]).toEqual([1, 12]);
  await captureAll(stage, sids);
  stage.simulator.delivery.hold();
  await stage.agent.call('completePaymentCapture', sids);
  expect(lifetime(payment)).toBe(10);
  await stage.simulator.delivery.release();
  await stage.simulator.settled();
  expect(lifetime(payment)).toBe(10);
});

describe('as a program', () => {
  test('it works on the simulated Twilio of npm start, without credentials of its own', async () => {
    const stage = await connect();
    const { paymentSid } = await start(stage);
    const out: string[] = [];
    const terminal = {
      print: (text: string) => out.push(text),
      note: () => undefined,
      ask: async () => undefined,
    };
    await managePayments(['--simulator', stage.simulator.url, '--env', 'no-such-file'], terminal);
    expect(out.join('\n')).toContain(paymentSid);
  });

  test('each argument that does not fit is told what would', async () => {
    const stage = await connect();
    const none = `PK${'0'.repeat(32)}`;
    const cases: [string[], string][] = [
      [['--help'], 'npm run payments -- settle PK'],
      [['shows'], 'There is no command shows. See npm run payments -- --help'],
      [['show', 'PK1'], 'Give the SID of a payment'],
      [['show', none], 'Sync keeps no payment'],
      [['erase'], 'Give the SID of a call'],
      [['settle', none], 'needs either --paid'],
      [['settle', none, '--paid', 'x', '--not-paid'], 'needs either --paid'],
      [['settle', none, '--paid', 'a b'], '--paid takes the confirmation code'],
      [['settle', none, '--paid', VISA], '--paid takes no card number'],
      [['settle', none, '--not-paid'], 'Sync keeps no payment'],
      [['export'], 'export needs --since'],
      [['export', '--since', 'yesterday'], 'export needs --since'],
      [['--fast'], 'See npm run payments -- --help'],
      [['show', none, 'more'], 'There is nothing to do with more'],
      [['--by', 'a b'], '--by takes letters'],
      [['--simulator', 'https://example.com'], '--simulator takes the address'],
      [['--simulator', 'http://127.0.0.1:1'], 'No simulated Twilio answers'],
    ];
    for (const [args, said] of cases) {
      const output = await run(stage, args).then(
        ({ out }) => out,
        (error: Error) => error.message,
      );
      expect([args, output]).toEqual([args, expect.stringContaining(said)]);
    }
  });

  test('it says what is wrong with the credentials', async () => {
    const stage = await connect();
    stage.variables.API_SECRET = 'wrong';
    await expect(run(stage, [])).rejects.toThrow('TWILIO_UNAUTHORIZED (HTTP 401, Twilio error 20003)');
    stage.variables.CURRENCY = 'dollars';
    await expect(run(stage, [])).rejects.toThrow('CURRENCY is malformed');
    for (const name of ['ACCOUNT_SID', 'AUTH_TOKEN', 'API_KEY', 'API_SECRET']) delete stage.variables[name];
    await expect(run(stage, [])).rejects.toThrow('give --simulator');
  });
});
