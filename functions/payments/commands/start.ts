import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import {
  type Attempt,
  type CallLedger,
  declinesBy,
  newLedger,
  withAgreed,
  withSession,
} from '../session/call-ledger.ts';
import { withAudit } from '../session/fold.ts';
import { holderOf, maySee } from '../session/holder.ts';
import { isLive } from '../session/phase.ts';
import type { PaymentSession, Terms } from '../session/session.ts';
import { sameTerms } from '../session/terms.ts';
import { checkCall } from './check-call.ts';
import { type Claimed, claimAgain, claimNext, withdraw } from './claim-attempt.ts';
import { alreadyCharged } from './judge-call.ts';
import { ensureSession, mayBeInTheWay, surveyCall } from './survey-call.ts';
import { claimPayment } from './take-over.ts';

/** Milliseconds for which a start waits for the session of another one before it claims the attempt itself. */
const OTHER_START_MS = 3_000;
/** Milliseconds for which it waits for word of a session that Twilio says is live and that nobody here knows. */
const UNKNOWN_SESSION_MS = 2_000;
const POLL_MS = 400;
/** Milliseconds kept back to ask Twilio and to answer once waiting is over. */
const ANSWER_MS = 2_000;

export interface StartRequest {
  callSid: string;
  terms: Terms;
  /** Start again although something was, or may have been, charged on this call. */
  anotherPayment: boolean;
  /** Who starts it. */
  client: string;
}

export interface Started {
  stored: Stored<PaymentSession>;
  /** Whether an earlier start on this call had led to the session already. */
  reused: boolean;
}

/** A start under way: who it is in the ledger, and what it has learnt. */
interface Start extends StartRequest {
  owner: string;
  parentCallSid: string;
  caller: { number: string; since: number };
  /** Twilio has said that a session lives on this call: since when (epoch milliseconds). */
  blockedSince: number | undefined;
  refusal: PaymentError | undefined;
  /** A callback has said that of the newest session: this start looks for the one in the way. */
  isLooking: boolean;
  /** The attempts under which this start has asked Twilio already. */
  asked: number[];
}

/**
 * Starts a payment session on a call, or finds the one that an earlier start led to.
 *
 * A start acts under an attempt that it has claimed in the call's ledger, with its own terms and the attempt's own
 * idempotency key. An attempt that nobody finishes is claimed by the next start with the same terms, and outnumbered by
 * one with others; whatever it led to is shown with its own terms when it comes to light.
 */
export async function startPayment(ports: PaymentPorts, request: StartRequest): Promise<Started> {
  const { callSid, terms, client, anotherPayment } = request;
  const owner = ports.secrets.make();
  const [call, created] = await Promise.allSettled([
    checkCall(ports, callSid),
    ports.ledgers.create(
      callSid,
      newLedger(callSid, { terms, owner, client, anotherPayment, at: ports.clock.now() }),
    ),
  ]);
  const ledger = created.status === 'fulfilled' ? created.value : undefined;
  if (call.status === 'rejected') {
    // Twilio was never asked under this attempt.
    if (ledger) await withdraw(ports, ledger, ledger.data);
    throw call.reason;
  }
  if (created.status === 'rejected') throw created.reason;
  const start: Start = {
    ...request,
    owner,
    parentCallSid: call.value.parentCallSid,
    caller: { number: call.value.number, since: call.value.startedAt },
    blockedSince: undefined,
    refusal: undefined,
    isLooking: false,
    asked: [],
  };
  let claimed: Claimed | undefined = ledger && { ledger, attempt: ledger.data, isNew: true };
  for (;;) {
    if (claimed) {
      const stored = await ask(ports, start, claimed);
      const isOwn = stored && sameTerms(claimed.attempt.terms, terms) && holderOf(stored.data) === client;
      // A repeated request may lead to a session that has ended meanwhile, or of which nobody knows how it ended.
      if (isOwn && isLive(stored.data, ports.clock.now())) return { stored, reused: false };
    }
    const next = await decide(ports, start);
    if ('use' in next) return { stored: next.use, reused: true };
    claimed = 'claimed' in next ? next.claimed : undefined;
  }
}

/** What a start does next: use the session there is, ask Twilio under the attempt that it has claimed, or look again. */
type Decision = { use: Stored<PaymentSession> } | { claimed: Claimed } | { again: true };

