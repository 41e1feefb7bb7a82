import { PaymentError } from '../errors.ts';
import type { Call, PaymentPorts } from '../ports.ts';

/**
 * The call on which a payment is to be started.
 * @throws CALL_NOT_FOUND, CALL_NOT_IN_PROGRESS or NOT_THE_CALLERS_LEG if it is not fit for one.
 */
export async function checkCall({ gateway }: Pick<PaymentPorts, 'gateway'>, callSid: string): Promise<Call> {
  const call = await gateway.fetchCall(callSid);
  if (call.status !== 'in-progress') {
    throw new PaymentError('CALL_NOT_IN_PROGRESS', { detail: `The call is ${call.status}.` });
  }
  if (!call.isPstn) {
    const leg = await gateway.findPstnLeg(call);
    throw new PaymentError('NOT_THE_CALLERS_LEG', leg ? { detail: `Use ${leg}.` } : {});
  }
  return call;
}
