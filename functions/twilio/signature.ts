import twilio from 'twilio';

export interface SignedRequest {
  /** The URL as it was given to Twilio, without the fragment. */
  url: string;
  /** All parameters that were posted, and no others. */
  form: Record<string, unknown>;
  /** The X-Twilio-Signature header. */
  signature: unknown;
  /** The X-Twilio-Webhooks-Signature-Settings header, which comes with signatures of a shared key alone. */
  settings: unknown;
}

/** The keys that this service knows: the account's primary Auth Token, and the shared key if its webhooks have one. */
export interface SigningKeys {
  authToken: string | undefined;
  sharedKey: string | undefined;
}

/** Whether Twilio says that it signed with a shared key. */
export function usesSharedKey({ settings }: Pick<SignedRequest, 'settings'>): boolean {
  return typeof settings === 'string' && settings !== '';
}

/**
 * Whether Twilio signed a request: with the account's primary Auth Token by HMAC-SHA1, or, if it says so, with the shared
 * key by HMAC-SHA256 (https://www.twilio.com/docs/usage/security#validating-requests). Compared in constant time;
 * anything odd is a no.
 */
export function isSignedByTwilio({ authToken, sharedKey }: SigningKeys, request: SignedRequest): boolean {
  const { url, form, signature } = request;
  const isShared = usesSharedKey(request);
  const key = isShared ? sharedKey : authToken;
  if (!key || typeof signature !== 'string' || !signature) return false;
  try {
    return twilio.validateRequest(key, signature, url, form, isShared ? 'HMAC_SHA256' : 'HMAC_SHA1');
  } catch {
    return false;
  }
}
