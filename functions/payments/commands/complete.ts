import { CAPTURE_GUIDE } from '../advice/error-types.ts';
import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import { isFinished, missingFields } from '../session/phase.ts';
import { applyEvent, isPending, type PaymentSession, withAudit } from '../session/session.ts';
import {
  type ChargePolicy,
  type CompletionRequest,
  confirmCharge,
  isAnswered,
  type Question,
  withoutQuestion,
} from './confirm.ts';
import { change, load, refused, tried } from './load-and-change.ts';

/** How long a repeated completion waits for the outcome of the first before it sends the same request again. */
const COMPLETION_MS = 5_000;
/** How long it waits after that, so that its answer does not ask for one more repeat at once. */
const REPEATED_MS = 2_000;
const POLL_MS = 700;

/** Time kept back to ask Twilio and to answer once waiting is over. */
const ANSWER_MS = 3_000;

/** Where a completion has led, how it was confirmed, and the question that a person must answer first, where there is one. */
export interface Completion {
  stored: Stored<PaymentSession>;
  confirmed: 'none' | 'model' | 'person';
  question?: Question;
}

/**
 * Hands the captured data to the payment processor, at most once: the document says so before Twilio is
 * asked, and a repeat waits for the outcome, then sends the same request with the same key.
 */
export async function completePayment(
  ports: PaymentPorts,
  from: Stored<PaymentSession>,
  request: CompletionRequest,
  policy: ChargePolicy,
): Promise<Completion> {
  return completeFrom(from);

  async function completeFrom(stored: Stored<PaymentSession>): Promise<Completion> {
    const session = stored.data;
    if (isFinished(session)) return { stored, confirmed: 'none' };
    if (isPending(session.completing)) return repeatCompletion(stored);
    if (isPending(session.canceling)) throw new PaymentError('CANCELING');
    const missing = missingFields(session);
    if (missing[0]) {
      const detail = `Missing: ${missing.join(', ')}.`;
      throw new PaymentError('NOT_READY', { detail, nextStep: CAPTURE_GUIDE[missing[0]].tool });
    }
    const confirmation = await confirmCharge(ports, stored, request, policy);
    if ('question' in confirmation) return { ...confirmation, confirmed: 'none' };
    const { confirmed } = confirmation;
    let mine = false;
    const saved = await change(ports, stored, (current) => {
      mine = !isFinished(current) && !isPending(current.completing) && !isPending(current.canceling);
      mine &&= missingFields(current).length === 0;
      // An answer counts once: whoever else has used it meanwhile was first.
      const isStillAnswered =
        confirmed !== 'person' || isAnswered(ports, current, request.client, request.answer?.state ?? '');
      mine &&= isStillAnswered;
      if (!mine) return current;
      const at = ports.clock.now();
      const entry = { at, client: request.client, action: 'complete', confirmed, outcome: 'asked' };
      return withAudit({ ...withoutQuestion(current), completing: tried(current.completing, at) }, entry);
    });
    if (!mine) return completeFrom(saved);
    try {
      await ports.gateway.end(session, {
        ending: 'complete',
        idempotencyKey: `complete-${session.paymentSid}`,
      });
    } catch (error) {
      if (error instanceof PaymentError && error.wasRefused) {
        const callEnded = error.code === 'CALL_NOT_IN_PROGRESS' ? 'ended' : '';
        const entry = {
          at: ports.clock.now(),
          client: request.client,
          action: 'complete',
          confirmed,
          outcome: error.code,
        };
        await change(ports, saved, (current) =>
          applyEvent(withAudit({ ...current, completing: refused(current.completing) }, entry), {
            callEnded,
          }),
        );
        throw error;
      }
      throw unknownOutcome(error);
    }
    return { stored: saved, confirmed };
  }

  /** Waits for the outcome of a completion that is under way; asks again, with the same key, when none comes. */
  async function repeatCompletion(pending: Stored<PaymentSession>): Promise<Completion> {
    const { paymentSid, completing } = pending.data;
    const stored = await awaitOutcome(pending, completing.at + COMPLETION_MS);
    if (isFinished(stored.data)) return { stored, confirmed: 'none' };
    if (!isPending(stored.data.completing)) return completeFrom(stored);
    try {
      await ports.gateway.end(stored.data, { ending: 'complete', idempotencyKey: `complete-${paymentSid}` });
    } catch (error) {
      // Refused now says nothing of the first request, which may have been accepted: only a callback can tell.
      if (!(error instanceof PaymentError) || !error.wasRefused || error.code === 'TWILIO_RATE_LIMITED') {
        throw unknownOutcome(error);
      }
    }
    return { stored: await awaitOutcome(stored, ports.clock.now() + REPEATED_MS), confirmed: 'none' };
  }

  /** Reads until a completion has come to something or the time (epoch milliseconds) is up. */
  async function awaitOutcome(
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
}

function unknownOutcome(error: unknown): unknown {
  if (!(error instanceof PaymentError)) return error;
  return new PaymentError('COMPLETION_UNKNOWN', {
    cause: error,
    ...(error.twilio && { twilio: error.twilio }),
  });
}
