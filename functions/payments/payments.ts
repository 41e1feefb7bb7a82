import { amountsOf, audit, auditFailure } from './audit.ts';
import { cancelPayment, isGoodToCancel } from './commands/cancel.ts';
import { type CaptureRequest, captureField } from './commands/capture.ts';
import { type Completion, completePayment, isGoodToCharge } from './commands/complete.ts';
import type { ChargePolicy, CompletionRequest } from './commands/confirm.ts';
import { ledgerToCharge } from './commands/judge-call.ts';
import { type ListRequest, listPayments } from './commands/list-payments.ts';
import { about, loadToChange } from './commands/load-and-change.ts';
import { readStatus } from './commands/read-status.ts';
import { type Started, type StartRequest, startPayment } from './commands/start.ts';
import { claimPayment } from './commands/take-over.ts';
import type { Wait } from './commands/wait.ts';
import type { PaymentPorts, Stored } from './ports.ts';
import type { PaymentSession } from './session/session.ts';
import { type PaymentSettings, type RequestedTerms, toTerms } from './session/terms.ts';

interface Sids {
  callSid: string;
  paymentSid: string;
}

/** The use cases of a payment, for the client of the ports: what the tools do. */
export type Payments = ReturnType<typeof createPayments>;

export function createPayments(ports: PaymentPorts, settings: PaymentSettings & ChargePolicy) {
  const client = ports.client.name;

  /** Loads a payment and does to it what is audited, as its failure to load is. */
  async function auditedOn<R extends { stored: Stored<PaymentSession> }>(
    what: Sids & { action: string },
    isGood: (kept: Stored<PaymentSession>) => boolean,
    work: (stored: Stored<PaymentSession>) => Promise<R>,
  ): Promise<R> {
    const who = { ...what, client };
    const stored = await loadToChange(ports, who, isGood).catch((error: unknown) => {
      throw auditFailure(ports, { ...who, chargeAmount: 0, currency: '' }, error);
    });
    return audit(
      ports,
      { ...who, ...amountsOf(stored) },
      about(stored, async () => work(await claimPayment(ports, stored))),
    );
  }

  return {
    start({
      asked,
      ...request
    }: Omit<StartRequest, 'terms' | 'client'> & { asked: RequestedTerms }): Promise<Started> {
      const { callSid } = request;
      const { chargeAmount = 0 } = asked;
      const currency = (asked.currency ?? settings.currency).toUpperCase();
      const about = { action: 'start', client, callSid, paymentSid: '', chargeAmount, currency };
      const starting = async () =>
        startPayment(ports, { ...request, client, terms: toTerms(asked, settings) });
      return audit(ports, about, starting());
    },
    capture: (request: Omit<CaptureRequest, 'client'>) => captureField(ports, { ...request, client }),
    complete(sids: Sids, request: Omit<CompletionRequest, 'client'>): Promise<Completion> {
      // Needed once the payment turns out to be ready: read beside it, so that nothing waits for it then.
      const ledger = ledgerToCharge(ports, sids);
      ledger.catch(() => undefined);
      const asked = { ...request, client };
      return auditedOn(
        { ...sids, action: 'complete' },
        (kept) => isGoodToCharge(ports, kept, asked, settings),
        async (stored) => completePayment(ports, { stored, ledger: await ledger }, asked, settings),
      );
    },
    async cancel(sids: Sids): Promise<Stored<PaymentSession>> {
      const { stored } = await auditedOn(
        { ...sids, action: 'cancel' },
        (kept) => isGoodToCancel(ports, kept),
        async (found) => ({ stored: await cancelPayment(ports, found, client) }),
      );
      return stored;
    },
    status: ({ callSid, paymentSid }: Sids, wait?: Wait) => readStatus(ports, callSid, paymentSid, wait),
    /** One page of the payments that the client may see. */
    list: (request: ListRequest) => listPayments(ports, request),
    callsInProgress: () => ports.gateway.listCallsInProgress(),
    /** What may be charged in. */
    currencies: settings.allowedCurrencies,
  };
}
