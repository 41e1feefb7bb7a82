import * as z from 'zod';
import { PHASES } from '../payments/phase.ts';
import { callSid, paymentSid } from '../payments/sids.ts';

/** The arguments that name a payment. */
export const paymentInput = {
  callSid: callSid.describe("SID of the caller's own call leg"),
  paymentSid: paymentSid.describe('SID that startPaymentCapture gave'),
};

/** What every command answers. */
export const briefOutput = {
  callSid: z.string(),
  paymentSid: z.string(),
  phase: z.enum(PHASES),
  capturing: z.string().describe('field that Twilio listens for'),
  required: z.array(z.string()).describe('fields still missing'),
  revision: z.int().describe('rises with each change'),
  nextStep: z.string().describe('tool to call, wait, askCaller or done'),
  say: z.string().describe('tell the caller'),
  why: z.string(),
};

/** What getPaymentStatus and the status resource answer: empty strings where nothing is known. */
export const statusOutput = {
  ...briefOutput,
  partial: z.boolean().describe('caller is typing'),
  paymentCardNumber: z.string().describe('masked'),
  paymentCardType: z.string(),
  securityCode: z.string().describe('masked'),
  expirationDate: z.string(),
  paymentMethod: z.string(),
  chargeAmount: z.number().describe('0 for a token'),
  currency: z.string(),
  tokenType: z.string(),
  result: z.string().describe('success or why it failed; empty until Twilio reports it'),
  paymentConfirmationCode: z.string(),
  paymentToken: z.string(),
  profileId: z.string(),
  lastError: z.string(),
  updatedAt: z.string(),
};
