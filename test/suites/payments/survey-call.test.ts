import { expect, test } from 'vitest';
import { surveyCall } from '../../../functions/payments/commands/survey-call.ts';
import type { Clock, SessionStore, Stored } from '../../../functions/payments/ports.ts';
import { newLedger } from '../../../functions/payments/session/call-ledger.ts';
import { newSession, type PaymentSession, type Terms } from '../../../functions/payments/session/session.ts';

const callSid = `CA${'1'.repeat(32)}`;
const LIFETIME_MS = 60_000;
const paymentSid = `PK${'2'.repeat(32)}`;

const terms: Terms = {
  chargeAmount: 5,
  currency: 'USD',
  tokenType: '',
  description: '',
  paymentConnector: 'Default',
  paymentMethod: 'credit-card',
  bankAccountType: '',
  required: ['payment-card-number'],
  minPostalCodeLength: 0,
  validCardTypes: [],
  timeout: 0,
  confirmation: false,
  parameter: {},
  language: 'en',
};

/** What is known of a call with one payment that Twilio was asked to complete, whose document is this. */
async function surveyed(
  document: PaymentSession | undefined,
  {
    isLive = false,
    charges = [paymentSid],
    now = 0,
  }: { isLive?: boolean; charges?: string[]; now?: number } = {},
) {
  const stored: Stored<PaymentSession> | undefined = document && {
    data: document,
    revision: '0',
    updatedAt: new Date(0).toISOString(),
  };
  const sessions = {
    lifetimeMs: LIFETIME_MS,
    read: async () => stored,
    update: async (_: string, change: (data: PaymentSession | undefined) => PaymentSession) => ({
      data: change(stored?.data),
      revision: '1',
      updatedAt: new Date(0).toISOString(),
      isWritten: true,
    }),
  } as unknown as SessionStore;
  const claim = { terms, owner: '', at: 0, anotherPayment: false, client: 'agents' };
  const ledger = { ...newLedger(callSid, claim), paymentSids: [paymentSid], charges };
  const clock = { now: () => now } as Clock;
  return surveyCall({ sessions, clock, client: { name: 'agents', seesAll: false } }, ledger, {
    parentCallSid: '',
    isLive,
  });
}

test.each([false, true])(
  'a charged payment whose document has expired is made anew if a session lives on its call: %s',
  async (isLive) => {
    const { over, charges, sessions } = await surveyed(undefined, { isLive });
    expect(over.attempts).toEqual([]);
    expect(charges).toMatchObject([{ paymentSid, charge: 'unknown' }]);
    if (!isLive) return expect(sessions).toEqual([]);
    expect(sessions).toMatchObject([
      { stored: { data: { paymentSid, callSid, terms, startedBy: 'agents' } } },
    ]);
  },
);

test.each([
  {
    why: 'its document was never made, or is about to be',
    now: LIFETIME_MS - 1,
    isLive: false,
    isShown: true,
  },
  { why: 'its document has expired', now: LIFETIME_MS, isLive: false, isShown: false },
  {
    why: 'its document has expired, and Twilio says that a session lives',
    now: LIFETIME_MS,
    isLive: true,
    isShown: true,
  },
])(
  'a payment that was never about to be charged is made anew unless it is over most likely: $why',
  async (one) => {
    const { sessions, charges } = await surveyed(undefined, { ...one, charges: [] });
    expect(sessions.map(({ stored }) => stored.data.paymentSid)).toEqual(one.isShown ? [paymentSid] : []);
    expect(charges).toEqual([]);
  },
);

test('an attempt is over once its payment certainly is', async () => {
  const live = newSession({ paymentSid, callSid });
  expect((await surveyed(live)).over.attempts).toEqual([]);
  expect((await surveyed({ ...live, callEnded: 'completed' })).over.attempts).toEqual([1]);
});
