import * as z from 'zod';
import { anyHoldsCardNumber, holdsCardNumber } from '../payments/card-number.ts';
import type { Callback } from '../payments/commands/record-callback.ts';
import { lazy, type Parsed } from '../payments/lazy.ts';
import {
  CAPTURES,
  type Capture,
  FIELDS,
  type Field,
  fieldOf,
  isMatcher,
} from '../payments/session/fields.ts';
import type { FieldState, PaymentEvent, Seen } from '../payments/session/session.ts';
import { accountSid, callSid, paymentSid } from '../payments/session/sids.ts';
import type { CallbackTag } from './status-callback-url.ts';

/** The longest value that is read at all; Functions take 1 MB. */
export const MAX_VALUE = 8_192;
/** What is kept of a text, in characters: a session must fit into Sync's 16 KiB. Longer codes and tokens are dropped, for a part of one is wrong. */
const MAX_TEXT = 300;
const MAX_CODE = 512;
const MAX_TOKEN = 2_048;
/** More parameters than any callback has (https://www.twilio.com/docs/voice/api/payment-resource lists under 30). */
export const MAX_PARAMETERS = 100;

const text = z
  .string()
  .max(MAX_VALUE)
  .transform((value) => value.replace(/\p{Cc}/gu, ''))
  .default('');
/** One of a list of names; what is longer is none that anybody knows. */
const name = text.transform((value) => value.replace(/[^\w .:-]/g, '').slice(0, 64));

/** The parameters that are read of a status callback; all others are ignored, for Twilio adds new ones without notice. */
const statusCallbackSchema = lazy(() =>
  z.object({
    AccountSid: accountSid,
    CallSid: callSid,
    Sid: paymentSid,
    Capture: text,
    PartialResult: text,
    Required: z.string().max(MAX_VALUE).optional(),
    ErrorType: name,
    PaymentMethod: name,
    PaymentCardType: name,
    PaymentCardNumber: text,
    SecurityCode: text,
    ExpirationDate: text,
    PaymentCardPostalCode: text,
    BankRoutingNumber: text,
    BankAccountNumber: text,
    Result: name,
    PaymentConfirmationCode: text,
    PaymentToken: text,
    ProfileId: text,
    PaymentError: z.preprocess(
      (value) => (typeof value === 'string' ? value.slice(0, MAX_VALUE) : value),
      text,
    ),
    PayErrorCode: name,
    ConnectorError: text,
  }),
);
type Form = Parsed<typeof statusCallbackSchema>;

/** The parameter of each field and how its value may look: masked where Twilio masks it, in clear and short where it does not. */
const VALUES: Record<Field, { parameter: keyof Form; form: RegExp }> = {
  'payment-card-number': { parameter: 'PaymentCardNumber', form: /^[xX*•-]{0,32}\d{0,4}$/ },
  'security-code': { parameter: 'SecurityCode', form: /^[xX*•]{0,4}$/ },
  'expiration-date': { parameter: 'ExpirationDate', form: /^\d{0,2}[/-]?\d{0,4}$/ },
  'postal-code': { parameter: 'PaymentCardPostalCode', form: /^[0-9A-Za-z -]{0,10}$/ },
  'bank-routing-number': { parameter: 'BankRoutingNumber', form: /^\d{0,9}$/ },
  'bank-account-number': { parameter: 'BankAccountNumber', form: /^[xX*•-]{0,32}\d{0,2}$/ },
};

/** A status callback that was understood. `dropped` names parameters whose values were not masked as documented and were thrown away. */
export interface ParsedCallback {
  accountSid: string;
  callback: Callback;
  dropped: string[];
}

/**
 * Reads the form of a status callback (https://www.twilio.com/docs/voice/api/payment-resource#statuscallback).
 * Only the SIDs are needed; everything else is used where it is there.
 * @returns undefined where it is not a status callback of a payment.
 */
