import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import { maySee } from '../session/holder.ts';
import type { PaymentSession } from '../session/session.ts';

/** What is asked for, and how far to look. */
export interface ListRequest {
  /** Where an earlier page ended, as it said. */
  cursor?: string | undefined;
  isWanted(session: PaymentSession): boolean;
  /** With that many found it looks no further. */
  enough: number;
}

/** Payments in the order that the store keeps them, and where to go on if more may follow. */
export interface ListPage {
  payments: Stored<PaymentSession>[];
  nextCursor: string | undefined;
}

/** The most requests to the store that one list takes, and the milliseconds that must be left for one more. */
const MAX_REQUESTS = 20;
const REQUEST_MS = 3_000;

/**
 * The payments that the client of the ports may see. The store knows of no clients: what others have is looked through and
 * left out before pages are made, so that a page is empty only if all that its requests could look through is not for this
 * client. The cursor is sealed for the client: a place in the store is the name of somebody's document.
 * @throws PaymentError INVALID_ARGUMENT for a cursor that this client was not given; STORE_UNAVAILABLE.
 */
export async function listPayments(
  { client, sessions, clock, secrets }: PaymentPorts,
  { cursor, isWanted, enough }: ListRequest,
): Promise<ListPage> {
  const payments: Stored<PaymentSession>[] = [];
  let place = cursor === undefined ? undefined : secrets.unseal(cursor, client.name);
  if (cursor !== undefined && place === undefined)
    throw new PaymentError('INVALID_ARGUMENT', { detail: 'The cursor is not valid.' });
  for (let request = 1; ; request++) {
    const page = await sessions.list(place);
    payments.push(...page.sessions.filter(({ data }) => maySee(data, client) && isWanted(data)));
    place = page.nextCursor;
    const isOver = !place || payments.length >= enough;
    if (isOver || request === MAX_REQUESTS || clock.left() < REQUEST_MS) break;
  }
  return { payments, nextCursor: place && secrets.seal(place, client.name) };
}
