/** What a caller types: every field that a payment can ask for, in its order, and what is entered twice. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Switches } from '../../simulator/index.ts';
import { connect, type Setup, type Stage } from '../host/connect.ts';
import { BANK, enter, enterAll, entryOf } from '../host/entries.ts';
import { hurry } from '../host/hurry.ts';
import { type Sids, settledStatus, start, statusOf } from '../host/payment.ts';

beforeEach(hurry);

const CHARGE = { chargeAmount: 12.5 };
const EACH_TWICE = {
  ...CHARGE,
  postalCode: true,
  requireMatchingInputs: ['payment-card-number', 'security-code', 'expiration-date', 'postal-code'],
};

async function started(terms: Record<string, unknown>, setup: Setup = {}): Promise<[Stage, Sids]> {
  const stage = await connect(setup);
  return [stage, await start(stage, terms)];
}

/** What Twilio was told to listen for. */
function capturesOf({ simulator }: Stage): (string | undefined)[] {
  return simulator.requests
    .filter(({ route, params }) => route === 'payments.update' && params.Capture)
    .map(({ params }) => params.Capture);
}

describe('everything that a payment asks for is captured by its tool', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['a card', CHARGE, ['payment-card-number', 'security-code', 'expiration-date']],
    ['a card without its code', { securityCode: false }, ['payment-card-number', 'expiration-date']],
    [
      'a card with a postal code',
      { ...CHARGE, postalCode: true },
      ['payment-card-number', 'security-code', 'expiration-date', 'postal-code'],
    ],
    ['a bank account', { ...CHARGE, ...BANK }, ['bank-routing-number', 'bank-account-number']],
    [
      'each twice',
      EACH_TWICE,
      [
        'payment-card-number',
        'payment-card-number-matcher',
        'security-code',
        'security-code-matcher',
        'expiration-date',
        'expiration-date-matcher',
        'postal-code',
        'postal-code-matcher',
      ],
    ],
  ])('%s', async (_, terms, captures) => {
    const [stage, sids] = await started(terms);
    let status = await statusOf(stage.agent, sids);
    for (const [i, capture] of captures.entries()) {
      expect(status).toMatchObject({ required: captures.slice(i), nextStep: entryOf(capture).tool });
      await stage.agent.call(entryOf(capture).tool, sids);
      const asked = { capturing: capture, nextStep: 'askCaller', say: expect.stringMatching(/^Please /) };
      expect(await statusOf(stage.agent, sids)).toMatchObject(asked);
      await stage.caller.types(entryOf(capture).keys);
      status = await settledStatus(stage, sids);
    }
    expect(status).toMatchObject({ phase: 'ready', required: [], lastError: '' });
    expect(capturesOf(stage)).toEqual(captures);
    await stage.agent.call('completePaymentCapture', sids);
    expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed', result: 'success' });
  });

  test('also where it is said which of two entries is meant', async () => {
    const [stage, sids] = await started({ requireMatchingInputs: ['security-code'] });
    await enter(stage, sids, 'payment-card-number', { args: { captureType: 'payment-card-number' } });
    await enter(stage, sids, 'security-code', { args: { captureType: 'security-code' } });
    const status = await enter(stage, sids, 'security-code', {
      args: { captureType: 'security-code-matcher' },
    });
    expect(status.required).toEqual(['expiration-date']);
  });
});

