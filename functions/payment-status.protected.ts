import { recordCallback } from './payments/commands/record-callback.ts';
import { PaymentError } from './payments/errors.ts';
import { ConfigError, readConfig } from './runtime/config.ts';
import { bodyOf, endpoint, type HttpResponse, headersOf, INVOCATION_MS, refusal } from './runtime/http.ts';
import { createLog, type LogFields } from './runtime/log.ts';
import { MAX_PARAMETERS, MAX_VALUE } from './twilio/callback-form.ts';
import { connectTwilio } from './twilio/connect.ts';
import { isSignedByTwilio, usesSharedKey } from './twilio/signature.ts';
import { parseStatusCallback } from './twilio/status-callback.ts';
import { signedUrl, splitTag } from './twilio/status-callback-url.ts';

/** The largest form that is read, in bytes; Twilio's own have one or two thousand. */
const MAX_BYTES = 64 * 1024;

const FORM_REFUSED = `The form is not a status callback of a payment: it needs AccountSid, CallSid and Sid, each parameter once, at most ${MAX_PARAMETERS} parameters of ${MAX_VALUE} characters.`;

/** POST /payment-status: a status callback of Twilio's, verified, parsed, folded into its payment, stored. */
export const handler = endpoint('payment-status', async (context, event) => {
  const startedAt = Date.now();
  const log = createLog();
  const done = (response: HttpResponse, fields: LogFields): HttpResponse => {
    const { status } = response;
    log.info('callback', {
      endpoint: 'payment-status',
      status,
      milliseconds: Date.now() - startedAt,
      ...fields,
    });
    return response;
  };
  const refuse = (status: number, code: string, message: string, fields: LogFields = {}) =>
    done(refusal(status, code, message), { code, ...fields });

  let config: ReturnType<typeof readConfig>;
  try {
    config = readConfig(context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    log.error('configuration', { endpoint: 'payment-status', variables: error.variables });
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
      log.error('configuration', { endpoint: 'payment-status', variables: [missing] });
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
  const { callSid, paymentSid } = callback;
  if (dropped.length > 0) log.error('unmasked_value_dropped', { callSid, paymentSid, parameters: dropped });
  if (accountSid !== config.ACCOUNT_SID) {
    return refuse(403, 'FOREIGN_PAYMENT', 'The payment belongs to another account.', { callSid, paymentSid });
  }
  try {
    if (!(await recordCallback(connectTwilio(config, startedAt + INVOCATION_MS), callback))) {
      return refuse(403, 'FOREIGN_PAYMENT', 'The payment belongs to another call.', { callSid, paymentSid });
    }
  } catch (error) {
    if (!(error instanceof PaymentError)) throw error;
    const { status: twilioStatus = 0, code: twilioCode = 0 } = error.twilio ?? {};
    log.error('not_stored', { callSid, paymentSid, code: error.code, twilioStatus, twilioCode });
    return refuse(503, error.code, 'The callback could not be stored. Send it again.', {
      callSid,
      paymentSid,
    });
  }
  const { outcome } = callback.event;
  if (outcome) log.info('audit', { action: 'result', callSid, paymentSid, outcome: outcome.result });
  return done({ status: 200 }, { callSid, paymentSid });
});
