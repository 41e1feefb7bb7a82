import * as z from 'zod';
import { lazy, type Parsed } from '../lazy.ts';
import { CAPTURES, type Capture, FIELDS } from './fields.ts';
import { callSid, paymentSid } from './sids.ts';

/** What callbacks about other things list in passing. */
const SEEN = [...FIELDS, 'card-type'] as const;
export type Seen = Partial<Record<(typeof SEEN)[number], string>>;

/** The states of a field within one command, lowest first: a later one in this list wins. */
const STATES = ['asked', 'heard', 'error', 'captured'] as const;
export type FieldState = (typeof STATES)[number];

/** How many errors a capture remembers: the newest ones, so that a document stays far below Sync's 16 KiB. */
const ERRORS_KEPT = 10;

/** How many entries the history of a payment has. */
const AUDIT_KEPT = 20;

/** One schema for all texts: each schema that is made takes its share of a cold start. */
const text = z.string();
const command = z.int().nonnegative();

/** What a tokenization makes; empty for a charge, with which Twilio takes no token type. */
export const TOKEN_TYPES = ['one-time', 'reusable', 'payment-method'] as const;

/**
 * What was agreed when the session was started: a charge has an amount, a tokenization has 0 and a token type.
 * What older documents lack has a default; an empty text, list or 0 means that Twilio is not told.
 */
export const termsSchema = lazy(() =>
  z.object({
    chargeAmount: z.number().nonnegative(),
    currency: text,
    tokenType: z.enum([...TOKEN_TYPES, '']),
    description: text,
    paymentConnector: text,
    paymentMethod: text,
    bankAccountType: text.default(''),
    /** What must be captured, second entries included. */
    required: z.array(z.enum(CAPTURES)),
    minPostalCodeLength: z.number().default(0),
    validCardTypes: z.array(text).default([]),
    /** Seconds between two digits. */
    timeout: z.number().default(0),
    /** Whether Twilio has the caller confirm by a key before it asks the processor. */
    confirmation: z.boolean().default(false),
    parameter: z.record(text, text).default({}),
    /** Of the sentences for the caller. */
    language: text.default('en'),
  }),
);
export type Terms = Parsed<typeof termsSchema>;

const fieldSchema = lazy(() =>
  z.object({
    command,
    state: z.enum(STATES),
    value: text,
    cardType: text,
    errors: z.array(z.object({ command, type: text })),
  }),
);
type FieldRecord = Parsed<typeof fieldSchema>;

const outcomeSchema = lazy(() =>
  z.object({
    result: text,
    paymentConfirmationCode: text,
    paymentToken: text,
    profileId: text,
    payErrorCode: text,
    connectorError: text,
    paymentError: text,
  }),
);
export type Outcome = Parsed<typeof outcomeSchema>;

/** Asked and refused tries of a command that ends the session; it is pending while more were asked than refused. `at` is epoch milliseconds of the newest try. */
const endingSchema = lazy(() => z.object({ asked: z.int(), refused: z.int(), at: z.number() }));
export type Ending = Parsed<typeof endingSchema>;

/** A question about a charge that a person was asked and has not answered: who asked, and for what it counts. */
const questionSchema = lazy(() =>
  z.object({
    /** SHA-256 of the state that the answer must bring back. */
    digest: text,
    client: text,
    charge: text,
    /** Epoch milliseconds. */
    expires: z.number(),
  }),
);

/** One line of a payment's history: when (epoch milliseconds), who did what, how it was confirmed, what came of it. */
const auditSchema = lazy(() =>
  z.object({ at: z.number(), client: text, action: text, confirmed: text, outcome: text }),
);
export type AuditEntry = Parsed<typeof auditSchema>;

/**
 * One payment, as the Sync document `payment-{paymentSid}` holds it. Card number, security code and bank
 * account are masks; nothing else that a caller types except expiration date, postal code and routing number.
 */
