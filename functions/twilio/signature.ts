import twilio from 'twilio';

export interface SignedRequest {
  /** The URL as it was given to Twilio, without the fragment. */
  url: string;
  /** All parameters that were posted, and no others. */
  form: Record<string, unknown>;
  /** The X-Twilio-Signature header. */
  signature: unknown;
}

/**
 * Whether Twilio signed a request with this account's primary Auth Token
 * (https://www.twilio.com/docs/usage/security#validating-requests). Compared in constant time; anything odd is a no.
 */
export function isSignedByTwilio(authToken: string, { url, form, signature }: SignedRequest): boolean {
  if (!authToken || typeof signature !== 'string' || !signature) return false;
  try {
    return twilio.validateRequest(authToken, signature, url, form);
  } catch {
    return false;
  }
}
