import * as z from 'zod';
import { LANGUAGES } from '../../payments/advice/sentences.ts';
import { briefStatus } from '../../payments/advice/status.ts';
import { MATCHABLE_FIELDS } from '../../payments/session/fields.ts';
import { TOKEN_TYPES } from '../../payments/session/session.ts';
import { callSid } from '../../payments/session/sids.ts';
import {
  BANK_ACCOUNT_TYPES,
  CARD_TYPES,
  MAX_TIMEOUT,
  PAYMENT_METHODS,
} from '../../payments/session/terms.ts';
import { briefOutput, briefPublished } from '../schemas.ts';
import { defineTool } from '../tool.ts';

/** Twilio's own names. The texts are read by models on every turn, so that what a name says is not said again. */
const input = () => ({
  callSid: callSid.describe("the caller's own leg"),
  chargeAmount: z.number().nonnegative().optional().describe('e.g. 49.9; none: make a token'),
  currency: z
    .string()
    .regex(/^[A-Za-z]{3}$/, 'must be an ISO 4217 code such as USD')
    .optional(),
  description: z.string().max(200).optional(),
  tokenType: z.enum(TOKEN_TYPES).optional().describe('without an amount'),
  paymentMethod: z.enum(PAYMENT_METHODS).optional(),
  bankAccountType: z.enum(BANK_ACCOUNT_TYPES).optional(),
  paymentConnector: z.string().max(100).optional(),
  securityCode: z.boolean().optional().describe('ask for it'),
  postalCode: z.boolean().optional().describe('ask for it'),
  minPostalCodeLength: z.int().min(1).max(20).optional(),
  validCardTypes: z.array(z.enum(CARD_TYPES)).optional(),
  requireMatchingInputs: z.array(z.enum(MATCHABLE_FIELDS)).optional().describe('to be typed twice'),
  timeout: z.int().min(1).max(MAX_TIMEOUT).optional().describe('seconds between digits'),
  confirmation: z.boolean().optional().describe('caller confirms by a key'),
  parameter: z.record(z.string(), z.string()).optional().describe("the connector's own; ach-debit: AVSName"),
  language: z.enum(LANGUAGES).optional().describe('of say'),
  anotherPayment: z.boolean().optional().describe('the caller wants to pay a second time'),
});

export const startPaymentCapture = defineTool({
  scope: 'payments:write',
  name: 'startPaymentCapture',
  title: 'Start a payment',
  description:
    'Start a payment on a live call, once amount and purpose are agreed. Repeating it while the payment lives gives the same payment.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input,
  output: briefOutput,
  published: ['paymentSid', ...briefPublished],
  async run({ callSid, anotherPayment = false, ...asked }, { payments, client, view }) {
    const { stored } = await payments.start({ callSid, asked, anotherPayment, client });
    return briefStatus(stored, view());
  },
});
