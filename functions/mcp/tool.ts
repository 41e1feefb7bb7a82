import type { CallToolResult, Tool as ToolDefinition } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { errorAdvice } from '../payments/advice/error-advice.ts';
import type { ToolName } from '../payments/advice/guidance.ts';
import type { View } from '../payments/advice/status.ts';
import { anyHoldsCardNumber } from '../payments/card-number.ts';
import type { Question } from '../payments/commands/confirm.ts';
import { PaymentError } from '../payments/errors.ts';
import type { Payments } from '../payments/payments.ts';
import type { Log } from '../runtime/log.ts';
import type { Scope } from '../runtime/scopes.ts';
import { argumentProblems } from './argument-problems.ts';
import { readArguments } from './arguments.ts';
import { toLanguage } from './wording.ts';

/** All four hints, always: clients assume the worst of a missing one. */
export interface Annotations {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

/** The person behind a client that can ask one: what they answered, where this call brings an answer. */
export interface Person {
  answer?: { state: string; accepted: boolean };
}

/** What tools work with. */
export interface ToolContext {
  payments: Payments;
  /** Who calls. */
  client: string;
  /** What the credential may do. */
  scopes: readonly Scope[];
  /** Undefined where nobody can be asked. */
  person: Person | undefined;
  /** How statuses are shown, from now. */
  view(): View;
}

/** Tells a client that asked for it how far a call has come. */
export type Progress = (progress: number, total: number, message: string) => void;

/** Every tool is about a payment on a call. */
interface Result {
  callSid: string;
  paymentSid: string;
  /** What only a person's screen needs. */
  desk?: unknown;
}

/** What a tool answers that a person must be asked first. */
export interface Asking {
  question: Question;
}

export interface Tool {
  /** What a credential must be allowed to do. */
  scope: Scope;
  name: ToolName;
  title: string;
  description: string;
  annotations: Annotations;
  input: z.ZodObject;
  output: z.ZodObject;
  /** The members of the output that the definition names, where not all: models read definitions on every turn. */
  published?: readonly string[];
  /** Parses the arguments and does the work. */
  call(args: Record<string, unknown>, context: ToolContext, progress: Progress): Promise<Result | Asking>;
}

interface ToolOptions<I extends z.ZodRawShape, O extends z.ZodRawShape> {
  scope: Scope;
  name: ToolName;
  title: string;
  description: string;
  annotations: Annotations;
  input: I | (() => I);
  output: O;
  published?: readonly (keyof O & string)[];
  run(args: z.output<z.ZodObject<I>>, context: ToolContext, progress: Progress): Promise<Result | Asking>;
}

/** Whether a credential may see what a payment made: the token and the profile, which can be charged again. */
export function mayCharge(scopes: readonly Scope[]): boolean {
  return scopes.includes('payments:charge');
}

/** A tool from its parts. Arguments that the input does not name are refused, not dropped. */
export function defineTool<I extends z.ZodRawShape, O extends z.ZodRawShape>(
  options: ToolOptions<I, O>,
): Tool {
  const { run, ...rest } = options;
  const given = options.input;
  const input = once(() => z.strictObject(typeof given === 'function' ? given() : given));
  const output = once(() => z.object(options.output));
  return {
    ...rest,
    get input() {
      return input();
    },
    get output() {
      return output();
    },
    async call(args, context, progress) {
      const parsed = input().safeParse(readArguments(input().shape, args));
      if (!parsed.success)
        throw new PaymentError('INVALID_ARGUMENT', { detail: argumentProblems(parsed.error) });
      const result = await run(parsed.data as z.output<z.ZodObject<I>>, context, progress);
      if ('question' in result) return result;
      return output().parse(result) as unknown as Result;
    },
  };
}

/** Schemas are made when a tool is called: those of all tools take 3 ms, for which no other request should wait. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The definition of a tool as `tools/list` gives it. */
export function toDefinition({
  name,
  title,
  description,
  annotations,
  input,
  output,
  published,
}: Tool): ToolDefinition {
  const named =
    published && z.object(Object.fromEntries(published.map((member) => [member, output.shape[member]])));
  return {
    name,
    title,
    description,
    annotations,
    inputSchema: toJsonSchema(input, 'input'),
    outputSchema: toJsonSchema(named ?? output, 'output'),
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

/** The one place where what a tool does becomes an MCP result: plain data, or an error with a stable code and advice. */
export async function callTool(
  tool: Tool,
  args: Record<string, unknown>,
  context: ToolContext,
  { log, progress }: { log: Log; progress: Progress },
): Promise<CallToolResult> {
  try {
    if (anyHoldsCardNumber(args)) throw new PaymentError('CARD_NUMBER_REFUSED');
    const called = await tool.call(args, context, progress);
    if ('question' in called) return toInputRequired(called.question);
    const { desk, ...told } = called;
    const structuredContent = { ...told, ...(desk !== undefined && { desk }) };
    return {
      // One text and nothing else: older clients throw on kinds of content that they do not know, after a charge too.
      content: [{ type: 'text', text: JSON.stringify(withoutEmpty(told)) }],
      structuredContent,
    };
  } catch (error) {
    const known =
      error instanceof PaymentError ? error : new PaymentError('INTERNAL_ERROR', { cause: error });
    logFailure(log, known, tool.name);
    const view = context.view();
    const { language: asked } = args;
    const language = (typeof asked === 'string' && toLanguage(asked)) || view.language;
    const { nextStep, say, why, ...answers } = errorAdvice(known, tool.name, view, language);
    const lines = Object.entries({ ...(say && { say }), ...answers, nextStep });
    const text = [why, ...lines.map(([name, words]) => `${name}: ${words}`)].join('\n');
    // No member of a result is required by its schema, for some clients hold errors against it as well.
    return {
      isError: true,
      content: [{ type: 'text', text }],
      structuredContent: { nextStep, ...answers, say, why },
    };
  }
}

/** A question as clients of revision 2026-07-28 put it to a person: to accept its form is to say yes (client/elicitation). */
function toInputRequired({ state, chargeAmount, currency, cardType, lastDigits }: Question): CallToolResult {
  const from = lastDigits ? `the ${cardType || 'account'} ending in ${lastDigits}` : 'what the caller typed';
  return {
    resultType: 'input_required',
    inputRequests: {
      [CONFIRM]: {
        method: 'elicitation/create',
        params: {
          mode: 'form',
          message: `Charge ${chargeAmount} ${currency} to ${from}?`,
          requestedSchema: { type: 'object', properties: {} },
        },
      },
    },
    requestState: state,
    content: [],
  };
}

/** The name of the one question that there is. */
export const CONFIRM = 'confirm';

/** An agent's mistake is a warning; what the operator or Twilio has to do with is an error. */
export function logFailure(log: Log, error: PaymentError, tool?: string): void {
  const { twilio, cause } = error;
  const isOurs = error.code === 'INTERNAL_ERROR' || error.code === 'NOT_CONFIGURED';
  const isAgents = error.code === 'CALL_NOT_FOUND' || error.code === 'CALL_NOT_IN_PROGRESS';
  const isTwilios = twilio !== undefined || error.code === 'STORE_UNAVAILABLE';
  const level = isOurs || (isTwilios && !isAgents) ? 'error' : 'warn';
  log[level]('tool_failed', {
    ...(tool && { tool }),
    code: error.code,
    ...(twilio && { twilioStatus: twilio.status, twilioCode: twilio.code }),
    ...(isOurs && { cause }),
  });
}

/** A result without its members that say nothing: models read it, and what is missing is empty. */
function withoutEmpty(result: Record<string, unknown>): Record<string, unknown> {
  const says = (value: unknown) =>
    value !== '' && value !== false && !(Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(result).filter(([, value]) => says(value)));
}
