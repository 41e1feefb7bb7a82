import { PaymentError } from './errors.ts';
import { capturingField, isFinished, isSilent, missingFields, requiredFields } from './phase.ts';
import type { PaymentPorts, Stored } from './ports.ts';
import {
  applyEvent,
  type Ending,
  type Field,
  isPending,
  newSession,
  nextCommand,
  openField,
  type PaymentEvent,
  type PaymentSession,
} from './session.ts';
import { recordStarted, type StartRequest, startPayment } from './start-payment.ts';

/** How long a repeated completion waits for the outcome of the first before it sends the same request again. */
const COMPLETION_MS = 5_000;
/** How long it waits after that, so that its answer does not ask for one more repeat at once. */
const REPEATED_MS = 2_000;
const POLL_MS = 700;

/** Time kept back to ask Twilio and to answer once waiting is over. */
const ANSWER_MS = 3_000;

/** A session that has not changed for so long has its call looked up when its status is read. */
const QUIET_MS = 15_000;

/** Final call statuses (https://www.twilio.com/docs/voice/api/call-resource#call-status-values). */
const CALL_ENDED = ['completed', 'busy', 'failed', 'no-answer', 'canceled'];

/** What a status callback brought: which payment, which call, and the start attempt where its URL names one. */
export interface Callback {
  paymentSid: string;
  /** As Twilio sent it: the payment's own leg or that leg's parent. */
  callSid: string;
  /** The payment's own leg, where the callback's URL names it. */
  legSid?: string;
  attempt?: number;
  event: PaymentEvent;
}

/** The use cases of a payment: what the tools and the status callback do. */
export type Payments = ReturnType<typeof createPayments>;