async function decide(ports: PaymentPorts, start: Start): Promise<Decision> {
  const { callSid, terms, owner, client, anotherPayment, parentCallSid, isLooking } = start;
  const { clock, ledgers } = ports;
  const held = await ledgers.read(callSid);
  if (!held) {
    const ledger = await ledgers.create(
      callSid,
      newLedger(callSid, { terms, owner, client, anotherPayment, at: clock.now() }),
    );
    if (ledger) return { claimed: { ledger, attempt: ledger.data, isNew: true } };
    // Somebody else has just made it, or Sync takes a while to forget one that has expired.
    return lookAgain(ports, 'STORE_UNAVAILABLE');
  }
  const isBlocked = start.blockedSince !== undefined;
  const call = await surveyCall(ports, held.data, { parentCallSid, isLive: isBlocked || isLooking });
  const live = call.sessions.filter(({ stored }) => isLive(stored.data, clock.now()));
  const own = live.find(({ attempt }) => sameTerms(attempt.terms, terms));
  const isHidden = ({ stored }: { stored: Stored<PaymentSession> }) => !maySee(stored.data, ports.client);
  const found = own ?? live[0];
  // What lives may be about to be charged itself: that is no other payment.
  const charges = call.charges.filter(({ paymentSid }) => paymentSid !== found?.stored.data.paymentSid);
  if (live.some(isHidden) || charges.some((other) => other.isHidden)) throw new PaymentError('CALL_BUSY');
  const [charge] = charges;
  if (charge && !anotherPayment) throw alreadyCharged(charge, charge.stored);
  if (own) {
    const stored = await claimPayment(ports, own.stored, true);
    if (!isLive(stored.data, clock.now())) return { again: true };
    if (anotherPayment) await agree(ports, held, own.attempt);
    return { use: stored };
  }
  if (found) throw inProgress(found.stored);
  if (call.blocked && !isLooking) {
    start.isLooking = true;
    return { again: true };
  }
  const silent = call.attempts.filter(({ paymentSids }) => paymentSids.length === 0);
  const newest = silent.find(({ attempt }) => attempt === held.data.attempt);
  if (newest && newest.owner !== owner && clock.now() < newest.at + OTHER_START_MS && hasTime(ports))
    return lookAgain(ports);
  const unasked = silent.filter(({ attempt }) => !start.asked.includes(attempt));
  if (isBlocked || call.blocked) {
    const [oldest] = unasked;
    if (oldest) return decisionOf(await claimAgain(ports, start, held, oldest));
    const ending = call.sessions.find(({ stored }) => mayBeInTheWay(stored, call.blocked));
    if (ending && isHidden(ending)) throw new PaymentError('CALL_BUSY');
    if (ending) throw inProgress(ending.stored);
  }
  if (start.blockedSince !== undefined) {
    if (clock.now() < start.blockedSince + UNKNOWN_SESSION_MS && hasTime(ports)) return lookAgain(ports);
    throw start.refusal ?? new PaymentError('SESSION_IN_PROGRESS');
  }
  if (newest && unasked.includes(newest)) {
    if (newest.owner === owner) return { claimed: { ledger: held, attempt: newest, isNew: true } };
    const isMine = !newest.client || newest.client === client || ports.client.seesAll;
    if (isMine && sameTerms(newest.terms, terms))
      return decisionOf(await claimAgain(ports, start, held, newest));
  }
  return decisionOf(await claimNext(ports, start, held, call.over));
}

/** Notes that the caller agreed to the payment of an attempt beside others, which an earlier start did not say. */
async function agree(
  { ledgers }: PaymentPorts,
  ledger: Stored<CallLedger>,
  { attempt }: Attempt,
): Promise<void> {
  const { callSid } = ledger.data;
  await ledgers.update(callSid, (current) => current && withAgreed(current, attempt), ledger);
}

function decisionOf(claimed: Claimed | undefined): Decision {
  return claimed ? { claimed } : { again: true };
}

/**
 * Asks Twilio for the session of an attempt that this start has claimed, and records it.
 * @returns undefined if Twilio says that another session lives on the call.
 */
async function ask(
  ports: PaymentPorts,
  start: Start,
  { ledger, attempt: { attempt, terms, ...rest }, isNew }: Claimed,
): Promise<Stored<PaymentSession> | undefined> {
  const { callSid, owner, client, parentCallSid, caller } = start;
  start.asked.push(attempt);
  let paymentSid: string;
  try {
    const idempotencyKey = `start-${callSid}-${attempt}`;
    paymentSid = await ports.gateway.start({ callSid, terms, attempt, idempotencyKey });
  } catch (error) {
    if (!(error instanceof PaymentError)) throw error;
    // An attempt that was claimed again may have led to a session before: only its own first refusal is final.
    if (isNew && error.wasRefused) await withdraw(ports, ledger, { attempt, owner });
    if (error.code !== 'SESSION_IN_PROGRESS') throw error;
    start.blockedSince ??= ports.clock.now();
    start.refusal = error;
    return undefined;
  }
  const at = ports.clock.now();
  // Whose attempt it is started it, also where the one that finds what it led to is somebody else.
  const starter = rest.client || client;
  const entry = { at, client: starter, action: 'start', confirmed: '', outcome: 'done' };
  const isCharged = ledger.data.charges.includes(paymentSid);
  const declinesBefore = declinesBy(ledger.data, starter);
  const isAgreed = start.anotherPayment && rest.client === client && sameTerms(terms, start.terms);
  const about = { attempt: { attempt, terms, ...rest }, paymentSid, callSid, parentCallSid, isCharged };
  const [stored] = await Promise.all([
    ensureSession(ports, about, {
      change: (session) => withAudit({ ...session, caller, declinesBefore }, entry),
      from: isNew ? null : undefined,
    }),
    ports.ledgers.update(
      callSid,
      (current) => {
        const known = current && withSession(current, attempt, paymentSid);
        return known && isAgreed ? withAgreed(known, attempt) : known;
      },
      ledger,
    ),
  ]);
  return stored;
}

async function lookAgain(
  { clock }: PaymentPorts,
  code: 'STARTING' | 'STORE_UNAVAILABLE' = 'STARTING',
): Promise<Decision> {
  if (clock.left() < POLL_MS) throw new PaymentError(code);
  await clock.sleep(POLL_MS);
  return { again: true };
}

function hasTime({ clock }: PaymentPorts): boolean {
  return clock.left() >= POLL_MS + ANSWER_MS;
}

function inProgress(payment: Stored<PaymentSession>): PaymentError {
  return new PaymentError('PAYMENT_IN_PROGRESS', { detail: `It is ${payment.data.paymentSid}.`, payment });
}
