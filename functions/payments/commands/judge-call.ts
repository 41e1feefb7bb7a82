import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import { attemptOf, type CallLedger, newLedger, otherCharges, withCharge } from '../session/call-ledger.ts';
import { isHidden, starterOf } from '../session/holder.ts';
import { chargeOnCall, isFinished } from '../session/phase.ts';
import type { PaymentSession } from '../session/session.ts';
import type { ChargedPayment } from './survey-call.ts';

/**
 * Whether a payment may be charged beside what else was charged on its call: one that was not started as another payment
 * may not, if any other was, or may have been.
 * @throws ALREADY_PAID, MAY_BE_CHARGED or CALL_BUSY if it may not.
 */
export async function judgeCall(
  { sessions, client }: Pick<PaymentPorts, 'sessions' | 'client'>,
  { paymentSid }: PaymentSession,
  ledger: CallLedger | undefined,
): Promise<void> {
  if (!ledger || attemptOf(ledger, paymentSid)?.anotherPayment) return;
  const others = await Promise.all(
    otherCharges(ledger, paymentSid).map(async (sid): Promise<ChargedPayment> => {
      const stored = await sessions.read(sid);
      // One that was refused, but lives, may be asked for again: its document need not tell yet.
      const isOpen = stored && !isFinished(stored.data);
      const charge = chargeOnCall(ledger, sid, stored?.data);
      return {
        paymentSid: sid,
        stored,
        charge: charge === 'none' && isOpen ? 'unknown' : charge,
        isHidden: isHidden(client, ledger, sid, stored?.data),
      };
    }),
  );
  const charge =
    others.find((one) => one.charge === 'made') ?? others.find((one) => one.charge === 'unknown');
  if (charge) throw alreadyCharged(charge);
}

/**
 * The ledger of the call of a payment that is to be charged: as this instance saw it last if nothing in it is in the way,
 * which the write of the charge confirms, and as a fresh read finds it otherwise.
 */
export async function ledgerToCharge(
  { ledgers }: Pick<PaymentPorts, 'ledgers'>,
  { callSid, paymentSid }: { callSid: string; paymentSid: string },
): Promise<Stored<CallLedger> | undefined> {
  const kept = ledgers.lastSeen(callSid);
  return kept && otherCharges(kept.data, paymentSid).length === 0 ? kept : ledgers.read(callSid);
}

/** Another payment on the call was, or may have been, charged. */
export function alreadyCharged(
  { paymentSid, charge, isHidden }: ChargedPayment,
  payment?: Stored<PaymentSession>,
): PaymentError {
  if (isHidden) return new PaymentError('CALL_BUSY');
  const code = charge === 'made' ? 'ALREADY_PAID' : 'MAY_BE_CHARGED';
  return new PaymentError(code, { detail: `It was ${paymentSid}.`, ...(payment && { payment }) });
}

/**
 * Notes in the call's ledger that a payment may be charged from now on, whatever becomes of its own document. What else
 * was charged on the call is judged on the version of the ledger that is written.
 * @param judged the ledger as it was judged last.
 * @throws what judgeCall throws.
 */
export async function noteCharge(
  ports: Pick<PaymentPorts, 'sessions' | 'ledgers' | 'client'>,
  session: PaymentSession,
  judged: Stored<CallLedger> | undefined,
): Promise<void> {
  const { callSid, paymentSid, terms } = session;
  const client = starterOf(session);
  const known = judged ? otherCharges(judged.data, paymentSid) : [];
  let isNew = false;
  const note = (ledger: CallLedger | undefined) => {
    isNew = ledger !== undefined && otherCharges(ledger, paymentSid).some((sid) => !known.includes(sid));
    if (isNew) return ledger;
    // It has expired, or was never made by this server: nothing was started under it that could be claimed.
    const claim = terms && { terms, at: 0, owner: '', client, anotherPayment: false };
    const current = ledger ?? (claim && { ...newLedger(callSid, claim), refused: true });
    return current && withCharge(current, paymentSid, client);
  };
  const noted = await ports.ledgers.update(callSid, note, judged ?? null);
  if (!isNew) return;
  await judgeCall(ports, session, noted?.data);
  await noteCharge(ports, session, noted);
}
