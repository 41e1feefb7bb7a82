import type { PaymentPorts, Stored } from '../ports.ts';
import {
  type Attempt,
  attemptsOf,
  type CallLedger,
  withClaimed,
  withNextAttempt,
  withRefused,
} from '../session/call-ledger.ts';
import type { CallSurvey } from './survey-call.ts';

/** The attempt that this start has claimed: it wrote it itself. */
export interface Claimed {
  ledger: Stored<CallLedger>;
  attempt: Attempt;
  /** Whether nobody has asked Twilio under this attempt before. */
  isNew: boolean;
}

/** Who claims: a start on a call, under a name that no other start has. */
interface Claimer {
  callSid: string;
  owner: string;
  client: string;
}

/** Claims somebody's attempt that may have led to a session, to ask again under its own terms and key. */
export async function claimAgain(
  ports: PaymentPorts,
  { callSid, owner, client }: Claimer,
  held: Stored<CallLedger>,
  { attempt }: Attempt,
): Promise<Claimed | undefined> {
  const claim = { owner, client, at: ports.clock.now() };
  const ledger = await ports.ledgers.update(
    callSid,
    (current) => (isSame(current, held.data) ? withClaimed(held.data, attempt, claim) : current),
    held,
  );
  return claimedIn(ledger, owner, { number: attempt, isNew: false });
}

/** Claims a new attempt with this start's terms. */
export async function claimNext(
  ports: PaymentPorts,
  { callSid, terms, owner, client, anotherPayment }: Claimer & Pick<Attempt, 'terms' | 'anotherPayment'>,
  held: Stored<CallLedger>,
  over: CallSurvey['over'],
): Promise<Claimed | undefined> {
  const claim = { terms, owner, client, anotherPayment, at: ports.clock.now() };
  const ledger = await ports.ledgers.update(
    callSid,
    (current) => (isSame(current, held.data) ? withNextAttempt(held.data, claim, over) : current),
    held,
  );
  return claimedIn(ledger, owner, { number: held.data.attempt + 1, isNew: true });
}

/** The attempt that was claimed; whoever lost that race, or decided on a ledger that has changed since, looks again. */
function claimedIn(
  ledger: Stored<CallLedger> | undefined,
  owner: string,
  { number, isNew }: { number: number; isNew: boolean },
): Claimed | undefined {
  const attempt = ledger && attemptsOf(ledger.data).find((known) => known.attempt === number);
  if (!attempt || attempt.owner !== owner || attempt.paymentSids.length > 0) return undefined;
  return { ledger, attempt, isNew };
}

/** Notes that an attempt led to nothing. If that fails, the next start waits for it, then claims it. */
export async function withdraw(
  { ledgers }: PaymentPorts,
  ledger: Stored<CallLedger>,
  { attempt, owner }: Pick<Attempt, 'attempt' | 'owner'>,
): Promise<void> {
  const { callSid } = ledger.data;
  const refuse = (current: CallLedger | undefined) => current && withRefused(current, attempt, owner);
  await ledgers.update(callSid, refuse, ledger).catch(() => undefined);
}

function isSame(a: CallLedger | undefined, b: CallLedger): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
