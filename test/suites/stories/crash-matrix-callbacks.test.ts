import { expect } from 'vitest';
import type { Stage } from '../host/connect.ts';
import { killNext, type Operation, testCrashes } from '../host/crash.ts';
import { passTime, persist } from '../host/go-on.ts';
import { captureAll, type Sids, start } from '../host/payment.ts';

const reading = {
  endpoint: '/mcp',
  end: 'completed',
  perform: ({ agent }: Stage, sids: Sids) => persist(agent, 'getPaymentStatus', sids),
} as const;

/** A payment for which the card number is asked for, and this much of it typed. */
function withTyped(digits: string) {
  return async (stage: Stage) => {
    const sids = await start(stage);
    await stage.simulator.settled();
    await stage.agent.call('captureCardNumber', sids);
    await stage.simulator.settled();
    await stage.caller.types(digits);
    return sids;
  };
}

const READINGS: Operation[] = [
  { ...reading, name: 'getPaymentStatus', requests: 1, prepare: withTyped('42424') },
  {
    ...reading,
    name: 'getPaymentStatus of a quiet session',
    requests: 2,
    prepare: async (stage) => {
      const sids = await withTyped('42424')(stage);
      passTime(60_000);
      return sids;
    },
  },
  {
    ...reading,
    name: 'getPaymentStatus of a quiet session whose call is over',
    requests: 3,
    switches: { hangupCallback: false },
    prepare: async (stage) => {
      const sids = await withTyped('42424')(stage);
      await stage.caller.hangsUp();
      passTime(60_000);
      return sids;
    },
    end: 'failed',
  },
];

const callback = { endpoint: '/payment-status', requests: 2, end: 'completed' } as const;

/** Twilio repeats a callback by itself: whoever causes it does so once. */
const CALLBACKS: Operation[] = [
  {
    ...callback,
    name: 'the callback of the create request',
    prepare: async (stage) => {
      stage.simulator.delivery.hold();
      return start(stage);
    },
    perform: ({ simulator }) => simulator.delivery.release(),
  },
  {
    ...callback,
    name: 'the callback of the create request of a start that died',
    requests: 4,
    prepare: async (stage) => {
      const { agent, call, simulator } = stage;
      simulator.delivery.hold();
      const crash = killNext(stage, '/mcp', 3);
      const terms = { callSid: call.sid, chargeAmount: 12.5 };
      await expect(agent.call('startPaymentCapture', terms)).rejects.toThrow();
      expect(crash.happened).toBe(true);
      return { callSid: call.sid, paymentSid: '' };
    },
    perform: ({ simulator }) => simulator.delivery.release(),
  },
  {
    ...callback,
    name: 'the callback of a capture request',
    prepare: async (stage) => {
      const sids = await start(stage);
      await stage.simulator.settled();
      stage.simulator.delivery.hold();
      await stage.agent.call('captureCardNumber', sids);
      return sids;
    },
    perform: ({ simulator }) => simulator.delivery.release(),
    requests: 1,
  },
  {
    ...callback,
    name: 'the callback of a digit',
    prepare: withTyped(''),
    perform: ({ caller }) => caller.types('4'),
  },
  {
    ...callback,
    name: 'the callback of a digit of a payment that the instance has seen',
    isSeen: true,
    requests: 1,
    prepare: withTyped(''),
    perform: ({ caller }) => caller.types('4'),
  },
  {
    ...callback,
    name: 'the callback of an accepted entry, after that of its last digit',
    requests: 1,
    skip: 1,
    prepare: withTyped('424242424242424'),
    perform: ({ caller }) => caller.types('2'),
  },
  {
    ...callback,
    name: 'the callback of a refused entry, after that of its last digit',
    requests: 1,
    skip: 1,
    prepare: withTyped('424242424242424'),
    perform: ({ caller }) => caller.types('1'),
  },
  {
    ...callback,
    name: 'the callback of the result',
    prepare: async (stage) => {
      const sids = await start(stage);
      await captureAll(stage, sids);
      stage.simulator.delivery.hold();
      await stage.agent.call('completePaymentCapture', sids);
      return sids;
    },
    perform: ({ simulator }) => simulator.delivery.release(),
  },
  {
    ...callback,
    name: 'the callback of a cancel',
    prepare: async (stage) => {
      const sids = await withTyped('42424')(stage);
      stage.simulator.delivery.hold();
      await stage.agent.call('cancelPaymentCapture', sids);
      return sids;
    },
    perform: ({ simulator }) => simulator.delivery.release(),
    end: 'canceled',
  },
  {
    ...callback,
    name: 'the callback of a caller who hangs up',
    prepare: withTyped('42424'),
    perform: ({ caller }) => caller.hangsUp(),
    end: 'failed',
  },
];

testCrashes([...READINGS, ...CALLBACKS]);