export const sessionSchema = lazy(() =>
  z.object({
    version: z.literal(1),
    paymentSid,
    callSid,
    parentCallSid: text,
    terms: termsSchema().optional(),
    command,
    fields: z.partialRecord(z.enum(CAPTURES), fieldSchema()),
    seen: z.partialRecord(z.enum(SEEN), z.object({ command, value: text })),
    paymentMethod: text,
    completing: endingSchema(),
    canceling: endingSchema(),
    canceled: z.boolean(),
    /** A cancel was asked for again and again, and Twilio never said how it ended: over for us. */
    abandoned: z.boolean().default(false),
    callEnded: text,
    sessionError: text,
    outcome: outcomeSchema().optional(),
    question: questionSchema().optional(),
    /** Who asked for which field when (epoch milliseconds), the newest last: for screens, and no part of the audit. */
    openings: z.array(z.object({ at: z.number(), client: text, capture: text })).default([]),
    /** The phone that types: its number, and since when it is on the call, epoch milliseconds. */
    caller: z.object({ number: text, since: z.number() }).optional(),
    audit: z.array(auditSchema()).default([]),
  }),
);
export type PaymentSession = Parsed<typeof sessionSchema>;

/** What one status callback, or one command of ours, says about a payment. Absent members say nothing. */
export interface PaymentEvent {
  /** The command whose StatusCallback URL carried the event; absent: the newest one that the session knows. */
  command?: number;
  field?: { name: Capture; state: FieldState; value: string; cardType: string; errorType: string };
  /** Values of fields other than the one being captured, as final callbacks list them. */
  values?: Seen;
  paymentMethod?: string;
  /** An error that belongs to no field, such as `session-in-progress`. */
  sessionError?: string;
  outcome?: Outcome;
  /** Twilio has confirmed a cancel. */
  canceled?: boolean;
  /** The call's last status, when it was found to be over. */
  callEnded?: string;
  /** What the start of the session knows. */
  started?: { parentCallSid: string; terms: Terms };
}

/** A session about which nothing is known but its SIDs. */
export function newSession(sids: {
  paymentSid: string;
  callSid: string;
  parentCallSid?: string;
}): PaymentSession {
  const untried = { asked: 0, refused: 0, at: 0 };
  return {
    version: 1,
    paymentSid: sids.paymentSid,
    callSid: sids.callSid,
    parentCallSid: sids.parentCallSid ?? '',
    command: 0,
    fields: {},
    seen: {},
    paymentMethod: '',
    completing: untried,
    canceling: untried,
    canceled: false,
    abandoned: false,
    callEnded: '',
    sessionError: '',
    openings: [],
    audit: [],
  };
}

/**
 * Folds one event into a session: the same events, in any order and with any repeats, give the same session,
 * and none removes what another taught.
 *
 * That holds because every slot of the session only ever rises in a total order, and an event raises each slot
 * to the greater of the two:
 * - a field by its command, within a command by state (asked < heard < error < captured), within a state by
 *   value (longer, then alphabetical), so a re-capture outdates what an older command says, a final value
 *   beats a partial one, and a longer mask a shorter;
 * - a field's errors are a set, of which the newest are kept;
 * - an outcome by rank (`rankOf`: success > what went wrong > what was ended by hand), then alphabetically, so
 *   success wins whenever it arrives and no result is undone;
 * - flags and texts by non-empty over empty.
 *
 * @returns the same object when the event taught nothing new.
 */
export function applyEvent(session: PaymentSession, event: PaymentEvent): PaymentSession {
  const at = event.command ?? session.command;
  const next: PaymentSession = {
    ...session,
    paymentMethod: greater(session.paymentMethod, event.paymentMethod),
    sessionError: greater(session.sessionError, event.sessionError),
    callEnded: greater(session.callEnded, event.callEnded),
    canceled: session.canceled || event.canceled === true,
    parentCallSid: greater(session.parentCallSid, event.started?.parentCallSid),
    fields: event.field ? withField(session.fields, at, event.field) : session.fields,
    seen: withValues(session.seen, at, event.values ?? {}),
  };
  const terms = session.terms ?? event.started?.terms;
  if (terms) next.terms = terms;
  const outcome = greaterOutcome(session.outcome, event.outcome);
  if (outcome) next.outcome = outcome;
  return isDeepEqual(session, next) ? session : next;
}

/** The number of the next capture command: above all that the session or a callback has used. */
export function nextCommand(session: PaymentSession): number {
  return Math.max(session.command, ...Object.values(session.fields).map((field) => field.command)) + 1;
}

