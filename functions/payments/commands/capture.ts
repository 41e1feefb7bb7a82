import { MISMATCH, NOT_HEARD, REFUSED } from '../advice/error-types.ts';
import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import { type Capture, type Field, fieldOf, isMatcher, matcherOf } from '../session/fields.ts';
import { applyEvent, nextCommand, openField, withOpening } from '../session/fold.ts';
import { capturingField, isCaptured, isFinished, isSilent, missingFields } from '../session/phase.ts';
import {
  type FieldRecord,
  isPending,
  type PaymentEvent,
  type PaymentSession,
  requiredFields,
} from '../session/session.ts';
import { about, change, loadToChange } from './load-and-change.ts';
import { claimPayment, mayCommand, refuseUnlessHeld } from './take-over.ts';

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
 * Asks Twilio to listen for one field, under a command of its own, which outdates what older commands still report. A
 * field that was asked for before may have its value, or get it any moment, and be part of a charge: it is reopened in
 * the payment first, and at Twilio once the payment says so. That holds for a repeat as well, for nobody knows whether
 * Twilio would carry it out anew and have another card typed under the command of the first.
 */
export async function captureField(
  ports: PaymentPorts,
  request: CaptureRequest,
): Promise<Stored<PaymentSession>> {
  const stored = await loadToChange(ports, request, (kept) => isGoodToOpen(kept, request));
  return about(stored, async () => listenFor(ports, await claimPayment(ports, stored), request));
}

/**
 * Whether a payment as it was kept is good for opening a field, in the write that confirms it: not if the field was asked for
 * before, since only a fresh read tells whether anything was heard of it.
 */
function isGoodToOpen(kept: Stored<PaymentSession>, request: CaptureRequest): boolean {
  const capture = request.capture ?? entryOf(kept.data, request.field);
  refuseUnlessOpenFor(kept, capture);
  return kept.data.fields[capture] === undefined;
}

async function listenFor(
  ports: PaymentPorts,
  stored: Stored<PaymentSession>,
  { client, ...request }: CaptureRequest,
): Promise<Stored<PaymentSession>> {
  const session = stored.data;
  const capture = request.capture ?? entryOf(session, request.field);
  refuseUnlessOpenFor(stored, capture);
  const now = ports.clock.now();
  const silent = stored.seenAt === undefined && isSilent(stored, now);
  const unheard = silent ? openRecord(session, capture) : undefined;
  // One that was only kept may have been asked for, or have its value, by now.
  const isFirst = session.fields[capture] === undefined && stored.seenAt === undefined;
  const expected = nextCommand(session);
  let command = 0;
  let before: FieldRecord | undefined;
  const noting = change(ports, stored, (current) => {
    command = 0;
    if (!mayCommand(current, ports.client) || isClosed(current)) return current;
    // What Twilio says of this very request may come before its note; its number is taken once somebody else has asked.
    command = isFirst && current.command === session.command ? expected : nextCommand(current);
    before = silent ? undefined : openRecord(current, capture);
    const noted = unheard ? applyEvent(current, failureOf(capture, unheard.command, NOT_HEARD)) : current;
    return withOpening(openField(noted, capture, command), { at: now, client, capture });
  });
  const asking = isFirst ? send(ports, session, capture, expected) : undefined;
  // Both are waited for, whichever fails first.
  const [asked, saved] = await Promise.allSettled([asking, noting]);
  if (saved.status === 'rejected') throw asked.status === 'rejected' ? asked.reason : saved.reason;
  if (command === 0) {
    refuseUnlessHeld(ports, saved.value);
    refuseUnlessOpenFor(saved.value, capture);
  }
  try {
    // Somebody else has asked for something at the same moment: a newer number makes clear which came last.
    if (!isFirst || command !== expected) await send(ports, session, capture, command);
    else if (asked.status === 'rejected') throw asked.reason;
  } catch (error) {
    if (!(error instanceof PaymentError) || !error.wasRejected) throw error;
    const noted = await noteRefusal(ports, saved.value, { capture, command, error, before }).catch(
      () => undefined,
    );
    const isOpen = noted && openRecord(noted.data, capture)?.state === 'asked';
    if (isOpen) return noted;
    error.payment = noted;
    throw error;
  }
  return saved.value;
}

/** What a payment has of a capture that Twilio is listening for. */
function openRecord(session: PaymentSession, capture: Capture): FieldRecord | undefined {
  return capturingField(session) === capture ? session.fields[capture] : undefined;
}

/**
 * Notes that Twilio refused to listen. If it listens for the same field already, and does not let that be replaced, the
 * field stays open under the command before. Otherwise the field must be asked for again, or the call is over; if Twilio
 * listens all the same, what the caller types under this command counts for more.
 */
function noteRefusal(
  ports: PaymentPorts,
  stored: Stored<PaymentSession>,
  refusal: { capture: Capture; command: number; error: PaymentError; before: FieldRecord | undefined },
): Promise<Stored<PaymentSession>> {
  const { capture, command, error, before } = refusal;
  return change(ports, stored, (current) => {
    if (error.code === 'CALL_NOT_IN_PROGRESS') return applyEvent(current, { callEnded: 'ended' });
    const record = current.fields[capture];
    const isUntouched =
      record?.command === command &&
      record.state === 'asked' &&
      record.errors.length === before?.errors.length;
    if (error.isBusyOrEnded && before && isUntouched)
      return { ...current, fields: { ...current.fields, [capture]: before } };
    return applyEvent(current, failureOf(capture, command, REFUSED));
  });
}

function send(
  { gateway }: PaymentPorts,
  session: PaymentSession,
  capture: Capture,
  command: number,
): Promise<void> {
  const idempotencyKey = `capture-${session.paymentSid}-${command}-${capture}`;
  return gateway.capture(session, { capture, command, idempotencyKey });
}

/** Whether a payment takes no captures any more. */
function isClosed(session: PaymentSession): boolean {
  return isFinished(session) || isPending(session.completing) || isPending(session.canceling);
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
