import type { IncomingMessage } from 'node:http';
import type { HostLimits } from './limits.ts';
import type { HostSwitches } from './switches.ts';

/** What a Function never sees (headers page, "limitations"; the last four as the local runtime hides them). */
const HIDDEN = [
  'connection',
  'proxy-connection',
  'expect',
  'host',
  'proxy-authorization',
  'proxy-authenticate',
  'referer',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'x-real-ip',
];
const HIDDEN_PREFIXES = ['x-accel-', 'x-forwarded-', 'i-twilio-', 'i-t-', 'ot-', 'x-amz'];

export type EventHeaders = Record<string, string | string[]>;

/** The headers as a Function sees them: names in lower case, repeated ones as a list (headers page). */
export function visibleHeaders({ rawHeaders }: IncomingMessage, switches: HostSwitches): EventHeaders {
  const headers: EventHeaders = {};
  for (const [name, value] of pairs(rawHeaders)) {
    if (isHidden(name, switches)) continue;
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

function isHidden(name: string, switches: HostSwitches): boolean {
  if (name === 'i-twilio-idempotency-token') return switches.retryHeader === 'hidden';
  if (name === 'x-twilio-signature') return switches.signatureHeader === 'hidden';
  return HIDDEN.includes(name) || HIDDEN_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** The cookies of a request by name (headers page). */
export function cookiesOf({ headers: { cookie = '' } }: IncomingMessage): Record<string, string> {
  const entries = cookie
    .split(/;\s*/)
    .filter((part) => part.includes('='))
    .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]);
  return Object.fromEntries(entries);
}

/** Bytes of the headers as they are sent. */
export function sizeOf(headers: readonly (readonly [string, string])[]): number {
  return headers.reduce((sum, [name, value]) => sum + Buffer.byteLength(`${name}: ${value}\r\n`), 0);
}

export function tooManyHeaders(headers: readonly (readonly [string, string])[], limits: HostLimits): boolean {
  return headers.length > limits.headers || sizeOf(headers) > limits.headerBytes;
}

/** Names in lower case, with values. */
export function pairs(rawHeaders: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    found.push([String(rawHeaders[index]).toLowerCase(), String(rawHeaders[index + 1])]);
  return found;
}
