import { expect, test } from 'vitest';
import { awaitChange } from '../../../functions/payments/commands/wait.ts';
import type { Clock, SessionStore, Stored } from '../../../functions/payments/ports.ts';
import { newSession, type PaymentSession } from '../../../functions/payments/session/session.ts';

const callSid = `CA${'1'.repeat(32)}`;
const paymentSid = `PK${'2'.repeat(32)}`;
const SESSION = newSession({ paymentSid, callSid });
/** What an agent hears of. */
const CHANGED: PaymentSession = { ...SESSION, callEnded: 'completed' };

/** A wait of eight seconds for a payment that is read as these documents in turn, the last one again and again. */
async function waiting(
  documents: readonly PaymentSession[],
  change: (news: (session: PaymentSession) => void, reads: number) => Promise<void> | undefined = () =>
    undefined,
) {
  let now = 0;
  let listeners = 0;
  let tell: (session: PaymentSession) => void = () => undefined;
  const reads: number[] = [];
  const timers: { at: number; wake: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    left: () => 60_000,
    sleep: (milliseconds) => new Promise((wake) => timers.push({ at: now + milliseconds, wake })),
  };
  const stored = (index: number): Stored<PaymentSession> => {
    const data = documents[Math.min(index, documents.length - 1)] ?? SESSION;
    return { data, revision: JSON.stringify(data), updatedAt: new Date(0).toISOString() };
  };
  const sessions = {
    async read() {
      reads.push(now);
      const found = stored(reads.length - 1);
      await change(tell, reads.length);
      return found;
    },
    listen(_: string, told: typeof tell) {
      listeners += 1;
      tell = told;
      return () => {
        listeners -= 1;
      };
    },
  } as unknown as SessionStore;
  let isOver = false;
  const ports = { sessions, clock, client: { name: 'agents', seesAll: true } };
  const wait = awaitChange(ports, stored(0), { until: 8_000, onRead: () => undefined }).finally(() => {
    isOver = true;
  });
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isOver) break;
    timers.sort((a, b) => a.at - b.at);
    const next = timers.shift();
    if (!next) throw new Error('Nothing happens any more, and the wait goes on');
    now = Math.max(now, next.at);
    next.wake();
  }
  return { result: await wait, reads, listeners };
}

test('a wait reads at growing intervals while nothing changes, and hears no more once it is over', async () => {
  const { reads, listeners } = await waiting([SESSION]);
  const pauses = reads.map((at, i) => Math.round(at - (reads[i - 1] ?? 0)));
  expect(pauses.slice(0, 4)).toEqual([500, 700, 980, 1_000]);
  expect(reads.at(-1)).toBe(8_000);
  expect(listeners).toBe(0);
});

test('a wait reads often again once the caller types', async () => {
  const typing = { ...SESSION, paymentMethod: 'as good as a longer mask' };
  const { reads } = await waiting([SESSION, SESSION, SESSION, typing]);
  expect(reads.slice(0, 5).map(Math.round)).toEqual([500, 1_200, 2_180, 3_180, 3_680]);
});

test('a wait reads at once what its own instance has stored, also while it was reading', async () => {
  const { reads, result } = await waiting([SESSION, CHANGED], async (news, count) => {
    if (count === 1) news(CHANGED);
  });
  expect(reads).toEqual([500, 500]);
  expect(result.data.callEnded).toBe('completed');
});

test('a wait is not disturbed by changes that no agent needs to hear of', async () => {
  const { reads } = await waiting([SESSION], async (news, count) => {
    if (count === 1) news(SESSION);
  });
  expect(reads[1]).toBe(1_200);
});
