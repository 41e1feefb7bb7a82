import { MISTYPED_NUMBER, TEST_CARD } from '../../cli/test-card.ts';
import type { Simulator } from '../../simulator/index.ts';
import type { Host } from './host/host.ts';

/** What happened while a build was served. */
export interface Run {
  readonly host: Pick<Host, 'answers' | 'logs'>;
  readonly simulator: Pick<Simulator, 'callbacks' | 'everythingWritten' | 'unknownRequests'>;
  /** What clients got. */
  readonly written: readonly string[];
  /** What nobody may be told. */
  readonly secrets: readonly string[];
}

/** Whether a Function failed or outlived its time, a callback was lost, or a card number or a secret was written anywhere. */
export function problemsOfRun({ host, simulator, written, secrets }: Run): string[] {
  const failed = host.answers.filter(({ status }) => status >= 500 || status === 429);
  const lost = simulator.callbacks.filter(({ delivered, attempts }) => attempts > 0 && !delivered);
  const everything = [simulator.everythingWritten(), ...host.logs, ...written].join('\n');
  const numbers = [TEST_CARD.number, MISTYPED_NUMBER];
  return [
    ...failed.map(({ method, path, status }) => `${method} ${path} was answered with ${status}`),
    ...lost.map(({ statuses }) => `A callback was answered with ${statuses.join(', ')}`),
    ...simulator.unknownRequests.map(
      ({ method, host: to, path }) => `Unknown request: ${method} ${to}${path}`,
    ),
    ...(secrets.some((secret) => [...host.logs, ...written].join('\n').includes(secret))
      ? ['A secret was written to a log or an answer']
      : []),
    ...(numbers.some((number) => everything.includes(number)) ? ['A card number was written somewhere'] : []),
  ];
}
