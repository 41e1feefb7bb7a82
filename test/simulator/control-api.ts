import type { ServerResponse } from 'node:http';
import { controlRoutes } from './control-routes.ts';
import { ControlError, type Json } from './control-settings.ts';
import type { Simulator } from './simulator.ts';
import type { RawRequest } from './twilio-gate.ts';

/** One control path: `{sid}` in it matches a part of a path. */
export interface ControlRoute {
  readonly method: string;
  readonly path: string;
  readonly what: string;
  readonly run: (request: ControlRequest) => unknown;
}

export interface ControlRequest {
  readonly sid: string;
  /** Query parameters, overridden by the members of the JSON body. */
  readonly input: Json;
}

/**
 * The HTTP control of the simulator, for people with curl and for tests in other processes. Without authentication:
 * only the loopback address is served, and web pages are kept out by their Origin and by foreign Host names.
 */
export function controlApi(
  simulator: Simulator,
): (request: RawRequest, response: ServerResponse) => Promise<void> {
  const routes = controlRoutes(simulator);
  return async (request, response) => {
    const url = new URL(request.url, simulator.url);
    if (!isLocal(request))
      return send(response, 403, { error: 'Only local programs may control the simulator' });
    if (request.method === 'GET' && url.pathname === '/simulator/events') return stream(simulator, response);

    const page = request.method === 'GET' ? simulator.pages.get(url.pathname) : undefined;
    if (page !== undefined) return sendPage(response, page);
    const found = routes.flatMap((route) => {
      const match = pathPattern(route.path).exec(url.pathname);
      return match && route.method === request.method ? [{ route, sid: match[1] ?? '' }] : [];
    })[0];
    if (!found) return send(response, 404, { error: 'No such control path', paths: listed(routes) });
    try {
      const input = { ...Object.fromEntries(url.searchParams), ...bodyOf(request.body.toString('utf8')) };
      const result = await found.route.run({ sid: found.sid, input });
      send(response, 200, result ?? { done: true });
    } catch (error) {
      // The text of an error made here never repeats what was sent, which may hold a card number.
      send(response, 400, { error: error instanceof Error ? error.message : 'The request failed' });
    }
  };
}

function isLocal({ headers }: RawRequest): boolean {
  const local = /^(127\.0\.0\.1|localhost)(:\d+)?$/;
  const origin = headers.origin;
  return (
    local.test(headers.host ?? '') && (origin === undefined || local.test(origin.replace(/^https?:\/\//, '')))
  );
}

function pathPattern(path: string): RegExp {
  return new RegExp(`^${path.replace('{sid}', '([^/]+)')}/?$`);
}

function listed(routes: readonly ControlRoute[]): string[] {
  return [
    ...routes.map(({ method, path, what }) => `${method} ${path}: ${what}`),
    'GET /simulator/events: what happens, as server-sent events',
  ];
}

function bodyOf(body: string): Json {
  if (body.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new ControlError('The body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ControlError('The body is not a JSON object');
  return { ...value };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}

function sendPage(response: ServerResponse, html: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(html);
}

function stream(simulator: Simulator, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  // A first line, so that a client knows that nothing from here on escapes it.
  response.write(': listening\n\n');
  const stop = simulator.on((event) =>
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
  );
  response.on('close', stop);
}
