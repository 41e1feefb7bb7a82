import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FIELDS } from '../../../functions/payments/session/fields.ts';
import {
  type CallbackTag,
  signedUrl,
  splitTag,
  statusCallbackUrl,
} from '../../../functions/twilio/status-callback-url.ts';

const PUBLIC_URL = 'https://pay-1234-dev.twil.io';
const CALL = `CA${'0aF'.repeat(10)}99`;

const tags: fc.Arbitrary<CallbackTag> = fc.record(
  {
    call: fc
      .string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 32, maxLength: 32 })
      .map((hex) => `CA${hex}`),
    start: fc.integer({ min: 1, max: 999_999 }),
    command: fc.integer({ min: 0, max: 999_999 }),
    field: fc.constantFrom(...FIELDS),
    ending: fc.constantFrom('complete', 'cancel'),
  },
  { requiredKeys: [] },
);

/** The event of a request to a URL, as the platform makes it. */
function eventOf(url: string, form: Record<string, string> = {}): Record<string, unknown> {
  return { ...Object.fromEntries(new URL(url).searchParams), ...form };
}

describe('a tag', () => {
  test('comes back as it went out, with the form beside it', () => {
    const form = { Sid: 'PK1', Capture: 'security-code' };
    fc.assert(
      fc.property(tags, (tag) => {
        expect(splitTag(eventOf(statusCallbackUrl(PUBLIC_URL, tag), form))).toEqual({ tag, form });
      }),
    );
  });

  test('gives the text of the signed URL again, to the letter', () => {
    fc.assert(
      fc.property(tags, (tag) => {
        const url = signedUrl(PUBLIC_URL, tag);
        expect(signedUrl(PUBLIC_URL, splitTag(eventOf(url))?.tag ?? { start: 7 })).toBe(url);
      }),
    );
  });

  test('is written in one order, whatever order it was made in', () => {
    expect(signedUrl(PUBLIC_URL, { ending: 'cancel', command: 3, call: CALL })).toBe(
      `${PUBLIC_URL}/payment-status?call=${CALL}&command=3&ending=cancel`,
    );
    expect(signedUrl(PUBLIC_URL, {})).toBe(`${PUBLIC_URL}/payment-status`);
  });

  test.each([
    { call: 'CA1' },
    { call: `PK${'1'.repeat(32)}` },
    { call: `${CALL}\n` },
    { start: '0' },
    { start: '01' },
    { start: '1000000' },
    { command: '-1' },
    { command: '+1' },
    { command: '1.0' },
    { command: '1e3' },
    { command: ' 1' },
    { command: '' },
    { command: '00' },
    { command: ['1', '2'] },
    { command: 1 },
    { command: null },
    { field: 'card-number' },
    { field: 'bank-account-number-matcher' },
    { field: ['security-code'] },
    { ending: 'Complete' },
    { ending: 'success' },
    { ending: { toString: (): string => 'cancel' } },
  ])('is refused when it is none of ours: %j', (event) => {
    expect(splitTag({ Sid: 'PK1', ...event })).toBeUndefined();
  });

  test('leaves all other parameters to the form, for all of them are signed', () => {
    const event = JSON.parse('{"command":"2","Command":"x","__proto__":"y","a.b":["1","2"]}');
    const { command: _, ...form } = event;
    expect(splitTag(event)).toEqual({ tag: { command: 2 }, form });
    expect(Object.keys(splitTag(event)?.form ?? {})).toEqual(['Command', '__proto__', 'a.b']);
  });
});

test('the URL asks for retries, within what Twilio allows, and fits', () => {
  const url = statusCallbackUrl(PUBLIC_URL, {
    call: CALL,
    start: 999_999,
    command: 999_999,
    ending: 'complete',
  });
  const { rc, rp, ...others } = Object.fromEntries(new URLSearchParams(new URL(url).hash.slice(1)));
  expect(Number(rc)).toBeGreaterThanOrEqual(1);
  expect(Number(rc)).toBeLessThanOrEqual(5);
  expect(['4xx', '5xx', 'ct', 'rt', 'all']).toEqual(expect.arrayContaining(rp?.split(',') ?? ['none']));
  expect(others).toEqual({});
  expect(url.length).toBeLessThan(4000);
  expect(url.split('#')[0]).toBe(
    signedUrl(PUBLIC_URL, { call: CALL, start: 999_999, command: 999_999, ending: 'complete' }),
  );
});
