import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paymentStatus } from '../../../functions/payments/advice/status.ts';
import { FIELDS } from '../../../functions/payments/session/fields.ts';
import { applyEvent, nextCommand } from '../../../functions/payments/session/fold.ts';
import { revisionOf } from '../../../functions/payments/session/readings.ts';
import {
  newSession,
  type PaymentSession,
  sessionSchema,
} from '../../../functions/payments/session/session.ts';
import { MAX_VALUE } from '../../../functions/twilio/callback-form.ts';
import { parseStatusCallback } from '../../../functions/twilio/status-callback.ts';
import { viewAt } from './view.ts';
import {
  apply,
  deliveries,
  fold,
  isPosted,
  openPayment,
  opens,
  type Posted,
  posted,
  SIDS,
  type Step,
  taggedPayment,
  termsOf,
  wholePayment,
} from './whole-payments.ts';

/** `PROPERTY_RUNS=50000 npx vitest run test/payments --testTimeout=600000` for a long run. */
const numRuns = Number(process.env.PROPERTY_RUNS ?? 100);

const STATES = ['asked', 'heard', 'error', 'captured'];

/** A payment, and an order in which its callbacks arrive: any, with repeats. */
const deliveredPayment = wholePayment.chain(({ steps }) =>
  deliveries(steps.length).map((order) => ({ steps, order })),
);

/** The same without callbacks whose URL names no command. */
const deliveredTagged = taggedPayment.chain(({ steps, cameTo }) =>
  deliveries(steps.length).map((order) => ({ steps, cameTo, order })),
);

const deliveredOpen = openPayment
  .filter(({ cameTo, open }) => cameTo.has(open))
  .chain(({ steps, open }) => deliveries(steps.length).map((order) => ({ steps, open, order })));

/** The callbacks of a payment in the order of their arrival. */
function arrivals({ steps, order }: { steps: Step[]; order: number[] }): Posted[] {
  return pick(steps, order).filter(isPosted);
}

/**
 * The steps in another order. What we do ourselves keeps its own order, for the store's conditional write sees to
 * that; and a callback without a tag, which means the newest command of the moment, comes after the last command.
 */
function rearranged(steps: Step[], order: number[]): Step[] {
  const ours = steps.filter((step) => !isPosted(step));
  const seen = new Set<number>();
  const places = order.filter((i) => {
    const step = steps[i];
    if (!step || (!isPosted(step) && seen.has(i))) return false;
    seen.add(i);
    return true;
  });
  let next = 0;
  const mixed = pick(steps, places).map((step) => (isPosted(step) ? step : (ours[next++] ?? step)));
  const lastOpened = mixed.findLastIndex((step) => !isPosted(step) && step.opens !== undefined);
  const isEarly = (step: Step, i: number) =>
    i < lastOpened && isPosted(step) && Object.keys(step.tag).length === 0;
  return [
    ...mixed.slice(0, lastOpened + 1).filter((step, i) => !isEarly(step, i)),
    ...mixed.filter(isEarly),
    ...mixed.slice(lastOpened + 1),
  ];
}

function pick<T>(items: readonly T[], indices: readonly number[]): T[] {
  return indices.flatMap((i) => items.slice(i, i + 1));
}

function inOrder(steps: Step[]): Step[] {
  return rearranged(
    steps,
    steps.map((_, i) => i),
  );
}

/** Every session on the way through some steps, the first and the last included. */
function history(steps: readonly Step[]): PaymentSession[] {
  const sessions = [newSession(SIDS)];
  for (const step of steps) sessions.push(apply(sessions.at(-1) ?? newSession(SIDS), step));
  return sessions;
}

function pairs(sessions: PaymentSession[]): [PaymentSession, PaymentSession][] {
  return sessions.slice(1).map((after, i) => [sessions[i] ?? after, after]);
}

function viewOf(session: PaymentSession) {
  const status = paymentStatus({ data: session, revision: '', updatedAt: '' }, viewAt(0));
  const { phase, capturing, required, result, lastError, partial } = status;
  return { phase, capturing, required, result, lastError, partial };
}

