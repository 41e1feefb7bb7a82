import { createLog, type Endpoint } from './log.ts';
import { type Context, type Event, type Handler, type PlatformResponse, platform } from './platform.ts';

/** Milliseconds that an invocation takes at most; Twilio stops it at 10,000 (https://www.twilio.com/docs/serverless/functions-assets/functions/request-flow). */
export const INVOCATION_MS = 9_000;

/** Characters that a header has at most: Twilio takes 15 kB of all (https://www.twilio.com/docs/runtime/functions/headers-and-cookies/limitations). */
const MAX_HEADER = 16_384;

/** Marks a process that a bundle of ours has made survive rejections: each endpoint has this module to itself. */
const SURVIVES = Symbol.for('agent-payments.survives-rejections');

/**
 * The last resort against a promise that rejects and that nobody waits for: it would end the process, and with it the
 * requests of everybody else that this instance is serving.
 */
function surviveRejections(): void {
  if (Reflect.has(process, SURVIVES)) return;
  Reflect.set(process, SURVIVES, true);
  process.on('unhandledRejection', (cause) => createLog()('unhandled_rejection', { cause }));
}

export interface HttpResponse {
  status: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON, a string as it is; absent for an empty body. */
  body?: object | string;
}

export type Headers = Record<string, string>;

/**
 * A Functions handler from a function that gives a response: it answers exactly once, whatever happens, and
 * never throws or rejects.
 */
export function endpoint(
  name: Endpoint,
  serve: (context: Context, event: Event) => Promise<HttpResponse>,
): Handler {
  surviveRejections();
  return async (context, event, callback) => {
    let response: HttpResponse;
    try {
      response = await serve(context, event);
    } catch (error) {
      createLog()('unexpected', { endpoint: name, cause: error });
      response = refusal(500, 'INTERNAL_ERROR', 'The server failed. The next request may work.');
    }
    callback(null, toPlatform(response));
  };
}

/** An error response: every refusal has a JSON body with a code and what is wrong. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): HttpResponse {
  return { status, headers, body: { error: { code, message } } };
}

/**
 * The headers of a request, names in lower case, repeated ones joined. A body or query named `request` takes
 * their place: what is then no text, or longer than any header can be, is left out.
 */
export function headersOf(event: Event): Headers {
  const { request } = event;
  const headers: unknown = isRecord(request) ? request.headers : undefined;
  if (!isRecord(headers)) return {};
  const entries = Object.entries(headers).flatMap(([name, value]) => {
    const values: unknown[] = Array.isArray(value) ? value : [value];
    const text = values.every((one) => typeof one === 'string') ? values.join(', ') : undefined;
    return text !== undefined && text.length <= MAX_HEADER ? [[name.toLowerCase(), text] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** The members of an event without the platform's own. */
export function bodyOf(event: Event): Record<string, unknown> {
  const { request: _, ...body } = event;
  return body;
}

/**
 * The platform serializes an object when the header is spelled `Content-Type`, and must not get one for an
 * empty body, which it would turn into `null`.
 */
function toPlatform({ status, headers = {}, body }: HttpResponse): PlatformResponse {
  const response = new platform.Twilio.Response();
  response.setStatusCode(status);
  if (typeof body === 'object') response.appendHeader('Content-Type', 'application/json');
  for (const [name, value] of Object.entries(headers)) response.appendHeader(name, value);
  if (body !== undefined) response.setBody(body);
  return response;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
