/** CONFIRM_CHARGES where a person can be asked (revision 2026-07-28, elicitation): nothing is charged without their yes. */
import { beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../../functions/runtime/bearer-tokens.ts';
import { ask, type Body, bodyOf } from '../generations/requests.ts';
import { connect, type Stage } from '../host/connect.ts';
import { enter, enterAll, onOwnCall } from '../host/entries.ts';
import { passTime } from '../host/go-on.ts';
import { hurry } from '../host/hurry.ts';
import { type Sids, settledStatus, start } from '../host/payment.ts';
import { rawAgent } from '../host/raw.ts';

beforeEach(hurry);

type Result = NonNullable<Body['result']>;

const OTHER_TOKEN = 'token-of-another-desk';
const FORMS = { elicitation: {} };
const YES = { action: 'accept', content: {} };

interface Sent {
  args?: Record<string, unknown>;
  /** What comes back with the request that is sent again. */
  state?: unknown;
  response?: unknown;
  capabilities?: Record<string, unknown>;
  token?: string;
}

/** Completes as a client of the new revision does, with what a person answered. */
async function complete(stage: Stage, sids: Sids, sent: Sent = {}): Promise<Result> {
  const { args = {}, state, response, capabilities = FORMS, token } = sent;
  const params = {
    name: 'completePaymentCapture',
    arguments: { ...sids, ...args },
    ...(state !== undefined && { requestState: state }),
    ...(response !== undefined && { inputResponses: { confirm: response } }),
  };
  const answer = await ask(rawAgent(stage), 'tools/call', params, {
    meta: { clientCapabilities: capabilities },
    ...(token && { headers: { authorization: `Bearer ${token}` } }),
  });
  return bodyOf(answer).result ?? {};
}

/** A payment of which everything is captured, in a service where charges are confirmed. */
async function ready(from?: Stage): Promise<[Stage, Sids]> {
  const variables = { CONFIRM_CHARGES: 'always', MCP_TOKENS: `other:rwca::${digestOf(OTHER_TOKEN)}` };
  const stage = from ? onOwnCall(from) : await connect({ variables });
  const sids = await start(stage, { chargeAmount: 12.5, securityCode: false });
  await enterAll(stage, sids);
  return [stage, sids];
}

/** The same, with the question asked. */
async function asked(from?: Stage): Promise<{ stage: Stage; sids: Sids; state: string }> {
  const [stage, sids] = await ready(from);
  const { requestState } = await complete(stage, sids);
  return { stage, sids, state: String(requestState) };
}

function textOf(result: Result): string {
  return (result.content as { text?: string }[] | undefined)?.[0]?.text ?? '';
}

/** A person is asked anew, and nothing has happened. */
function expectAskedAnew({ simulator }: Stage, result: Result, state?: unknown): void {
  expect(result).toMatchObject({
    resultType: 'input_required',
    requestState: expect.stringMatching(/^[\w-]{22}$/),
  });
  expect(result.requestState).not.toBe(state);
  expectNothingDone(simulator);
}

function expectNothingDone({ charges, requests }: Stage['simulator']): void {
  expect(charges).toEqual([]);
  expect(requests.filter(({ params }) => params.Status === 'complete')).toEqual([]);
}

describe('a person is asked', () => {
  test('how much is to be charged to what, in a form that is accepted or not', async () => {
    const [stage, sids] = await ready();
    const result = await complete(stage, sids);
    expectAskedAnew(stage, result);
    expect(result.inputRequests).toEqual({
      confirm: {
        method: 'elicitation/create',
        params: {
          mode: 'form',
          message: 'Charge 12.5 USD to the visa ending in 4242?',
          requestedSchema: { type: 'object', properties: {} },
        },
      },
    });
    expect(result).not.toHaveProperty('content');
  });

  test('also where the model has repeated the charge, rightly or not', async () => {
    const [stage, sids] = await ready();
    const right = { chargeAmount: 12.5, currency: 'USD', lastFour: '4242' };
    expectAskedAnew(stage, await complete(stage, sids, { args: right }));
    const wrong = await complete(stage, sids, { args: { ...right, chargeAmount: 1 } });
    expect(textOf(wrong)).toMatch(/^CONFIRMATION_MISMATCH: /);
    expectNothingDone(stage.simulator);
  });

  test('and what the client is to bring back is written down nowhere', async () => {
    const { stage, state } = await asked();
    expect(state).toMatch(/^[\w-]{22}$/);
    expect(stage.everythingWritten()).not.toContain(state);
  });
});

describe('a yes', () => {
  test('charges once, however often it is said', async () => {
    const { stage, sids, state } = await asked();
    const yes = () => complete(stage, sids, { state, response: YES });
    const results = await Promise.all([yes(), yes(), yes()]);
    for (const result of results) expect(result.resultType).toBe('complete');
    expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
    expect(await yes()).toMatchObject({ structuredContent: { phase: 'completed', nextStep: 'done' } });
    expect(stage.simulator.charges).toHaveLength(1);
  });

  test('counts for one try: where Twilio refused it, the person is asked again', async () => {
    const { stage, sids, state } = await asked();
    stage.simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 429, code: 20429 } });
    expect(textOf(await complete(stage, sids, { state, response: YES }))).toMatch(/^TWILIO_RATE_LIMITED: /);
    const { charges } = stage.simulator;
    const again = await complete(stage, sids, { state, response: YES });
    expect(again).toMatchObject({ resultType: 'input_required' });
    expect(charges).toEqual([]);
    await complete(stage, sids, { state: again.requestState, response: YES });
    expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
  });

  type Case = [string, (was: { stage: Stage; sids: Sids; state: string }) => Promise<Sent> | Sent];
  test.each<Case>([
    [
      'whose state was changed',
      ({ state }) => ({ state: `${state.slice(0, -1)}${state.endsWith('A') ? 'B' : 'A'}` }),
    ],
    ['whose state is empty', () => ({ state: '' })],
    ['whose state is no text', ({ state }) => ({ state: [state] })],
    ['without a state', () => ({})],
    ['of another client', ({ state }) => ({ state, token: OTHER_TOKEN })],
    [
      'to a question that was asked again since',
      async ({ stage, sids, state }) => {
        await complete(stage, sids);
        return { state };
      },
    ],
    ['to the question of another payment', async ({ stage }) => ({ state: (await asked(stage)).state })],
    [
      'that comes after two minutes',
      ({ state }) => {
        passTime(120_001);
        return { state };
      },
    ],
    [
      'to a question about another card',
      async ({ stage, sids, state }) => {
        await enter(stage, sids, 'payment-card-number', { keys: '5555555555554444' });
        return { state };
      },
    ],
    [
      'to a question from before the same card was typed again',
      async ({ stage, sids, state }) => {
        await enter(stage, sids, 'payment-card-number');
        return { state };
      },
    ],
  ])('does not count %s', async (_, change) => {
    const was = await asked();
    const sent = await change(was);
    expectAskedAnew(was.stage, await complete(was.stage, was.sids, { ...sent, response: YES }), was.state);
  });

  test.each([
    ['the most that may be charged was lowered', { MAX_CHARGE_AMOUNT: '10' }, 'AMOUNT_REFUSED'],
    ['its currency was forbidden', { ALLOWED_CURRENCIES: 'EUR' }, 'CURRENCY_REFUSED'],
  ])('does not count where %s meanwhile', async (_, variables, code) => {
    const { stage, sids, state } = await asked();
    Object.assign(stage.variables, variables);
    const result = await complete(stage, sids, { state, response: YES });
    expect(textOf(result)).toMatch(new RegExp(`^${code}: `));
    expectNothingDone(stage.simulator);
  });

  test('does not count where the payment was canceled meanwhile', async () => {
    const { stage, sids, state } = await asked();
    await stage.agent.call('cancelPaymentCapture', sids);
    await stage.simulator.settled();
    expect(await complete(stage, sids, { state, response: YES })).toMatchObject({
      structuredContent: { phase: 'canceled' },
    });
    expectNothingDone(stage.simulator);
  });
});

