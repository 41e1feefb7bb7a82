import { describe } from 'vitest';
import { TWILIO } from './scenarios/twilio.ts';
import { testScenarios } from './test-scenarios.ts';

describe('an agent that follows blind copes with what Twilio and the processor do:', () =>
  testScenarios(TWILIO));
