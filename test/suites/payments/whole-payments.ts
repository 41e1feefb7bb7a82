import fc from 'fast-check';
import {
  CAPTURES,
  type Capture,
  FIELDS,
  type Field,
  fieldOf,
  isMatcher,
} from '../../../functions/payments/session/fields.ts';
import { applyEvent, openField } from '../../../functions/payments/session/fold.ts';
import {
  type FieldState,
  newSession,
  type PaymentEvent,
  type PaymentSession,
  type Terms,
} from '../../../functions/payments/session/session.ts';
import { parseStatusCallback } from '../../../functions/twilio/status-callback.ts';
import type { CallbackTag } from '../../../functions/twilio/status-callback-url.ts';

export const SIDS = { paymentSid: `PK${'3'.repeat(32)}`, callSid: `CA${'2'.repeat(32)}` };
const IDENTITY = { AccountSid: `AC${'1'.repeat(32)}`, CallSid: SIDS.callSid, Sid: SIDS.paymentSid };

export type Form = Record<string, string>;

/** What happens to a session: a status callback comes in, or we do something ourselves. */
export type Step =
  | { by: 'twilio'; form: Form; tag: CallbackTag }
  | { by: 'us'; does: (session: PaymentSession) => PaymentSession; opens?: Capture };

export type Posted = Extract<Step, { by: 'twilio' }>;

/** One payment from its start to its end, in the order in which things happened. */
export interface WholePayment {
  steps: Step[];
  /** What the newest command of each field came to, where the URLs of its callbacks tell it from the one before. */
  cameTo: Map<Capture, FieldState>;
}

/** The form of a status callback with the SIDs that all have. */
export function formOf(parameters: Form): Form {
  return { ...IDENTITY, ...parameters };
}

/** A status callback as the event that it is folded in as. */
export function eventOf(form: Form, tag: CallbackTag = {}): PaymentEvent {
  const parsed = parseStatusCallback(formOf(form), tag);
  if (!parsed) throw new Error('Not understood as a status callback');
  return parsed.callback.event;
}

export function apply(session: PaymentSession, step: Step): PaymentSession {
  return step.by === 'us' ? step.does(session) : applyEvent(session, eventOf(step.form, step.tag));
}

export function fold(steps: readonly Step[], from: PaymentSession = newSession(SIDS)): PaymentSession {
  return steps.reduce(apply, from);
}

/** A status callback with these parameters. */
export function posted(parameters: Form, tag: CallbackTag = {}): Posted {
  return { by: 'twilio', form: formOf(parameters), tag };
}

/** A capture command of ours. */
export function opens(field: Capture, command: number): Step {
  return { by: 'us', opens: field, does: (session) => openField(session, field, command) };
}

export function isPosted(step: Step): step is Posted {
  return step.by === 'twilio';
}

const PARAMETERS: Record<Field, string> = {
  'payment-card-number': 'PaymentCardNumber',
  'security-code': 'SecurityCode',
  'expiration-date': 'ExpirationDate',
  'postal-code': 'PaymentCardPostalCode',
  'bank-routing-number': 'BankRoutingNumber',
  'bank-account-number': 'BankAccountNumber',
};

type Drawn<A> = A extends fc.Arbitrary<infer T> ? T : never;

/** What Twilio leaves open about the form of a callback, or does differently from what it documents. */
const style = fc.record({
  /** PartialResult of what is not partial. */
  partialResult: fc.constantFrom('missing', 'empty', 'false'),
  required: fc.constantFrom('kebab', 'camel', 'missing'),
  mask: fc.constantFrom('x', '*', 'dashed'),
  namesCardType: fc.boolean(),
  listsOtherFields: fc.boolean(),
  hasNewParameters: fc.boolean(),
});
type Style = Drawn<typeof style>;