describe('anything but a yes', () => {
  test('charges nothing, and is not made a yes later', async () => {
    const [stage, sids] = await ready();
    for (const action of ['decline', 'cancel', 'ACCEPT', '']) {
      const { requestState: state } = await complete(stage, sids);
      const said = await complete(stage, sids, { state, response: { action } });
      expect([action, said.isError]).toEqual([action, true]);
      expect(textOf(said)).toMatch(
        /^CONFIRMATION_DECLINED: .*\nthenCall: cancelPaymentCapture\nifNo: getPaymentStatus\nnextStep: askCaller$/s,
      );
      expectAskedAnew(stage, await complete(stage, sids, { state, response: YES }), state);
    }
  });

  test('is asked again where it is no answer at all', async () => {
    const { stage, sids, state } = await asked();
    for (const response of [
      undefined,
      null,
      'accept',
      true,
      {},
      { action: true },
      { content: { confirm: true } },
      [{ action: 'accept' }],
    ])
      expectAskedAnew(stage, await complete(stage, sids, { state, response }), state);
  });
});

describe('a client that cannot ask anybody', () => {
  test('has the model repeat the charge, whatever else it declares', async () => {
    const [stage, sids] = await ready();
    const others = [{}, { sampling: {} }, { elicitation: { url: {} } }, { elicitation: true }];
    for (const capabilities of others) {
      const plain = await complete(stage, sids, { capabilities, state: 'x', response: YES });
      expect(textOf(plain), JSON.stringify(capabilities)).toMatch(/^CONFIRMATION_REQUIRED: /);
    }
    expectNothingDone(stage.simulator);
    const repeated = { chargeAmount: 12.5, currency: 'USD', lastFour: '4242' };
    await complete(stage, sids, { capabilities: {}, args: repeated });
    expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
  });
});
