import { CALL_ENDED } from '../../../functions/payments/commands/read-status.ts';
import { PaymentError } from '../../../functions/payments/errors.ts';
import { attemptsOf } from '../../../functions/payments/session/call-ledger.ts';
import { chargeOf } from '../../../functions/payments/session/phase.ts';
import { RunError } from '../program.ts';
import type { Account } from './account.ts';

/** The documents of a call that may be deleted, the ledger last: a program that dies in between leaves its marks. */
export interface Erasure {
  uniqueNames: string[];
}

/**
 * What there is to erase of a call. The ledger keeps a call from being charged twice, so it goes only once nothing can
 * be started on the call any more, and an outcome that nobody knows is settled first.
 * @throws RunError if the call is in progress or may be, or was charged as far as anybody knows.
 */
export async function findErasure(account: Account, callSid: string): Promise<Erasure> {
  const all = await account.payments();
  const payments = all.filter(({ data }) => [data.callSid, data.parentCallSid].includes(callSid));
  // A payment lies on one leg of a call, and may be asked for by the other.
  const legs = [...new Set([callSid, ...payments.map(({ data }) => data.callSid)])];
  const [statuses, found] = await Promise.all([
    Promise.all(legs.map((leg) => statusOf(account, leg))),
    Promise.all(legs.map((leg) => account.ledgers.read(leg))),
  ]);
  const status = statuses.find((one) => !CALL_ENDED.includes(one));
  if (status !== undefined)
    throw new RunError(
      `The call is ${status}. Its documents keep it from being charged twice: erase them once it is over.`,
    );
  const ledgers = found.flatMap((ledger) => (ledger ? [ledger.data] : []));
  const unknown = payments.filter(({ data }) => chargeOf(data) === 'unknown');
  if (unknown.length > 0)
    throw new RunError(
      `Whether ${unknown.map(({ data }) => data.paymentSid).join(' and ')} was charged is not known, and the documents are the only trace of it. Settle it first: npm run payments -- show ${unknown[0]?.data.paymentSid}`,
    );
  const known = ledgers.flatMap(attemptsOf).flatMap(({ paymentSids }) => paymentSids);
  const sids = new Set([...payments.map(({ data }) => data.paymentSid), ...known]);
  return {
    uniqueNames: [
      ...[...sids].map((sid) => `payment-${sid}`),
      ...ledgers.map((ledger) => `call-${ledger.callSid}`),
    ],
  };
}

/** The status of a call; one that Twilio has deleted is over. */
function statusOf({ gateway }: Account, callSid: string): Promise<string> {
  return gateway.fetchCall(callSid).then(
    (call) => call.status,
    (error: unknown) => {
      if (error instanceof PaymentError && error.code === 'CALL_NOT_FOUND') return 'completed';
      throw error;
    },
  );
}

export async function erase(account: Account, { uniqueNames }: Erasure): Promise<void> {
  for (const uniqueName of uniqueNames) await account.remove(uniqueName);
}
