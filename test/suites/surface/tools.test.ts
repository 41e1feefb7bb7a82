import { expect, test } from 'vitest';
import { connect } from '../host/connect.ts';
import { formatted } from './format.ts';

/** What an MCP client sees before it does anything. A change of it shows in review; `npx vitest run test/surface -u` accepts it. */
test('instructions, tools, prompts and resources are what was agreed on', async () => {
  const { client } = (await connect({ variables: { PUBLIC_URL: 'https://pay.example' } })).agent;
  const { tools } = await client.listTools();
  const { prompts } = await client.listPrompts();
  const { resourceTemplates } = await client.listResourceTemplates();
  const surface = {
    server: { ...client.getServerVersion(), version: undefined },
    capabilities: client.getServerCapabilities(),
    instructions: client.getInstructions()?.split('\n'),
    tools,
    prompts,
    resourceTemplates,
  };
  await expect(formatted(surface)).toMatchFileSnapshot('surface.json');
});

test('the tools fit into the context of a model: all definitions together stay small', async () => {
  const { client } = (await connect()).agent;
  const { tools } = await client.listTools();
  expect(JSON.stringify(tools).length).toBeLessThan(16_000);
  for (const tool of tools) expect(JSON.stringify(tool).length).toBeLessThan(4_000);
  expect(client.getInstructions()?.length).toBeLessThan(2_000);
});