const ERROR_TYPES = [
  'input-timeout',
  'invalid-card-number',
  'invalid-card-type',
  'invalid-date',
  'invalid-security-code',
  'invalid-postal-code',
  'invalid-bank-routing-number',
  'invalid-bank-account-number',
  'invalid-bank-account-type',
  'invalid-card-number-security-code-capture-sequence',
  'input-matching-failed',
  'internal-error',
  'date-validation-failed',
  'an-error-of-next-year',
];

const RESULTS = [
  'success',
  'payment-connector-error',
  'validation-error',
  'caller-hung-up',
  'caller-interrupted-with-star',
  'transaction-cancelled',
  'too-many-failed-attempts',
  'a-result-of-next-year',
];

/** One capture command and what came of it. */
const attempt = fc.record({
  field: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...FIELDS.slice(0, 3)) },
    { weight: 1, arbitrary: fc.constantFrom(...CAPTURES) },
  ),
  typed: fc.nat({ max: 3 }),
  end: fc.oneof(
    { weight: 4, arbitrary: fc.constant('captured') },
    { weight: 1, arbitrary: fc.constant('nothing') },
    { weight: 2, arbitrary: fc.constantFrom(...ERROR_TYPES) },
  ),
  lastDigits: fc.integer({ min: 1000, max: 9999 }).map(String),
  brand: fc.constantFrom('visa', 'mastercard', 'amex'),
  styles: fc.array(style, { minLength: 1, maxLength: 3 }),
  /** How many of the last callbacks went to the URL of the next command, because that crossed them. */
  crossed: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 4 }) }),
  isUntagged: fc.constantFrom(false, false, false, true),
});
type Attempt = Drawn<typeof attempt>;

const script = fc.record({
  kind: fc.constantFrom('charge', 'token'),
  attempts: fc.array(attempt, { maxLength: 7 }),
  ending: fc.constantFrom('complete', 'complete', 'cancel', 'none'),
  /** Normally one; after a hang-up or a cancel that crosses a completion there may be more. */
  results: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...RESULTS).map((result) => [result]) },
    { weight: 2, arbitrary: fc.uniqueArray(fc.constantFrom(...RESULTS), { maxLength: 3 }) },
  ),
  sessionError: fc.constantFrom('', '', '', '', 'session-in-progress', 'internal-error'),
  callEnds: fc.boolean(),
  style,
});
type Script = Drawn<typeof script>;

export const wholePayment: fc.Arbitrary<WholePayment> = script.map(toPayment);

/** Payments all of whose callbacks went to URLs that we gave to Twilio. */
export const taggedPayment: fc.Arbitrary<WholePayment> = script.map(({ attempts, ...rest }) =>
  toPayment({ ...rest, attempts: attempts.map((attempt) => ({ ...attempt, isUntagged: false })) }),
);

/** Payments whose last capture is still open. */
export const openPayment: fc.Arbitrary<WholePayment & { open: Capture }> = fc
  .tuple(script, attempt)
  .map(([script, last]) => ({
    ...toPayment({
      ...script,
      attempts: [...script.attempts, { ...last, end: 'nothing' }].map((each) => ({
        ...each,
        isUntagged: false,
      })),
      ending: 'none',
      results: [],
      sessionError: '',
      callEnds: false,
    }),
    open: last.field,
  }));