describe('the callbacks of a payment', () => {
  test('are all understood, and nothing of them is dropped', () => {
    fc.assert(
      fc.property(wholePayment, ({ steps }) => {
        for (const { form, tag } of steps.filter(isPosted))
          expect(parseStatusCallback(form, tag)).toMatchObject({ dropped: [] });
      }),
      { numRuns },
    );
  });

  test('give the same session in any order and with any repeats', () => {
    fc.assert(
      fc.property(deliveredPayment, (delivered) => {
        expect(fold(arrivals(delivered))).toEqual(fold(delivered.steps.filter(isPosted)));
      }),
      { numRuns },
    );
  });

  test('give the same session wherever they fall between our own commands', () => {
    fc.assert(
      fc.property(deliveredPayment, ({ steps, order }) => {
        expect(fold(rearranged(steps, order))).toEqual(fold(inOrder(steps)));
      }),
      { numRuns },
    );
  });

  test("tell of each field what the caller's newest entry came to", () => {
    fc.assert(
      fc.property(deliveredTagged, ({ steps, order, cameTo }) => {
        const { fields } = fold(rearranged(steps, order));
        for (const [name, state] of cameTo) expect(fields[name]?.state).toBe(state);
      }),
      { numRuns },
    );
  });

  test('change nothing, not even the object, when they come again', () => {
    fc.assert(
      fc.property(deliveredPayment, ({ steps, order }) => {
        let session = newSession(SIDS);
        for (const step of rearranged(steps, order)) {
          session = apply(session, step);
          if (isPosted(step)) expect(apply(session, step)).toBe(session);
        }
      }),
      { numRuns },
    );
  });

  test('never take away what is known', () => {
    fc.assert(
      fc.property(deliveredPayment, ({ steps, order }) => {
        for (const [before, after] of pairs(history(rearranged(steps, order)))) {
          if (before.outcome) expect(after.outcome).toBeDefined();
          if (before.outcome?.result === 'success') expect(after.outcome?.result).toBe('success');
          for (const name of FIELDS) {
            const known = before.fields[name];
            if (!known) continue;
            const now = after.fields[name];
            expect(now?.errors).toEqual(expect.arrayContaining(known.errors));
            expect(now?.command).toBeGreaterThanOrEqual(known.command);
            if (now?.command !== known.command) continue;
            expect(STATES.indexOf(now.state)).toBeGreaterThanOrEqual(STATES.indexOf(known.state));
            if (now.state === known.state) {
              expect(now.value.length).toBeGreaterThanOrEqual(known.value.length);
              expect(now.cardType.length).toBeGreaterThanOrEqual(known.cardType.length);
            }
          }
        }
      }),
      { numRuns },
    );
  });

  test('leave a session that can be stored and read back', () => {
    fc.assert(
      fc.property(deliveredPayment, ({ steps, order }) => {
        for (const session of history(rearranged(steps, order)))
          expect(sessionSchema().parse(JSON.parse(JSON.stringify(session)))).toEqual(session);
      }),
      { numRuns },
    );
  });
});

describe('the revision', () => {
  test('never falls', () => {
    fc.assert(
      fc.property(deliveredPayment, ({ steps, order }) => {
        for (const [before, after] of pairs(history(rearranged(steps, order))))
          expect(revisionOf(after)).toBeGreaterThanOrEqual(revisionOf(before));
      }),
      { numRuns },
    );
  });

  test('rises whenever the agent would see something else', () => {
    fc.assert(
      fc.property(deliveredPayment, ({ steps, order }) => {
        for (const [before, after] of pairs(history(rearranged(steps, order)))) {
          if (JSON.stringify(viewOf(after)) === JSON.stringify(viewOf(before))) continue;
          expect(revisionOf(after), JSON.stringify([viewOf(before), viewOf(after)])).toBeGreaterThan(
            revisionOf(before),
          );
        }
      }),
      { numRuns },
    );
  });

  test('rises when a decline follows the hang-up that crossed it', () => {
    const hungUp = fold([posted({ Result: 'caller-hung-up' })]);
    const declined = apply(hungUp, posted({ Result: 'payment-connector-error', PayErrorCode: '64012' }));
    expect(viewOf(declined).result).toBe('payment-connector-error');
    expect(revisionOf(declined)).toBeGreaterThan(revisionOf(hungUp));
  });
});

describe('a result', () => {
  test('success stands beside any other result, in any order', () => {
    fc.assert(
      fc.property(deliveredPayment, fc.nat(), ({ steps, order }, place) => {
        const arrived = rearranged(steps, order);
        const success = posted({ Result: 'success', PaymentConfirmationCode: 'ch_1' }, { command: 1 });
        const session = fold(arrived.toSpliced(place % (arrived.length + 1), 0, success));
        expect(viewOf(session)).toMatchObject({ phase: 'completed', result: 'success', lastError: '' });
      }),
      { numRuns },
    );
  });

  test('is not undone by anything that is none', () => {
    fc.assert(
      fc.property(deliveredPayment, (delivered) => {
        const isResult = ({ form }: Posted) => form.Result !== undefined;
        const arrived = arrivals(delivered);
        const ended = fold(arrived.filter(isResult));
        fc.pre(ended.outcome !== undefined);
        const later = fold(
          arrived.filter((step) => !isResult(step)),
          ended,
        );
        expect(later.outcome).toEqual(ended.outcome);
        expect(viewOf(later).phase).toBe(viewOf(ended).phase);
      }),
      { numRuns },
    );
  });
});

