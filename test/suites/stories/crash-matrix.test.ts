import type { Stage } from '../host/connect.ts';
import { MODES, type Operation, testCrashes } from '../host/crash.ts';
import { persist } from '../host/go-on.ts';
import { captureAll, type Sids, start } from '../host/payment.ts';

/** A repeated start waits so long for what the first one led to, a repeated completion for its outcome. */
const AFTER_WAITING = { laterMs: 5_100 };

/** A tool call that its client repeats with the same arguments for as long as there is no answer. */
function calls(tool: string) {
  return ({ agent }: Stage, sids: Sids) => persist(agent, tool, sids, AFTER_WAITING);
}

/** Something that happens while none of Twilio's callbacks arrives. */
function lately(perform: Operation['perform']): Operation['perform'] {
  return async (stage, sids) => {
    stage.simulator.delivery.hold();
    await perform(stage, sids);
    await stage.simulator.delivery.release();
  };
}

const notYet: Operation['prepare'] = async ({ call }) => ({ callSid: call.sid, paymentSid: '' });

const starts: Operation['perform'] = ({ agent }, { callSid }) =>
  persist(agent, 'startPaymentCapture', { callSid, chargeAmount: 12.5 }, AFTER_WAITING);

const ready: Operation['prepare'] = async (stage) => {
  const sids = await start(stage);
  await captureAll(stage, sids);
  return sids;
};

/** A payment for which these fields have been typed. */
function withTyped(...entries: [tool: string, digits: string][]) {
  return async (stage: Stage) => {
    const { agent, caller, simulator } = stage;
    const sids = await start(stage);
    await simulator.settled();
    for (const [tool, digits] of entries) {
      await agent.call(tool, sids);
      await caller.types(digits);
      await simulator.settled();
    }
    return sids;
  };
}

const command = { endpoint: '/mcp', requests: 3, end: 'completed' } as const;

const COMMANDS: Operation[] = [
  {
    ...command,
    name: 'startPaymentCapture',
    requests: 5,
    modes: MODES,
    prepare: notYet,
    perform: starts,
  },
  {
    ...command,
    name: 'startPaymentCapture whose callback is late',
    requests: 5,
    modes: ['replay'],
    prepare: notYet,
    perform: lately(starts),
  },
  {
    ...command,
    name: 'captureCardNumber',
    prepare: withTyped(),
    perform: calls('captureCardNumber'),
  },
  {
    ...command,
    name: 'captureCardNumber after a wrong entry',
    prepare: withTyped(['captureCardNumber', '4242424242424241']),
    perform: calls('captureCardNumber'),
  },
  {
    ...command,
    name: 'captureCardNumber in the middle of an entry',
    prepare: withTyped(['captureCardNumber', '42424']),
    perform: calls('captureCardNumber'),
  },
  {
    ...command,
    name: 'captureSecurityCode',
    prepare: withTyped(['captureCardNumber', '4242424242424242']),
    perform: calls('captureSecurityCode'),
  },
  {
    ...command,
    name: 'captureExpirationDate',
    prepare: withTyped(['captureCardNumber', '4242424242424242'], ['captureSecurityCode', '123']),
    perform: calls('captureExpirationDate'),
  },
  {
    ...command,
    name: 'completePaymentCapture',
    requests: 5,
    modes: MODES,
    prepare: ready,
    perform: calls('completePaymentCapture'),
  },
  {
    ...command,
    name: 'completePaymentCapture whose result is late',
    requests: 5,
    modes: ['replay', 'ignored'],
    prepare: ready,
    perform: lately(calls('completePaymentCapture')),
  },
  {
    ...command,
    name: 'cancelPaymentCapture',
    prepare: withTyped(['captureCardNumber', '42424']),
    perform: calls('cancelPaymentCapture'),
    end: 'canceled',
  },
];

/** The same at an instance that has seen the payment: its first writes take the place of its reads. */
const SEEN: Operation[] = [
  {
    ...command,
    name: 'captureCardNumber of a payment that the instance has seen',
    requests: 2,
    prepare: withTyped(),
    perform: calls('captureCardNumber'),
  },
  {
    ...command,
    name: 'completePaymentCapture of a payment that the instance has seen',
    prepare: ready,
    perform: calls('completePaymentCapture'),
  },
  {
    ...command,
    name: 'cancelPaymentCapture of a payment that the instance has seen',
    requests: 2,
    prepare: withTyped(['captureCardNumber', '42424']),
    perform: calls('cancelPaymentCapture'),
    end: 'canceled',
  },
];

testCrashes([...COMMANDS, ...SEEN.map((operation) => ({ ...operation, isSeen: true as const }))]);
