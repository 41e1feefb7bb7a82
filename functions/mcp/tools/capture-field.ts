import * as z from 'zod';
import { FIELD_GUIDE } from '../../payments/guidance.ts';
import type { Field } from '../../payments/session.ts';
import { briefStatus } from '../../payments/status.ts';
import { briefOutput, paymentInput } from '../schemas.ts';
import { defineTool } from '../tool.ts';

function captureTool(field: Field) {
  const { tool, name } = FIELD_GUIDE[field];
  return defineTool({
    scope: 'payments:write',
    name: tool,
    title: `Capture the ${name}`,
    description: `Have the caller type the ${name}: Twilio listens from now on. Tell them to type, then read the status. Call again to have it typed anew.`,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    input: { ...paymentInput, captureType: z.literal(field).optional() },
    output: briefOutput,
    async run({ callSid, paymentSid }, { payments, now }) {
      return briefStatus(await payments.capture(callSid, paymentSid, field), now());
    },
  });
}

export const captureCardNumber = captureTool('payment-card-number');
export const captureSecurityCode = captureTool('security-code');
export const captureExpirationDate = captureTool('expiration-date');
