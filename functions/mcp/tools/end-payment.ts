import * as z from 'zod';
import { briefStatus } from '../../payments/advice/status.ts';
import { briefOutput, briefPublished, paymentInput } from '../schemas.ts';
import { defineTool } from '../tool.ts';

export const completePaymentCapture = defineTool({
  scope: 'payments:charge',
  name: 'completePaymentCapture',
  title: 'Complete the payment',
  description:
    'Charge, or make the token, once all is captured and the caller agrees. Charges at most once however often it is called. The result comes later: read the status until it is there.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  input: () => ({
    ...paymentInput,
    chargeAmount: z.number().optional().describe('as agreed'),
    currency: z.string().optional(),
    lastFour: z
      .string()
      .regex(/^\d{1,4}$/)
      .optional()
      .describe('last digits shown'),
  }),
  output: briefOutput,
  published: briefPublished,
  async run({ callSid, paymentSid, ...repeated }, { payments, view, client, person }) {
    const request = { client, repeated, canAsk: person !== undefined, answer: person?.answer };
    const { stored, question } = await payments.complete({ callSid, paymentSid }, request);
    return question ? { question } : briefStatus(stored, view());
  },
});

export const cancelPaymentCapture = defineTool({
  scope: 'payments:write',
  name: 'cancelPaymentCapture',
  title: 'Cancel the payment',
  description: 'End the payment without a charge. Refused while it is being completed.',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  input: paymentInput,
  output: briefOutput,
  published: briefPublished,
  async run(sids, { payments, view, client }) {
    return briefStatus(await payments.cancel(sids, client), view());
  },
});
