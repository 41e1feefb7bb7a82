import * as z from 'zod';
import { lazy, type Parsed } from '../lazy.ts';
import { termsSchema } from './session.ts';
import { callSid, paymentSid } from './sids.ts';

/** One attempt to start a payment. Its number makes its idempotency key, so it is never used twice on a call. */
const attemptSchema = lazy(() =>
  z.object({
    attempt: z.int().positive(),
    /** Its own: a session is only ever asked for, and shown, with the terms of its attempt. */
    terms: termsSchema(),
    /** Epoch milliseconds at which it was last claimed. */
    at: z.number(),
    /** Names the start that claimed it last: that start alone acts under it. */
    owner: z.string().default(''),
    /** Whether it is a payment beside others on the call that were, or may have been, charged, as the caller agreed. */
    anotherPayment: z.boolean().default(false),
    /** The client whose payment it leads to; empty in a document of the release before. */
    client: z.string().default(''),
    /** The sessions that it led to: more than one only if Twilio answers a repeated create with a new one. */
    paymentSids: z.array(paymentSid).default([]),
  }),
);
export type Attempt = Parsed<typeof attemptSchema>;

/**
 * The document `call-{callSid}`: the attempts to start a payment on a call, and what was or may have been charged on it.
 * It is never deleted and only ever written under a condition. The newest attempt's members stand where the release
 * before this one has them, so that either release reads what the other wrote.
 */
export const callLedgerSchema = lazy(() =>
  attemptSchema().extend({
    version: z.literal(1),
    callSid,
    /** Twilio has made no session under the newest attempt, and will not. */
    refused: z.boolean(),
    /** Attempts before it that are not over, oldest first. */
    earlier: z.array(attemptSchema()).default([]),
    /** Payments that Twilio was, or was about to be, asked to complete: noted before it is asked. */
    charges: z.array(paymentSid).default([]),
    /** Who started them, by paymentSid: a payment's own document may have expired. */
    chargeOwners: z.record(z.string(), z.string()).default({}),
    /** Those of them that an operator has found not to be charged at the processor. */
    notCharged: z.array(paymentSid).default([]),
    /** How many payments on the call were declined whose attempts are over, by client: nobody learns of another's. */
    declinesOf: z.record(z.string(), z.int()).default({}),
  }),
);
export type CallLedger = Parsed<typeof callLedgerSchema>;

/** More attempts than these are not over only while Twilio answers nobody; the oldest are forgotten. */
const EARLIER_KEPT = 8;

export type Claim = Pick<Attempt, 'terms' | 'at' | 'owner' | 'client' | 'anotherPayment'>;

/** The ledger of a call that has none, with its first attempt claimed. */
export function newLedger(sid: string, claim: Claim): CallLedger {
  return {
    version: 1,
    callSid: sid,
    attempt: 1,
    ...claim,
    paymentSids: [],
    refused: false,
    earlier: [],
    charges: [],
    chargeOwners: {},
    notCharged: [],
    declinesOf: {},
  };
}

/** The attempts that led to a session, or may have, oldest first. */
export function attemptsOf(ledger: CallLedger): Attempt[] {
  const { attempt, terms, at, owner, client, anotherPayment, paymentSids } = ledger;
  const newest = { attempt, terms, at, owner, client, anotherPayment, paymentSids };
  return ledger.refused ? ledger.earlier : [...ledger.earlier, newest];
}

/** The attempt that led to a payment; undefined if it is not known, or over and forgotten. */
export function attemptOf(ledger: CallLedger, sid: string): Attempt | undefined {
  return attemptsOf(ledger).find(({ paymentSids }) => paymentSids.includes(sid));
}

/** The payments on the call that Twilio was, or was about to be, asked to complete, beside one. */
export function otherCharges(ledger: CallLedger, sid: string): string[] {
  return ledger.charges.filter((charge) => charge !== sid);
}

