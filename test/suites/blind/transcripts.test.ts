import { expect, test } from 'vitest';
import { play } from './play.ts';
import { CONVERSATIONS } from './scenarios/conversations.ts';
import { toMarkdown } from './transcript.ts';

const INTRODUCTION = `# Conversations

A test agent (\`test/suites/blind/agent.ts\`) knows nothing but the server's instructions, its list of tools and what each answer
says. These are payments that it took on the simulated Twilio, as they went. \`npx vitest run test/suites/blind -u\` writes this file.

The calls leave out \`callSid\` and \`paymentSid\`, which every call has. The answers show phase, \`nextStep\`, \`thenCall\`,
\`ifNo\` and \`why\`; what they have the agent say is the agent's next line.
`;

test('the conversations in the documentation are what happens', async () => {
  const transcripts: string[] = [];
  for (const [i, scenario] of CONVERSATIONS.entries()) {
    const setup = { seed: i + 1, ...scenario.setup };
    transcripts.push(toMarkdown(scenario.name, await play({ ...scenario, setup })));
  }
  await expect([INTRODUCTION, ...transcripts].join('\n')).toMatchFileSnapshot('../../../docs/blind-agent.md');
});
