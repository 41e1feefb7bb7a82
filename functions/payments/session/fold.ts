import { CAPTURES, type Capture } from './fields.ts';
import { holderOf } from './holder.ts';
import {
  type AuditEntry,
  type FieldRecord,
  type Outcome,
  type PaymentEvent,
  type PaymentSession,
  rankOf,
  SEEN,
  type Seen,
  STATES,
} from './session.ts';

/** How many errors a capture remembers: the newest ones, so that a document stays far below Sync's 16 KiB. */
const ERRORS_KEPT = 10;

/** How many entries the history of a payment has. */
const AUDIT_KEPT = 20;

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
 * - what Twilio requires beyond the terms is a set;
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
    startedBy: greater(session.startedBy, event.started?.client),
    fields: event.field ? withField(session.fields, at, event.field) : session.fields,
    seen: withValues(session.seen, at, event.values ?? {}),
  };
  const terms = session.terms ?? event.started?.terms;
  if (terms) next.terms = terms;
  const required = [...session.alsoRequired, ...(event.required ?? [])];
  next.alsoRequired = CAPTURES.filter((name) => required.includes(name) && !terms?.required.includes(name));
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

/** How many of those who had a payment between its starter and its holder are remembered. */
const BEFORE_KEPT = 10;

/** Gives a payment to somebody else, and says so in its history. Ours alone, under the store's conditional write. */
export function withTakeOver(session: PaymentSession, by: string, at: number): PaymentSession {
  const from = holderOf(session);
  const { times = 0, before = [] } = session.takeOver ?? {};
  const others = [...new Set([...before, from])].filter((name) => name !== by);
  const takeOver = { by, times: times + 1, before: others.slice(-BEFORE_KEPT) };
  const entry = { at, client: by, action: 'take-over', from, confirmed: '', outcome: 'done' };
  return withAudit({ ...session, takeOver }, entry);
}

type Fields = PaymentSession['fields'];

function withField(fields: Fields, at: number, event: NonNullable<PaymentEvent['field']>): Fields {
  const { name, state, value, cardType, errorType } = event;
  const errors = errorType ? [{ command: at, type: errorType }] : [];
  const said: FieldRecord = { command: at, state, value, cardType, errors, typedAt: value ? at : 0 };
  const known = fields[name];
  return { ...fields, [name]: known ? greaterField(known, said) : said };
}

function greaterField(a: FieldRecord, b: FieldRecord): FieldRecord {
  const errors = [...a.errors, ...b.errors]
    .sort((x, y) => x.command - y.command || compare(x.type, y.type))
    .filter((error, i, all) => i === 0 || !isDeepEqual(error, all[i - 1]))
    .slice(-ERRORS_KEPT);
  const order = a.command - b.command || STATES.indexOf(a.state) - STATES.indexOf(b.state);
  const typedAt = Math.max(a.typedAt, b.typedAt);
  if (order !== 0) return { ...(order > 0 ? a : b), errors, typedAt };
  return {
    ...a,
    value: greater(a.value, b.value),
    cardType: greater(a.cardType, b.cardType),
    errors,
    typedAt,
  };
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
    withheld: [...new Set([...a.withheld, ...b.withheld])].sort(),
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
