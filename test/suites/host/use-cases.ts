import { createPayments, type Payments } from '../../../functions/payments/payments.ts';
import type { PaymentPorts } from '../../../functions/payments/ports.ts';
import { SETTING_VALUES } from '../../../functions/payments/session/setting-values.ts';
import { readFullConfig } from '../../../functions/runtime/config.ts';
import { connectTwilio } from '../../../functions/twilio/connect.ts';
import { machineTime } from '../../../functions/twilio/time.ts';
import type { Stage } from './connect.ts';

/** Milliseconds that an invocation has. */
const INVOCATION_MS = 9_000;

/**
 * The use cases as one invocation has them, over the stage's Twilio, with a hand on their ports: for races in which it
 * matters which of two writes comes first. Their pauses are over at once.
 */
export function useCases(
  { variables, host }: Stage,
  change: (ports: Omit<PaymentPorts, 'audit'>) => Partial<PaymentPorts> = () => ({}),
): Payments {
  const config = readFullConfig({ PUBLIC_URL: host.url, ...variables }, SETTING_VALUES);
  let slept = 0;
  const now = () => machineTime.now() + slept;
  const ports = connectTwilio(config, now() + INVOCATION_MS, { ...machineTime, now });
  const clock = {
    ...ports.clock,
    async sleep(milliseconds: number) {
      slept += milliseconds;
    },
  };
  const all = { ...ports, clock, client: { name: 'MCP_AUTH_TOKEN', seesAll: true } };
  return createPayments({ ...all, ...change(all), audit: () => undefined }, config.settings);
}

/** A place to wait at, and a way to go on. */
export function barrier(): { reached: Promise<void>; pass(): Promise<void>; open(): void } {
  let arrive = () => {};
  let open = () => {};
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    reached,
    async pass() {
      arrive();
      await opened;
    },
    open: () => open(),
  };
}
