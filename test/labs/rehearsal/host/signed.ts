import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import twilio from 'twilio';
import { parametersOf } from './event.ts';

/**
 * Whether a request is signed with the Auth Token for exactly the URL that it was made to (visibility and security
 * pages): a form with its parameters, JSON by its hash in the URL, anything else by the URL alone.
 */
export function isSigned(request: IncomingMessage, url: string, body: Buffer, authToken: string): boolean {
  const type = request.headers['content-type'] ?? '';
  const isForm = request.method === 'POST' && type.startsWith('application/x-www-form-urlencoded');
  const hash = new URL(url).searchParams.get('bodySHA256');
  if (hash !== null && createHash('sha256').update(body).digest('hex') !== hash.toLowerCase()) return false;
  const parameters = isForm ? parametersOf(body.toString('utf8')) : {};
  const expected = Buffer.from(twilio.getExpectedTwilioSignature(authToken, url, parameters));
  const given = Buffer.from(String(request.headers['x-twilio-signature'] ?? ''));
  return expected.length === given.length && timingSafeEqual(expected, given);
}