describe('a command', () => {
  test('is not disturbed by what older ones of its field still report, except that their errors and digits count', () => {
    fc.assert(
      fc.property(deliveredPayment, fc.constantFrom(...FIELDS), (delivered, name) => {
        const newest = posted({ Capture: name, PartialResult: 'true' }, { command: 9 });
        const session = fold([newest]);
        const later = fold(arrivals(delivered), session);
        const { errors, typedAt } = later.fields[name] ?? {};
        expect(later.fields[name]).toEqual({ ...session.fields[name], errors, typedAt });
      }),
      { numRuns },
    );
  });

  test('is shown as being captured until it is heard of to the end', () => {
    fc.assert(
      fc.property(deliveredOpen, ({ steps, order, open }) => {
        expect(viewOf(fold(rearranged(steps, order)))).toMatchObject({ phase: 'capturing', capturing: open });
      }),
      { numRuns },
    );
  });
});

test('a card number that is accepted after the next command went out counts', () => {
  const steps: Step[] = [
    opens('payment-card-number', 1),
    opens('expiration-date', 2),
    posted(
      {
        Capture: 'payment-card-number',
        PartialResult: 'false',
        PaymentCardNumber: 'xxxxxxxxxxxx1111',
        Required: 'expiration-date, security-code',
      },
      { command: 2, field: 'expiration-date' },
    ),
  ];
  expect(viewOf(fold(steps))).toMatchObject({
    capturing: 'expiration-date',
    required: ['security-code', 'expiration-date'],
  });
});

test('an entry that failed stays counted once the next one is accepted', () => {
  const failed = posted({ Capture: 'expiration-date', ErrorType: 'invalid-date' }, { command: 1 });
  const accepted = posted({ Capture: 'expiration-date', ExpirationDate: '1229' }, { command: 2 });
  for (const steps of [
    [failed, accepted],
    [accepted, failed],
  ]) {
    expect(fold(steps).fields['expiration-date']).toMatchObject({
      state: 'captured',
      errors: [{ command: 1, type: 'invalid-date' }],
    });
  }
});

test('an error that comes late is a change all the same', () => {
  const reopened = fold([opens('expiration-date', 1), opens('expiration-date', 2)]);
  const late = posted({ Capture: 'expiration-date', ErrorType: 'invalid-date' }, { command: 1 });
  expect(revisionOf(apply(reopened, late))).toBeGreaterThan(revisionOf(reopened));
});

describe('the number of a command', () => {
  test('is above all that we or callbacks have used', () => {
    const heardOf = posted({ Capture: 'security-code', PartialResult: 'true' }, { command: 4 });
    expect(nextCommand(fold([]))).toBe(1);
    expect(nextCommand(fold([opens('security-code', 1), opens('expiration-date', 2)]))).toBe(3);
    expect(nextCommand(fold([opens('expiration-date', 2), opens('security-code', 1)]))).toBe(3);
    expect(nextCommand(fold([opens('security-code', 1), heardOf]))).toBe(5);
  });

  test('is that of the newest command for a callback whose URL names none', () => {
    const opened = fold([opens('security-code', 1), opens('expiration-date', 2)]);
    const captured = apply(opened, posted({ Capture: 'expiration-date', ExpirationDate: '1229' }));
    expect(captured.fields['expiration-date']).toMatchObject({ command: 2, state: 'captured' });
  });
});

test.each(['M', '"', '支', '\u0001'])(
  'a session that has seen everything at its longest, in %j, fits into a document of 16 KiB',
  (character) => {
    const long = character.repeat(MAX_VALUE);
    const values = {
      PaymentCardNumber: `${'x'.repeat(32)}1111`,
      SecurityCode: 'xxxx',
      ExpirationDate: '12/2029',
      PaymentCardPostalCode: 'M'.repeat(10),
      BankRoutingNumber: '123456789',
      BankAccountNumber: `${'*'.repeat(32)}11`,
      PaymentCardType: long,
      PaymentMethod: long,
    };
    const terms = { ...termsOf('charge'), description: '支'.repeat(200), required: [...FIELDS] };
    const started = { parentCallSid: SIDS.callSid, terms, client: 'desk' };
    let session = applyEvent(newSession(SIDS), { started });
    const hear = (step: Step) => {
      session = apply(session, step);
      expect(Buffer.byteLength(JSON.stringify(session))).toBeLessThan(16 * 1024);
    };
    for (let command = 1; command <= 150; command++) {
      const name = FIELDS[command % FIELDS.length] ?? FIELDS[0];
      hear(opens(name, command));
      hear(
        posted({ ...values, Capture: name, ErrorType: `${command}${long}`.slice(0, MAX_VALUE) }, { command }),
      );
      hear(posted({ ...values, Capture: name }, { command }));
    }
    hear(posted({ ErrorType: long }));
    const texts = {
      PaymentConfirmationCode: character.repeat(512),
      PaymentToken: character.repeat(2048),
      ProfileId: character.repeat(512),
      PayErrorCode: long,
      ConnectorError: long,
      PaymentError: long,
    };
    for (const Result of ['success', long]) hear(posted({ ...values, ...texts, Result }));
    expect(session.fields['postal-code']).toMatchObject({ state: 'captured', command: 147 });
    expect(session.outcome?.result).toBe('success');
  },
);
