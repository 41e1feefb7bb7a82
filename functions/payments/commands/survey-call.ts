import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import { type Attempt, attemptsOf, type CallLedger } from '../session/call-ledger.ts';
import { applyEvent } from '../session/fold.ts';
import { isHidden } from '../session/holder.ts';
import {
  type Charge,
  chargeOnCall,
  isCertainlyOver,
  isDeclined,
  isRefusedAtStart,
} from '../session/phase.ts';
import { newSession, type PaymentSession } from '../session/session.ts';

/** A payment that counts as charged on its call; one that is not there has expired. */
export interface ChargedPayment {
  paymentSid: string;
  charge: Charge;
  stored: Stored<PaymentSession> | undefined;
  /** Whether the client that asks may not know of it. */
  isHidden: boolean;
}

/** What is known of the payments on a call. */
export interface CallSurvey {
  attempts: Attempt[];
  sessions: { attempt: Attempt; stored: Stored<PaymentSession> }[];
  /** The newest session if Twilio has refused it because another one lives on the call, and nobody has canceled it since. */
  blocked: Stored<PaymentSession> | undefined;
  /** The payments that were, or may have been, charged; those that certainly were come first. */
  charges: ChargedPayment[];
  /** Attempts whose sessions are certainly over, and the client of each of these that was declined. */
  over: { attempts: number[]; declines: string[] };
}

/**
 * Reads the payments of a call: those that its attempts led to, and those that were about to be charged.
 * @param isLive whether Twilio says that a session lives on the call. It may be that of a payment whose document has expired:
 *   the newest such one is made anew then, so that it can be canceled. Otherwise they are over most likely.
 */
export async function surveyCall(
  ports: Pick<PaymentPorts, 'sessions' | 'client' | 'clock'>,
  ledger: CallLedger,
  { parentCallSid, isLive }: { parentCallSid: string; isLive: boolean },
): Promise<CallSurvey> {
  const attempts = attemptsOf(ledger);
  const { callSid } = ledger;
  const known = attempts.flatMap(({ paymentSids }) => paymentSids);
  const [sessions, charged] = await Promise.all([
    Promise.all(
      attempts.flatMap((attempt) =>
        attempt.paymentSids.map(async (paymentSid) => {
          const isCharged = ledger.charges.includes(paymentSid);
          const about = { attempt, paymentSid, callSid, parentCallSid, isCharged };
          const mayHaveExpired = isCharged || ports.clock.now() - attempt.at >= ports.sessions.lifetimeMs;
          const found = mayHaveExpired ? await ports.sessions.read(paymentSid) : null;
          const stored =
            found === undefined ? found : await ensureSession(ports, about, { from: found ?? undefined });
          return { about, attempt, paymentSid, stored };
        }),
      ),
    ),
    Promise.all(
      ledger.charges
        .filter((paymentSid) => !known.includes(paymentSid))
        .map(async (paymentSid) => ({ paymentSid, stored: await ports.sessions.read(paymentSid) })),
    ),
  ]);
  const lost = sessions.findLast(({ stored }) => !stored);
  if (isLive && lost) lost.stored = await ensureSession(ports, lost.about);
  const mayBeCharged = sessions.filter(
    ({ paymentSid, stored }) => stored !== undefined || ledger.charges.includes(paymentSid),
  );
  const charges = [...mayBeCharged, ...charged].map(({ paymentSid, stored }) => ({
    paymentSid,
    stored,
    charge: chargeOnCall(ledger, paymentSid, stored?.data),
    isHidden: isHidden(ports.client, ledger, paymentSid, stored?.data),
  }));
  const found = sessions.flatMap(({ attempt, stored }) => (stored ? [{ attempt, stored }] : []));
  // One whose document has expired may live.
  const isOver = ({ paymentSids }: Attempt) =>
    paymentSids.length > 0 &&
    paymentSids.every((sid) =>
      found.some(({ stored: { data } }) => data.paymentSid === sid && isPutAway(data)),
    );
  const over = attempts.filter(isOver).map(({ attempt }) => attempt);
  return {
    attempts,
    sessions: found,
    blocked: found.find(
      ({ attempt, stored: { data } }) =>
        attempt.attempt === ledger.attempt && isRefusedAtStart(data) && !isPutAway(data),
    )?.stored,
    charges: (['made', 'unknown'] as const).flatMap((known) =>
      charges.filter(({ charge }) => charge === known),
    ),
    over: {
      attempts: over,
      declines: found
        .filter(({ attempt, stored }) => over.includes(attempt.attempt) && isDeclined(stored.data))
        .map(({ attempt }) => attempt.client),
    },
  };
}

/**
 * Whether a session may be the one because of which Twilio refuses others.
 * @param blocked the session that a callback said so of: what was done since about any other is to show first whether that
 * was the one. Then it is canceled itself, for nobody knows what Twilio made of it, and the next start asks Twilio anew.
 */
export function mayBeInTheWay(
  stored: Stored<PaymentSession>,
  blocked: Stored<PaymentSession> | undefined,
): boolean {
  if (isPutAway(stored.data)) return false;
  return !blocked || stored === blocked || stored.updatedAt <= blocked.updatedAt;
}

/** Whether a session is over, or was refused as it began and canceled all the same. */
function isPutAway(session: PaymentSession): boolean {
  return isCertainlyOver(session) || (isRefusedAtStart(session) && session.canceling.asked > 0);
}

/**
 * The document of a session, made or completed with the terms of its own attempt, which callbacks do not carry. One that
 * has expired is made anew as what the call's ledger says of it: its session may live, and can be canceled then.
 */
export async function ensureSession(
  { sessions }: Pick<PaymentPorts, 'sessions'>,
  about: { attempt: Attempt; paymentSid: string; callSid: string; parentCallSid: string; isCharged: boolean },
  {
    change = (session) => session,
    from,
  }: {
    change?: (session: PaymentSession) => PaymentSession;
    from?: Stored<PaymentSession> | null | undefined;
  } = {},
): Promise<Stored<PaymentSession>> {
  const { attempt, paymentSid, callSid, parentCallSid, isCharged } = about;
  const { terms, client } = attempt;
  const stored = await sessions.update(
    paymentSid,
    (session) => {
      const known = session ?? newSession({ paymentSid, callSid }, isCharged);
      return change(
        applyEvent(known, { started: { parentCallSid, terms, client }, paymentMethod: terms.paymentMethod }),
      );
    },
    from,
  );
  if (!stored) throw new PaymentError('STORE_UNAVAILABLE');
  return stored;
}
