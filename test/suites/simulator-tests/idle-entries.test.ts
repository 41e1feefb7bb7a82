import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { endIdleEntries } from '../../simulator/idle-entries.ts';
import type { Simulator, SimulatorEvent } from '../../simulator/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What the module asks of a simulator: a payment that listens for the card number. */
function scene(timeout?: number) {
  const payment = { sid: 'PK1', listeningFor: 'payment-card-number' as string | undefined, timeout };
  const typesNothing = vi.fn(async () => undefined);
  let emit: (event: SimulatorEvent) => void = () => undefined;
  endIdleEntries({
    on: (listener: typeof emit) => {
      emit = listener;
      return () => undefined;
    },
    payments: () => [payment],
    caller: () => ({ typesNothing }),
  } as unknown as Simulator);
  const happens = (type: 'capture' | 'digits', field = 'payment-card-number') =>
    emit({ type, callSid: 'CA1', paymentSid: 'PK1', field, mask: 'x', at: '' });
  return { payment, typesNothing, happens };
}

test.each([
  [undefined, 5],
  [12, 12],
])('with a Timeout of %s an entry ends %d seconds after the last digit', (timeout, seconds) => {
  const { typesNothing, happens } = scene(timeout);
  happens('digits');
  vi.advanceTimersByTime(seconds * 1_000 - 1);
  happens('digits');
  vi.advanceTimersByTime(seconds * 1_000 - 1);
  expect(typesNothing).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(typesNothing).toHaveBeenCalledOnce();
});

test('nothing ends before the first digit, nor what has ended, nor what is asked for anew', () => {
  const { payment, typesNothing, happens } = scene();
  happens('capture');
  vi.advanceTimersByTime(60_000);
  happens('digits');
  payment.listeningFor = undefined;
  vi.advanceTimersByTime(60_000);
  payment.listeningFor = 'payment-card-number';
  happens('digits');
  happens('capture');
  vi.advanceTimersByTime(60_000);
  expect(typesNothing).not.toHaveBeenCalled();
});
