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
  callSid: callSid.describe("the caller's own leg"),
  chargeAmount: z.number().nonnegative().optional().describe('0 or none: make a token'),
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/, 'must be an ISO 4217 code such as USD')
    .optional(),
  description: z.string().max(200).optional(),
  tokenType: z.enum(TOKEN_TYPES).optional().describe('without an amount'),
  anotherPayment: z
    .boolean()
    .optional()
    .describe('this call has paid already and the caller wants to pay again'),
};

export const startPaymentCapture = defineTool({
  scope: 'payments:write',
  name: 'startPaymentCapture',
  title: 'Start a payment',
  description:
    'Start a payment on a live call, once amount and purpose are agreed. Repeating it while the payment lives gives the same payment.',
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
