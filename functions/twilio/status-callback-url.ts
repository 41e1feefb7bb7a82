import { CAPTURES, type Capture } from '../payments/session/fields.ts';

/**
 * What the StatusCallback URL of a request tells the callback about that request. Twilio posts to the URL of the
 * latest request of a session and signs it as it was given, so its text must be rebuilt to the letter: few
 * parameters, of fixed form, in a fixed order.
 */
export interface CallbackTag {
  /** The leg that the payment runs on; callbacks themselves may name its parent. */
  call?: string;
  /** The attempt, for the request that starts a session. */
  start?: number;
  /** The newest capture command, for all other requests. */
  command?: number;
  /** What that command asks for, for the request that captures it: callbacks of the capture before it may cross it. */
  field?: Capture;
  ending?: 'complete' | 'cancel';
}

const FORMS = {
  call: /^CA[0-9a-fA-F]{32}$/,
  start: /^[1-9]\d{0,5}$/,
  command: /^(?:0|[1-9]\d{0,5})$/,
  field: new RegExp(`^(?:${CAPTURES.join('|')})$`),
  ending: /^(?:complete|cancel)$/,
} as const;
const NAMES = ['call', 'start', 'command', 'field', 'ending'] as const;

/**
 * Asks Twilio to retry what is not answered or answered with an error, which it does not do by default: five
 * times, the most there is, inside the 15 s of voice webhooks. Neither sent nor signed
 * (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
 */
const RETRIES = '#rc=5&rp=all';

export const CALLBACK_PATH = '/payment-status';

/** The URL to give to Twilio. */
export function statusCallbackUrl(callbackUrl: string, tag: CallbackTag): string {
  return `${signedUrl(callbackUrl, tag)}${RETRIES}`;
}

/**
 * The URL as Twilio signs it, if it is made of one without a user and a password, which Twilio sends in a header
 * (https://www.twilio.com/docs/usage/security#validating-requests). Its port is looked after where signatures are checked.
 */
export function signedUrl(publicUrl: string, tag: CallbackTag): string {
  const query = NAMES.filter((name) => tag[name] !== undefined).map((name) => `${name}=${tag[name]}`);
  return `${publicUrl}${CALLBACK_PATH}${query.length ? `?${query.join('&')}` : ''}`;
}

/** Splits a Functions event into the tag of its URL and the form that was posted; undefined where the tag is not one of ours. */
export function splitTag(
  event: Record<string, unknown>,
): { tag: CallbackTag; form: Record<string, unknown> } | undefined {
  const { call, start, command, field, ending, ...form } = event;
  const tag = { call, start, command, field, ending };
  for (const name of NAMES) {
    const value = tag[name];
    if (value !== undefined && !(typeof value === 'string' && FORMS[name].test(value))) return undefined;
  }
  return {
    tag: {
      ...(typeof call === 'string' && { call }),
      ...(typeof start === 'string' && { start: Number(start) }),
      ...(typeof command === 'string' && { command: Number(command) }),
      ...(typeof field === 'string' && { field: field as Capture }),
      ...((ending === 'complete' || ending === 'cancel') && { ending }),
    },
    form,
  };
}
