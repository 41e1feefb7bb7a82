import { createHash, timingSafeEqual } from 'node:crypto';
import { type Headers, type HttpResponse, refusal } from './http.ts';
import type { Context } from './platform.ts';

/** Who calls: a name for the log, never the token. */
export interface Principal {
  client: string;
}

export type Authentication = { principal: Principal } | { refused: HttpResponse; code: string };

/** Checks the bearer token of a request against `MCP_AUTH_TOKEN`, in constant time. Nothing configured means closed. */
export function authenticate(context: Context, headers: Headers): Authentication {
  const expected = context.MCP_AUTH_TOKEN;
  if (typeof expected !== 'string' || expected === '') {
    return unauthorized(
      'NOT_CONFIGURED',
      'No credential is configured, so nobody is let in: set MCP_AUTH_TOKEN.',
    );
  }
  const { authorization } = headers;
  if (!authorization) return unauthorized('UNAUTHORIZED', 'Send the header Authorization: Bearer <token>.');
  const given = /^Bearer +([^\s,]+) *$/i.exec(authorization)?.[1];
  if (!given || !isEqual(given, expected)) {
    return unauthorized('UNAUTHORIZED', 'The bearer token is not valid.', ', error="invalid_token"');
  }
  return { principal: { client: 'MCP_AUTH_TOKEN' } };
}

function unauthorized(code: string, message: string, detail = ''): Authentication {
  return {
    refused: refusal(401, code, message, { 'WWW-Authenticate': `Bearer realm="agent-payments"${detail}` }),
    code,
  };
}

/** Compares digests, which have one length, so that neither content nor length shows in the time it takes. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
