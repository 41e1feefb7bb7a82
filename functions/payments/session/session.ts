import * as z from 'zod';
import { lazy, type Parsed } from '../lazy.ts';
import { CAPTURES, type Capture, FIELDS } from './fields.ts';
import { callSid, paymentSid } from './sids.ts';
import { TOKEN_TYPES } from './token-types.ts';

/** What callbacks about other things list in passing. */
export const SEEN = [...FIELDS, 'card-type'] as const;
export type Seen = Partial<Record<(typeof SEEN)[number], string>>;

/** The states of a field within one command, lowest first: a later one in this list wins. */
export const STATES = ['asked', 'heard', 'error', 'captured'] as const;
export type FieldState = (typeof STATES)[number];

/** One schema for all texts: each schema that is made takes its share of a cold start. */
const text = z.string();
const command = z.int().nonnegative();

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
    /** The newest command for which Twilio reported a digit; 0 if it never did. */
    typedAt: command.default(0),
  }),
);
export type FieldRecord = Parsed<typeof fieldSchema>;

const outcomeSchema = lazy(() =>
  z.object({
    result: text,
    paymentConfirmationCode: text,
    paymentToken: text,
    profileId: text,
    payErrorCode: text,
    connectorError: text,
    paymentError: text,
    /** Parameters whose values are known to the processor and not kept here. */
    withheld: z.array(text).default([]),
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

/** What an operator found at the processor about a payment whose outcome Twilio never reported. */
const settlementSchema = lazy(() =>
  z.object({
    /** Epoch milliseconds. */
    at: z.number(),
    client: text,
    isCharged: z.boolean(),
    /** The processor's; empty if nothing was charged. */
    confirmationCode: text,
  }),
);
export type Settlement = Parsed<typeof settlementSchema>;

/** One line of a payment's history: when (epoch milliseconds), who did what, how it was confirmed, what came of it. */
const auditSchema = lazy(() =>
  z.object({
    at: z.number(),
    client: text,
    action: text,
    /** Of a take-over: who had the payment. */
    from: text.optional(),
    confirmed: text,
    outcome: text,
  }),
);
export type AuditEntry = Parsed<typeof auditSchema>;

/** Who has taken a payment over, the how-manieth time that was, and who else has had it since its start. */
const takeOverSchema = lazy(() => z.object({ by: text, times: z.int(), before: z.array(text) }));

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
    /** What Twilio requires beyond the terms. */
    alsoRequired: z.array(z.enum(CAPTURES)).default([]),
    completing: endingSchema(),
    canceling: endingSchema(),
    canceled: z.boolean(),
    /** A cancel was asked for again and again, and Twilio never said how it ended: over for us. */
    abandoned: z.boolean().default(false),
    callEnded: text,
    sessionError: text,
    outcome: outcomeSchema().optional(),
    question: questionSchema().optional(),
    settlement: settlementSchema().optional(),
    /** Who asked for which field when (epoch milliseconds), the newest last: for screens, and no part of the audit. */
    openings: z.array(z.object({ at: z.number(), client: text, capture: text })).default([]),
    /** The phone that types: its number, and since when it is on the call, epoch milliseconds. */
    caller: z.object({ number: text, since: z.number() }).optional(),
    audit: z.array(auditSchema()).default([]),
    /** The client that started it; empty if that is not known. */
    startedBy: text.default(''),
    takeOver: takeOverSchema().optional(),
    /** How many payments of its client were declined before it on its call. */
    declinesBefore: z.int().default(0),
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
  /** What Twilio says that it still requires. */
  required?: readonly Capture[];
  /** An error that belongs to no field, such as `session-in-progress`. */
  sessionError?: string;
  outcome?: Outcome;
  /** Twilio has confirmed a cancel. */
  canceled?: boolean;
  /** The call's last status, when it was found to be over. */
  callEnded?: string;
  /** What the start of the session knows. */
  started?: { parentCallSid: string; terms: Terms; client: string };
}

/**
 * A session about which nothing is known but its SIDs.
 * @param isCharged whether Twilio was, or was about to be, asked to complete it, long ago: its document has expired.
 */
export function newSession(
  sids: { paymentSid: string; callSid: string; parentCallSid?: string },
  isCharged = false,
): PaymentSession {
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
    alsoRequired: [],
    completing: { ...untried, asked: isCharged ? 1 : 0 },
    canceling: untried,
    canceled: false,
    abandoned: false,
    callEnded: '',
    sessionError: '',
    openings: [],
    audit: [],
    startedBy: '',
    declinesBefore: 0,
  };
}

export function isPending(ending: Ending): boolean {
  return ending.asked > ending.refused;
}

/** The fields of a session whose start is not known here (its document came from a callback). */
const USUAL_FIELDS: Capture[] = ['payment-card-number', 'security-code', 'expiration-date'];

export function requiredFields(session: PaymentSession): Capture[] {
  const required = session.terms?.required ?? USUAL_FIELDS;
  return CAPTURES.filter((name) => required.includes(name) || session.alsoRequired.includes(name));
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
