import * as z from 'zod';
import { CAPTURE_GUIDE } from '../../payments/advice/error-types.ts';
import { briefStatus } from '../../payments/advice/status.ts';
import { type Capture, type Field, matcherOf } from '../../payments/session/fields.ts';
import { defineTool } from '../define-tool.ts';
import { briefOutput, briefPublished, paymentInput } from '../schemas.ts';

function captureTool(field: Field, description: string) {
  const { tool, name } = CAPTURE_GUIDE[field];
  const matcher = matcherOf(field);
  return defineTool({
    scope: 'payments:write',
    name: tool,
    title: name[0]?.toUpperCase() + name.slice(1),
    description,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    input: () => ({
      ...paymentInput,
      ...(matcher && {
        captureType: z
          .enum([field, matcher] satisfies Capture[])
          .optional()
          .describe('Default: the entry whose turn it is'),
      }),
    }),
    output: briefOutput,
    published: briefPublished,
    async run({ callSid, paymentSid, ...which }, { payments, view }) {
      const { captureType: capture } = which as { captureType?: Capture };
      return briefStatus(await payments.capture({ callSid, paymentSid, field, capture }), view());
    },
  });
}

export const captureCardNumber = captureTool(
  'payment-card-number',
  'Have the caller type the card number. Twilio listens from now on: say `say` after this call, then read the status. Call again to have it typed anew, or a second time if required.',
);
export const captureSecurityCode = captureTool(
  'security-code',
  'Have the caller type the security code, once the card number is in.',
);
export const captureExpirationDate = captureTool(
  'expiration-date',
  'Have the caller type the expiration date.',
);
export const capturePostalCode = captureTool('postal-code', 'Have the caller type the postal code.');
export const captureBankRoutingNumber = captureTool(
  'bank-routing-number',
  "Have the caller type the bank's routing number (ach-debit).",
);
export const captureBankAccountNumber = captureTool(
  'bank-account-number',
  'Have the caller type the bank account number (ach-debit).',
);
