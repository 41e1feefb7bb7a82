import type { Host } from './host/host.ts';
import type { HostSwitches } from './host/switches.ts';

/** One request, and the status that it has to be answered with. */
interface Probe {
  readonly name: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  /** What the body has to contain. */
  readonly contains?: string;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };
const MEGABYTE = 1_024 * 1_024;

/** What anybody on the internet could send to a deployment. */
function probesFor(switches: HostSwitches, token: string): Probe[] {
  const bearer = { authorization: `Bearer ${token}` };
  const ask = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  return [
    { name: 'the root shows the page', path: '/', status: 200, contains: '<html' },
    { name: 'clients can show the icon', path: '/icon.svg', status: 200, contains: '<svg' },
    { name: 'a prompt cannot be read', path: '/prompts/card-number.md', status: switches.privatePath },
    { name: 'it is well', path: '/health', status: 200, contains: '"sync":"ok"' },
    { name: 'there is nothing elsewhere', path: '/elsewhere', status: 404 },
    {
      name: 'a callback without a signature is refused',
      method: 'POST',
      path: '/payment-status',
      headers: FORM,
      body: 'Sid=PK0&CallSid=CA0',
      status: switches.protectedRefusal,
    },
    {
      name: 'a callback with a wrong signature is refused',
      method: 'POST',
      path: '/payment-status?command=1',
      headers: { ...FORM, 'x-twilio-signature': 'c2lnbmVkIGJ5IHNvbWVib2R5IGVsc2U=' },
      body: 'Sid=PK0&CallSid=CA0',
      status: switches.protectedRefusal,
    },
    { name: 'a preflight is answered', method: 'OPTIONS', path: '/mcp', status: 204 },
    { name: 'DELETE does not get in', method: 'DELETE', path: '/mcp', status: switches.otherVerb },
    {
      name: 'more than 1 MB does not get in',
      method: 'POST',
      path: '/mcp',
      headers: JSON_TYPE,
      body: JSON.stringify('x'.repeat(MEGABYTE)),
      status: 413,
    },
    { name: 'no token, no answer', method: 'POST', path: '/mcp', headers: JSON_TYPE, body: ask, status: 401 },
    {
      name: 'the tools are listed',
      method: 'POST',
      path: '/mcp',
      headers: { ...JSON_TYPE, ...bearer, accept: 'application/json, text/event-stream' },
      body: ask,
      status: 200,
      contains: 'startPaymentCapture',
    },
    { name: 'a GET is no message', path: '/mcp', headers: bearer, status: 405 },
    {
      name: 'malformed JSON is no message',
      method: 'POST',
      path: '/mcp',
      headers: { ...JSON_TYPE, ...bearer },
      body: '{"jsonrpc":',
      // By the platform or, where that drops the body, by the Function.
      status: 400,
    },
  ];
}

/** Sends every probe; gives how many there were, and what was answered otherwise than it should be. */
export async function probe(
  { url }: Host,
  switches: HostSwitches,
  token: string,
): Promise<{ count: number; problems: string[] }> {
  const probes = probesFor(switches, token);
  const problems: string[] = [];
  for (const { name, method = 'GET', path, headers = {}, body, status, contains } of probes) {
    const init = { method, headers, ...(body !== undefined && { body }) };
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    if (response.status !== status)
      problems.push(`${name}: ${method} ${path} is answered with ${response.status}, not ${status}`);
    else if (contains !== undefined && !text.includes(contains))
      problems.push(`${name}: the answer to ${method} ${path} has no ${contains}`);
  }
  return { count: probes.length, problems };
}
