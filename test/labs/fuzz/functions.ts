import { AsyncLocalStorage } from 'node:async_hooks';
import { readdirSync, readFileSync } from 'node:fs';

export type Endpoint = 'mcp' | 'payment-status' | 'metadata' | 'metadata-of-mcp';

export type Handler = (
  context: Record<string, unknown>,
  event: Record<string, unknown>,
  callback: (error: unknown, response?: unknown) => void,
) => unknown;

export type Handlers = Record<Endpoint, Handler>;

/** The platform's response class: body and headers as a handler set them. */
export class PlatformResponse {
  statusCode: unknown = 200;
  body: unknown = null;
  readonly headers: Record<string, unknown> = {};

  setStatusCode(status: unknown): void {
    this.statusCode = status;
  }

  setBody(body: unknown): void {
    this.body = body;
  }

  appendHeader(name: string, value: unknown): void {
    this.headers[name] = value;
  }
}

/** All that one invocation did. */
export interface Outcome {
  /** What the callback was called with, each time. */
  answers: { error: unknown; response: unknown }[];
  /** What the handler threw or rejected with. */
  thrown: unknown[];
  milliseconds: number;
  logs: string[];
}

/** The longest that Twilio lets a Function run. */
export const LIMIT_MS = 10_000;

const invocationOf = new AsyncLocalStorage<string>();
const LEVELS = ['log', 'info', 'warn', 'error', 'debug'] as const;

export interface Platform {
  /** Calls a handler and waits for its end, or for the time that Twilio would. */
  invoke(id: string, handler: Handler, context: object, event: object): Promise<Outcome>;
  /** Promises that were rejected and that nobody handled. */
  readonly unhandled: unknown[];
  close(): void;
}

/** Sets the globals of the Functions platform and keeps what each invocation writes to the console apart. */
export function startPlatform(): Platform {
  const outcomes = new Map<string, Outcome>();
  const unhandled: unknown[] = [];
  const folder = new URL('../../../assets/prompts/', import.meta.url);
  const assets = Object.fromEntries(
    readdirSync(folder).map((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8');
      return [`/prompts/${file.replace('.private', '')}`, { open: () => text }];
    }),
  );
  Object.assign(globalThis, {
    Twilio: { Response: PlatformResponse },
    Runtime: { getAssets: () => assets },
    [Symbol.for('agent-payments.invocation')]: invocationOf,
  });
  const originals = LEVELS.map((level) => [level, console[level]] as const);
  for (const [level, original] of originals) {
    console[level] = (...parts: unknown[]) => {
      const outcome = outcomes.get(invocationOf.getStore() ?? '');
      if (outcome) outcome.logs.push(parts.map(String).join(' '));
      else original(...parts);
    };
  }
  const onUnhandled = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', onUnhandled);

  return {
    unhandled,
    async invoke(id, handler, context, event) {
      const outcome: Outcome = { answers: [], thrown: [], milliseconds: 0, logs: [] };
      outcomes.set(id, outcome);
      const startedAt = performance.now();
      let timer: NodeJS.Timeout | undefined;
      const timeUp = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LIMIT_MS);
      });
      const work = invocationOf.run(id, async () => {
        try {
          await handler({ ...context }, event as Record<string, unknown>, (error, response) => {
            outcome.answers.push({ error, response });
          });
        } catch (error) {
          outcome.thrown.push(error);
        }
      });
      await Promise.race([work, timeUp]);
      clearTimeout(timer);
      outcome.milliseconds = performance.now() - startedAt;
      return outcome;
    },
    close() {
      process.off('unhandledRejection', onUnhandled);
      for (const [level, original] of originals) console[level] = original;
    },
  };
}
