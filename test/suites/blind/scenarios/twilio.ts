import type { Fault, FaultAction, RecordedRequest } from '../../../simulator/index.ts';
import type { Scenario } from '../play.ts';
import {
  ALL_TWICE,
  BANK,
  CANCELED,
  COMPLETED,
  CONNECTOR_DOWN,
  DECLINED,
  FAULTS,
  NONE,
  renameResult,
} from './common.ts';

/** What the processor does. */
const PROCESSOR: readonly Scenario[] = [
  ...(
    [
      ['declines the card', DECLINED, 'result.declined'],
      ['finds no money', '4000000000009995', 'result.declined'],
      ['is down', CONNECTOR_DOWN, 'result.processor-down'],
    ] as const
  ).map(([what, number, said]) => ({
    name: `the processor ${what}`,
    caller: { 'payment-card-number': number },
    end: { phase: 'failed', result: 'payment-connector-error', said } as const,
  })),
  ...(
    [
      ['decline', 'payment-connector-error', 'result.bank-declined'],
      ['unavailable', 'payment-connector-error', 'result.processor-down'],
      ['validation-error', 'validation-error', 'result.refused-data'],
      ['internal-error', 'internal-error', 'result.internal-error'],
    ] as const
  ).map(([processorOutcome, result, said]) => ({
    name: `the processor answers for a bank account: ${processorOutcome}`,
    setup: { switches: { processorOutcome } },
    start: { ...BANK, chargeAmount: 12.5 },
    end: { phase: 'failed', result, said } as const,
  })),
  ...(
    [
      ['something-nobody-knows', 'result.unknown'],
      ['too-many-failed-attempts', 'result.unknown'],
    ] as const
  ).map(([result, said]) => ({
    name: `the payment has the result ${result}`,
    setup: { switches: { processorOutcome: 'decline' as const } },
    rewrite: renameResult('payment-connector-error', result),
    end: { phase: 'failed', result, said } as const,
  })),
  {
    name: 'the processor declines in a session that may be completed again',
    setup: { switches: { completeAfterFailure: 'allowed' } },
    caller: { 'payment-card-number': DECLINED },
    end: { phase: 'failed', result: 'payment-connector-error' },
  },
  {
    name: 'nothing is ever heard of the completion',
    busyMs: 12_000,
    before: ({ simulator }) => {
      simulator.delivery.drop(({ params }) => params.Result !== undefined);
    },
    end: { phase: 'completing', charges: 1, said: 'result.unknown' },
  },
  {
    name: 'nothing is ever heard of the cancel',
    before: ({ simulator }) => {
      simulator.delivery.drop(({ url }) => url.includes('ending=cancel'));
    },
    agrees: false,
    end: { phase: 'canceled' },
  },
];

type Where = Pick<Fault, 'route' | 'when'>;
const updating = (name: 'Capture' | 'Status', value: string): Where => ({
  route: 'payments.update',
  when: ({ params }: RecordedRequest) => params[name] === value,
});

/** The requests of a payment to the Voice API. */
const REQUESTS: readonly (readonly [string, Where])[] = [
  ['the look at the call', { route: 'calls.fetch' }],
  ['the start', { route: 'payments.create' }],
  ['the capture of the card number', updating('Capture', 'payment-card-number')],
  ['the capture of the security code', updating('Capture', 'security-code')],
  ['the capture of the date', updating('Capture', 'expiration-date')],
  ['the completion', updating('Status', 'complete')],
  ['the cancel', updating('Status', 'cancel')],
];

/** Captures that not every payment has. */
const FURTHER: readonly (readonly [capture: string, start: object])[] = [
  ['postal-code', { postalCode: true }],
  ['bank-routing-number', BANK],
  ['bank-account-number', BANK],
  ...ALL_TWICE.map(
    (field) => [`${field}-matcher`, { postalCode: true, requireMatchingInputs: [field] }] as const,
  ),
];

function isCalledOff(request: string, fault: string, times: number): boolean {
  return request === 'the completion' && times > 1 && fault !== '429';
}

/** Each request fails in each way. */
const VOICE: readonly Scenario[] = [
  ...REQUESTS.flatMap(([request, where]) =>
    FAULTS.flatMap(([fault, action]) =>
      // What was done although its answer was lost is not asked for again.
      (action === 'lost' ? [1] : [1, 2]).map((times) => ({
        name: `${request} fails by ${fault}, ${times === 1 ? 'once' : 'twice'}`,
        agrees: request !== 'the cancel',
        faults: [{ ...where, action, times }],
        // A completion that no answer comes to is called off in the end.
        end: request === 'the cancel' || isCalledOff(request, fault, times) ? CANCELED : COMPLETED,
      })),
    ),
  ),
  ...FURTHER.flatMap(([capture, start]) =>
    FAULTS.slice(1, 3).map(([fault, action]) => ({
      name: `the capture of ${capture} fails by ${fault}`,
      start: { chargeAmount: 12.5, ...start },
      faults: [{ ...updating('Capture', capture), action, times: 1 }],
      end: COMPLETED,
    })),
  ),
];

