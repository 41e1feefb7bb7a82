import type { Callback } from '../payments/commands/record-callback.ts';
import { CAPTURES, type Capture, FIELDS, fieldOf, isMatcher } from '../payments/session/fields.ts';
import type { FieldState, PaymentEvent, Seen } from '../payments/session/session.ts';
import {
  type Form,
  MAX_PARAMETERS,
  MAX_TEXT,
  OPAQUE,
  statusCallbackSchema,
  VALUES,
  withoutUnmasked,
} from './callback-form.ts';
import type { CallbackTag } from './status-callback-url.ts';

/** A status callback that was understood. `dropped` names parameters whose values were not masked as documented and were thrown away. */
export interface ParsedCallback {
  accountSid: string;
  callback: Callback;
  dropped: string[];
}

/**
 * Reads the form of a status callback (https://www.twilio.com/docs/voice/api/payment-resource#statuscallback).
 * Only the SIDs are needed; everything else is used if it is there.
 * @param opaqueCodes whether codes and tokens of this deployment's processor may look like card numbers.
 * @returns undefined where it is not a status callback of a payment.
 */
export function parseStatusCallback(
  form: Record<string, unknown>,
  tag: CallbackTag,
  { opaqueCodes = false } = {},
): ParsedCallback | undefined {
  if (Object.keys(form).length > MAX_PARAMETERS) return undefined;
  const parsed = statusCallbackSchema().safeParse(form);
  if (!parsed.success) return undefined;
  const { clean, dropped } = withoutUnmasked(parsed.data, opaqueCodes);
  return {
    accountSid: clean.AccountSid,
    callback: {
      paymentSid: clean.Sid,
      callSid: clean.CallSid,
      ...(tag.call && { legSid: tag.call }),
      ...(tag.start && { attempt: tag.start }),
      event: toEvent(clean, tag, dropped),
    },
    dropped,
  };
}

function toEvent(form: Form, tag: CallbackTag, dropped: readonly string[]): PaymentEvent {
  const event: PaymentEvent = { paymentMethod: form.PaymentMethod.toLowerCase() };
  if (tag.command !== undefined) event.command = tag.command;
  const captured = form.Result ? undefined : (captureOf(form.Capture, tag) ?? captureOfError(form, tag));
  if (captured) {
    const state = stateOf(form, captured);
    // Twilio posts to the URL of its latest request: digits of a capture that this one has replaced lead nowhere.
    const isReplaced = tag.field && tag.field !== captured && state !== 'captured' && state !== 'error';
    if (!isReplaced) {
      event.field = {
        name: captured,
        state,
        value: state === 'error' ? '' : typedIn(form, captured),
        cardType: captured === 'payment-card-number' ? form.PaymentCardType : '',
        errorType: errorTypeOf(form),
      };
    }
  } else if (form.ErrorType) {
    event.sessionError = errorTypeOf(form);
  }
  const values: Seen = {};
  if (form.PaymentCardType && captured !== 'payment-card-number') values['card-type'] = form.PaymentCardType;
  for (const name of FIELDS) {
    const value = form[VALUES[name].parameter];
    // What is typed a second time has the parameter of the first.
    if (value && !(captured && name === fieldOf(captured))) values[name] = value;
  }
  event.values = values;
  const alsoRequired = event.field?.state === 'captured' ? requiredNow(form) : undefined;
  if (alsoRequired) event.required = alsoRequired;
  if (form.Result) {
    event.outcome = {
      result: MISSPELLED.get(form.Result) ?? form.Result,
      paymentConfirmationCode: form.PaymentConfirmationCode,
      paymentToken: form.PaymentToken,
      profileId: form.ProfileId,
      payErrorCode: form.PayErrorCode,
      connectorError: form.ConnectorError.slice(0, MAX_TEXT),
      paymentError: form.PaymentError.slice(0, MAX_TEXT),
      withheld: OPAQUE.filter((parameter) => dropped.includes(parameter)),
    };
  } else if (tag.ending === 'cancel' && !form.Capture && !form.ErrorType) {
    // What a cancel's callback holds is not documented; that one came at all is the confirmation.
    event.canceled = true;
  }
  return event;
}

/** A plugin's spelling of a result, which may come from Twilio. */
const MISSPELLED = new Map([['payment-connecter-error', 'payment-connector-error']]);

/** The capture of an error that names none: what such callbacks carry is not documented, but their URL tells. */
function captureOfError({ ErrorType }: Form, tag: CallbackTag): Capture | undefined {
  return ErrorType ? tag.field : undefined;
}

/** TwiML's name of the time-out may come as well (https://www.twilio.com/docs/voice/twiml/pay/prompt, errorType). */
function errorTypeOf({ ErrorType }: Form): string {
  return ErrorType === 'timeout' ? 'input-timeout' : ErrorType;
}

/** What Twilio still requires once a field is in; a list with a name that nobody knows proves nothing. */
function requiredNow({ Required }: Form): Capture[] | undefined {
  const names = namesIn(Required) ?? [];
  const captures = names.flatMap((name) => toCapture(name) ?? []);
  return captures.length === names.length && captures.length > 0 ? captures : undefined;
}

function namesIn(list: string | undefined): string[] | undefined {
  return list
    ?.split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

/**
 * What a callback is about. Whether one about a second entry names it or its field is not established, but such an
 * entry is asked for only once the first is in, so that its URL tells.
 */
function captureOf(name: string, { field: asked }: CallbackTag): Capture | undefined {
  const named = toCapture(name);
  return asked && isMatcher(asked) && named === fieldOf(asked) ? asked : named;
}

function typedIn(form: Form, capture: Capture): string {
  return form[VALUES[fieldOf(capture)].parameter] ?? '';
}

/**
 * What a callback says of the capture that it names. Twilio lists a field under `Required` until it has accepted
 * it; whether `PartialResult=false` is ever sent literally is not established, so only `true` means anything.
 * Whether second entries are listed is not established either: for them, a value has to be there as well.
 */
function stateOf(form: Form, capture: Capture): FieldState {
  if (form.ErrorType) return 'error';
  const value = typedIn(form, capture);
  if (form.PartialResult === 'true') return value ? 'heard' : 'asked';
  const required = namesIn(form.Required)?.map(toCapture);
  if (required?.includes(capture)) return 'asked';
  // A name that nobody knows could be this field's.
  const isKnown = required?.every((name) => name !== undefined);
  if (isKnown && !isMatcher(capture)) return 'captured';
  return value ? 'captured' : 'asked';
}

/** A capture by the API's name or by the documentation's CamelCase one. */
function toCapture(name: string): Capture | undefined {
  const kebab = name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
  return CAPTURES.find(
    (capture) =>
      capture === kebab ||
      capture === kebab.replace('payment-card-postal', 'postal') ||
      capture === `payment-${kebab}`,
  );
}
