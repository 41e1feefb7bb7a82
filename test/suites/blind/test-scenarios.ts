import { test } from 'vitest';
import { play, type Scenario } from './play.ts';

/** A test for each scenario. */
export function testScenarios(scenarios: readonly Scenario[]): void {
  test.for(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async ([, scenario]) => {
    await play(scenario);
  });
}