describe('what cannot be captured now is refused before Twilio is asked, with what can:', () => {
  type Case = [string, Record<string, unknown>, string[], string, string, string, Record<string, unknown>?];
  test.each<Case>([
    [
      'a postal code that is not asked for',
      CHARGE,
      [],
      'capturePostalCode',
      'FIELD_NOT_REQUIRED',
      'captureCardNumber',
    ],
    [
      'the same once the card number is in',
      CHARGE,
      ['payment-card-number'],
      'capturePostalCode',
      'FIELD_NOT_REQUIRED',
      'captureSecurityCode',
    ],
    [
      'a security code that is not asked for',
      { securityCode: false },
      ['payment-card-number'],
      'captureSecurityCode',
      'FIELD_NOT_REQUIRED',
      'captureExpirationDate',
    ],
    [
      'anything more once all is in',
      { securityCode: false },
      ['payment-card-number', 'expiration-date'],
      'capturePostalCode',
      'FIELD_NOT_REQUIRED',
      'askCaller',
    ],
    [
      'a bank account of a card payment',
      CHARGE,
      [],
      'captureBankAccountNumber',
      'FIELD_NOT_REQUIRED',
      'captureCardNumber',
    ],
    [
      'a card number of a bank payment',
      BANK,
      [],
      'captureCardNumber',
      'FIELD_NOT_REQUIRED',
      'captureBankRoutingNumber',
    ],
    [
      'a second entry that is not asked for',
      CHARGE,
      ['payment-card-number'],
      'captureCardNumber',
      'FIELD_NOT_REQUIRED',
      'captureSecurityCode',
      { captureType: 'payment-card-number-matcher' },
    ],
    [
      'a security code before the card number',
      CHARGE,
      [],
      'captureSecurityCode',
      'OUT_OF_ORDER',
      'captureCardNumber',
    ],
    [
      'a second entry before the first',
      EACH_TWICE,
      [],
      'captureCardNumber',
      'OUT_OF_ORDER',
      'captureCardNumber',
      { captureType: 'payment-card-number-matcher' },
    ],
    [
      'a second code before the first',
      EACH_TWICE,
      ['payment-card-number'],
      'captureSecurityCode',
      'OUT_OF_ORDER',
      'captureCardNumber',
      { captureType: 'security-code-matcher' },
    ],
    [
      "another field's entry",
      CHARGE,
      [],
      'captureCardNumber',
      'INVALID_ARGUMENT',
      'captureCardNumber',
      { captureType: 'security-code' },
    ],
  ])('%s', async (_, terms, entered, tool, code, nextStep, args = {}) => {
    const [stage, sids] = await started(terms);
    for (const capture of entered) await enter(stage, sids, capture);
    const before = capturesOf(stage);
    const text = await stage.agent.fail(tool, { ...sids, ...args });
    expect(text).toMatch(new RegExp(`^${code}: [^]*\\nnextStep: ${nextStep}$`));
    expect(capturesOf(stage)).toEqual(before);
  });

  test('while Twilio listens for something, that comes first', async () => {
    const [{ agent }, sids] = await started(CHARGE);
    await agent.call('captureCardNumber', sids);
    expect(await agent.fail('capturePostalCode', sids)).toMatch(
      /^FIELD_NOT_REQUIRED: .*has been asked for the card number: wait.*\nnextStep: wait$/s,
    );
  });
});

