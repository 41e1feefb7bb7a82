import * as z from 'zod';
import type { PaymentPorts } from '../ports.ts';
import { type Terms, termsSchema } from './session.ts';
import { callSid, paymentSid } from './sids.ts';

/**
 * The document `call-{callSid}`: whoever creates it, or moves it to the next attempt, starts the payment.
 * `at` is when the attempt began (epoch milliseconds), `refused` that Twilio said no to it.
 */
export const callLockSchema = z.object({
  version: z.literal(1),
  callSid,
  attempt: z.int().positive(),
  terms: termsSchema,
  at: z.number(),
  refused: z.boolean(),
});
export type CallLock = z.infer<typeof callLockSchema>;

/**
 * The document `start-{callSid}-{attempt}`: which sessions that attempt led to. Written by the start and by the
 * create callback, whichever lives to do it. More than one only where Twilio answers a repeated create with a
 * new session that it then refuses.
 */
export const startRecordSchema = z.object({ version: z.literal(1), paymentSids: z.array(paymentSid) });
export type StartRecord = z.infer<typeof startRecordSchema>;

export function newLock(sid: string, attempt: number, terms: Terms, at: number): CallLock {
  return { version: 1, callSid: sid, attempt, terms, at, refused: false };
}

export function startId(sid: string, attempt: number): string {
  return `${sid}-${attempt}`;
}

/** Adds a session to an attempt's record; the same record when it is there already. */
export function addStarted(record: StartRecord | undefined, sid: string): StartRecord {
  if (record?.paymentSids.includes(sid)) return record;
  return { version: 1, paymentSids: [...(record?.paymentSids ?? []), sid].sort() };
}

/**
 * Notes that an attempt led to a session; changes nothing where that is known.
 * @param from null where there is probably no record yet: it is then created without being read first.
 */
export async function recordStarted(
  { starts }: Pick<PaymentPorts, 'starts'>,
  { callSid, attempt, paymentSid }: { callSid: string; attempt: number; paymentSid: string },
  from?: null,
): Promise<StartRecord> {
  const record = await starts.update(
    startId(callSid, attempt),
    (known) => addStarted(known, paymentSid),
    from,
  );
  return record?.data ?? addStarted(undefined, paymentSid);
}