function toPayment(script: Script): WholePayment {
  const { kind, attempts, sessionError, callEnds } = script;
  const common = { PaymentMethod: 'credit-card', ...(kind === 'charge' ? { ChargeAmount: '12.5' } : {}) };
  const terms = termsOf(kind, attempts);
  const started = { parentCallSid: '', terms, client: 'desk' };
  const tag: CallbackTag = { call: SIDS.callSid, start: 1 };
  const steps: Step[] = [
    posts({ ...common, PaymentConnector: 'Default' }, tag, script.style),
    { by: 'us', does: (session) => applyEvent(session, { started, paymentMethod: terms.paymentMethod }) },
  ];
  if (sessionError) steps.push(posts({ ...common, ErrorType: sessionError }, tag, script.style));

  const captured = new Map<Capture, Form>();
  const cameTo = new Map<Capture, FieldState>();
  attempts.forEach((attempt, i) => {
    const { field, end } = attempt;
    steps.push(opens(field, i + 1));
    captured.delete(field);
    const missing = terms.required.filter((name) => !captured.has(name));
    const others: Form = Object.assign({}, ...captured.values());
    // Both entries of a field have one parameter: where Required is missing too, nothing would tell them apart.
    delete others[PARAMETERS[fieldOf(field)]];
    const forms = formsOf(attempt, missing).map((form, n) => ({
      ...common,
      ...(styleOf(attempt, n).listsOtherFields ? others : {}),
      ...form,
    }));
    const next = attempts[i + 1]?.field;
    // A second entry is asked for only once the first one has been heard of.
    const isCrossable = next !== undefined && !(isMatcher(next) && fieldOf(next) === fieldOf(field));
    const crossed = isCrossable ? attempt.crossed : 0;
    forms.forEach((form, n) => {
      const asked = n >= forms.length - crossed ? i + 1 : i;
      const tag = attempt.isUntagged
        ? {}
        : { call: SIDS.callSid, command: asked + 1, field: attempts[asked]?.field ?? field };
      steps.push(posts(form, tag, styleOf(attempt, n)));
    });
    if (end === 'captured') captured.set(field, capturedValue(attempt));
    const unfinished = attempt.typed > 0 && forms.length - crossed > 1 ? 'heard' : 'asked';
    const state = end === 'captured' ? end : end === 'nothing' ? unfinished : 'error';
    const before = attempts[i - 1];
    if (before?.field === field && before.crossed > 0) cameTo.delete(field);
    else cameTo.set(field, state);
  });
  return { steps: [...steps, ...endOf(script, common, captured), ...(callEnds ? [callEnd] : [])], cameTo };
}

const callEnd: Step = {
  by: 'us',
  does: (session) => applyEvent(session, { callEnded: 'completed' }),
};

/** The callbacks about one capture: one for the request, one per digit, one for what it came to. */
function formsOf(attempt: Attempt, missing: Capture[]): Form[] {
  const { field, end, typed } = attempt;
  const last = typed + 1;
  const forms: Form[] = [{ ...required(styleOf(attempt, 0), missing), ...notPartial(styleOf(attempt, 0)) }];
  for (let n = 1; n <= typed; n++) {
    forms.push({
      ...required(styleOf(attempt, n), missing),
      PartialResult: 'true',
      [PARAMETERS[fieldOf(field)]]: growingValue(field, n),
    });
  }
  const style = styleOf(attempt, last);
  if (end === 'captured') {
    const left = missing.filter((name) => name !== field);
    forms.push({ ...required(style, left), ...notPartial(style), ...capturedValue(attempt) });
  } else if (end !== 'nothing') {
    forms.push({ ...required(style, missing), ...notPartial(style), ErrorType: end });
  }
  return forms.map((form) => ({ ...form, Capture: field }));
}

function styleOf({ styles }: Attempt, n: number): Style {
  const style = styles[n % styles.length];
  if (!style) throw new Error('An attempt has at least one style');
  return style;
}

/** What follows the captures: the request that ends the session, and the results. */
function endOf(
  { kind, attempts, ending, results, style }: Script,
  common: Form,
  captured: Map<Capture, Form>,
): Step[] {
  const shown: Form = Object.assign({ ...common }, ...captured.values());
  const tag: CallbackTag = {
    call: SIDS.callSid,
    command: attempts.length,
    ...(ending !== 'none' && { ending }),
  };
  const steps: Step[] = results.map((result) =>
    posts({ ...shown, Result: result, ...outcomeParameters(result, kind) }, tag, style),
  );
  if (ending === 'none') return steps;
  const slot = ending === 'complete' ? 'completing' : 'canceling';
  const asks: Step = {
    by: 'us',
    does: (session) => ({ ...session, [slot]: { ...session[slot], asked: session[slot].asked + 1, at: 1 } }),
  };
  return [asks, posts(shown, tag, style), ...steps];
}