/**
 * Claims a new attempt. Those before it are kept, but for the ones that are over.
 * @param over their numbers, and the client of each of their payments that was declined.
 */
export function withNextAttempt(
  ledger: CallLedger,
  claim: Claim,
  { attempts: over, declines }: { attempts: readonly number[]; declines: readonly string[] },
): CallLedger {
  const declinesOf = { ...ledger.declinesOf };
  for (const client of declines) declinesOf[client] = declinesBy({ declinesOf }, client) + 1;
  const earlier = attemptsOf(ledger).filter(({ attempt }) => !over.includes(attempt));
  return {
    ...ledger,
    attempt: ledger.attempt + 1,
    ...claim,
    paymentSids: [],
    refused: false,
    earlier: earlier.slice(-EARLIER_KEPT),
    declinesOf,
  };
}

/**
 * Claims an attempt that led to no known session, to ask again under its own terms and key; the same ledger if there is
 * none. It stays its client's.
 */
export function withClaimed(
  ledger: CallLedger,
  number: number,
  { owner, at, client }: Pick<Claim, 'owner' | 'at' | 'client'>,
): CallLedger {
  return withAttempt(ledger, number, (known) =>
    known.paymentSids.length > 0 ? known : { ...known, owner, at, client: known.client || client },
  );
}

/** How many payments of a client were declined on the call. A client may have the name of a member of every object. */
export function declinesBy({ declinesOf }: Pick<CallLedger, 'declinesOf'>, client: string): number {
  return Object.hasOwn(declinesOf, client) ? (declinesOf[client] ?? 0) : 0;
}

/** Notes a session that an attempt led to; the same ledger if that is known or the attempt is over. */
export function withSession(ledger: CallLedger, number: number, sid: string): CallLedger {
  return withAttempt(ledger, number, (known) =>
    known.paymentSids.includes(sid) ? known : { ...known, paymentSids: [...known.paymentSids, sid].sort() },
  );
}

/** Notes that the caller agreed to an attempt's payment beside others; the same ledger if that is noted or the attempt is over. */
export function withAgreed(ledger: CallLedger, number: number): CallLedger {
  return withAttempt(ledger, number, (known) =>
    known.anotherPayment ? known : { ...known, anotherPayment: true },
  );
}

/** Notes that Twilio made nothing under an attempt, and will not; the same ledger if the attempt is no longer this owner's. */
export function withRefused(ledger: CallLedger, number: number, owner: string): CallLedger {
  const known = attemptsOf(ledger).find(({ attempt }) => attempt === number);
  if (known?.owner !== owner || known.paymentSids.length > 0) return ledger;
  if (number === ledger.attempt) return { ...ledger, refused: true };
  return { ...ledger, earlier: ledger.earlier.filter(({ attempt }) => attempt !== number) };
}

/** Notes that Twilio is about to be asked to complete a payment of a client's; the same ledger if that is noted. */
export function withCharge(ledger: CallLedger, sid: string, client: string): CallLedger {
  if (ledger.charges.includes(sid)) return ledger;
  const chargeOwners = { ...ledger.chargeOwners, [sid]: client };
  return { ...ledger, charges: [...ledger.charges, sid].sort(), chargeOwners };
}

/** Notes what an operator found at the processor about a payment whose outcome Twilio never reported. */
export function withSettled(ledger: CallLedger, sid: string, isCharged: boolean): CallLedger {
  const others = ledger.notCharged.filter((known) => known !== sid);
  return { ...ledger, notCharged: isCharged ? others : [...others, sid].sort() };
}

function withAttempt(ledger: CallLedger, number: number, change: (attempt: Attempt) => Attempt): CallLedger {
  const known = attemptsOf(ledger).find(({ attempt }) => attempt === number);
  const next = known && change(known);
  if (!next || next === known) return ledger;
  if (number === ledger.attempt) return { ...ledger, ...next };
  return { ...ledger, earlier: ledger.earlier.map((other) => (other.attempt === number ? next : other)) };
}