/** Requests that fail for ever. */
const FOR_EVER: readonly Scenario[] = [
  ...REQUESTS.slice(0, 2).flatMap(([request, where]) =>
    FAULTS.slice(0, 3).map(([fault, action]) => ({
      name: `${request} keeps failing by ${fault}`,
      faults: [{ ...where, action }],
      end: { ...NONE, ending: 'handed over', said: 'moment' } as const,
    })),
  ),
  ...REQUESTS.slice(2, 5).flatMap(([request, where]) =>
    FAULTS.slice(0, 3).map(([fault, action]) => ({
      name: `${request} keeps failing by ${fault}`,
      faults: [{ ...where, action }],
      end: { phase: 'canceled', ending: 'handed over' } as const,
    })),
  ),
  {
    name: 'the completion keeps failing by 429',
    faults: [{ ...updating('Status', 'complete'), action: { status: 429, code: 20429 } }],
    end: { phase: 'canceled', ending: 'handed over' },
  },
  ...FAULTS.slice(1, 3).map(([fault, action]) => ({
    name: `the completion keeps failing by ${fault}`,
    faults: [{ ...updating('Status', 'complete'), action }],
    end: CANCELED,
  })),
  ...FAULTS.slice(0, 3).map(([fault, action]) => ({
    name: `the cancel keeps failing by ${fault}`,
    agrees: false,
    faults: [{ ...updating('Status', 'cancel'), action }],
    end: { phase: 'ready', ending: 'handed over', outlives: true } as const,
  })),
  {
    name: 'Twilio keeps failing altogether from the first field on',
    faults: [{ route: 'payments.update', action: { status: 503, code: 20503 } }],
    end: { phase: 'capturing', ending: 'handed over', outlives: true },
  },
];

const refusal = (code: number): FaultAction => ({ status: code === 20404 ? 404 : 400, code });

/** Codes that Twilio refuses a request with, and that say that it will not work. */
const REFUSALS: readonly Scenario[] = [
  ...[
    64001, 64003, 64004, 64005, 64006, 64007, 64009, 64011, 64013, 64015, 64017, 64020, 64024, 21609, 64999,
  ].map((code) => ({
    name: `Twilio refuses the start with ${code}`,
    faults: [{ route: 'payments.create', action: { status: 400, code }, times: 1 }] as const,
    end: NONE,
  })),
  ...[64018, 64020].map((code) => ({
    name: `Twilio refuses to listen for the date with ${code}, which will never work`,
    faults: [{ ...updating('Capture', 'expiration-date'), action: { status: 400, code }, times: 1 }],
    calls: { captureExpirationDate: 1 },
    end: CANCELED,
  })),
  ...[20404, 64021, 64999].flatMap((code) => [
    {
      name: `Twilio refuses to listen for the date with ${code} once`,
      faults: [{ ...updating('Capture', 'expiration-date'), action: refusal(code), times: 1 }],
      end: COMPLETED,
    },
    {
      name: `Twilio refuses to listen for the date with ${code} for ever`,
      faults: [{ ...updating('Capture', 'expiration-date'), action: refusal(code) }],
      calls: { captureExpirationDate: 5 },
      end: CANCELED,
    },
  ]),
  {
    name: 'Twilio refuses the completion with 64009, which will never work',
    faults: [{ ...updating('Status', 'complete'), action: refusal(64009), times: 1 }],
    calls: { completePaymentCapture: 1 },
    end: CANCELED,
  },
  {
    name: 'Twilio refuses the completion with 64002, for the processor is down for ever',
    faults: [{ ...updating('Status', 'complete'), action: refusal(64002) }],
    end: CANCELED,
  },
  ...[20404, 64002, 64008, 64012, 64019, 64021, 64022, 64999].map((code) => ({
    name: `Twilio refuses the completion with ${code} once`,
    faults: [{ ...updating('Status', 'complete'), action: refusal(code), times: 1 }],
    end: COMPLETED,
  })),
  ...[20404, 64008, 64019].map((code) => ({
    name: `Twilio refuses the completion with ${code} for ever`,
    faults: [{ ...updating('Status', 'complete'), action: refusal(code) }],
    calls: { completePaymentCapture: 5 },
    end: CANCELED,
  })),
  // These may mean that it was done, so the outcome is awaited before it is called off.
  ...[64021, 64999].map((code) => ({
    name: `Twilio refuses the completion with ${code} for ever`,
    faults: [{ ...updating('Status', 'complete'), action: refusal(code) }],
    end: CANCELED,
  })),
  {
    name: 'Twilio does not know the payment any more when it is canceled',
    agrees: false,
    faults: [{ ...updating('Status', 'cancel'), action: refusal(20404) }],
    end: { phase: 'canceled', outlives: true },
  },
  {
    name: 'Twilio refuses the cancel once, for another step is under way',
    agrees: false,
    faults: [{ ...updating('Status', 'cancel'), action: refusal(64999), times: 1 }],
    end: CANCELED,
  },
  {
    name: 'Twilio stops to take our credentials in the middle, for one request',
    faults: [{ ...updating('Capture', 'expiration-date'), action: { status: 401, code: 20003 } }],
    end: CANCELED,
  },
  {
    name: 'Twilio stops to take our credentials in the middle',
    faults: [{ route: 'payments.update', skip: 1, action: { status: 401, code: 20003 } }],
    calls: { cancelPaymentCapture: 1 },
    end: { phase: 'capturing', said: 'hand-over', outlives: true },
  },
  {
    name: 'Twilio does not take our credentials',
    faults: [{ route: '*', action: { status: 401, code: 20003 } }],
    end: { ...NONE, said: 'hand-over' },
  },
  {
    name: 'there is no such call',
    faults: [{ route: 'calls.fetch', action: { status: 404, code: 20404 } }],
    end: NONE,
  },
];

/** All that Twilio and the processor do. */
export const TWILIO: readonly Scenario[] = [...PROCESSOR, ...VOICE, ...FOR_EVER, ...REFUSALS];
