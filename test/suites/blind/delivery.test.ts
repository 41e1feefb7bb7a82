import { describe } from 'vitest';
import { DELIVERY, UNKNOWNS } from './scenarios/delivery.ts';
import { testScenarios } from './test-scenarios.ts';

describe('an agent that follows blind copes with what gets lost, comes late or twice:', () =>
  testScenarios(DELIVERY));
describe('an agent that follows blind copes with what nobody knows about Twilio:', () =>
  testScenarios(UNKNOWNS));
