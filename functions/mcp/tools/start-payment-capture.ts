import * as z from 'zod';
import { LANGUAGES } from '../../payments/advice/sentences.ts';
import { briefStatus } from '../../payments/advice/status.ts';
import { MATCHABLE_FIELDS } from '../../payments/session/fields.ts';
import {
  BANK_ACCOUNT_TYPES,
  CARD_TYPES,
  MAX_TIMEOUT,
  PAYMENT_METHODS,
} from '../../payments/session/setting-values.ts';
import { callSid } from '../../payments/session/sids.ts';
import { TOKEN_TYPES } from '../../payments/session/token-types.ts';
import { defineTool } from '../define-tool.ts';
import { DESK_URI } from '../resources/desk-app.ts';
import { briefOutput, briefPublished } from '../schemas.ts';

/** Twilio's own names. Each text tells what an argument does, its unit and its default. */
const input = () => ({
  callSid: callSid.describe("SID of the caller's own call leg (PSTN)"),
  chargeAmount: z
    .number()
    .nonnegative()
    .optional()
    .describe('In currency units: 49.90, not cents. Left out or 0: nothing is charged, a token is made'),
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/, 'must be an ISO 4217 code such as USD')
    .optional()
    .describe('ISO 4217. Default USD'),
  description: z.string().max(200).optional().describe('For the processor, such as "Invoice 1001"'),
  tokenType: z
    .enum(TOKEN_TYPES)
    .optional()
    .describe(
      'Only without an amount. one-time: for one later charge; reusable (default): for many; payment-method: a Stripe PaymentMethod',
    ),
  paymentMethod: z
    .enum(PAYMENT_METHODS)
    .optional()
    .describe('ach-debit: a US bank account. Default credit-card'),
  bankAccountType: z.enum(BANK_ACCOUNT_TYPES).optional().describe('For ach-debit. Default consumer-checking'),
  paymentConnector: z.string().max(100).optional().describe('Name of the Pay connector'),
  securityCode: z.boolean().optional().describe('Caller types the security code. Default true'),
  postalCode: z.boolean().optional().describe('Caller types the postal code. Default false'),
  minPostalCodeLength: z.int().min(1).max(20).optional().describe('Fewest digits of it'),
  validCardTypes: z.array(z.enum(CARD_TYPES)).optional().describe('Default visa, mastercard, amex'),
  requireMatchingInputs: z
    .array(z.enum(MATCHABLE_FIELDS))
    .optional()
    .describe('Fields that the caller types twice, for comparison. Default none'),
  timeout: z
    .int()
    .min(1)
    .max(MAX_TIMEOUT)
    .optional()
    .describe('Seconds to wait for the next digit. Default 5'),
  confirmation: z
    .boolean()
    .optional()
    .describe('Before the charge Twilio reads out the last digits, and the caller presses 1. Default false'),
  parameter: z
    .record(z.string(), z.string())
    .optional()
    .describe("For the connector. ach-debit needs AVSName, the account holder's name"),
  language: z.enum(LANGUAGES).optional().describe('Of the sentences in `say`. Default en'),
  anotherPayment: z
    .boolean()
    .optional()
    .describe('true only after the caller agreed to pay a second time. Default false'),
});

export const startPaymentCapture = defineTool({
  scope: 'payments:write',
  name: 'startPaymentCapture',
  title: 'Start a payment',
  description:
    'Start a payment on a live call, once amount and purpose are agreed. Repeating it with the same arguments gives the same payment. To change the amount, cancel and start anew. The operator may have set other defaults.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  // On this tool alone: hosts open a screen for each call of a tool that has one.
  screen: DESK_URI,
  input,
  output: briefOutput,
  published: ['paymentSid', ...briefPublished],
  async run({ callSid, anotherPayment = false, ...asked }, { payments, view }) {
    const { stored } = await payments.start({ callSid, asked, anotherPayment });
    return briefStatus(stored, view());
  },
});
