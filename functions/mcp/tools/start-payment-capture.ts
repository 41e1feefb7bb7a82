import * as z from 'zod';
import { PaymentError } from '../../payments/errors.ts';
import { type Terms, TOKEN_TYPES } from '../../payments/session.ts';
import { callSid } from '../../payments/sids.ts';
import { briefStatus } from '../../payments/status.ts';
import { briefOutput } from '../schemas.ts';
import { defineTool } from '../tool.ts';

/** What a start takes from the configuration where the agent says nothing. */
export interface ChargeDefaults {
  currency: string;
  tokenType: (typeof TOKEN_TYPES)[number];
  paymentConnector: string;
  /** The most that one payment may charge, in the payment's own currency. */
  maxChargeAmount: number;
}

const input = {
  callSid: callSid.describe("SID of the caller's own call leg (the PSTN leg)"),
  chargeAmount: z
    .number()
    .nonnegative()
    .optional()
    .describe('Amount to charge, e.g. 12.5. Omit or 0 to make a token instead'),
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/, 'must be an ISO 4217 code such as USD')
    .optional(),
  description: z.string().max(200).optional().describe('Goes to the payment processor'),
  tokenType: z.enum(TOKEN_TYPES).optional().describe('Only without an amount'),
  anotherPayment: z
    .boolean()
    .optional()
    .describe('true only if this call has paid already and the caller wants a second payment'),
};

export const startPaymentCapture = defineTool({
  scope: 'payments:write',
  name: 'startPaymentCapture',
  title: 'Start a payment',
  description:
    'Start a card payment on a live phone call. Agree amount and purpose with the caller first. Repeating it while the payment lives gives the same payment.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input,
  output: briefOutput,
  async run(args, { payments, charges, now }) {
    const { stored } = await payments.start({
      callSid: args.callSid,
      terms: toTerms(args, charges),
      anotherPayment: args.anotherPayment === true,
    });
    return briefStatus(stored, now());
  },
});

/** @throws AMOUNT_REFUSED or INVALID_ARGUMENT where Twilio or the cap would not allow the terms. */
function toTerms(args: z.output<z.ZodObject<typeof input>>, defaults: ChargeDefaults): Terms {
  const chargeAmount = args.chargeAmount ?? 0;
  const currency = (args.currency ?? defaults.currency).toUpperCase();
  if (chargeAmount > defaults.maxChargeAmount) {
    throw new PaymentError('AMOUNT_REFUSED', {
      detail: `The most that may be charged is ${defaults.maxChargeAmount} ${currency}.`,
    });
  }
  if (Number(chargeAmount.toFixed(2)) !== chargeAmount) {
    throw new PaymentError('AMOUNT_REFUSED', { detail: 'An amount has at most two decimals.' });
  }
  if (chargeAmount > 0 && args.tokenType) {
    throw new PaymentError('INVALID_ARGUMENT', {
      detail: 'tokenType: a charge makes no token; leave one of the two out.',
    });
  }
  return {
    chargeAmount,
    currency,
    tokenType: chargeAmount > 0 ? '' : (args.tokenType ?? defaults.tokenType),
    description: args.description ?? '',
    paymentConnector: defaults.paymentConnector,
    paymentMethod: 'credit-card',
    required: ['payment-card-number', 'security-code', 'expiration-date'],
  };
}
