import type { Tool as ToolDefinition } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import type { Tool } from '../define-tool.ts';
import { TOOLS } from './index.ts';

/** The definition of a tool as `tools/list` gives it. */
function toDefinition({
  name,
  title,
  description,
  annotations,
  input,
  output,
  published,
  screen,
}: Tool): ToolDefinition {
  const named =
    published && z.object(Object.fromEntries(published.map((member) => [member, output().shape[member]])));
  return {
    name,
    title,
    description,
    annotations,
    inputSchema: toJsonSchema(input(), 'input'),
    outputSchema: toJsonSchema(named ?? output(), 'output'),
    ...(screen && { _meta: { ui: { resourceUri: screen } } }),
  };
}

/**
 * Without what tells a client little: the dialect, that names of members are texts and integers safe, which members
 * a result always has; and with the shape of a SID, which the server checks to the letter.
 */
function toJsonSchema(schema: z.ZodObject, io: 'input' | 'output'): ToolDefinition['inputSchema'] {
  const { $schema, additionalProperties, required, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      delete jsonSchema.propertyNames;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.pattern) jsonSchema.pattern = jsonSchema.pattern.replace('[0-9a-fA-F]{32}', '\\w{32}');
    },
  });
  const closed = io === 'input' && { required, additionalProperties };
  return { ...rest, ...closed, type: 'object' } as ToolDefinition['inputSchema'];
}

/** The tools as `tools/list` gives them. The build replaces this module by its value. */
export const TOOL_DEFINITIONS = TOOLS.map(toDefinition);
