/**
 * The ways between clients, Functions and Twilio without connections, which most of a story's time would go into.
 * `npm run test:dist` plays stories over real ones; the tests of the adapters and of the simulator have them anyway.
 */
import twilio from 'twilio';
import { type Post, postOnce, type Simulator } from '../../simulator/index.ts';
import type { FunctionsHost } from './functions-host.ts';

/** Whether stories are to use connections all the same. */
export const OVER_CONNECTIONS = process.env.STAGE_CONNECTIONS === 'real';

/** What can be reached without a connection, by origin. */
const hosts = new Map<string, FunctionsHost>();
const simulators = new Map<string, Simulator>();

/** Has both be reached without connections. @returns what takes that back. */
export function reachInProcess(host: FunctionsHost, simulator: Simulator): () => void {
  hosts.set(host.url, host);
  simulators.set(simulator.url, simulator);
  return () => {
    hosts.delete(host.url);
    simulators.delete(simulator.url);
  };
}

/** `fetch` for tests and MCP clients. */
export const reach: typeof fetch = async (input, init) => {
  const { origin, pathname } = new URL(String(input));
  const host = hosts.get(origin);
  const simulator = pathname.startsWith('/simulator') ? undefined : simulators.get(origin);
  if (!host && !simulator) return fetch(input, init);
  const request = new Request(input, init);
  const url = request.url.slice(origin.length);
  const body = Buffer.from(await request.arrayBuffer());
  const headers = {
    host: new URL(origin).host,
    ...(init?.body && { 'content-length': String(body.length) }),
    ...Object.fromEntries(request.headers),
  };
  if (host)
    return until(request.signal, host.handle({ url, headers, body: body.toString() }).then(toResponse));
  const reply = await simulator?.handle({ method: request.method, url, headers, body });
  if (reply?.kind !== 'answer') throw new TypeError('fetch failed');
  const { status, body: answered, headers: sent = {} } = reply.answer;
  reply.sent();
  return toResponse({ status, headers: sent, body: answered === undefined ? '' : JSON.stringify(answered) });
};

function toResponse({ status, headers, body }: Awaited<ReturnType<FunctionsHost['handle']>>): Response {
  const sent = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
  return new Response([202, 204, 304].includes(status) ? null : body, { status, headers: sent });
}

/** How callbacks get to their URLs. */
export const post: Post = async (attempt) => {
  const { url, headers, body, readTimeout, signal } = attempt;
  const host = hosts.get(url.origin);
  if (!host) return postOnce(attempt);
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const answering = host.handle({
    url: `${url.pathname}${url.search}`,
    headers: { ...headers, ...length },
    body,
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'rt'>((resolve) => {
    timer = setTimeout(() => resolve('rt'), readTimeout);
  });
  const status = answering.then((answer) => answer.status);
  return until(signal, Promise.race([status, late]))
    .catch(() => 'rt' as const)
    .finally(() => clearTimeout(timer));
};

/** Resolves or rejects as the work does, or rejects once the signal is given. */
async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The part of the `twilio` package's request that its HTTP client makes a request of. */
interface PackageRequest {
  method: string;
  uri: string;
  username: string;
  password: string;
  headers: Record<string, string>;
  params?: Record<string, unknown>;
  data?: Record<string, unknown>;
}

const { prototype } = twilio.RequestClient;
const overConnection = prototype.request;
type Options<T> = Parameters<typeof overConnection<T>>[0];
type Answer<T> = ReturnType<typeof overConnection<T>>;
prototype.request = function request<T>(options: Options<T>): Answer<T> {
  const simulator = simulators.get(process.env.TWILIO_SIMULATOR_URL ?? '');
  if (simulator) return ask(simulator, options as unknown as PackageRequest) as Answer<T>;
  return overConnection.call<typeof this, [Options<T>], Answer<T>>(this, options);
};

/** Carries out a request of the `twilio` package. */
async function ask(simulator: Simulator, request: PackageRequest): Promise<unknown> {
  const { uri, username, password, params, data, headers } = request;
  const url = new URL(uri);
  for (const [name, value] of listOf(params)) url.searchParams.append(name, value);
  const invocation = invocationOf();
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const reply = await simulator.handle({
    method: request.method.toUpperCase(),
    url: `${url.pathname}${url.search}`,
    headers: {
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      authorization,
      'x-simulated-host': url.host,
      ...(invocation !== undefined && { 'x-simulated-invocation': invocation }),
    },
    body: Buffer.from(new URLSearchParams(listOf(data)).toString()),
  });
  if (reply.kind === 'silence') return new Promise(() => undefined);
  // What the package rejects with holds the request with its credentials.
  if (reply.kind === 'destroy')
    throw Object.assign(new Error('socket hang up'), {
      name: 'AxiosError',
      code: 'ECONNRESET',
      config: { ...request, headers: { ...headers, Authorization: authorization } },
    });
  const { status, body, headers: sent } = reply.answer;
  reply.sent();
  const text = body === undefined ? undefined : JSON.stringify(body);
  return { statusCode: status, body: text === undefined ? '' : JSON.parse(text), headers: { ...sent } };
}

/** Names and values of a form or query; a list's members have its name each. */
function listOf(form: Record<string, unknown> = {}): [string, string][] {
  return Object.entries(form).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one): [string, string] => [name, String(one)]),
  );
}

function invocationOf(): string | undefined {
  const { [Symbol.for('agent-payments.invocation')]: store } = globalThis as unknown as Record<
    symbol,
    { getStore(): string | undefined } | undefined
  >;
  return store?.getStore();
}
