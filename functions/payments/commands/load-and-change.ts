import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored, Updated } from '../ports.ts';
import { holderOf, maySee } from '../session/holder.ts';
import type { Ending, PaymentSession } from '../session/session.ts';

/** @throws PAYMENT_NOT_FOUND if this call has no such payment, or none that the client may see: to it, the two are the same. */
export async function load(
  { sessions, client }: Pick<PaymentPorts, 'sessions' | 'client'>,
  callSid: string,
  paymentSid: string,
): Promise<Stored<PaymentSession>> {
  const stored = await sessions.read(paymentSid);
  if (stored?.data.callSid !== callSid || !maySee(stored.data, client))
    throw new PaymentError('PAYMENT_NOT_FOUND');
  return stored;
}

/**
 * A payment to begin a conditional write from: as this instance saw it last if the client had it and a write follows,
 * which confirms it, and as a fresh read finds it otherwise. So nothing is refused, told or left undone for what was kept.
 * @param isGood whether a write follows from what was kept; it may throw a PaymentError for no.
 * @throws PAYMENT_NOT_FOUND as `load` does.
 */
export async function loadToChange(
  ports: Pick<PaymentPorts, 'sessions' | 'client'>,
  { callSid, paymentSid }: { callSid: string; paymentSid: string },
  isGood: (stored: Stored<PaymentSession>) => boolean,
): Promise<Stored<PaymentSession>> {
  const kept = ports.sessions.lastSeen(paymentSid);
  const isOwn = kept?.data.callSid === callSid && holderOf(kept.data) === ports.client.name;
  return isOwn && saysYes(() => isGood(kept)) ? kept : load(ports, callSid, paymentSid);
}

function saysYes(ask: () => boolean): boolean {
  try {
    return ask();
  } catch (error) {
    if (error instanceof PaymentError) return false;
    throw error;
  }
}

/** Changes a session that is known to exist, and tells whether there was anything to write. */
export async function tryToChange(
  { sessions }: Pick<PaymentPorts, 'sessions'>,
  stored: Stored<PaymentSession>,
  make: (session: PaymentSession) => PaymentSession,
): Promise<Updated<PaymentSession>> {
  const { paymentSid } = stored.data;
  const updated = await sessions.update(paymentSid, (session) => session && make(session), stored);
  if (!updated) throw new PaymentError('PAYMENT_NOT_FOUND');
  return updated;
}

/** Changes a session that is known to exist. */
export async function change(
  ports: Pick<PaymentPorts, 'sessions'>,
  stored: Stored<PaymentSession>,
  make: (session: PaymentSession) => PaymentSession,
): Promise<Stored<PaymentSession>> {
  const { isWritten: _, ...saved } = await tryToChange(ports, stored, make);
  return saved;
}

/** A command that ends the session, asked for. */
export function tried(ending: Ending, at: number): Ending {
  return { ...ending, asked: ending.asked + 1, at };
}

/** The same, asked for once more while it is pending: since when it is, stays. */
export function again(ending: Ending): Ending {
  return { ...ending, asked: ending.asked + 1 };
}

/**
 * The same, when Twilio has refused one ask of it. That counts if it is the only one open: nobody has asked since, and
 * none before it may have been carried out.
 * @param ask its number.
 */
export function refused(ending: Ending, ask: number): Ending {
  const isOnlyOne = ending.asked === ask && ending.refused === ask - 1;
  return isOnlyOne ? { ...ending, refused: ask } : ending;
}

/** Does something with a payment. What goes wrong carries the payment: its state and its language tell what to do and say. */
export async function about<R>(payment: Stored<PaymentSession>, work: () => R | Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PaymentError) error.payment ??= payment;
    throw error;
  }
}
