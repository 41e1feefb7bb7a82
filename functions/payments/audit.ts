import { PaymentError } from './errors.ts';
import type { AuditLine, PaymentPorts, Stored } from './ports.ts';
import { phaseOf } from './session/phase.ts';
import type { PaymentSession } from './session/session.ts';

/** What was done, by whom, to which payment; the payment is not known yet when it is started. */
type About = Omit<AuditLine, 'confirmed' | 'outcome'>;

/** The result of what moves money, or stops it. */
interface Audited {
  stored: Stored<PaymentSession>;
  confirmed?: string;
  question?: unknown;
}

/** Waits for what moves money, or stops it, and writes down who did it and what came of it. */
export async function audit<R extends Audited>(
  ports: Pick<PaymentPorts, 'audit'>,
  about: About,
  work: Promise<R>,
): Promise<R> {
  try {
    const result = await work;
    const { confirmed = '', question, stored } = result;
    ports.audit({
      ...about,
      ...amountsOf(stored),
      paymentSid: stored.data.paymentSid,
      confirmed,
      outcome: question ? 'asked' : phaseOf(stored.data),
    });
    return result;
  } catch (error) {
    throw auditFailure(ports, about, error);
  }
}

/** Writes down that it failed. @returns the error, to be thrown. */
export function auditFailure(ports: Pick<PaymentPorts, 'audit'>, about: About, error: unknown): unknown {
  const outcome = error instanceof PaymentError ? error.code : 'INTERNAL_ERROR';
  ports.audit({ ...about, confirmed: '', outcome });
  return error;
}

/** What a payment charges: nothing if its terms are not known. */
export function amountsOf({
  data: { terms },
}: Stored<PaymentSession>): Pick<AuditLine, 'chargeAmount' | 'currency'> {
  return { chargeAmount: terms?.chargeAmount ?? 0, currency: terms?.currency ?? '' };
}