export function parseStatusCallback(
  form: Record<string, unknown>,
  tag: CallbackTag,
): ParsedCallback | undefined {
  if (Object.keys(form).length > MAX_PARAMETERS) return undefined;
  const parsed = statusCallbackSchema().safeParse(form);
  if (!parsed.success) return undefined;
  const { clean, dropped } = withoutUnmasked(parsed.data);
  return {
    accountSid: clean.AccountSid,
    callback: {
      paymentSid: clean.Sid,
      callSid: clean.CallSid,
      ...(tag.call && { legSid: tag.call }),
      ...(tag.start && { attempt: tag.start }),
      event: toEvent(clean, tag),
    },
    dropped,
  };
}

function toEvent(form: Form, tag: CallbackTag): PaymentEvent {
  const event: PaymentEvent = { paymentMethod: form.PaymentMethod };
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
        errorType: form.ErrorType,
      };
    }
  } else if (form.ErrorType) {
    event.sessionError = form.ErrorType;
  }
  const values: Seen = {};
  if (form.PaymentCardType && captured !== 'payment-card-number') values['card-type'] = form.PaymentCardType;
  for (const name of FIELDS) {
    const value = form[VALUES[name].parameter];
    // What is typed a second time has the parameter of the first.
    if (value && !(captured && name === fieldOf(captured))) values[name] = value;
  }
  event.values = values;
  if (form.Result) {
    event.outcome = {
      result: MISSPELLED.get(form.Result) ?? form.Result,
      paymentConfirmationCode: toCode(form.PaymentConfirmationCode),
      paymentToken: toCode(form.PaymentToken),
      profileId: toCode(form.ProfileId),
      payErrorCode: form.PayErrorCode,
      connectorError: form.ConnectorError.slice(0, MAX_TEXT),
      paymentError: form.PaymentError.slice(0, MAX_TEXT),
    };
  } else if (tag.ending === 'cancel' && !form.Capture && !form.ErrorType) {
    // What a cancel's callback holds is not documented; that one came at all is the confirmation.
    event.canceled = true;
  }
  return event;
}

/** A plugin's spelling of a result, which may come from Twilio. */
const MISSPELLED = new Map([['payment-connecter-error', 'payment-connector-error']]);

/** What a processor made: printable and without blanks, so that no sentence reaches a model as a code. */
function toCode(value: string): string {
  return value.replace(/[^\x21-\x7e]/g, '');
}

/** Errors that are not about what was typed. */
const SESSION_ERRORS = ['session-in-progress', 'internal-error'];

/** The capture of an error that names none: what such callbacks carry is not documented, but their URL tells. */
function captureOfError({ ErrorType }: Form, tag: CallbackTag): Capture | undefined {
  return ErrorType && !SESSION_ERRORS.includes(ErrorType) ? tag.field : undefined;
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
  const required = form.Required?.split(',').map((name) => toCapture(name.trim()));
  if (required?.includes(capture)) return 'asked';
  if (required && !isMatcher(capture)) return 'captured';
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

/** What processors make: full of digits that mean nothing, so that only a card number on its own counts. */
const OPAQUE = ['PaymentToken', 'ProfileId', 'PaymentConfirmationCode'];

/** Empties values that are not masked as documented, could hold a card number, or are too long to keep. */
function withoutUnmasked(form: Form): { clean: Form; dropped: string[] } {
  const clean = { ...form };
  const dropped: string[] = [];
  const isForm = (parameter: string, value: string) => {
    const field = FIELDS.find((name) => VALUES[name].parameter === parameter);
    if (field) return VALUES[field].form.test(value);
    const most =
      { PaymentToken: MAX_TOKEN, PaymentError: MAX_VALUE, Required: MAX_VALUE }[parameter] ?? MAX_CODE;
    const holds = OPAQUE.includes(parameter) ? holdsCardNumber : anyHoldsCardNumber;
    return value.length <= most && !holds(value);
  };
  for (const parameter of Object.keys(form) as (keyof Form)[]) {
    if (['AccountSid', 'CallSid', 'Sid'].includes(parameter)) continue;
    const value = form[parameter];
    if (value && !isForm(parameter, value)) {
      if (parameter === 'Required') clean.Required = undefined;
      else clean[parameter] = '';
      dropped.push(parameter);
    }
  }
  return { clean, dropped };
}
