import * as z from 'zod';
import { callSid, paymentSid } from '../payments/session/sids.ts';

const text = z.string();

/** The arguments that name a payment. */
export const paymentInput = { callSid, paymentSid };

/** What every command answers. The texts of this file are read by models on every turn: each byte counts. */
export const briefOutput = {
  callSid: text,
  paymentSid: text,
  phase: text,
  revision: z.number(),
  nextStep: text,
  thenCall: text.optional(),
  ifNo: text.optional(),
  say: text,
  why: text.optional(),
};

/** What the definitions of commands say of it: a client does what nextStep says. */
export const briefPublished = ['nextStep'] as const;

/** What getPaymentStatus and the status resource answer: empty strings and lists if nothing is known. */
export const statusOutput = {
  ...briefOutput,
  nextStep: text.describe('a tool, wait, askCaller or done'),
  thenCall: text.optional().describe("follows the caller's answer or yes"),
  ifNo: text.optional().describe('follows a no'),
  say: text.describe('for the caller'),
  why: text,
  capturing: text.describe('field that Twilio listens for'),
  partial: z.boolean().describe('caller is typing'),
  required: z.array(text).describe('fields still missing'),
  paymentCardNumber: text.describe('masked'),
  paymentCardType: text,
  securityCode: text.describe('masked'),
  expirationDate: text.describe('MMYY, in clear: never repeat it'),
  postalCode: text.optional(),
  bankRoutingNumber: text.optional(),
  bankAccountNumber: text.optional(),
  paymentMethod: text,
  chargeAmount: z.number().describe('0: a token'),
  currency: text,
  result: text.describe('empty until Twilio reports it'),
  paymentConfirmationCode: text,
  paymentToken: text,
  profileId: text,
  lastError: text,
  updatedAt: text,
};
