import { beforeEach, expect, test } from 'vitest';
import type { Switches } from '../../simulator/index.ts';
import { connect, type Stage } from './connect.ts';
import { forget } from './forget.ts';
import { goOn } from './go-on.ts';
import { hurry } from './hurry.ts';
import { type Sids, start } from './payment.ts';

type Endpoint = '/mcp' | '/payment-status';

/** Something that a Function does, and dies of. */
export interface Operation {
  name: string;
  endpoint: Endpoint;
  /** How many requests it makes to Twilio. */
  requests: number;
  /** How many invocations of the endpoint live on before the one that does it. */
  skip?: number;
  switches?: Partial<Switches>;
  /** What Twilio may do with an idempotency key that it knows, if each cell is to have each; otherwise they take turns. */
  modes?: readonly Mode[];
  /** Whether the instance that does it has seen the payment; otherwise it reads it first. */
  isSeen?: true;
  /** Brings a payment to the point at which it is done. */
  prepare(stage: Stage): Promise<Sids>;
  /** Has it done, and once more where nobody answered. */
  perform(stage: Stage, sids: Sids): Promise<unknown>;
  /** What the payment comes to when everybody goes on as nextStep says. */
  end: 'completed' | 'canceled' | 'failed';
}

type Mode = Switches['idempotencyReplay'];
export const MODES: readonly Mode[] = ['replay', 'ignored', 'refused'];

/** Each cell has its own credentials, so that what is left of a killed Function is turned away by later cells' Twilio. */
let seed = 0;

/**
 * Kills the next invocation of an endpoint that asks Twilio for anything, once Twilio has worked off this many of
 * its requests: it gets no further answer, nothing more of it is heard, and its client gets 504 from the platform.
 */
export function killNext(
  { simulator, host }: Stage,
  endpoint: Endpoint,
  afterRequests: number,
  skip = 0,
): { happened: boolean } {
  const crash = { happened: false };
  const doomed = new Set<string>();
  let passing = skip;
  host.onInvocation = (id, invoked) => {
    if (crash.happened || invoked !== endpoint || passing-- > 0) return;
    doomed.add(id);
    simulator.kill(id, afterRequests);
  };
  simulator.on((event) => {
    if (event.type !== 'killed' || !doomed.has(event.invocation)) return;
    crash.happened = true;
    host.abandon(event.invocation);
  });
  return crash;
}

/** One test for each request of each operation: whatever died after it, the payment comes to the same good end. */
export function testCrashes(operations: readonly Operation[]): void {
  beforeEach(hurry);

  test.for(operations.map((operation) => [operation.name, operation] as const))(
    'the table has every request of: %s',
    async ([, operation]) => {
      const stage = await connect({
        ...(operation.switches && { switches: operation.switches }),
        seed: ++seed,
      });
      const sids = await prepare(stage, operation);
      expect(await countRequests(stage, operation, sids)).toBe(operation.requests);
    },
  );

  const cells = operations.flatMap((operation, place) =>
    Array.from({ length: operation.requests + 1 }, (_, n) => {
      const modes = operation.modes ?? MODES.slice((place + n) % MODES.length).slice(0, 1);
      return modes.map((mode) => [operation.name, n, mode, operation] as const);
    }).flat(),
  );
  test.for(cells)('%s, killed after request %i (idempotency keys: %s)', async ([, n, mode, operation]) => {
    const stage = await connect({
      switches: { ...operation.switches, idempotencyReplay: mode },
      seed: ++seed,
    });
    const { simulator } = stage;
    const sids = await prepare(stage, operation);
    const crash = killNext(stage, operation.endpoint, n, operation.skip);
    await operation.perform(stage, sids);
    await simulator.settled();
    expect(crash.happened).toBe(true);
    await expectGoodEnd(stage, await sidsOf(stage, sids), operation.end);
  });
}

async function prepare(stage: Stage, operation: Operation): Promise<Sids> {
  const sids = await operation.prepare(stage);
  await stage.simulator.settled();
  if (!operation.isSeen) forget();
  return sids;
}

/** What a killed start was to give: found by asking again. */
async function sidsOf(stage: Stage, sids: Sids): Promise<Sids> {
  return sids.paymentSid ? sids : start(stage);
}

const CAPTURED = {
  paymentCardNumber: 'xxxxxxxxxxxx4242',
  paymentCardType: 'visa',
  securityCode: 'xxx',
  expirationDate: '1230',
  chargeAmount: 12.5,
  required: [],
  lastError: '',
};

/** One session, one charge, one key, no field and no callback lost, and an explanation for whatever did not succeed. */
async function expectGoodEnd(stage: Stage, sids: Sids, end: Operation['end']): Promise<void> {
  const { simulator, agent, call } = stage;
  const status = await goOn(stage, sids);
  expect(status).toMatchObject({ phase: end, chargeAmount: 12.5 });
  expect(simulator.payments().map(({ sid }) => sid)).toEqual([sids.paymentSid]);
  expect(simulator.callbacks.filter(({ lost }) => lost)).toEqual([]);
  expect(simulator.unknownRequests).toEqual([]);
  const completions = simulator.requests.filter(
    ({ paymentSid, params }) => paymentSid === sids.paymentSid && params.Status === 'complete',
  );
  if (end === 'completed') {
    expect(status).toMatchObject({ ...CAPTURED, result: 'success' });
    expect(new Set(completions.map(({ params }) => params.IdempotencyKey)).size).toBe(1);
    expect(simulator.charges).toMatchObject([{ paymentSid: sids.paymentSid, amount: '12.5' }]);
    expect(status.paymentConfirmationCode).toBe(simulator.charges[0]?.confirmationCode);
    return;
  }
  expect(completions).toEqual([]);
  expect(simulator.charges).toEqual([]);
  expect(status.why).not.toBe('');
  if (simulator.calls().some(({ sid, status: now }) => sid === call.sid && now === 'in-progress')) {
    const { paymentSid } = await agent.call('startPaymentCapture', { callSid: call.sid, chargeAmount: 12.5 });
    expect(paymentSid).not.toBe(sids.paymentSid);
  }
}

/** How many requests to Twilio an operation makes when nothing disturbs it. */
async function countRequests(stage: Stage, operation: Operation, sids: Sids): Promise<number> {
  const { simulator, host } = stage;
  const { endpoint, skip = 0 } = operation;
  const invoked: string[] = [];
  host.onInvocation = (id, path) => {
    if (path === endpoint) invoked.push(id);
  };
  if (endpoint === '/mcp') simulator.delivery.hold();
  await operation.perform(stage, sids);
  await simulator.settled();
  const counts = invoked
    .map((id) => simulator.requests.filter(({ invocation }) => invocation === id).length)
    .filter((count) => count > 0);
  return counts[skip] ?? 0;
}
