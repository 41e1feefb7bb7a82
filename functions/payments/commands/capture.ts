import { MISMATCH, NOT_HEARD, REFUSED } from '../advice/error-types.ts';
import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import { type Capture, type Field, fieldOf, isMatcher, matcherOf } from '../session/fields.ts';
import { applyEvent, nextCommand, openField, withOpening } from '../session/fold.ts';
import { capturingField, isCaptured, isFinished, isSilent, missingFields } from '../session/phase.ts';
import { isPending, type PaymentEvent, type PaymentSession, requiredFields } from '../session/session.ts';
import { about, change, load } from './load-and-change.ts';

export interface CaptureRequest {
  callSid: string;
  paymentSid: string;
  field: Field;
  /** The first or the second entry, where it was said which; otherwise the one whose turn it is. */
  capture?: Capture | undefined;
  /** Who asks. */
  client: string;
}

/**
 * Asks Twilio to listen for one field. Repeating it for a field that is open and has not been heard of for a
 * short while is a retry of the same command; anything else is a new one, which outdates what older commands
 * still report.
 */
export async function captureField(
  ports: PaymentPorts,
  request: CaptureRequest,
  anew = false,
): Promise<Stored<PaymentSession>> {
  const stored = await load(ports, request.callSid, request.paymentSid);
  return about(stored, () => listenFor(ports, stored, request, anew));
}

async function listenFor(
  ports: PaymentPorts,
  stored: Stored<PaymentSession>,
  request: CaptureRequest,
  anew: boolean,
): Promise<Stored<PaymentSession>> {
  const session = stored.data;
  const { paymentSid } = session;
  const capture = request.capture ?? entryOf(session, request.field);
  refuseUnlessOpenFor(stored, capture);
  const open = capturingField(session) === capture ? session.fields[capture] : undefined;
  const silent = isSilent(stored, ports.clock.now());
  const isRetry = open?.state === 'asked' && !anew && !silent;
  const command = isRetry ? open.command : nextCommand(session);
  const idempotencyKey = `capture-${paymentSid}-${command}-${capture}`;
  const send = () => ports.gateway.capture(session, { capture, command, idempotencyKey });
  if (isRetry) {
    await send();
    return stored;
  }
  const noting = change(ports, stored, (current) => {
    if (isClosed(current) || isTaken(current, capture, command)) return current;
    const noted = open && silent ? applyEvent(current, failureOf(capture, open.command, NOT_HEARD)) : current;
    const opening = { at: ports.clock.now(), client: request.client, capture };
    return withOpening(openField(noted, capture, command), opening);
  });
  // A field that has its value may be part of a charge by now: it is reopened only once the payment says so.
  if (isCaptured(session, capture)) {
    const noted = await noting;
    if (!isTaken(noted.data, capture, command)) refuseUnlessOpenFor(noted, capture);
  }
  const [sent, saved] = await Promise.allSettled([send(), noting]);
  if (saved.status === 'fulfilled' && sent.status === 'fulfilled') {
    const { data } = saved.value;
    // Another field was asked for under this number at the same moment: a newer one makes clear which came last.
    if (isTaken(data, capture, command)) return captureField(ports, { ...request, capture }, true);
    if (isClosed(data)) refuseUnlessOpenFor(saved.value, capture);
  }
  if (sent.status === 'rejected') {
    const { reason } = sent;
    if (reason instanceof PaymentError && reason.wasRejected && saved.status === 'fulfilled') {
      // Twilio is not listening, it seems: the field must be asked for again, or the call is over. If it listens all
      // the same, what the caller types under this command counts for more.
      const event =
        reason.code === 'CALL_NOT_IN_PROGRESS'
          ? { callEnded: 'ended' }
          : failureOf(capture, command, REFUSED);
      await change(ports, saved.value, (current) => applyEvent(current, event)).catch(() => undefined);
    }
    throw reason;
  }
  if (saved.status === 'rejected') throw saved.reason;
  return saved.value;
}

/** Whether a payment takes no captures any more. */
function isClosed(session: PaymentSession): boolean {
  return isFinished(session) || isPending(session.completing) || isPending(session.canceling);
}

/** Whether another field has this command's number. */
function isTaken(session: PaymentSession, capture: Capture, command: number): boolean {
  const others = Object.entries(session.fields).filter(([name]) => name !== capture);
  return session.command >= command && others.some(([, other]) => other.command >= command);
}

/**
 * Which entry of a field is meant: the second one once the first is in, unless that is in as well or differed, for
 * then nobody knows which of the two was wrong.
 */
function entryOf(session: PaymentSession, field: Field): Capture {
  const matcher = matcherOf(field);
  if (!matcher || !requiredFields(session).includes(matcher) || !isCaptured(session, field)) return field;
  const first = session.fields[field];
  const second = session.fields[matcher];
  const isAfterFirst = first && second && second.command > first.command;
  const isOver = isAfterFirst && (second.state === 'captured' || second.errors.at(-1)?.type === MISMATCH);
  return isOver ? field : matcher;
}

/** @throws a PaymentError, which carries the payment, if the session does not take that capture now. */
function refuseUnlessOpenFor(payment: Stored<PaymentSession>, capture: Capture): void {
  const { data: session } = payment;
  if (isFinished(session))
    throw new PaymentError('PAYMENT_FINISHED', { payment, detail: 'The payment has ended.' });
  if (isPending(session.completing)) throw new PaymentError('COMPLETING', { payment });
  if (isPending(session.canceling)) throw new PaymentError('CANCELING', { payment });
  const required = requiredFields(session);
  if (!required.includes(capture)) {
    const detail = `This payment does not ask for ${capture}, only for ${required.join(', ')}.`;
    throw new PaymentError('FIELD_NOT_REQUIRED', { payment, detail });
  }
  const before = isMatcher(capture) ? fieldOf(capture) : capture === 'security-code' && 'payment-card-number';
  if (before && missingFields(session).includes(before)) {
    throw new PaymentError('OUT_OF_ORDER', { payment, detail: `First ${before}, then ${capture}.` });
  }
}

function failureOf(name: Capture, command: number, errorType: string): PaymentEvent {
  // What was never heard of stays asked, for the command that follows outdates it anyhow.
  const state = errorType === NOT_HEARD ? 'asked' : 'error';
  return { command, field: { name, state, value: '', cardType: '', errorType } };
}
