import type { IncomingMessage } from 'node:http';
import { cookiesOf, visibleHeaders } from './headers.ts';
import type { HostSwitches } from './switches.ts';

export type Parameters = Record<string, unknown>;

/** The parameters of a form or query: a list where a name is repeated (local runtime). */
export function parametersOf(text: string | URLSearchParams): Record<string, string | string[]> {
  const given = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(given.keys())].map((name) => {
      const values = given.getAll(name);
      return [name, values.length > 1 ? values : (values[0] ?? '')];
    }),
  );
}

/**
 * What a Function gets: query and body in one object, the body winning, with headers and cookies beside them
 * (request-flow page; the rest as in the local runtime). Undefined where the platform itself answers 400.
 */
export function eventOf(
  request: IncomingMessage,
  { query, body, switches }: { query: URLSearchParams; body: Buffer; switches: HostSwitches },
): Parameters | undefined {
  const sent = bodyOf(request, body, switches);
  if (sent === undefined) return undefined;
  const about = { headers: visibleHeaders(request, switches), cookies: cookiesOf(request) };
  const parameters = { ...parametersOf(query), ...sent };
  return switches.requestParameter === 'replaces'
    ? { request: about, ...parameters }
    : { ...parameters, request: about };
}

function bodyOf(request: IncomingMessage, body: Buffer, switches: HostSwitches): Parameters | undefined {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (request.method === 'GET' || body.length === 0) return {};
  if (type === 'application/json') return fromJson(body.toString('utf8'), switches);
  if (type === 'application/x-www-form-urlencoded') return parametersOf(body.toString('utf8'));
  return switches.otherContentType === 'dropped' ? {} : undefined;
}

function fromJson(text: string, switches: HostSwitches): Parameters | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== 'object' || value === null)
    return switches.malformedJson === 'refused' ? undefined : {};
  if (Array.isArray(value) && switches.jsonArray === 'refused') return undefined;
  return { ...value };
}
