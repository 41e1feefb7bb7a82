import { awaitChange, type Wait } from './await-change.ts';
import { type CaptureRequest, captureField } from './capture-field.ts';
import { type Completion, completePayment } from './complete-payment.ts';
import type { ChargePolicy, CompletionRequest } from './confirm-charge.ts';
import { PaymentError } from './errors.ts';
import { isFinished, isSilent, phaseOf } from './phase.ts';
import type { AuditLine, PaymentPorts, Stored } from './ports.ts';
import { applyEvent, isPending, type PaymentSession, withAudit } from './session.ts';
import { change, load, refused, tried } from './sessions.ts';
import { type StartRequest, startPayment } from './start-payment.ts';

/** A session that has not changed for so long has its call looked up when its status is read. */
const QUIET_MS = 15_000;

/** Final call statuses (https://www.twilio.com/docs/voice/api/call-resource#call-status-values). */
const CALL_ENDED = ['completed', 'busy', 'failed', 'no-answer', 'canceled'];

/** What Twilio says to a cancel of what was not being completed and has ended without our hearing of it. */
const ENDED_ALREADY = ['TWILIO_NOT_FOUND', 'CALL_NOT_IN_PROGRESS', 'PAYMENT_FINISHED'];

interface Sids {
  callSid: string;
  paymentSid: string;
}

/** The use cases of a payment: what the tools do. */
export type Payments = ReturnType<typeof createPayments>;

export function createPayments(ports: PaymentPorts, policy: ChargePolicy) {
  const { gateway, sessions, clock } = ports;

  /** Cancels a payment that is not being completed. Repeating it sends the same request with the same key. */
  async function cancel({ callSid, paymentSid }: Sids, client: string): Promise<Stored<PaymentSession>> {
    const entry = (outcome: string) => ({
      at: clock.now(),
      client,
      action: 'cancel',
      confirmed: '',
      outcome,
    });
    const stored = await load(ports, callSid, paymentSid);
    let saved = stored;
    if (!isPending(stored.data.canceling)) {
      saved = await change(ports, stored, (current) => {
        if (isFinished(current) || isPending(current.completing) || isPending(current.canceling))
          return current;
        return withAudit({ ...current, canceling: tried(current.canceling, clock.now()) }, entry('asked'));
      });
    }
    if (isFinished(saved.data)) return saved;
    if (isPending(saved.data.completing)) throw new PaymentError('COMPLETING');
    try {
      await gateway.end(saved.data, { ending: 'cancel', idempotencyKey: `cancel-${paymentSid}` });
    } catch (error) {
      if (!(error instanceof PaymentError) || !error.wasRefused) throw error;
      if (ENDED_ALREADY.includes(error.code)) {
        return change(ports, saved, (current) => applyEvent(current, { canceled: true }));
      }
      await change(ports, saved, (current) =>
        withAudit({ ...current, canceling: refused(current.canceling) }, entry(error.code)),
      );
      throw error;
    }
    // Accepted again after a long silence: the callback that should have said so is lost.
    if (saved === stored && isSilent(stored, clock.now())) {
      return change(ports, stored, (current) => applyEvent(current, { canceled: true }));
    }
    return saved;
  }

  /**
   * Where a payment stands. One read, or as many as it takes until something has changed; a session that has been
   * quiet for a while has its call looked up as well.
   */
  async function status({ callSid, paymentSid }: Sids, wait?: Wait): Promise<Stored<PaymentSession>> {
    const first = await load(ports, callSid, paymentSid);
    const isQuiet = clock.now() - Date.parse(first.updatedAt) >= QUIET_MS;
    if (isQuiet && !isFinished(first.data) && !first.data.callEnded) {
      const call = await gateway.fetchCall(callSid).catch(() => undefined);
      if (call && CALL_ENDED.includes(call.status)) {
        return change(ports, first, (current) => applyEvent(current, { callEnded: call.status }));
      }
    }
    return wait ? awaitChange(ports, first, wait) : first;
  }

  /** Does what moves money or stops it, and writes down who did, and what came of it. */
  async function audited<R extends { stored: Stored<PaymentSession>; confirmed?: string }>(
    about: Pick<AuditLine, 'action' | 'client' | 'callSid'> & Partial<AuditLine>,
    work: Promise<R>,
  ): Promise<R> {
    const line = { paymentSid: '', chargeAmount: 0, currency: '', confirmed: '', ...about };
    try {
      const done = await work;
      const { paymentSid, terms } = done.stored.data;
      const { chargeAmount = 0, currency = '' } = terms ?? {};
      const outcome = phaseOf(done.stored.data);
      ports.audit({ ...line, paymentSid, chargeAmount, currency, confirmed: done.confirmed ?? '', outcome });
      return done;
    } catch (error) {
      ports.audit({ ...line, outcome: error instanceof PaymentError ? error.code : 'INTERNAL_ERROR' });
      throw error;
    }
  }

  return {
    start(request: StartRequest) {
      const { callSid, client, terms } = request;
      const { chargeAmount, currency } = terms;
      return audited(
        { action: 'start', client, callSid, chargeAmount, currency },
        startPayment(ports, request),
      );
    },
    capture: (request: CaptureRequest) => captureField(ports, request),
    complete(sids: Sids, request: CompletionRequest): Promise<Completion> {
      const { client } = request;
      return audited({ action: 'complete', client, ...sids }, completePayment(ports, sids, request, policy));
    },
    async cancel(sids: Sids, client: string): Promise<Stored<PaymentSession>> {
      const work = cancel(sids, client).then((stored) => ({ stored }));
      return (await audited({ action: 'cancel', client, ...sids }, work)).stored;
    },
    status,
    list: (cursor: string | undefined) => sessions.list(cursor),
    callsInProgress: () => gateway.listCallsInProgress(),
  };
}