function posts(parameters: Form, tag: CallbackTag, { hasNewParameters }: Style): Posted {
  const extra: Form = hasNewParameters
    ? { ApiVersion: '2010-04-01', 'X-New.Parameter': ' ü=? ', lower: '' }
    : {};
  return { by: 'twilio', form: formOf({ ...parameters, ...extra }), tag };
}

function notPartial({ partialResult }: Style): Form {
  if (partialResult === 'missing') return {};
  return { PartialResult: partialResult === 'false' ? 'false' : '' };
}

function required({ required }: Style, names: Capture[]): Form {
  if (required === 'missing') return {};
  const camel = (name: string) =>
    name.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
  return { Required: names.map((name) => (required === 'camel' ? camel(name) : name)).join(', ') };
}

function growingValue(capture: Capture, digits: number): string {
  const field = fieldOf(capture);
  if (field === 'bank-account-number') return '*'.repeat(digits);
  return field === 'payment-card-number' || field === 'security-code'
    ? 'x'.repeat(digits)
    : '1229'.slice(0, digits);
}

function capturedValue(attempt: Attempt): Form {
  const { lastDigits, brand, typed } = attempt;
  const field = fieldOf(attempt.field);
  const { mask, namesCardType } = styleOf(attempt, typed + 1);
  const sign = mask === '*' ? '*' : 'x';
  if (field === 'payment-card-number') {
    const number = mask === 'dashed' ? `xxxx-xxxx-xxxx-${lastDigits}` : `${sign.repeat(12)}${lastDigits}`;
    return { PaymentCardNumber: number, ...(namesCardType ? { PaymentCardType: brand } : {}) };
  }
  if (field === 'security-code') return { SecurityCode: sign.repeat(brand === 'amex' ? 4 : 3) };
  if (field === 'bank-account-number') return { BankAccountNumber: `*******${lastDigits.slice(0, 2)}` };
  return { [PARAMETERS[field]]: lastDigits };
}

function outcomeParameters(result: string, kind: string): Form {
  if (result === 'success' && kind === 'charge')
    return { PaymentConfirmationCode: 'ch_abc', PaymentToken: '', ProfileId: '' };
  if (result === 'success')
    return { PaymentConfirmationCode: '', PaymentToken: 'tok_abc', ProfileId: 'cus_abc' };
  if (result !== 'payment-connector-error') return {};
  return {
    PayErrorCode: '64012',
    ConnectorError: 'card_declined',
    PaymentError: 'Your card was declined.',
  };
}

export function termsOf(kind: string, attempts: { field: Capture }[] = []): Terms {
  const usual: Capture[] = ['payment-card-number', 'security-code', 'expiration-date'];
  const asked = attempts.map(({ field }) => field);
  return {
    chargeAmount: kind === 'charge' ? 12.5 : 0,
    currency: 'USD',
    tokenType: kind === 'charge' ? '' : 'reusable',
    description: '',
    paymentConnector: 'Default',
    paymentMethod: 'credit-card',
    bankAccountType: '',
    required: CAPTURES.filter((capture) => usual.includes(capture) || asked.includes(capture)),
    minPostalCodeLength: 0,
    validCardTypes: [],
    timeout: 0,
    confirmation: false,
    parameter: {},
    language: 'en',
  };
}

/** All indices below `length`, each at least once, some more than once, in any order. */
export function deliveries(length: number): fc.Arbitrary<number[]> {
  const once = Array.from({ length }, (_, i) => i);
  return fc
    .array(fc.nat({ max: Math.max(0, length - 1) }), { maxLength: length > 0 ? 8 : 0 })
    .chain((again) => fc.shuffledSubarray([...once, ...again], { minLength: length + again.length }));
}
