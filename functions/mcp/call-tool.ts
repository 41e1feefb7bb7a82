import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { errorAdvice } from '../payments/advice/error-advice.ts';
import { anyHoldsCardNumber } from '../payments/card-number.ts';
import { PaymentError } from '../payments/errors.ts';
import type { Log } from '../runtime/log.ts';
import { toInputRequired } from './ask-person.ts';
import type { Progress, Tool, ToolContext } from './define-tool.ts';
import { logFailure } from './logging.ts';
import { toLanguage } from './wording.ts';

/** The one place where what a tool does becomes an MCP result: plain data, or an error with a stable code and advice. */
export async function callTool(
  tool: Tool,
  args: Record<string, unknown>,
  context: ToolContext,
  { log, progress }: { log: Log; progress: Progress },
): Promise<CallToolResult> {
  try {
    if (anyHoldsCardNumber(args)) throw new PaymentError('CARD_NUMBER_REFUSED');
    const result = await tool.call(args, context, progress);
    if ('question' in result) return toInputRequired(result.question);
    return {
      // One text and nothing else: older clients throw on kinds of content that they do not know, after a charge too.
      content: [{ type: 'text', text: JSON.stringify(withoutEmpty({ ...result })) }],
      structuredContent: { ...result },
    };
  } catch (error) {
    const known =
      error instanceof PaymentError ? error : new PaymentError('INTERNAL_ERROR', { cause: error });
    logFailure(log, known);
    return toFailure(known, tool, args, context);
  }
}

/** A failure says the same in its text and in its structured content, whose schema requires no member. */
function toFailure(
  error: PaymentError,
  tool: Tool,
  { language }: Record<string, unknown>,
  context: ToolContext,
): CallToolResult {
  const view = context.view();
  const requested = typeof language === 'string' ? toLanguage(language) : undefined;
  const { nextStep, say, why, ...answers } = errorAdvice(error, tool.name, view, requested ?? view.language);
  const lines = Object.entries({ ...(say && { say }), ...answers, nextStep });
  return {
    isError: true,
    content: [{ type: 'text', text: [why, ...lines.map(([name, words]) => `${name}: ${words}`)].join('\n') }],
    structuredContent: { nextStep, ...answers, say, why },
  };
}

/** A result without its members that say nothing: models read it, and what is missing is empty. */
function withoutEmpty(result: Record<string, unknown>): Record<string, unknown> {
  const says = (value: unknown) =>
    value !== '' && value !== false && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(result).filter(([, value]) => says(value)));
}
