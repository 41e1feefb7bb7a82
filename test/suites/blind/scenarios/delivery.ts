import { SWITCH_VALUES, type Switches } from '../../../simulator/index.ts';
import type { Stage } from '../../host/connect.ts';
import { type Habits, typesNothing } from '../caller.ts';
import type { Scenario } from '../play.ts';
import { CANCELED, COMPLETED, FAULTS, MISTYPED, VISA } from './common.ts';

/** Requests to Sync: a single failure is made up for by our own repeats, many are not. */
const SYNC: readonly Scenario[] = [
  ...(['documents.fetch', 'documents.update', 'documents.create'] as const).flatMap((route) =>
    (
      [
        ['429', { status: 429, code: 20429 }, 1],
        ['503', { status: 503, code: 20503 }, 8],
        ['a broken connection', 'reset', 8],
      ] as const
    ).map(([fault, action, times]) => ({
      name: `Sync fails by ${fault}, ${times === 1 ? 'once' : 'many times'} (${route})`,
      faults: [{ route, action, times, ...(route !== 'documents.create' && { skip: 2 }) }],
      end: COMPLETED,
    })),
  ),
];

const TOOLS = [
  'startPaymentCapture',
  'captureCardNumber',
  'captureSecurityCode',
  'captureExpirationDate',
  'getPaymentStatus',
  'completePaymentCapture',
  'cancelPaymentCapture',
];

/** What gets lost, comes late, or twice. */
export const DELIVERY: readonly Scenario[] = [
  ...SYNC,
  ...TOOLS.flatMap((tool) =>
    (['request', 'answer', 'patience'] as const).flatMap((how) =>
      (how === 'answer' ? [1, 2] : [1]).map(
        (times): Scenario => ({
          name: `the agent loses ${tool} (${how}), ${times === 1 ? 'once' : 'twice'}`,
          ...(tool === 'cancelPaymentCapture' && { agrees: false }),
          loses: (name, time) => (name === tool && time < times ? how : undefined),
          end: tool === 'cancelPaymentCapture' ? CANCELED : COMPLETED,
        }),
      ),
    ),
  ),
  {
    name: 'the agent loses every second answer',
    loses: (_tool, _time, calls) => (calls % 2 === 0 ? 'answer' : undefined),
    end: COMPLETED,
  },
  ...(['shuffled', 'concurrent'] as const).flatMap((mode) =>
    [0, 1].map((duplicates) => ({
      name: `callbacks come ${mode}${duplicates ? ' and twice' : ''}`,
      hasDigits: true,
      start: { chargeAmount: 3, requireMatchingInputs: ['payment-card-number'] },
      caller: { 'expiration-date': ['1220', '1230'] } as Habits,
      before: ({ simulator }: Stage) => {
        Object.assign(simulator.delivery, { mode, duplicates });
      },
      end: COMPLETED,
    })),
  ),
  ...[1, 3, 4].map((seed) => ({
    name: `everything fails now and then (${seed})`,
    hasDigits: true,
    before: ({ simulator }: Stage) => {
      simulator.faults.random({
        rate: 0.08,
        seed,
        actions: FAULTS.map(([, action]) => action),
        routes: ['calls.fetch', 'payments.create', 'payments.update', 'documents.fetch', 'documents.update'],
      });
    },
    loses: (_tool: string, _time: number, calls: number) =>
      calls % 5 === seed ? ('answer' as const) : undefined,
    end: COMPLETED,
  })),
  {
    name: 'the last callback of the card number is lost',
    hasDigits: true,
    before: ({ simulator }) => {
      let dropped = false;
      simulator.delivery.drop(({ params }) => {
        if (dropped || params.Capture !== 'payment-card-number' || params.PartialResult !== 'false')
          return false;
        dropped = true;
        return true;
      });
    },
    calls: { captureCardNumber: 2 },
    end: COMPLETED,
  },
];

/** Switches that have to do with how single digits are reported. */
const ABOUT_DIGITS: readonly string[] = [
  'donePartialResult',
  'requiredPresent',
  'requiredNames',
  'matcherInRequired',
  'securityMask',
  'earlierFieldsInCallbacks',
  'partialCardType',
  'syncRateLimits',
] satisfies (keyof Switches)[];

/** Every way in which Twilio may be different from what we think that it is. */
export const UNKNOWNS: readonly Scenario[] = (Object.keys(SWITCH_VALUES) as (keyof Switches)[])
  // What the processor says is no question of what Twilio is like.
  .filter((name) => name !== 'processorOutcome')
  .flatMap((name) =>
    SWITCH_VALUES[name].slice(1).map((value) => ({
      name: `Twilio is different: ${name} is ${value}`,
      hasDigits: ABOUT_DIGITS.includes(name),
      setup: { switches: { [name]: value } },
      start: { chargeAmount: 12.5, postalCode: true, requireMatchingInputs: ['payment-card-number'] },
      caller: {
        'payment-card-number': [MISTYPED, VISA],
        'security-code': [typesNothing, '123'],
      },
      end: COMPLETED,
    })),
  );