describe('what is entered twice', () => {
  const TWICE = { requireMatchingInputs: ['payment-card-number'], securityCode: false };
  const FIRST = 'payment-card-number';
  const SECOND = 'payment-card-number-matcher';

  test('is entered twice again once the first entry is typed anew', async () => {
    const [stage, sids] = await started(TWICE);
    await enterAll(stage, sids);
    const status = await enter(stage, sids, FIRST, {
      keys: '5555555555554444',
      args: { captureType: FIRST },
    });
    expect(status).toMatchObject({ required: [SECOND], phase: 'capturing', paymentCardType: 'mastercard' });
    expect(await stage.agent.fail('completePaymentCapture', sids)).toMatch(
      /^NOT_READY: Still missing: .*matcher/,
    );
    expect(await enter(stage, sids, SECOND, { keys: '5555555555554444' })).toMatchObject({ phase: 'ready' });
  });

  test('begins anew with the first entry where the two differ, as often as it takes', async () => {
    const [stage, sids] = await started(TWICE);
    for (let i = 0; i < 2; i++) {
      await enter(stage, sids, FIRST);
      const differs = await enter(stage, sids, SECOND, { keys: '5555555555554444' });
      expect(differs).toMatchObject({ nextStep: 'captureCardNumber', phase: 'capturing' });
      expect(differs.lastError).toMatch(/^input-matching-failed: .*types both again/);
      expect(differs.say).toBe('');
    }
    await enterAll(stage, sids);
    expect(await statusOf(stage.agent, sids)).toMatchObject({ phase: 'ready', lastError: '' });
    expect(capturesOf(stage)).toEqual([FIRST, SECOND, FIRST, SECOND, FIRST, SECOND, 'expiration-date']);
  });

  const LISTED: Partial<Switches>[] = [
    { matcherInRequired: true },
    { matcherInRequired: false },
    { requiredPresent: false },
  ];
  const SPELLINGS = (['false', 'missing', 'empty'] as const).flatMap((donePartialResult) =>
    LISTED.map((listed) => ({ donePartialResult, ...listed })),
  );
  test.each<Partial<Switches>>([
    ...SPELLINGS,
    { matcherBeforeComplete: false, matcherInRequired: false },
    { matcherCapture: 'field' },
    { matcherCapture: 'field', requiredPresent: false, donePartialResult: 'missing' },
    { requiredNames: 'camel' },
    { updateEcho: false, earlierFieldsInCallbacks: false },
  ])('is understood however Twilio words it: %j', async (switches) => {
    const terms = { ...CHARGE, securityCode: false, requireMatchingInputs: ['expiration-date'] };
    const [stage, sids] = await started(terms, { switches });
    const [first, second] = ['expiration-date', 'expiration-date-matcher'] as const;
    expect((await enter(stage, sids, first)).required).toEqual(['payment-card-number', second]);
    const differs = await enter(stage, sids, second, { keys: '1231' });
    expect(differs).toMatchObject({ nextStep: 'captureExpirationDate', expirationDate: '1230' });
    expect(differs.required).toContain(second);
    await enter(stage, sids, first, { keys: '1131' });
    const same = await enter(stage, sids, second, { keys: '1131' });
    expect(same).toMatchObject({ required: ['payment-card-number'], expirationDate: '1131' });
    expect(await enter(stage, sids, 'payment-card-number')).toMatchObject({ phase: 'ready' });
    await stage.agent.call('completePaymentCapture', sids);
    expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
  });
});

describe('the status shows', () => {
  const further = ({ postalCode, bankRoutingNumber, bankAccountNumber }: Record<string, unknown>) => ({
    postalCode,
    bankRoutingNumber,
    bankAccountNumber,
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>, Record<string, unknown>]>([
    ['neither postal code nor bank account where a card alone is asked for', CHARGE, {}, {}],
    [
      'a postal code where one is asked for',
      { postalCode: true },
      { postalCode: '' },
      { postalCode: '94105' },
    ],
    [
      'a bank account, masked, where one is asked for',
      BANK,
      { bankRoutingNumber: '', bankAccountNumber: '' },
      { bankRoutingNumber: '021000021', bankAccountNumber: '**********89' },
    ],
  ])('%s', async (_, terms, before, after) => {
    const [stage, sids] = await started(terms);
    expect(further(await statusOf(stage.agent, sids))).toEqual(further(before));
    expect(further(await enterAll(stage, sids))).toEqual(further(after));
    expect(stage.everythingWritten()).not.toContain('000123456789');
  });
});

describe('a card number that is asked for again while nothing of it was heard', () => {
  const MASTERCARD = '5555555555554444';
  const CASES = (['replay', 'ignored', 'refused'] as const).flatMap((idempotencyReplay) =>
    [
      ['4242424242424242', MASTERCARD],
      [MASTERCARD, '4242424242424242'],
    ].map(([first = '', second = '']) => ({ idempotencyReplay, first, second })),
  );

  test.each(CASES)('is the one that Twilio has: %j', async ({ idempotencyReplay, first, second }) => {
    const [stage, sids] = await started(
      { ...CHARGE, securityCode: false },
      { switches: { idempotencyReplay } },
    );
    const { agent, caller, simulator } = stage;
    await enter(stage, sids, 'expiration-date');
    simulator.delivery.hold();
    await agent.call('captureCardNumber', sids);
    await caller.types(first);
    await agent.call('captureCardNumber', sids);
    // The first entry is heard of only now, and counts for nothing: Twilio listens for another one.
    await simulator.delivery.release();
    expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'capturing' });
    expect(await agent.fail('completePaymentCapture', sids)).toMatch(/^NOT_READY: /);
    await caller.types(second);
    expect(await settledStatus(stage, sids)).toMatchObject({
      phase: 'ready',
      paymentCardNumber: `xxxxxxxxxxxx${second.slice(-4)}`,
    });
    await agent.call('completePaymentCapture', sids);
    expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed' });
    expect(simulator.charges).toHaveLength(1);
  });
});

