import type { CallLedger } from './call-ledger.ts';
import type { PaymentSession } from './session.ts';

/** Who asks: the name of a credential, and whether it may see and take over the payments of all others. */
export interface Client {
  name: string;
  seesAll: boolean;
}

/** Who started a payment; empty if nobody here is known to have. A document of the release before says it in its history. */
export function starterOf({ startedBy, audit }: PaymentSession): string {
  return startedBy || (audit.find(({ action }) => action === 'start')?.client ?? '');
}

/** Who has a payment: whoever took it over last, otherwise who started it. */
export function holderOf(session: PaymentSession): string {
  return session.takeOver?.by ?? starterOf(session);
}

/** Whether a payment exists for a client: everybody who has, or had, it sees how it goes on. */
export function maySee(session: PaymentSession, { name, seesAll }: Client): boolean {
  return seesAll || holdersOf(session).includes(name);
}

/** Whether a payment was taken from a client that had it. */
export function wasTakenFrom(session: PaymentSession, { name }: Client): boolean {
  return holdersOf(session).includes(name) && holderOf(session) !== name;
}

/** Whether a client may not know of a payment that was charged on a call: of one that has expired, the ledger says whose it was. */
export function isHidden(
  client: Client,
  { chargeOwners }: Pick<CallLedger, 'chargeOwners'>,
  paymentSid: string,
  session: PaymentSession | undefined,
): boolean {
  if (chargeOwners[paymentSid] === client.name) return false;
  return session ? !maySee(session, client) : !client.seesAll;
}

function holdersOf(session: PaymentSession): string[] {
  const { by, before = [] } = session.takeOver ?? {};
  return [starterOf(session), ...before, by ?? ''];
}
