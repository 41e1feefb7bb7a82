import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import type { CallLedger } from '../session/call-ledger.ts';
import { applyEvent, withAudit } from '../session/fold.ts';
import { isFinished, isOutcomeUnknown, missingFields } from '../session/phase.ts';
import { type AuditEntry, isPending, type PaymentSession } from '../session/session.ts';
import {
  askPerson,
  type ChargePolicy,
  type CompletionRequest,
  type Confirmed,
  confirmedOf,
  judgeCharge,
  type Question,
  type Verdict,
  withoutQuestion,
} from './confirm.ts';
import { judgeCall, noteCharge } from './judge-call.ts';
import { about, again, change, load, refused, tried, tryToChange } from './load-and-change.ts';
import { mayCommand, refuseUnlessHeld } from './take-over.ts';

/** Milliseconds for which a repeated completion waits for the outcome of the first before it sends the same request again. */
const COMPLETION_MS = 5_000;
/** Milliseconds that it waits after that, so that its answer does not ask for one more repeat at once. */
const REPEATED_MS = 2_000;
const POLL_MS = 700;

/** Milliseconds kept back to ask Twilio and to answer once waiting is over. */
const ANSWER_MS = 3_000;

/** Where a completion has led, how it was confirmed, and the question that a person must answer first, if there is one. */
export interface Completion {
  stored: Stored<PaymentSession>;
  confirmed: string;
  question?: Question;
}

/**
 * Hands the captured data to the payment processor, at most once. Before Twilio is asked, one conditional write notes the
 * completion in the payment, in which all that was confirmed is compared once more, and another one notes the charge in
 * the call's ledger, on which is judged what else was charged on the call. A repeat waits for the outcome, then notes that it
 * asks, and sends the same request with the same key.
 */
export async function completePayment(
  ports: PaymentPorts,
  from: { stored: Stored<PaymentSession>; ledger: Stored<CallLedger> | undefined },
  request: CompletionRequest,
  policy: ChargePolicy,
): Promise<Completion> {
  const { client } = request;
  const judge = (session: PaymentSession): Verdict => {
    refuseUnlessHeld(ports, { ...stored, data: session });
    refuseUnlessReady(session);
    return judgeCharge(ports, session, request, policy);
  };
  let { stored } = from;
  const { ledger } = from;
  for (;;) {
    if (isFinished(stored.data)) return { stored, confirmed: confirmedOf(stored.data) };
    if (isPending(stored.data.completing)) {
      const pending = await awaitOutcome(ports, stored, stored.data.completing.at + COMPLETION_MS);
      stored = await repeatCompletion(ports, pending, ledger);
      if (isPending(stored.data.completing) || isFinished(stored.data))
        return { stored, confirmed: confirmedOf(stored.data) };
      continue;
    }
    const verdict = await about(stored, () => judge(stored.data));
    await judgeCall(ports, stored.data, ledger?.data);
    if ('mustAsk' in verdict) return { ...(await askPerson(ports, stored, client)), confirmed: 'none' };
    if ('isDeclined' in verdict) {
      await change(ports, stored, withoutQuestion);
      throw new PaymentError('CONFIRMATION_DECLINED');
    }
    const { confirmed } = verdict;
    const entry: Entry = (outcome) => ({
      at: ports.clock.now(),
      client,
      action: 'complete',
      confirmed,
      outcome,
    });
    const [noting, charging] = await Promise.allSettled([
      tryToChange(ports, stored, (session) => {
        if (!isCharged(session, judge, confirmed)) return session;
        const asked = entry('asked');
        return withAudit(
          { ...withoutQuestion(session), completing: tried(session.completing, asked.at) },
          asked,
        );
      }),
      noteCharge(ports, stored.data, ledger),
    ]);
    if (noting.status === 'rejected') throw noting.reason;
    const { isWritten, ...noted } = noting.value;
    stored = noted;
    if (charging.status === 'rejected') {
      const { reason } = charging;
      if (isWritten && reason instanceof PaymentError)
        // What is not taken back counts as asked for: that is said too often then, never too seldom.
        await noteNotDone(ports, stored, entry(reason.code)).catch(() => undefined);
      throw reason;
    }
    // Somebody else was faster: what may be done now is judged anew.
    if (!isWritten) continue;
    await askTwilio(ports, stored, entry);
    return { stored, confirmed };
  }
}

/** Whether a payment as it was kept is good for noting its completion: it is ready, and all is confirmed. */
export function isGoodToCharge(
  ports: PaymentPorts,
  { data }: Stored<PaymentSession>,
  request: CompletionRequest,
  policy: ChargePolicy,
): boolean {
  if (isFinished(data) || isPending(data.completing)) return false;
  refuseUnlessReady(data);
  return 'confirmed' in judgeCharge(ports, data, request, policy);
}

