import type { AttemptStatus } from './callback-record.ts';

type RetryPolicy = '4xx' | '5xx' | 'ct' | 'rt' | 'all';

/** How patiently Twilio posts to a URL (webhook connection overrides page). Times in milliseconds. */
export interface ConnectionOverrides {
  readonly connectTimeout: number;
  readonly readTimeout: number;
  readonly totalTime: number;
  readonly retryCount: number;
  readonly retryPolicies: readonly RetryPolicy[];
}

const POLICIES: readonly RetryPolicy[] = ['4xx', '5xx', 'ct', 'rt', 'all'];

/**
 * Reads the override fragment of a URL (`#ct=2000&rc=3&rp=5xx,ct`). Defaults and limits are those of the webhook
 * connection overrides page; voice is capped at 15 s in all. What Twilio does with a value outside the limits is
 * not established: here it counts as absent.
 */
export function connectionOverrides(url: string): ConnectionOverrides {
  const fragment = new URLSearchParams(url.split('#').slice(1).join('#'));
  const number = (name: string, min: number, max: number, fallback: number): number => {
    const text = fragment.get(name);
    const value = text !== null && /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : fallback;
  };
  const policies = (fragment.get('rp') ?? '')
    .split(',')
    .flatMap((name) => POLICIES.filter((known) => known === name));
  return {
    connectTimeout: number('ct', 100, 10_000, 5_000),
    readTimeout: number('rt', 100, 15_000, 15_000),
    totalTime: number('tt', 100, 15_000, 15_000),
    retryCount: number('rc', 0, 5, 1),
    retryPolicies: policies.length > 0 ? policies : ['ct'],
  };
}

/** Whether the URL's policy asks for another attempt after this outcome. */
export function retriesAfter(status: AttemptStatus, policies: readonly RetryPolicy[]): boolean {
  if (policies.includes('all')) return true;
  if (typeof status === 'string') return policies.includes(status);
  return policies.includes(status >= 500 ? '5xx' : '4xx');
}
