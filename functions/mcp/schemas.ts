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
  say: text,
  why: text.optional(),
};

/** What the definitions of commands say of it: a client does what nextStep says. */
export const briefPublished = ['nextStep'] as const;

/** What getPaymentStatus and the status resource answer: empty strings and lists where nothing is known. */
export const statusOutput = {
  ...briefOutput,
  why: text,
  capturing: text.describe('field that Twilio listens for'),
  partial: z.boolean().describe('caller is typing'),
  required: z.array(text).describe('fields still missing'),
  paymentCardNumber: text,
  paymentCardType: text,
  securityCode: text,
  expirationDate: text,
  postalCode: text.optional(),
  bankRoutingNumber: text.optional(),
  bankAccountNumber: text.optional(),
  paymentMethod: text,
  chargeAmount: z.number(),
  currency: text,
  result: text.describe('empty until Twilio reports it'),
  paymentConfirmationCode: text,
  paymentToken: text,
  profileId: text,
  lastError: text,
  updatedAt: text,
  /** For a person's screen: it is neither in the definitions nor in the texts, which models read. */
  desk: z.looseObject({}),
};

/** What the definition of getPaymentStatus says of it. */
export const statusPublished = Object.keys(statusOutput).filter((name) => name !== 'desk') as Exclude<
  keyof typeof statusOutput,
  'desk'
>[];