export function createPayments(ports: PaymentPorts) {
  const { gateway, sessions, clock } = ports;

  /** @throws PAYMENT_NOT_FOUND where this call has no such payment. */
  async function load(callSid: string, paymentSid: string): Promise<Stored<PaymentSession>> {
    const stored = await sessions.read(paymentSid);
    if (stored?.data.callSid !== callSid) throw new PaymentError('PAYMENT_NOT_FOUND');
    return stored;
  }

  /** Changes a session that is known to exist. */
  async function change(
    stored: Stored<PaymentSession>,
    make: (session: PaymentSession) => PaymentSession,
  ): Promise<Stored<PaymentSession>> {
    const { paymentSid } = stored.data;
    const saved = await sessions.update(paymentSid, (session) => (session ? make(session) : session), stored);
    if (!saved) throw new PaymentError('PAYMENT_NOT_FOUND');
    return saved;
  }

  /**
   * Asks Twilio to listen for one field. Repeating it for a field that is open and has not been heard of for a
   * short while is a retry of the same command; anything else is a new one, which outdates what older commands
   * still report.
   */
  async function capture(
    callSid: string,
    paymentSid: string,
    field: Field,
    anew = false,
  ): Promise<Stored<PaymentSession>> {
    const stored = await load(callSid, paymentSid);
    const session = stored.data;
    refuseWhileEnding(session);
    if (isFinished(session)) throw new PaymentError('PAYMENT_FINISHED');
    if (!requiredFields(session).includes(field)) throw new PaymentError('FIELD_NOT_REQUIRED');
    if (field === 'security-code' && missingFields(session).includes('payment-card-number')) {
      throw new PaymentError('OUT_OF_ORDER');
    }
    const open = capturingField(session) === field ? session.fields[field] : undefined;
    const isRetry = open?.state === 'asked' && !anew && !isSilent(stored, clock.now());
    const command = isRetry ? open.command : nextCommand(session);
    const sending = gateway.capture(session, {
      field,
      command,
      idempotencyKey: `capture-${paymentSid}-${command}-${field}`,
    });
    if (isRetry) {
      await sending;
      return stored;
    }
    let isTaken = false;
    const [sent, saved] = await Promise.allSettled([
      sending,
      change(stored, (current) => {
        const others = Object.entries(current.fields).filter(([name]) => name !== field);
        isTaken = current.command >= command && others.some(([, other]) => other.command >= command);
        return isTaken ? current : openField(current, field, command);
      }),
    ]);
    // Another field was asked for under this number at the same moment: a newer one makes clear which came last.
    if (isTaken && sent.status === 'fulfilled') return capture(callSid, paymentSid, field, true);
    if (sent.status === 'rejected') {
      const { reason } = sent;
      if (reason instanceof PaymentError && reason.wasRefused && saved.status === 'fulfilled') {
        await noteRefusal(saved.value, reason, { command, name: field }).catch(() => undefined);
      }
      throw reason;
    }
    if (saved.status === 'rejected') throw saved.reason;
    return saved.value;
  }

  /** Twilio is not listening after all: the field is to be asked for again, or the call is over. */
  function noteRefusal(
    stored: Stored<PaymentSession>,
    { code }: PaymentError,
    asked: { command: number; name: Field },
  ) {
    const error = {
      name: asked.name,
      state: 'error',
      value: '',
      cardType: '',
      errorType: 'refused-by-twilio',
    } as const;
    const event: PaymentEvent =
      code === 'CALL_NOT_IN_PROGRESS' ? { callEnded: 'ended' } : { command: asked.command, field: error };
    return change(stored, (current) => applyEvent(current, event));
  }

  /**
   * Hands the captured data to the payment processor, at most once: the document says so before Twilio is
   * asked, and a repeat waits for the outcome, then sends the same request with the same key.
   */
  async function complete(callSid: string, paymentSid: string): Promise<Stored<PaymentSession>> {
    return completeFrom(await load(callSid, paymentSid));
  }

  async function completeFrom(stored: Stored<PaymentSession>): Promise<Stored<PaymentSession>> {
    const session = stored.data;
    if (isFinished(session)) return stored;
    if (isPending(session.completing)) return repeatCompletion(stored);
    if (isPending(session.canceling)) throw new PaymentError('CANCELING');
    const [missing] = missingFields(session);
    if (missing)
      throw new PaymentError('NOT_READY', { detail: `Missing: ${missingFields(session).join(', ')}.` });
    let mine = false;
    const saved = await change(stored, (current) => {
      mine = !isFinished(current) && !isPending(current.completing) && !isPending(current.canceling);
      mine &&= missingFields(current).length === 0;
      return mine ? { ...current, completing: tried(current.completing) } : current;
    });
    if (!mine) return completeFrom(saved);
    try {
      await gateway.end(session, { ending: 'complete', idempotencyKey: `complete-${session.paymentSid}` });
    } catch (error) {
      if (error instanceof PaymentError && error.wasRefused) {
        const callEnded = error.code === 'CALL_NOT_IN_PROGRESS' ? 'ended' : '';
        await change(saved, (current) =>
          applyEvent({ ...current, completing: refused(current.completing) }, { callEnded }),
        );
        throw error;
      }
      throw unknownOutcome(error);
    }
    return saved;
  }

  /** Waits for the outcome of a completion that is under way; asks again, with the same key, when none comes. */
  async function repeatCompletion(pending: Stored<PaymentSession>): Promise<Stored<PaymentSession>> {
    const { paymentSid, completing } = pending.data;
    const stored = await awaitOutcome(pending, completing.at + COMPLETION_MS);
    if (isFinished(stored.data)) return stored;
    if (!isPending(stored.data.completing)) return completeFrom(stored);
    try {
      await gateway.end(stored.data, { ending: 'complete', idempotencyKey: `complete-${paymentSid}` });
    } catch (error) {
      // Refused now says nothing of the first request, which may have been accepted: only a callback can tell.
      if (!(error instanceof PaymentError) || !error.wasRefused || error.code === 'TWILIO_RATE_LIMITED') {
        throw unknownOutcome(error);
      }
    }
    return awaitOutcome(stored, clock.now() + REPEATED_MS);
  }

  /** Reads until a completion has come to something or the time (epoch milliseconds) is up. */
  async function awaitOutcome(
    pending: Stored<PaymentSession>,
    until: number,
  ): Promise<Stored<PaymentSession>> {
    const { callSid, paymentSid } = pending.data;
    let stored = pending;
    while (
      isPending(stored.data.completing) &&
      !isFinished(stored.data) &&
      clock.now() < until &&
      clock.left() > ANSWER_MS
    ) {
      await clock.sleep(POLL_MS);
      stored = await load(callSid, paymentSid);
    }
    return stored;
  }

  /** Cancels a payment that is not being completed. Repeating it sends the same request with the same key. */
  async function cancel(callSid: string, paymentSid: string): Promise<Stored<PaymentSession>> {
    const stored = await load(callSid, paymentSid);
    let saved = stored;
    if (!isPending(stored.data.canceling)) {
      saved = await change(stored, (current) => {
        if (isFinished(current) || isPending(current.completing) || isPending(current.canceling))
          return current;
        return { ...current, canceling: tried(current.canceling) };
      });
    }
    if (isFinished(saved.data)) return saved;
    if (isPending(saved.data.completing)) throw new PaymentError('COMPLETING');
    try {
      await gateway.end(saved.data, { ending: 'cancel', idempotencyKey: `cancel-${paymentSid}` });
    } catch (error) {
      if (!(error instanceof PaymentError) || !error.wasRefused) throw error;
      // What was not being completed and can't be canceled has ended without our hearing of it.
      if (
        error.code === 'TWILIO_NOT_FOUND' ||
        error.code === 'CALL_NOT_IN_PROGRESS' ||
        error.code === 'PAYMENT_FINISHED'
      ) {
        return change(saved, (current) => applyEvent(current, { canceled: true }));
      }
      await change(saved, (current) => ({ ...current, canceling: refused(current.canceling) }));
      throw error;
    }
    // Accepted again after a long silence: the callback that should have said so is lost.
    if (saved === stored && isSilent(stored, clock.now())) {
      return change(stored, (current) => applyEvent(current, { canceled: true }));
    }
    return saved;
  }

  /** Where a payment stands. One read; a session that has been quiet for a while has its call looked up as well. */
  async function status(callSid: string, paymentSid: string): Promise<Stored<PaymentSession>> {
    const stored = await load(callSid, paymentSid);
    const isQuiet = clock.now() - Date.parse(stored.updatedAt) >= QUIET_MS;
    if (!isQuiet || isFinished(stored.data) || stored.data.callEnded) return stored;
    const call = await gateway.fetchCall(callSid).catch(() => undefined);
    if (!call || !CALL_ENDED.includes(call.status)) return stored;
    return change(stored, (current) => applyEvent(current, { callEnded: call.status }));
  }

  /**
   * Folds a status callback into its session; one that arrives before its document creates it.
   * @returns false where the payment is another call's, and nothing was changed.
   */
  async function recordCallback(callback: Callback): Promise<boolean> {
    const { paymentSid, callSid, event, attempt } = callback;
    const known = await sessions.read(paymentSid);
    const legSid = callback.legSid ?? known?.data.callSid ?? callSid;
    if (known) {
      const { data } = known;
      if (legSid !== data.callSid || ![data.callSid, data.parentCallSid].includes(callSid)) return false;
    }
    const parentCallSid = callSid === legSid ? '' : callSid;
    const fold = (session: PaymentSession | undefined) =>
      applyEvent(session ?? newSession({ paymentSid, callSid: legSid, parentCallSid }), event);
    // A start whose Function died has nobody else to tell which session it led to.
    const linking =
      attempt && recordStarted(ports, { callSid: legSid, attempt, paymentSid }, known ? undefined : null);
    await Promise.all([sessions.update(paymentSid, fold, known ?? null), linking]);
    return true;
  }

  return {
    start: (request: StartRequest) => startPayment(ports, request),
    capture,
    complete,
    cancel,
    status,
    recordCallback,
    list: (cursor: string | undefined) => sessions.list(cursor),
    callsInProgress: () => gateway.listCallsInProgress(),
  };

  function tried(ending: Ending): Ending {
    return { ...ending, asked: ending.asked + 1, at: clock.now() };
  }
}

function refused(ending: Ending): Ending {
  return { ...ending, refused: ending.asked };
}

function refuseWhileEnding(session: PaymentSession): void {
  if (isFinished(session)) return;
  if (isPending(session.completing)) throw new PaymentError('COMPLETING');
  if (isPending(session.canceling)) throw new PaymentError('CANCELING');
}

function unknownOutcome(error: unknown): unknown {
  if (!(error instanceof PaymentError)) return error;
  return new PaymentError('COMPLETION_UNKNOWN', {
    cause: error,
    ...(error.twilio && { twilio: error.twilio }),
  });
}
