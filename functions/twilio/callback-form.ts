import * as z from 'zod';
import { anyHoldsCardNumber, holdsCardNumber } from '../payments/card-number.ts';
import { lazy, type Parsed } from '../payments/lazy.ts';
import { FIELDS, type Field } from '../payments/session/fields.ts';
import { accountSid, callSid, paymentSid } from '../payments/session/sids.ts';

/** The longest value that is read at all; Functions take 1 MB. */
export const MAX_VALUE = 8_192;
/** What is kept of a text, in characters: a session must fit into Sync's 16 KiB. Longer codes and tokens are dropped, for a part of one is wrong. */
export const MAX_TEXT = 300;
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
export const statusCallbackSchema = lazy(() =>
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
export type Form = Parsed<typeof statusCallbackSchema>;

/**
 * A mask in any grouping, with so many digits in clear at its end: Twilio's pages write `xxxx-xxxxxx-x4001` and
 * `xxxx xxxx xxxx 4242`, and connectors have stars, bullets or signs of their own.
 */
function mask(clear: number, longest: number): RegExp {
  const digits = clear > 0 ? `(?:\\d(?:[\\s.-]{0,3}\\d){0,${clear - 1}})?` : '';
  return new RegExp(`^(?=.{0,${longest}}$)(?:[xX]|[\\p{P}\\p{S}\\p{Zs}])*${digits}$`, 'u');
}

/** The parameter of each field and how its value may look: masked if Twilio masks it, in clear and short if it does not. */
export const VALUES: Record<Field, { parameter: keyof Form; form: RegExp }> = {
  'payment-card-number': { parameter: 'PaymentCardNumber', form: mask(4, 48) },
  'security-code': { parameter: 'SecurityCode', form: mask(0, 8) },
  'expiration-date': { parameter: 'ExpirationDate', form: /^\d{0,2}[/-]?\d{0,4}$/ },
  'postal-code': { parameter: 'PaymentCardPostalCode', form: /^[0-9A-Za-z -]{0,32}$/ },
  'bank-routing-number': { parameter: 'BankRoutingNumber', form: /^\d{0,9}$/ },
  'bank-account-number': { parameter: 'BankAccountNumber', form: mask(2, 48) },
};

/**
 * What is kept of a processor's code or token, whole: printable and without blanks, or capitals and digits in groups, so
 * that no sentence reaches a model as a code. Any other is withheld whole, for a part of a code is wrong.
 */
const CODE = /^(?:[\x21-\x7e]+|[A-Z0-9._/-]+(?: [A-Z0-9._/-]+){0,9})$/;

/** What processors make: full of digits that mean nothing, so that only a card number on its own counts. */
export const OPAQUE = ['PaymentToken', 'ProfileId', 'PaymentConfirmationCode'];

/** Empties values that are not masked as documented, could hold a card number, or are too long to keep. */
export function withoutUnmasked(form: Form, opaqueCodes: boolean): { clean: Form; dropped: string[] } {
  const clean = { ...form };
  const dropped: string[] = [];
  const isForm = (parameter: string, value: string) => {
    const field = FIELDS.find((name) => VALUES[name].parameter === parameter);
    // What comes in clear could be more than it should be.
    if (field) return VALUES[field].form.test(value) && !anyHoldsCardNumber(value);
    const most =
      { PaymentToken: MAX_TOKEN, PaymentError: MAX_VALUE, Required: MAX_VALUE }[parameter] ?? MAX_CODE;
    if (value.length > most) return false;
    if (!OPAQUE.includes(parameter)) return !anyHoldsCardNumber(value);
    return CODE.test(value) && (opaqueCodes || !holdsCardNumber(value));
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
