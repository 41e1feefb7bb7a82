import fc from 'fast-check';
import twilio from 'twilio';
import { CALLBACK_PARAMETERS } from '../../suites/host/contract.ts';
import { type Facts, PUBLIC_URL } from './stage.ts';
import { type hostile, mutated, objectOf } from './values.ts';

type Hostile = ReturnType<typeof hostile>;
type Values = Record<string, unknown>;

/** Everything that is documented for a status callback (https://www.twilio.com/docs/voice/api/payment-resource). */
const PARAMETERS = [
  ...CALLBACK_PARAMETERS,
  'ChargeAmount',
  'DateCreated',
  'DateUpdated',
  'TokenType',
  'PaymentConnector',
];

/** What a form can hold: a text, or a list of texts for a parameter that is repeated. JSON could hold anything. */
function formValue({ text, value }: Hostile): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 30, arbitrary: text },
    { weight: 1, arbitrary: fc.array(text, { minLength: 2, maxLength: 3 }) },
    { weight: 1, arbitrary: value },
  );
}

/** Status callbacks, most of them rightly signed, so that the inside is reached however odd they are. */
export function callbackEvents(facts: Facts, odd: Hostile): fc.Arbitrary<Values> {
  const recorded = fc.constantFrom(...facts.callbacks);
  const parameters = fc.uniqueArray(fc.tuple(fc.constantFrom(...PARAMETERS), formValue(odd)), {
    maxLength: 5,
    selector: ([name]) => name,
  });
  const crowd = fc
    .constantFrom(0, 0, 0, 0, 0, 0, 60, 99, 150)
    .map((length) => Array.from({ length }, (_, i) => [`Extra${i}`, 'x'] as const));
  const form = fc.oneof(
    // As Twilio made it, with some parameters replaced.
    {
      weight: 6,
      arbitrary: fc
        .tuple(recorded, parameters, crowd)
        .map(([{ form: made }, changes, more]) => objectOf([...Object.entries(made), ...changes, ...more])),
    },
    // Of a payment that nobody has started.
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...facts.calls), fc.nat({ max: 30 }), parameters)
        .map(([CallSid, number, changes]) =>
          objectOf([
            ['AccountSid', facts.accountSid],
            ['CallSid', CallSid],
            ['Sid', `PK${number.toString(16).padStart(32, 'd')}`],
            ...changes,
          ]),
        ),
    },
    {
      weight: 3,
      arbitrary: mutated(
        recorded.map((one) => one.form),
        odd,
      ),
    },
    { weight: 1, arbitrary: fc.dictionary(odd.key, formValue(odd), { maxKeys: 6 }) },
  );
  const query = fc.oneof(
    { weight: 8, arbitrary: recorded.map((one): Values => one.query) },
    { weight: 1, arbitrary: fc.constant<Values>({}) },
    {
      weight: 2,
      arbitrary: mutated(
        recorded.map((one) => one.query),
        odd,
      ),
    },
  );
  // The right query for the form far more often than any other.
  const matching = recorded.chain((one) =>
    fc
      .tuple(fc.constant<Values>(one.query), parameters)
      .map(([tag, changes]): [Values, Values] => [tag, objectOf([...Object.entries(one.form), ...changes])]),
  );
  const parts = fc.oneof({ weight: 3, arbitrary: matching }, { weight: 1, arbitrary: fc.tuple(query, form) });
  const signature = fc.oneof<fc.WeightedArbitrary<Signature>[]>(
    { weight: 12, arbitrary: fc.constant('right') },
    { weight: 1, arbitrary: fc.constantFrom('odd', 'none', 'stale') },
  );
  const event = fc
    .tuple(parts, signature, odd.value, headers(odd))
    .map(([[tag, fields], kind, oddSignature, given]) => {
      const signed = kind === 'stale' ? { ...fields, Sid: 'changed' } : fields;
      const header = kind === 'odd' ? oddSignature : expectedSignature(facts.authToken, tag, signed);
      const all = kind === 'none' ? given : { ...given, 'x-twilio-signature': header };
      return { request: { headers: all, cookies: {} }, ...tag, ...fields };
    });
  return fc.oneof({ weight: 20, arbitrary: event }, { weight: 1, arbitrary: mutated(event, odd, 2) });
}

type Signature = 'right' | 'odd' | 'none' | 'stale';

function headers({ value }: Hostile): fc.Arbitrary<Values> {
  return fc.record(
    {
      'content-type': fc.oneof(
        { weight: 6, arbitrary: fc.constant('application/x-www-form-urlencoded; charset=UTF-8') },
        { weight: 1, arbitrary: value },
      ),
      'content-length': fc.oneof(
        { weight: 20, arbitrary: fc.constant('800') },
        { weight: 1, arbitrary: fc.oneof(fc.constantFrom('99999999', '-1', 'x'), value) },
      ),
      'i-twilio-idempotency-token': value,
    },
    { requiredKeys: ['content-type'] },
  );
}

/** Twilio's signature of a form for a URL of ours with this query; a text that is none where the form is too odd to be signed. */
export function expectedSignature(authToken: string, query: Values, form: Values): string {
  try {
    const parameters = Object.entries(query).map(([name, value]) => `${name}=${value}`);
    const url = `${PUBLIC_URL}/payment-status${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`;
    return twilio.getExpectedTwilioSignature(authToken, url, form);
  } catch {
    return 'not to be signed';
  }
}
