import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A Functions handler, as the platform calls it. */
export type Handler = (
  context: Record<string, unknown>,
  event: Record<string, unknown>,
  callback: (error: unknown, response?: unknown) => void,
) => unknown;

/** A request as it comes in: path and query, and headers with names in lower case. */
export interface HostRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HostAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

export interface FunctionsHost {
  readonly url: string;
  /** What a request to `url` comes to, without a connection. */
  handle(request: HostRequest): Promise<HostAnswer>;
  /** Everything that handlers wrote to the console, a line each. */
  readonly logs: string[];
  /** How often a handler was called. */
  readonly invocations: string[];
  /** Called before each invocation with its id and path. */
  onInvocation: (id: string, path: string) => void;
  /** Ends an invocation as the platform does when a Function dies: with 504, whatever the handler still does. */
  abandon(id: string): void;
  /** Resolves when no handler is at work. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface HostOptions {
  handlers: Record<string, Handler>;
  variables: (url: string) => Record<string, string>;
  /** The texts of private assets by path. */
  assets: Record<string, string>;
}

/** The platform's response class: body and headers as a handler set them. */
class PlatformResponse {
  statusCode = 200;
  body: unknown = null;
  readonly headers: Record<string, string | string[]> = {};

  setStatusCode(status: number): void {
    this.statusCode = status;
  }

  setBody(body: unknown): void {
    this.body = body;
  }

  appendHeader(name: string, value: string): void {
    this.headers[name] = value;
  }
}

const invocationOf = new AsyncLocalStorage<string>();
Object.assign(globalThis, { [Symbol.for('agent-payments.invocation')]: invocationOf });

let counter = 0;

/** Runs handlers inside this process the way Twilio calls them: merged events, buffered answers, no HTTP method. */
export async function startFunctionsHost(options: HostOptions): Promise<FunctionsHost> {
  const { handlers, assets } = options;
  const logs: string[] = [];
  const invocations: string[] = [];
  const abandoned = new Map<string, () => void>();
  const running = new Map<string, Promise<unknown>>();
  const restoreConsole = captureConsole(logs);
  Object.assign(globalThis, {
    Twilio: { Response: PlatformResponse },
    Runtime: {
      getAssets: () =>
        Object.fromEntries(Object.entries(assets).map(([path, text]) => [path, { open: () => text }])),
    },
  });

  const handle = (request: HostRequest): Promise<HostAnswer> => {
    const url = new URL(request.url, 'http://localhost');
    const handler = handlers[url.pathname];
    if (!handler) return Promise.resolve({ status: 404, headers: {}, body: '' });
    const event = toEvent(request, url);
    if (event === undefined) return Promise.resolve({ status: 400, headers: {}, body: '' });
    return new Promise((resolve) => {
      const id = `i${++counter}`;
      invocations.push(url.pathname);
      host.onInvocation(id, url.pathname);
      let answers = 0;
      const answer = (error: unknown, payload?: unknown) => {
        answers += 1;
        if (answers > 1) throw new Error('A handler answered twice');
        abandoned.delete(id);
        resolve(answerOf(error, payload));
      };
      abandoned.set(id, () => answer('died', Object.assign(new PlatformResponse(), { statusCode: 504 })));
      const context = {
        DOMAIN_NAME: new URL(host.url).host,
        PATH: url.pathname,
        ...options.variables(host.url),
      };
      const guarded = (error: unknown, payload?: unknown) => {
        if (abandoned.has(id)) answer(error, payload);
      };
      const work = invocationOf.run(id, async () => handler(context, event, guarded));
      running.set(id, work);
      void work.finally(() => running.delete(id));
    });
  };
  const server = createServer(async (request, response) => {
    const { url = '/', headers } = request;
    const answer = await handle({
      url,
      headers: headers as Record<string, string>,
      body: await bodyOf(request),
    });
    for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const host: FunctionsHost = {
    url: `http://127.0.0.1:${port}`,
    handle,
    logs,
    invocations,
    onInvocation: () => undefined,
    abandon(id) {
      abandoned.get(id)?.();
      running.delete(id);
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running.values());
    },
    async close() {
      restoreConsole();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return host;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Query, body and headers in one object; undefined where the platform answers 400 by itself. */
function toEvent({ headers, body: text }: HostRequest, url: URL): Record<string, unknown> | undefined {
  const type = headers['content-type'] ?? '';
  let body: Record<string, unknown> = {};
  if (type.startsWith('application/json') && text) {
    try {
      body = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return undefined;
    }
    if (typeof body !== 'object') return undefined;
  } else if (type.startsWith('application/x-www-form-urlencoded')) {
    body = toParameters(new URLSearchParams(text));
  }
  return {
    request: { headers: { ...headers }, cookies: {} },
    ...toParameters(url.searchParams),
    ...body,
  };
}

function toParameters(parameters: URLSearchParams): Record<string, unknown> {
  const names = [...new Set(parameters.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length > 1 ? values : values[0]];
    }),
  );
}

function answerOf(error: unknown, payload: unknown): HostAnswer {
  if (!(payload instanceof PlatformResponse)) return { status: 500, headers: {}, body: String(error) };
  const { statusCode: status, headers, body } = payload;
  const isJson = headers['Content-Type'] === 'application/json';
  return { status, headers, body: isJson ? JSON.stringify(body) : ((body as string | null) ?? '') };
}

/** Methods of a console that this module has put there. */
const LISTENERS = new WeakSet<(...parts: unknown[]) => void>();

/** Where the handlers' lines go now; nowhere while no host is open. */
let listening: string[] | undefined;

/** Hears the console until it is told to stop. Files share a process, so the console is changed once for all of them. */
function captureConsole(logs: string[]): () => void {
  const before = listening;
  listening = logs;
  for (const level of ['log', 'info', 'warn', 'error'] as const) {
    const original = console[level];
    if (LISTENERS.has(original)) continue;
    console[level] = (...parts: unknown[]) => {
      if (listening) listening.push(parts.map(String).join(' '));
      // What is left of an abandoned invocation has nobody to tell.
      else if (invocationOf.getStore() === undefined) original(...parts);
    };
    LISTENERS.add(console[level]);
  }
  return () => {
    listening = before;
  };
}
