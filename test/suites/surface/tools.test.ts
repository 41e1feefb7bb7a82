import { readFileSync } from 'node:fs';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { measurePayments } from '../../labs/bench/payment-cost.ts';
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
  expect(Buffer.byteLength(JSON.stringify({ tools }))).toBeLessThanOrEqual(11_000);
  for (const tool of tools) expect(JSON.stringify(tool).length).toBeLessThan(4_000);
  expect(client.getInstructions()?.length).toBeLessThan(2_000);
});

test('a payment takes nine calls and few bytes of a model, two more calls for a mistyped number, and what docs/limits.md says of Twilio', async () => {
  const { agent, simulator } = await connect();
  const { plain, mistyped, watched } = await measurePayments(
    simulator,
    (name, args) => agent.client.callTool({ name, arguments: args }) as Promise<CallToolResult>,
  );
  expect([plain.calls, mistyped.calls]).toEqual([9, 11]);
  expect(plain.bytes).toBeLessThanOrEqual(6_500);
  expect(mistyped.bytes).toBeLessThanOrEqual(8_000);
  const limits = readFileSync(new URL('../../../docs/limits.md', import.meta.url), 'utf8');
  for (const [what, { calls, bytes, invocations, requests }] of [
    ['a plain payment', plain],
    ['one with the card number mistyped once', mistyped],
    ['a plain one that a desk watches', watched],
  ] as const)
    expect(limits).toContain(
      `| ${what} | ${calls} | ${(bytes / 1000).toFixed(1)} kB | ${invocations} | ${requests} |`,
    );
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(
    `nine calls of tools and ${Math.round(plain.bytes / 1000)} kB of text to read, and Twilio ${plain.invocations} invocations and ${plain.requests} requests`,
  );
});

test('every argument says what it does, and its default if it may be left out', async () => {
  const { client } = (await connect()).agent;
  const { tools } = await client.listTools();
  for (const { name, inputSchema } of tools) {
    const required = inputSchema.required ?? [];
    for (const [argument, schema] of Object.entries(inputSchema.properties ?? {})) {
      const { description = '' } = schema as { description?: string };
      if (['callSid', 'paymentSid'].includes(argument)) continue;
      expect([name, argument, description.length > 10]).toEqual([name, argument, true]);
      // The terms of a charge are those of the payment, and what a payment does not ask for is left out.
      const hasDefault = !required.includes(argument) && name !== 'completePaymentCapture';
      const says = /[Dd]efault|Left out|Only|For |Of |Name|Fewest/.test(description);
      if (hasDefault) expect([name, argument, says]).toEqual([name, argument, true]);
    }
  }
});
