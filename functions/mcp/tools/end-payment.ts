import * as z from 'zod';
import { briefStatus, cancelStatus } from '../../payments/advice/status.ts';
import { defineTool } from '../define-tool.ts';
import { briefOutput, briefPublished, paymentInput } from '../schemas.ts';

export const completePaymentCapture = defineTool({
  scope: 'payments:charge',
  name: 'completePaymentCapture',
  title: 'Complete the payment',
  description:
    'Charge, or make the token, once all is captured and the caller said a clear yes. Charges at most once however often it is called. The result comes later: read the status until it is there.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  input: () => ({
    ...paymentInput,
    chargeAmount: z.number().optional().describe('As the caller agreed: 49.90, not cents'),
    currency: z.string().optional().describe('As the caller agreed'),
    lastFour: z
      .string()
      .regex(/^\d{1,4}$/)
      .optional()
      .describe('Last digits of the card, or of the account, in the status'),
  }),
  output: briefOutput,
  published: briefPublished,
  async run({ callSid, paymentSid, ...repeated }, { payments, view, person }) {
    const request = { repeated, canAsk: person !== undefined, answer: person?.answer };
    const { stored, question } = await payments.complete({ callSid, paymentSid }, request);
    return question ? { question } : briefStatus(stored, view());
  },
});

export const cancelPaymentCapture = defineTool({
  scope: 'payments:write',
  name: 'cancelPaymentCapture',
  title: 'Cancel the payment',
  description:
    'End the payment without a charge. Refused while it is being completed; what is charged is refunded at the processor.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  input: () => paymentInput,
  output: briefOutput,
  published: briefPublished,
  async run(sids, { payments, view }) {
    return cancelStatus(await payments.cancel(sids), view());
  },
});