/** Opens a field for a new capture command. Ours alone, under the store's conditional write. */
export function openField(session: PaymentSession, name: Capture, newCommand: number): PaymentSession {
  const opened = applyEvent(session, {
    command: newCommand,
    field: { name, state: 'asked', value: '', cardType: '', errorType: '' },
  });
  return opened.command >= newCommand ? opened : { ...opened, command: newCommand };
}

/** How many openings of fields are kept. */
const OPENINGS_KEPT = 12;

/** Notes who asked for a field. Ours alone, like openField. */
export function withOpening(
  session: PaymentSession,
  opening: PaymentSession['openings'][number],
): PaymentSession {
  return { ...session, openings: [...session.openings, opening].slice(-OPENINGS_KEPT) };
}

/** Adds a line to the history, of which the newest are kept. Ours alone, like openField. */
export function withAudit(session: PaymentSession, entry: AuditEntry): PaymentSession {
  return { ...session, audit: [...session.audit, entry].slice(-AUDIT_KEPT) };
}

export function isPending(ending: Ending): boolean {
  return ending.asked > ending.refused;
}

type Fields = PaymentSession['fields'];

function withField(fields: Fields, at: number, event: NonNullable<PaymentEvent['field']>): Fields {
  const { name, state, value, cardType, errorType } = event;
  const errors = errorType ? [{ command: at, type: errorType }] : [];
  const said: FieldRecord = { command: at, state, value, cardType, errors };
  const known = fields[name];
  return { ...fields, [name]: known ? greaterField(known, said) : said };
}

function greaterField(a: FieldRecord, b: FieldRecord): FieldRecord {
  const errors = [...a.errors, ...b.errors]
    .sort((x, y) => x.command - y.command || compare(x.type, y.type))
    .filter((error, i, all) => i === 0 || !isDeepEqual(error, all[i - 1]))
    .slice(-ERRORS_KEPT);
  const order = a.command - b.command || STATES.indexOf(a.state) - STATES.indexOf(b.state);
  if (order !== 0) return { ...(order > 0 ? a : b), errors };
  return { ...a, value: greater(a.value, b.value), cardType: greater(a.cardType, b.cardType), errors };
}

function withValues(seen: PaymentSession['seen'], at: number, values: Seen) {
  const next = { ...seen };
  for (const name of SEEN) {
    const value = values[name];
    if (!value) continue;
    const known = seen[name];
    if (!known || known.command < at) next[name] = { command: at, value };
    else if (known.command === at) next[name] = { command: at, value: greater(known.value, value) };
  }
  return next;
}

/**
 * Results from the least telling to success. What the caller or the agent ended by hand comes before what went
 * wrong; results that nobody knows stand in the gap, in alphabetical order.
 */
const RESULTS = [
  'caller-hung-up',
  'caller-interrupted-with-star',
  'transaction-cancelled',
  '',
  'too-many-failed-attempts',
  'internal-error',
  'validation-error',
  'payment-connector-error',
  'success',
];

/** The place of an outcome among others of the same payment: a higher one outranks it. 0 where there is none. */
export function rankOf(outcome: Outcome | undefined): number {
  if (!outcome) return 0;
  const place = RESULTS.indexOf(outcome.result);
  return (place >= 0 ? place : RESULTS.indexOf('')) + 1;
}

function greaterOutcome(a: Outcome | undefined, b: Outcome | undefined): Outcome | undefined {
  if (!a || !b) return a ?? b;
  const order = rankOf(a) - rankOf(b) || compare(a.result, b.result);
  if (order !== 0) return order > 0 ? a : b;
  return {
    result: a.result,
    paymentConfirmationCode: greater(a.paymentConfirmationCode, b.paymentConfirmationCode),
    paymentToken: greater(a.paymentToken, b.paymentToken),
    profileId: greater(a.profileId, b.profileId),
    payErrorCode: greater(a.payErrorCode, b.payErrorCode),
    connectorError: greater(a.connectorError, b.connectorError),
    paymentError: greater(a.paymentError, b.paymentError),
  };
}

/** The longer text, of equally long ones the alphabetically later: a total order, so that folding is order-free. */
function greater(a: string, b: string | undefined): string {
  if (!b || a.length > b.length) return a;
  if (a.length < b.length) return b;
  return compare(a, b) >= 0 ? a : b;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isDeepEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
