import type { Switches } from '../../simulator/switches.ts';
import type { Command } from './acts.ts';
import { randomOf } from './choices.ts';

/** How far a first payment has come, which everybody knows, before anything goes wrong. */
export type Begins = 'started' | 'capturing' | 'ready' | 'completed' | 'canceled';

/** What payments are like in a schedule: the arguments of each start beside the amount. */
export const KINDS = {
  short: { securityCode: false },
  card: {},
  postal: { securityCode: false, postalCode: true },
  twice: { securityCode: false, requireMatchingInputs: ['payment-card-number'] },
  pressed: { securityCode: false, confirmation: true },
  bank: { paymentMethod: 'ach-debit', parameter: { AVSName: 'Ann Lee' } },
} as const;
export type Kind = keyof typeof KINDS;

/** What a schedule begins with, and how much may go on in it. */
export interface Setting {
  begins: Begins | undefined;
  kind: Kind;
  agents: number;
  /** How many of them can ask a person before a charge. */
  asking: number;
  calls: 1 | 2;
  /** Whether each call has a leg above it, which callbacks name. */
  parents: boolean;
  /** Whether callbacks of unfinished entries are sent as well. */
  hears: boolean;
  /** Whether tools are called through the endpoint, or each by itself. */
  throughEndpoint: boolean;
  /** Whether each client has a credential of its own, and takes payments over from others. */
  ownCredentials: boolean;
  /** How many instances serve, which have seen all documents that there are at the beginning; 0 if each invocation has its own. */
  instances: number;
  ttlSeconds: number;
  /** What clients do of their own accord before everything calms down. */
  acts: number;
  /** What each client does at once, in small worlds. */
  commands?: readonly Command[];
  /** Requests and callbacks that go wrong. */
  faults: number;
  switches: Partial<Switches>;
}

export const PLAIN_SETTING: Setting = {
  begins: undefined,
  kind: 'short',
  agents: 2,
  asking: 0,
  calls: 1,
  parents: false,
  hears: false,
  throughEndpoint: false,
  ownCredentials: false,
  instances: 2,
  ttlSeconds: 86_400,
  acts: 0,
  faults: 0,
  switches: { processorMs: 50 },
};

/** The setting of a seed: most are plain, a few have each thing that can be otherwise. */
export function settingOf(seed: number): Setting {
  const random = randomOf(seed * 7919 + 17);
  for (let warm = 0; warm < 3; warm++) random();
  const pick = <T>(...from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const oneIn = (many: number): boolean => random() < 1 / many;
  return {
    begins: pick<Begins | undefined>(
      undefined,
      'started',
      'capturing',
      'ready',
      'ready',
      'ready',
      'completed',
    ),
    kind: oneIn(2) ? 'short' : pick<Kind>('card', 'card', 'postal', 'twice', 'pressed', 'bank'),
    agents: pick(2, 2, 3),
    asking: oneIn(4) ? pick(1, 2) : 0,
    calls: oneIn(12) ? 2 : 1,
    parents: oneIn(12),
    hears: oneIn(8),
    throughEndpoint: oneIn(12),
    ownCredentials: oneIn(4),
    ttlSeconds: oneIn(12) ? 60 : 86_400,
    acts: pick(2, 2, 3, 4, 5),
    faults: pick(0, 1, 1, 2, 3),
    switches: {
      idempotencyReplay: oneIn(4) ? pick('ignored' as const, 'refused' as const) : 'replay',
      processorMs: pick(50, 50, 4_000, 12_000),
      sessionInProgress: oneIn(2) ? 'rest' : pick('callback' as const, 'both' as const),
      cancelResult: pick('transaction-cancelled', 'no-result', 'other'),
      hangupWhileCompleting: pick('result', 'both', 'hung-up'),
      paymentErrorStatus: pick(400, 409),
    },
    instances: pick(0, 1, 2, 2, 3),
  };
}
