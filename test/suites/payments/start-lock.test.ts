import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addStarted,
  callLockSchema,
  newLock,
  type StartRecord,
  startId,
  startRecordSchema,
} from '../../../functions/payments/session/start-lock.ts';
import { SIDS, termsOf } from './whole-payments.ts';

const CHARGE = termsOf('charge');
const paymentSid = fc
  .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 })
  .map((hex) => `PK${hex}`);

test('a new lock is one that the store takes, not yet refused', () => {
  const lock = newLock(SIDS.callSid, 2, CHARGE, 1_700_000_000_000);
  expect(callLockSchema.parse(lock)).toEqual(lock);
  expect(lock).toMatchObject({ attempt: 2, refused: false });
});

test('no two attempts on any calls share a record', () => {
  const other = `CA${'4'.repeat(31)}`;
  const ids = [SIDS.callSid, `${other}1`, `${other}2`].flatMap((sid) =>
    [1, 2, 11, 21].map((attempt) => startId(sid, attempt)),
  );
  expect(new Set(ids).size).toBe(12);
});

describe('the record of an attempt', () => {
  test('holds the same sessions in whatever order and however often they are added', () => {
    fc.assert(
      fc.property(
        fc.array(paymentSid, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat({ max: 9 })),
        (sids, picks) => {
          const again = picks.flatMap((i) => sids[i % sids.length] ?? []);
          const add = (all: string[]) => all.reduce<StartRecord | undefined>(addStarted, undefined);
          const record = add([...again, ...sids]);
          expect(record).toEqual(add(sids));
          expect(startRecordSchema.parse(record).paymentSids).toEqual([...new Set(sids)].sort());
        },
      ),
    );
  });

  test('is the same object when nothing was added, so that nothing is written', () => {
    const record = addStarted(undefined, SIDS.paymentSid);
    expect(addStarted(record, SIDS.paymentSid)).toBe(record);
  });
});
