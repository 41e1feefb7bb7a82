import { createHmac } from 'node:crypto';

/**
 * The URL as Twilio signs it for a voice callback: without fragment and user information, and over https
 * without the port, even an unusual one; over http the port stays (security page, "Validating requests").
 * Everything else is kept byte for byte.
 */
export function signedVoiceUrl(url: string): string {
  const withoutFragment = url.split('#', 1)[0] ?? '';
  const parts = /^(https?):\/\/(?:[^@/?]*@)?(\[[^\]]*\]|[^:/?]*)(:\d+)?(.*)$/is.exec(withoutFragment);
  if (!parts) return withoutFragment;
  const [, scheme = '', host = '', port = '', rest = ''] = parts;
  return `${scheme}://${host}${scheme.toLowerCase() === 'https' ? '' : port}${rest}`;
}

/**
 * X-Twilio-Signature of a form post: HMAC-SHA1, keyed with the account's Auth Token, over the URL followed by every
 * parameter's name and value sorted by name in byte order; base64 (security page, "Validating requests").
 */
export function voiceSignature(
  authToken: string,
  url: string,
  params: Readonly<Record<string, string>>,
): string {
  const sorted = Object.entries(params).sort(([one], [other]) =>
    Buffer.compare(Buffer.from(one), Buffer.from(other)),
  );
  const text = signedVoiceUrl(url) + sorted.map(([name, value]) => name + value).join('');
  return createHmac('sha1', authToken).update(text, 'utf8').digest('base64');
}
