import { CAPTURE_GUIDE } from './payments/advice/error-types.ts';
import type { ToolName } from './payments/advice/guidance.ts';
import { recordCallback } from './payments/commands/record-callback.ts';
import { PaymentError } from './payments/errors.ts';
import { lastClientOf } from './payments/session/readings.ts';
import type { PaymentSession } from './payments/session/session.ts';
import { ConfigError, readConfig } from './runtime/config.ts';
import { bodyOf, endpoint, type HttpResponse, headersOf, INVOCATION_MS, refusal } from './runtime/http.ts';
import { type About, createLog, type LogFields } from './runtime/log.ts';
import { MAX_PARAMETERS, MAX_VALUE } from './twilio/callback-form.ts';
import { connectTwilio } from './twilio/connect.ts';
import { isSignedByTwilio, usesSharedKey } from './twilio/signature.ts';
import { parseStatusCallback } from './twilio/status-callback.ts';
import { type CallbackTag, signedUrl, splitTag } from './twilio/status-callback-url.ts';

/** The largest form that is read, in bytes; Twilio's own have one or two thousand. */
const MAX_BYTES = 64 * 1024;

const FORM_REFUSED = `The form is not a status callback of a payment: it needs AccountSid, CallSid and Sid, each parameter once, at most ${MAX_PARAMETERS} parameters of ${MAX_VALUE} characters.`;

/** POST /payment-status: a status callback of Twilio's, verified, parsed, folded into its payment, stored. */
export const handler = endpoint('payment-status', async (context, event) => {
  const startedAt = Date.now();
  const about: About = {};
  const log = createLog(about);
  const done = (response: HttpResponse, fields: LogFields<'callback'> = {}): HttpResponse => {
    const { status } = response;
    log('callback', {
      endpoint: 'payment-status',
      status,
      milliseconds: Date.now() - startedAt,
      ...fields,
    });
    return response;
  };
  const refuse = (status: number, code: string, message: string) =>
    done(refusal(status, code, message), { code });

  let config: ReturnType<typeof readConfig>;
  try {
    config = readConfig(context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log('configuration', { endpoint: 'payment-status', variables: error.variables });
    return refuse(503, 'NOT_CONFIGURED', 'The service is not configured.');
  }
  if (Number(headersOf(event)['content-length'] ?? 0) > MAX_BYTES) {
    return refuse(413, 'TOO_LARGE', `A status callback is at most ${MAX_BYTES} bytes long.`);
  }
  const split = splitTag(bodyOf(event));
  if (!split) return refuse(400, 'BAD_REQUEST', 'The URL is not one that was given to Twilio.');
  const { tag, form } = split;
  if (config.CALLBACK_SIGNATURE === 'verify') {
    const headers = headersOf(event);
    const signed = {
      url: signedUrl(config.publicUrl, tag),
      form,
      signature: headers['x-twilio-signature'],
      settings: headers['x-twilio-webhooks-signature-settings'],
    };
    const keys = { authToken: config.AUTH_TOKEN, sharedKey: config.WEBHOOK_SHARED_KEY };
    const missing = usesSharedKey(signed)
      ? !keys.sharedKey && 'WEBHOOK_SHARED_KEY'
      : !keys.authToken && 'AUTH_TOKEN';
    if (missing) {
      log('configuration', { endpoint: 'payment-status', variables: [missing] });
      return missing === 'AUTH_TOKEN'
        ? refuse(403, 'NOT_CONFIGURED', 'The signature cannot be checked.')
        : refuse(
            403,
            'SHARED_KEY_UNKNOWN',
            'The request is signed with a shared key, which is not set here.',
          );
    }
    if (!isSignedByTwilio(keys, signed)) {
      return refuse(403, 'BAD_SIGNATURE', 'The request is not signed by Twilio.');
    }
  }
  const parsed = parseStatusCallback(form, tag, { opaqueCodes: config.OPAQUE_CODES });
  if (!parsed) return refuse(400, 'BAD_REQUEST', FORM_REFUSED);
  const { callback, accountSid, dropped } = parsed;
  const { paymentSid, callSid, legSid = callSid } = callback;
  Object.assign(about, { callSid: legSid, paymentSid, tool: toolOf(tag) });
  let session: PaymentSession | undefined;
  try {
    if (accountSid !== config.ACCOUNT_SID) {
      return refuse(403, 'FOREIGN_PAYMENT', 'The payment belongs to another account.');
    }
    session = await recordCallback(connectTwilio(config, startedAt + INVOCATION_MS), callback);
  } catch (error) {
    if (!(error instanceof PaymentError)) throw error;
    const { status: twilioStatus = 0, code: twilioCode = 0 } = error.twilio ?? {};
    log('not_stored', { code: error.code, twilioStatus, twilioCode });
    return refuse(503, error.code, 'The callback could not be stored. Send it again.');
  } finally {
    if (session) Object.assign(about, { callSid: session.callSid, client: lastClientOf(session) });
    if (dropped.length > 0) log('unmasked_value_dropped', { parameters: dropped });
  }
  if (!session) return refuse(403, 'FOREIGN_PAYMENT', 'The payment belongs to another call.');
  const { outcome } = callback.event;
  const { chargeAmount = 0, currency = '' } = session.terms ?? {};
  if (outcome) log('audit', { action: 'result', chargeAmount, currency, outcome: outcome.result });
  return done({ status: 200 });
});

/** The tool whose request a callback reports on, as its URL tells; undefined if the URL has lost what it carried. */
function toolOf({ start, field, ending }: CallbackTag): ToolName | undefined {
  if (ending) return ending === 'cancel' ? 'cancelPaymentCapture' : 'completePaymentCapture';
  if (field) return CAPTURE_GUIDE[field].tool;
  return start === undefined ? undefined : 'startPaymentCapture';
}
