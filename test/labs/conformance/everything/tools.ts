import { setTimeout as pause } from 'node:timers/promises';
import type { ContentBlock, Tool as ToolDefinition } from '@modelcontextprotocol/sdk/types.js';
import { embedded, IMAGE, SILENCE, textBlock } from './content.ts';
import { INPUT_REQUIRED_TOOLS } from './input-required.ts';
import type { Call, Definition } from './server.ts';

export interface Tool extends Definition {
  inputSchema: ToolDefinition['inputSchema'];
}

const PAUSE_MS = 50;

/** The schema of scenario json-schema-2020-12, word by word: nothing of it may be lost on the way. */
const SCHEMA_2020_12 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
} as const;

/** A tool without arguments that answers with content. */
function tool(
  name: string,
  description: string,
  run: (call: Call) => ContentBlock[] | Promise<ContentBlock[]>,
): Tool {
  return {
    name,
    description,
    inputSchema: { type: 'object' },
    run: async (call) => ({ content: await run(call) }),
  };
}

async function log({ notify }: Call, data: string): Promise<void> {
  await notify({ method: 'notifications/message', params: { level: 'info', data } });
}

async function progress({ notify, params }: Call): Promise<void> {
  const { progressToken } = (params._meta ?? {}) as { progressToken?: string | number };
  if (progressToken === undefined) return;
  for (const done of [0, 50, 100]) {
    await notify({
      method: 'notifications/progress',
      params: { progressToken, progress: done, total: 100 },
    });
    await pause(PAUSE_MS);
  }
}

export const TOOLS: Tool[] = [
  tool('test_simple_text', 'Answers with text', () => [
    textBlock('This is a simple text response for testing.'),
  ]),
  tool('test_image_content', 'Answers with an image', () => [IMAGE]),
  tool('test_audio_content', 'Answers with sound', () => [
    { type: 'audio', data: SILENCE, mimeType: 'audio/wav' },
  ]),
  tool('test_embedded_resource', 'Answers with a resource', () => [
    embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
  ]),
  tool('test_multiple_content_types', 'Answers with text, an image and a resource', () => [
    textBlock('Multiple content types test:'),
    IMAGE,
    embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ]),
  tool('test_tool_with_logging', 'Writes to the log as it runs', async (call) => {
    await log(call, 'Tool execution started');
    await pause(PAUSE_MS);
    await log(call, 'Tool processing data');
    await pause(PAUSE_MS);
    await log(call, 'Tool execution completed');
    return [textBlock('Written.')];
  }),
  tool('test_tool_with_progress', 'Tells of its progress', async (call) => {
    await progress(call);
    return [textBlock('Done.')];
  }),
  tool('test_logging_tool', 'Writes to the log', async (call) => {
    await log(call, 'For those who asked for it');
    return [textBlock('Written.')];
  }),
  {
    ...tool('test_error_handling', 'Fails', () => []),
    run: () => ({
      isError: true,
      content: [textBlock('This tool intentionally returns an error for testing')],
    }),
  },
  {
    ...tool('json_schema_2020_12_tool', 'Has a schema that uses JSON Schema 2020-12', () => [
      textBlock('Called.'),
    ]),
    inputSchema: SCHEMA_2020_12 as unknown as Tool['inputSchema'],
  },
  ...INPUT_REQUIRED_TOOLS,
];
