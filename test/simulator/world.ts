import type { ApiAnswer } from './api.ts';
import type { CallbackParameters } from './callback-parameters.ts';
import type { CallBook } from './calls.ts';
import type { Clock } from './clock.ts';
import type { Connector } from './connectors.ts';
import type { CallbackDelivery } from './delivery.ts';
import type { EventHub } from './events.ts';
import type { PaymentSession } from './payment-session.ts';
import type { Pending } from './pending.ts';
import type { Charge } from './processor.ts';
import type { Random } from './random.ts';
import type { Switches } from './switches.ts';

/** Everything that the parts of the simulator share. */
export interface World {
  readonly accountSid: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly switches: Switches;
  readonly events: EventHub;
  readonly pending: Pending;
  readonly calls: CallBook;
  readonly connectors: Map<string, Connector>;
  readonly sessions: Map<string, PaymentSession>;
  readonly parameters: CallbackParameters;
  readonly delivery: CallbackDelivery;
  readonly charges: Charge[];
  /** What requests with an idempotency key were answered. */
  readonly answers: Map<string, ApiAnswer>;
}
