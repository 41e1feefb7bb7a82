import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import { type CallLedger, newLedger, withCharge } from '../session/call-ledger.ts';
import { applyEvent, withAudit } from '../session/fold.ts';
import { isFinished, isOutcomeUnknown, missingFields } from '../session/phase.ts';
import { isPending, type PaymentSession } from '../session/session.ts';
import {
  askPerson,
  type ChargePolicy,
  type CompletionRequest,
  type Confirmed,
  judgeCharge,
  type Question,
  type Verdict,
  withoutQuestion,
} from './confirm.ts';
import { about, change, load, refused, tried, tryToChange } from './load-and-change.ts';

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
  confirmed: Confirmed;
  question?: Question;
}

/**
 * Hands the captured data to the payment processor, at most once. Before Twilio is asked, one conditional write notes the
 * completion in the payment, in which all that was confirmed is compared once more, and another one notes the charge in
 * the call's ledger. A repeat waits for the outcome, then sends the same request with the same key.
 */
export async function completePayment(
  ports: PaymentPorts,
  from: { stored: Stored<PaymentSession>; ledger: Stored<CallLedger> | undefined },
  request: CompletionRequest,
  policy: ChargePolicy,
): Promise<Completion> {
  const { client } = request;
  const judge = (session: PaymentSession): Verdict => {
    refuseUnlessReady(session);
    return judgeCharge(ports, session, request, policy);
  };
  let { stored } = from;
  for (;;) {
    if (isFinished(stored.data)) return { stored, confirmed: 'none' };
    if (isPending(stored.data.completing)) {
      stored = await awaitOutcome(ports, stored, stored.data.completing.at + COMPLETION_MS);
      if (!isPending(stored.data.completing) && !isFinished(stored.data)) continue;
      return { stored: await repeatCompletion(ports, stored, from.ledger ?? null), confirmed: 'none' };
    }
    const verdict = await about(stored, () => judge(stored.data));
    if ('mustAsk' in verdict) return { ...(await askPerson(ports, stored, client)), confirmed: 'none' };
    if ('isDeclined' in verdict) {
      await change(ports, stored, withoutQuestion);
      throw new PaymentError('CONFIRMATION_DECLINED');
    }
    const { confirmed } = verdict;
    const entry = { at: ports.clock.now(), client, action: 'complete', confirmed, outcome: 'asked' };
    const [noted] = await Promise.all([
      tryToChange(ports, stored, (session) => {
        if (!isCharged(session, judge, confirmed)) return session;
        return withAudit(
          { ...withoutQuestion(session), completing: tried(session.completing, entry.at) },
          entry,
        );
      }),
      noteCharge(ports, stored.data, from.ledger ?? null),
    ]);
    stored = noted;
    // Somebody else was faster: what may be done now is judged anew.
    if (!noted.isWritten) continue;
    await askTwilio(ports, stored, (outcome) => ({ ...entry, at: ports.clock.now(), outcome }));
    return { stored, confirmed };
  }
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

/** Notes in the call's ledger that a payment may be charged from now on, whatever becomes of its own document. */
async function noteCharge(
  ports: PaymentPorts,
  { callSid, paymentSid, terms }: PaymentSession,
  from: Stored<CallLedger> | null,
): Promise<void> {
  const note = (ledger: CallLedger | undefined) => {
    // It has expired, or was never made by this server: nothing was started under it that could be claimed.
    const known = ledger ?? (terms && { ...newLedger(callSid, { terms, at: 0, owner: '' }), refused: true });
    return known && withCharge(known, paymentSid);
  };
  await ports.ledgers.update(callSid, note, from);
}

/** @throws what Twilio refused, which is noted, or COMPLETION_UNKNOWN. */
async function askTwilio(
  ports: PaymentPorts,
  stored: Stored<PaymentSession>,
  entry: (outcome: string) => Parameters<typeof withAudit>[1],
): Promise<void> {
  try {
    await sendCompletion(ports, stored.data);
  } catch (error) {
    const isNotDone = error instanceof PaymentError && error.wasRefused && !error.isBusyOrEnded;
    if (!isNotDone) throw unknownOutcome(error);
    const callEnded = error.code === 'CALL_NOT_IN_PROGRESS' ? 'ended' : '';
    await change(ports, stored, (session) =>
      applyEvent(withAudit({ ...session, completing: refused(session.completing) }, entry(error.code)), {
        callEnded,
      }),
    );
    throw error;
  }
}

/** Sends the request of a completion without an outcome once more, with the same key, and waits a little for its outcome. */
async function repeatCompletion(
  ports: PaymentPorts,
  stored: Stored<PaymentSession>,
  ledger: Stored<CallLedger> | null,
): Promise<Stored<PaymentSession>> {
  const session = stored.data;
  if (isFinished(session)) return stored;
  if (isPending(session.canceling)) throw new PaymentError('CANCELING', { payment: stored });
  if (isOutcomeUnknown(session, ports.clock.now())) return stored;
  await noteCharge(ports, session, ledger);
  try {
    await sendCompletion(ports, session);
  } catch (error) {
    if (!(error instanceof PaymentError) || !error.wasRefused) throw unknownOutcome(error);
    if (error.code === 'TWILIO_RATE_LIMITED') throw unknownOutcome(error);
    // The session is gone, and whether the first request had reached it before, only a callback could tell.
    if (error.code === 'TWILIO_NOT_FOUND')
      return change(ports, stored, (current) => applyEvent(current, { canceled: true }));
    // Any other refusal says nothing of the first request, which may have been accepted.
  }
  return awaitOutcome(ports, stored, ports.clock.now() + REPEATED_MS);
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
