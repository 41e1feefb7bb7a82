import { expect, test } from 'vitest';
import { play, type Scenario } from './play.ts';
import { toMarkdown } from './transcript.ts';

const MISTYPED = '4242424242424241';

/** Read by people, so the agent waits for as long as the instructions say. */
const SHOWN: readonly Scenario[] = [
  {
    name: 'A charge, with one number mistyped',
    caller: { 'payment-card-number': [MISTYPED, '4242424242424242'] },
    waitSeconds: 8,
    end: { phase: 'completed' },
  },
  {
    name: 'A token of a bank account',
    start: { tokenType: 'reusable', paymentMethod: 'ach-debit', parameter: { AVSName: 'Ada Example' } },
    waitSeconds: 8,
    end: { phase: 'completed' },
  },
  {
    name: 'A number mistyped again and again, so that a person takes over',
    caller: { 'payment-card-number': MISTYPED },
    waitSeconds: 8,
    end: { phase: 'canceled' },
  },
];

const INTRODUCTION = `# An agent that follows blind

A test agent (\`test/suites/blind/agent.ts\`) that knows nothing but the server's instructions, its list of tools and what each
answer says takes payments on the simulated Twilio. Three of them as they went; \`npx vitest run test/suites/blind -u\` writes
this file. Left out of the calls are \`callSid\` and \`paymentSid\`, which every call has (the first one only the call's),
and of the answers all but phase, nextStep and why: what they have the agent say is the agent's next line.
`;

test('the conversations in the documentation are what happens', async () => {
  const transcripts: string[] = [];
  for (const scenario of SHOWN) transcripts.push(toMarkdown(scenario.name, await play(scenario)));
  await expect([INTRODUCTION, ...transcripts].join('\n')).toMatchFileSnapshot('../../../docs/blind-agent.md');
});
