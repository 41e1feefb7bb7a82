import type { PaymentPorts, Stored } from '../ports.ts';
import { withSettled } from '../session/call-ledger.ts';
import { withAudit } from '../session/fold.ts';
import { isOpenToSettle, reportedCharge } from '../session/phase.ts';
import type { PaymentSession, Settlement } from '../session/session.ts';
import { change } from './load-and-change.ts';

/** A payment that was settled, or as it stands if it cannot be: Twilio has said how it ended, or may still do so. */
export interface Settling {
  stored: Stored<PaymentSession>;
  isSettled: boolean;
}

/**
 * Settles a payment whose outcome Twilio never reported, by what the processor's records say. It counts as long as
 * Twilio says nothing itself: a success that comes later still wins. One that was not charged frees its call, in the
 * ledger too, which outlives the payment's document. May be repeated, and corrected.
 */
export async function settlePayment(
  ports: Pick<PaymentPorts, 'sessions' | 'ledgers' | 'clock'>,
  from: Stored<PaymentSession>,
  { isCharged, confirmationCode, client }: Pick<Settlement, 'isCharged' | 'confirmationCode' | 'client'>,
): Promise<Settling> {
  const at = ports.clock.now();
  const settlement = { at, client, isCharged, confirmationCode };
  const entry = { at, client, action: 'settle', confirmed: '', outcome: isCharged ? 'paid' : 'not-paid' };
  const stored = await change(ports, from, (session) =>
    isOpenToSettle(session, at) ? withAudit({ ...session, settlement }, entry) : session,
  );
  const { settlement: noted, callSid, paymentSid } = stored.data;
  if (noted?.at !== at || reportedCharge(stored.data) !== 'unknown') return { stored, isSettled: false };
  await ports.ledgers.update(callSid, (ledger) => ledger && withSettled(ledger, paymentSid, isCharged));
  return { stored, isSettled: true };
}
