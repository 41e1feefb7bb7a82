import type * as z from 'zod';

const DECIMAL = /^-?\d+(?:\.\d+)?$/;
const BOOLEANS = new Map([
  ['true', true],
  ['false', false],
]);

/**
 * The arguments that clients mean by what they send. An empty text for an optional member is absent; a plain decimal in
 * a text is a number, `"true"` and `"false"` are booleans. `_meta` belongs to MCP, not to a tool: traced agents put it
 * here, too. Nothing else is guessed, and members that nobody knows stay, to be refused.
 */
export function readArguments(shape: z.ZodRawShape, args: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(args).flatMap(([name, value]) => {
      if (name === '_meta') return [];
      const type = Object.hasOwn(shape, name) ? shape[name] : undefined;
      const read = type ? readMember(type as z.ZodType, value) : value;
      return read === undefined ? [] : [[name, read]];
    }),
  );
}

function readMember(type: z.ZodType, value: unknown): unknown {
  const isOptional = type.type === 'optional';
  const inner = isOptional ? (type as z.ZodOptional<z.ZodType>).unwrap() : type;
  if (typeof value !== 'string') return value;
  if (value.trim() === '') return isOptional ? undefined : value;
  if (inner.type === 'number') return DECIMAL.test(value) ? Number(value) : value;
  if (inner.type === 'boolean') return BOOLEANS.get(value) ?? value;
  return value;
}
