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
    description: `Make Twilio listen for the ${name} on the caller's keypad, then tell the caller to type it. Returns at once and never shows digits; follow with getPaymentStatus. Call again to have it typed again.`,
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