test('two who ask for the same field at the same moment ask under numbers of their own', async () => {
  const [stage, sids] = await started(CHARGE);
  const { agent, simulator } = stage;
  await Promise.all([agent.call('captureCardNumber', sids), agent.call('captureCardNumber', sids)]);
  const keys = simulator.requests
    .filter(({ params }) => params.Capture)
    .map(({ params }) => params.IdempotencyKey ?? '');
  const newest = keys
    .map((key) => Number(key.split('-')[2]))
    .sort((a, b) => a - b)
    .at(-1);
  expect(newest).toBe(2);
  expect(await enter(stage, sids, 'payment-card-number')).toMatchObject({ nextStep: 'captureSecurityCode' });
});

describe('a capture that is asked for again before anything was typed', () => {
  const KEYS = ['replay', 'ignored', 'refused'] as const;
  const CASES = KEYS.flatMap((idempotencyReplay) =>
    (['replaces', 'refused'] as const).flatMap((captureWhileCapturing) => [
      { idempotencyReplay, captureWhileCapturing, updateEcho: true },
      { idempotencyReplay, captureWhileCapturing, updateEcho: false },
    ]),
  );

  test.each(CASES)('stays open, and what the caller types counts: %j', async (switches) => {
    const [stage, sids] = await started(CHARGE, { switches });
    const { agent, caller, simulator } = stage;
    for (const field of ['payment-card-number', 'security-code', 'expiration-date']) {
      const { tool, keys } = entryOf(field);
      const { nextStep, say } = await agent.call(tool, sids);
      for (let repeat = 0; repeat < 3; repeat++)
        expect(await agent.call(tool, sids)).toMatchObject({ nextStep, say });
      expect(await settledStatus(stage, sids)).toMatchObject({
        capturing: field,
        nextStep: 'askCaller',
        lastError: '',
      });
      expect(await agent.call(tool, sids)).toMatchObject({ nextStep, say });
      await caller.types(keys);
      await simulator.settled();
    }
    expect(await statusOf(agent, sids)).toMatchObject({
      phase: 'ready',
      paymentCardNumber: 'xxxxxxxxxxxx4242',
      lastError: '',
    });
    await agent.call('completePaymentCapture', sids);
    expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed' });
  });

  test.each(KEYS)('also if its first answer was lost (idempotency keys: %s)', async (idempotencyReplay) => {
    for (const captureWhileCapturing of ['replaces', 'refused'] as const) {
      const [stage, sids] = await started(CHARGE, { switches: { idempotencyReplay, captureWhileCapturing } });
      const { agent, simulator } = stage;
      simulator.faults.add({ route: 'payments.update', times: 1, action: 'lost' });
      expect(await agent.fail('captureCardNumber', sids)).toMatch(/^TWILIO_UNAVAILABLE: /);
      expect(await enter(stage, sids, 'payment-card-number')).toMatchObject({
        nextStep: 'captureSecurityCode',
        lastError: '',
      });
    }
  });
});

test('what is being typed counts, and is told, if Twilio does not let it be replaced', async () => {
  const [stage, sids] = await started(CHARGE, { switches: { captureWhileCapturing: 'refused' } });
  const { agent, simulator, caller } = stage;
  await agent.call('captureCardNumber', sids);
  await caller.types('42424');
  await simulator.settled();
  expect(await agent.fail('captureCardNumber', sids)).toMatch(
    /^TWILIO_REFUSED: .*64021.*\nnextStep: getPaymentStatus$/s,
  );
  expect(await statusOf(agent, sids)).toMatchObject({
    capturing: 'payment-card-number',
    nextStep: 'wait',
    lastError: '',
  });
  await caller.types('24242424242');
  expect(await settledStatus(stage, sids)).toMatchObject({
    paymentCardNumber: 'xxxxxxxxxxxx4242',
    nextStep: 'captureSecurityCode',
  });
});
