import { describe } from 'vitest';
import { CALLERS } from './scenarios/callers.ts';
import { KINDS } from './scenarios/kinds.ts';
import { testScenarios } from './test-scenarios.ts';

describe('an agent that follows blind takes every kind of payment:', () => testScenarios(KINDS));
describe('an agent that follows blind copes with every caller:', () => testScenarios(CALLERS));
