import type { Delivery } from './delivery.ts';
import type { FaultAction } from './faults.ts';
import { ROUTES, type Route } from './routes.ts';
import { SWITCH_VALUES, type Switches } from './switches.ts';

/** A control request that makes no sense: answered 400 with this text. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
}

export type Json = Readonly<Record<string, unknown>>;

/** Changes switches; unknown names and values are refused, and then nothing is changed. */
export function changeSwitches(switches: Switches, changes: Json): void {
  for (const [name, value] of Object.entries(changes)) {
    const allowed: readonly unknown[] | undefined = Object.entries(SWITCH_VALUES).find(
      ([known]) => known === name,
    )?.[1];
    if (!allowed)
      throw new ControlError(`Unknown switch ${name}; known: ${Object.keys(SWITCH_VALUES).join(', ')}`);
    const fits = name === 'processorMs' ? isWait(value) : allowed.includes(value);
    if (!fits) throw new ControlError(`${name} takes ${JSON.stringify(allowed)}`);
  }
  Object.assign(switches, changes);
}

const isWait = (value: unknown): value is number => typeof value === 'number' && value >= 0;
const isShare = (value: unknown): value is number => isWait(value) && value <= 1;
const isRange = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every(isWait);

const DELIVERY_CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  mode: (value) => value === 'ordered' || value === 'concurrent' || value === 'shuffled',
  seed: isWait,
  duplicates: isShare,
  delayMs: isRange,
  timeScale: isWait,
  retryPauseMs: isWait,
  origins: (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every((pair) => pair.every((url) => typeof url === 'string' && URL.canParse(url))),
};

/** Changes the settings of the delivery, all or none. */
export function changeDelivery(delivery: Delivery, changes: Json): void {
  for (const [name, value] of Object.entries(changes)) {
    const check = DELIVERY_CHECKS[name];
    if (!check)
      throw new ControlError(`Unknown setting ${name}; known: ${Object.keys(DELIVERY_CHECKS).join(', ')}`);
    if (!check(value)) throw new ControlError(`Invalid value for ${name}`);
  }
  Object.assign(delivery, changes);
}

export function deliverySettings(delivery: Delivery): Json {
  const { mode, seed, duplicates, delayMs, timeScale, retryPauseMs, origins, holding } = delivery;
  return {
    mode,
    seed,
    duplicates,
    delayMs,
    timeScale,
    retryPauseMs,
    origins,
    holding,
    held: delivery.held.length,
  };
}

export function routeOf(value: unknown): Route | '*' {
  const route = [...ROUTES, '*' as const].find((known) => known === value);
  if (!route) throw new ControlError(`route takes ${[...ROUTES, '*'].join(', ')}`);
  return route;
}

export function actionOf(value: unknown): FaultAction {
  if (value === 'reset' || value === 'timeout' || value === 'lost') return value;
  if (typeof value === 'object' && value !== null) {
    if ('status' in value && isStatus(value.status)) return { ...value, status: value.status };
    if ('latencyMs' in value) {
      const { latencyMs } = value;
      if (isWait(latencyMs)) return { latencyMs };
      if (Array.isArray(latencyMs) && isRange(latencyMs)) return { latencyMs: [latencyMs[0], latencyMs[1]] };
    }
  }
  throw new ControlError('action takes { status }, { latencyMs }, "reset", "timeout" or "lost"');
}

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 200 && Number(value) <= 599;
}

/** A number of a control request, or undefined where it is absent. */
export function numberOf(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0) throw new ControlError(`${name} takes a number`);
  return number;
}

/** The object without its undefined values. */
export function present<Value extends object>(
  values: { [Name in keyof Value]: Value[Name] | undefined },
): Value {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Value;
}
