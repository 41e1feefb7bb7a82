import { PaymentError } from '../errors.ts';
import type { PaymentPorts, Stored } from '../ports.ts';
import { withTakeOver } from '../session/fold.ts';
import { type Client, holderOf, wasTakenFrom } from '../session/holder.ts';
import { isFinished, phaseOf } from '../session/phase.ts';
import type { PaymentSession } from '../session/session.ts';
import { change } from './load-and-change.ts';

/** Whether a client may command a payment without taking it over. One that has ended is nobody's any more. */
export function mayCommand(session: PaymentSession, { name }: Client): boolean {
  return isFinished(session) || holderOf(session) === name;
}

type TakeOverPorts = Pick<PaymentPorts, 'sessions' | 'client' | 'clock' | 'audit'>;

/**
 * Lets a command go on for the client that has the payment. One that sees all payments takes it over by its first
 * command; one that had it before, only by starting it again, since it must learn first that somebody has taken it.
 * @throws TAKEN_OVER
 */
export async function claimPayment(
  ports: TakeOverPorts,
  stored: Stored<PaymentSession>,
  isStart = false,
): Promise<Stored<PaymentSession>> {
  const { client, clock } = ports;
  if (mayCommand(stored.data, client)) return stored;
  const at = clock.now();
  const saved = await change(ports, stored, (session) => {
    if (mayCommand(session, client)) return session;
    if (!client.seesAll || (wasTakenFrom(session, client) && !isStart))
      throw takenOver(ports, stored, session);
    return withTakeOver(session, client.name, at);
  });
  // Its history tells, not the write: the answer to that may have been lost, and its repeat refused.
  const taken = saved.data.audit.find(
    (entry) => entry.action === 'take-over' && entry.client === client.name && entry.at === at,
  );
  if (taken) {
    const { callSid, paymentSid, terms } = saved.data;
    ports.audit({
      action: 'take-over',
      client: client.name,
      from: taken.from,
      callSid,
      paymentSid,
      chargeAmount: terms?.chargeAmount ?? 0,
      currency: terms?.currency ?? '',
      confirmed: '',
      outcome: phaseOf(saved.data),
    });
  }
  return saved;
}

/** What a client is told that had a payment, and knows who has it now. */
function takenOver(
  { client }: Pick<PaymentPorts, 'client'>,
  stored: Stored<PaymentSession>,
  session: PaymentSession,
): PaymentError {
  const back = client.seesAll ? ' To take it back, call startPaymentCapture with its arguments.' : '';
  const payment = { ...stored, data: session };
  return new PaymentError('TAKEN_OVER', { payment, detail: `${holderOf(session)} has it now.${back}` });
}

/** @throws TAKEN_OVER if somebody took the payment from this client while its command was under way. */
export function refuseUnlessHeld(ports: Pick<PaymentPorts, 'client'>, payment: Stored<PaymentSession>): void {
  if (!mayCommand(payment.data, ports.client)) throw takenOver(ports, payment, payment.data);
}
