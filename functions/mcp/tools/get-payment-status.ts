import { paymentStatus } from '../../payments/status.ts';
import { paymentInput, statusOutput } from '../schemas.ts';
import { defineTool, mayCharge } from '../tool.ts';

export const getPaymentStatus = defineTool({
  scope: 'payments:read',
  name: 'getPaymentStatus',
  title: 'Read the payment status',
  description:
    'Where the payment stands, what is typed (masked) and what to do next. Read it every second or two while something is awaited.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: paymentInput,
  output: statusOutput,
  async run({ callSid, paymentSid }, { payments, scopes, now }) {
    return paymentStatus(await payments.status(callSid, paymentSid), now(), mayCharge(scopes));
  },
});