/** Whether a payment, as it stands inside a conditional write, may be charged in the way that it was confirmed. */
function isCharged(
  session: PaymentSession,
  judge: (session: PaymentSession) => Verdict,
  confirmed: Confirmed,
): boolean {
  if (isFinished(session) || isPending(session.completing)) return false;
  try {
    const verdict = judge(session);
    return 'confirmed' in verdict && verdict.confirmed === confirmed;
  } catch (error) {
    if (error instanceof PaymentError) return false;
    throw error;
  }
}

/** @throws CANCELING or NOT_READY if the payment cannot be completed now. */
function refuseUnlessReady(session: PaymentSession): void {
  if (isPending(session.canceling)) throw new PaymentError('CANCELING');
  const missing = missingFields(session);
  if (missing.length > 0)
    throw new PaymentError('NOT_READY', { detail: `Still missing: ${missing.join(', ')}.` });
}

type Entry = (outcome: string) => AuditEntry;

/** @throws what Twilio refused, which is noted, or COMPLETION_UNKNOWN. */
async function askTwilio(ports: PaymentPorts, stored: Stored<PaymentSession>, entry: Entry): Promise<void> {
  try {
    await sendCompletion(ports, stored.data);
  } catch (error) {
    const isNotDone = error instanceof PaymentError && error.wasRefused && !error.isBusyOrEnded;
    if (!isNotDone) throw unknownOutcome(error);
    await noteNotDone(ports, stored, entry(error.code));
    throw error;
  }
}

/** Notes that one ask for a completion, the newest that is known of, came to nothing. */
async function noteNotDone(
  ports: PaymentPorts,
  asked: Stored<PaymentSession>,
  entry: AuditEntry,
): Promise<void> {
  const ask = asked.data.completing.asked;
  const callEnded = entry.outcome === 'CALL_NOT_IN_PROGRESS' ? 'ended' : '';
  await change(ports, asked, (session) =>
    applyEvent(withAudit({ ...session, completing: refused(session.completing, ask) }, entry), { callEnded }),
  );
}

/**
 * Sends the request of a completion without an outcome once more, with the same key, and waits a little for its outcome.
 * That it is asked again is noted first, so that a refusal of the first request that is noted late does not count for this one.
 * @returns the payment as it stands if it is not for a repeat any more.
 */
async function repeatCompletion(
  ports: PaymentPorts,
  stored: Stored<PaymentSession>,
  ledger: Stored<CallLedger> | undefined,
): Promise<Stored<PaymentSession>> {
  const isRepeatable = (session: PaymentSession) =>
    isPending(session.completing) &&
    !isFinished(session) &&
    !isPending(session.canceling) &&
    mayCommand(session, ports.client) &&
    !isOutcomeUnknown(session, ports.clock.now());
  let noted: Stored<PaymentSession> = stored;
  let isAsked = false;
  if (isRepeatable(stored.data)) {
    await judgeCall(ports, stored.data, ledger?.data);
    await noteCharge(ports, stored.data, ledger);
    const { isWritten, ...saved } = await tryToChange(ports, stored, (session) =>
      isRepeatable(session) ? { ...session, completing: again(session.completing) } : session,
    );
    isAsked = isWritten;
    noted = saved;
  }
  if (!isAsked) {
    const { data } = noted;
    const isCanceling = isPending(data.canceling) && isPending(data.completing) && !isFinished(data);
    if (isCanceling) throw new PaymentError('CANCELING', { payment: noted });
    refuseUnlessHeld(ports, noted);
    return noted;
  }
  try {
    await sendCompletion(ports, noted.data);
  } catch (error) {
    if (!(error instanceof PaymentError) || !error.wasRefused) throw unknownOutcome(error);
    if (error.code === 'TWILIO_RATE_LIMITED') throw unknownOutcome(error);
    // The session is gone, and whether the first request had reached it before, only a callback could tell.
    if (error.code === 'TWILIO_NOT_FOUND')
      return change(ports, noted, (current) => applyEvent(current, { canceled: true }));
    // Any other refusal says nothing of the first request, which may have been accepted.
  }
  return awaitOutcome(ports, noted, ports.clock.now() + REPEATED_MS);
}

function sendCompletion({ gateway }: PaymentPorts, session: PaymentSession): Promise<void> {
  return gateway.end(session, { ending: 'complete', idempotencyKey: `complete-${session.paymentSid}` });
}

/** Reads until a completion has come to something or the time (epoch milliseconds) is up. */
async function awaitOutcome(
  ports: PaymentPorts,
  pending: Stored<PaymentSession>,
  until: number,
): Promise<Stored<PaymentSession>> {
  const { clock } = ports;
  let stored = pending;
  while (
    isPending(stored.data.completing) &&
    !isFinished(stored.data) &&
    clock.now() < until &&
    clock.left() > ANSWER_MS
  ) {
    await clock.sleep(POLL_MS);
    stored = await load(ports, stored.data.callSid, stored.data.paymentSid);
  }
  return stored;
}

function unknownOutcome(error: unknown): unknown {
  if (!(error instanceof PaymentError)) return error;
  return new PaymentError('COMPLETION_UNKNOWN', {
    cause: error,
    ...(error.twilio && { twilio: error.twilio }),
  });
}
