import * as z from 'zod';
import type { ToolName } from '../payments/advice/guidance.ts';
import type { View } from '../payments/advice/status.ts';
import type { Question } from '../payments/commands/confirm.ts';
import { PaymentError } from '../payments/errors.ts';
import { lazy } from '../payments/lazy.ts';
import type { Payments } from '../payments/payments.ts';
import type { Scope } from '../runtime/scopes.ts';
import { argumentProblems } from './argument-problems.ts';
import { readArguments } from './arguments.ts';
import type { Person } from './ask-person.ts';

/** All four hints, always: clients assume the worst of a missing one. */
export interface Annotations {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

/** What tools work with. */
export interface ToolContext {
  payments: Payments;
  /** Who calls. */
  client: string;
  /** What the credential may do. */
  scopes: readonly Scope[];
  /** Undefined if nobody can be asked. */
  person: Person | undefined;
  /** How statuses are shown, from now. */
  view(): View;
}

/** Tells a client that asked for it how far a call has come. */
export type Progress = (progress: number, total: number, message: string) => void;

/** The result of a tool: each is about a payment on a call. */
interface ToolResult {
  callSid: string;
  paymentSid: string;
}

/** A tool does nothing yet, since a person must be asked first. */
interface MustAsk {
  question: Question;
}

interface Definition {
  /** What a credential must be allowed to do. */
  scope: Scope;
  name: ToolName;
  title: string;
  description: string;
  annotations: Annotations;
  /** The resource with the screen that a host with MCP Apps shows for each call of the tool. */
  screen?: string;
}

export interface Tool extends Definition {
  input(): z.ZodObject;
  output(): z.ZodObject;
  /** The members of the output that the definition names, if not all: models read definitions on every turn. */
  published?: readonly string[];
  /**
   * Parses the arguments and does the work.
   * @throws PaymentError
   */
  call(
    args: Record<string, unknown>,
    context: ToolContext,
    progress: Progress,
  ): Promise<ToolResult | MustAsk>;
}

interface ToolOptions<I extends z.ZodRawShape, O extends z.ZodRawShape> extends Definition {
  input(): I;
  output: O;
  published?: readonly (keyof O & string)[];
  run(
    args: z.output<z.ZodObject<I>>,
    context: ToolContext,
    progress: Progress,
  ): Promise<ToolResult | MustAsk>;
}

/** A tool from its parts. Arguments that the input does not name are refused, not dropped. */
export function defineTool<I extends z.ZodRawShape, O extends z.ZodRawShape>(
  options: ToolOptions<I, O>,
): Tool {
  const { run, ...definition } = options;
  const input = lazy(() => z.strictObject(options.input()));
  const output = lazy(() => z.object(options.output));
  return {
    ...definition,
    input,
    output,
    async call(args, context, progress) {
      const parsed = input().safeParse(readArguments(input().shape, args));
      if (!parsed.success)
        throw new PaymentError('INVALID_ARGUMENT', { detail: argumentProblems(parsed.error) });
      const result = await run(parsed.data as z.output<z.ZodObject<I>>, context, progress);
      if ('question' in result) return result;
      return output().parse(result) as unknown as ToolResult;
    },
  };
}
