import * as z from 'zod';
import { paymentStatus } from '../../payments/advice/status.ts';
import { capturingField } from '../../payments/session/phase.ts';
import { defineTool } from '../define-tool.ts';
import { paymentInput, statusOutput } from '../schemas.ts';

/** Seconds; a Function is stopped at ten. */
const MAX_WAIT = 8;

export const getPaymentStatus = defineTool({
  scope: 'payments:read',
  name: 'getPaymentStatus',
  title: 'Read the payment status',
  description:
    'Read where the payment stands, what is typed and what to do next. While something is awaited, pass waitSeconds instead of reading often.',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: () => ({
    ...paymentInput,
    waitSeconds: z
      .number()
      .min(0)
      .max(MAX_WAIT)
      .optional()
      .describe('Answer at the next change, or after so many seconds. Default 0: at once'),
    sinceRevision: z
      .int()
      .nonnegative()
      .optional()
      .describe(
        '`revision` of the last answer: anything newer is told at once. Default: changes from now on count',
      ),
  }),
  output: statusOutput,
  async run({ callSid, paymentSid, waitSeconds = 0, sinceRevision }, { payments, view }, progress) {
    const startedAt = view().now;
    let lastMessage = '';
    const wait = {
      until: startedAt + waitSeconds * 1000,
      sinceRevision,
      onRead(session: Parameters<typeof capturingField>[0]) {
        const capturing = capturingField(session);
        const typed = capturing ? (session.fields[capturing]?.value ?? '') : '';
        const message = capturing ? `${capturing} ${typed}`.trim() : 'waiting';
        if (message === lastMessage) return;
        lastMessage = message;
        progress((view().now - startedAt) / 1000, waitSeconds, message);
      },
    };
    const stored = await payments.status({ callSid, paymentSid }, waitSeconds > 0 ? wait : undefined);
    return paymentStatus(stored, view());
  },
});
