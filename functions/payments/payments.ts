import { type CaptureRequest, captureField } from './commands/capture.ts';
import { type Completion, completePayment } from './commands/complete.ts';
import type { ChargePolicy, CompletionRequest } from './commands/confirm.ts';
import { change, load, refused, tried } from './commands/load-and-change.ts';
import { type StartRequest, startPayment } from './commands/start.ts';
import { awaitChange, type Wait } from './commands/wait.ts';
import { PaymentError } from './errors.ts';
import type { AuditLine, PaymentPorts, Stored } from './ports.ts';
import { isFinished, isSilent, phaseOf } from './session/phase.ts';
import { applyEvent, isPending, type PaymentSession, withAudit } from './session/session.ts';
import { type PaymentSettings, type RequestedTerms, toTerms } from './session/terms.ts';

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

/** What something that is audited leads to. */
type Done = Pick<Completion, 'stored' | 'question'> & { confirmed?: string };

/** The use cases of a payment: what the tools do. */
export type Payments = ReturnType<typeof createPayments>;

export function createPayments(ports: PaymentPorts, settings: PaymentSettings & ChargePolicy) {
  const { gateway, sessions, clock } = ports;

  /** Cancels a payment that is not being completed. Repeating it sends the same request with the same key. */
  async function cancel(stored: Stored<PaymentSession>, client: string): Promise<Stored<PaymentSession>> {
    const { paymentSid } = stored.data;
    const entry = (outcome: string) => ({
      at: clock.now(),
      client,
      action: 'cancel',
      confirmed: '',
      outcome,
    });
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
    const looking = noteEndOfCall(first);
    if (!wait) return (await looking) ?? first;
    // Beside the wait, which hears of what it finds like of any other change.
    looking.catch(() => undefined);
    return awaitChange(ports, first, wait);
  }

  async function noteEndOfCall(stored: Stored<PaymentSession>): Promise<Stored<PaymentSession> | undefined> {
    const isQuiet = clock.now() - Date.parse(stored.updatedAt) >= QUIET_MS;
    if (!isQuiet || isFinished(stored.data) || stored.data.callEnded) return undefined;
    const call = await gateway.fetchCall(stored.data.callSid).catch(() => undefined);
    if (!call || !CALL_ENDED.includes(call.status)) return undefined;
    return change(ports, stored, (current) => applyEvent(current, { callEnded: call.status }));
  }

  /** Does what moves money or stops it, and writes down who did, and what came of it. */
  async function audited<R extends Done>(
    about: Omit<AuditLine, 'confirmed' | 'outcome'>,
    work: (knowing: (session: PaymentSession) => void) => Promise<R>,
  ): Promise<R> {
    const line: AuditLine = { ...about, confirmed: '', outcome: '' };
    const knowing = ({ paymentSid, terms }: PaymentSession) => {
      line.paymentSid = paymentSid;
      if (terms) Object.assign(line, { chargeAmount: terms.chargeAmount, currency: terms.currency });
    };
    try {
      const done = await work(knowing);
      knowing(done.stored.data);
      const outcome = done.question ? 'asked' : phaseOf(done.stored.data);
      ports.audit({ ...line, confirmed: done.confirmed ?? '', outcome });
      return done;
    } catch (error) {
      ports.audit({ ...line, outcome: error instanceof PaymentError ? error.code : 'INTERNAL_ERROR' });
      throw error;
    }
  }

  /** The same for something done to a payment that there is. */
  function auditedOn<R extends Done>(
    { callSid, paymentSid }: Sids,
    who: Pick<AuditLine, 'action' | 'client'>,
    work: (stored: Stored<PaymentSession>) => Promise<R>,
  ): Promise<R> {
    const about = { ...who, callSid, paymentSid, chargeAmount: 0, currency: '' };
    return audited(about, async (knowing) => {
      const stored = await load(ports, callSid, paymentSid);
      knowing(stored.data);
      return work(stored);
    });
  }

  return {
    start({ asked, ...request }: Omit<StartRequest, 'terms'> & { asked: RequestedTerms }) {
      const { callSid, client } = request;
      const { chargeAmount = 0 } = asked;
      const currency = (asked.currency ?? settings.currency).toUpperCase();
      const about = { action: 'start', client, callSid, paymentSid: '', chargeAmount, currency };
      return audited(about, async () => startPayment(ports, { ...request, terms: toTerms(asked, settings) }));
    },
    capture: (request: CaptureRequest) => captureField(ports, request),
    complete(sids: Sids, request: CompletionRequest): Promise<Completion> {
      const { client } = request;
      return auditedOn(sids, { action: 'complete', client }, (stored) =>
        completePayment(ports, stored, request, settings),
      );
    },
    async cancel(sids: Sids, client: string): Promise<Stored<PaymentSession>> {
      const { stored } = await auditedOn(sids, { action: 'cancel', client }, async (found) => ({
        stored: await cancel(found, client),
      }));
      return stored;
    },
    status,
    list: (cursor: string | undefined) => sessions.list(cursor),
    callsInProgress: () => gateway.listCallsInProgress(),
  };
}
