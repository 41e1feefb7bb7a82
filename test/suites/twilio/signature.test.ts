import twilio from 'twilio';
import { describe, expect, test } from 'vitest';
import { isSignedByTwilio, type SignedRequest } from '../../../functions/twilio/signature.ts';
import { voiceSignature } from '../../simulator/index.ts';

const TOKEN = '12345';

/** With the Auth Token alone, as most accounts sign. */
const isSigned = (authToken: string, request: Omit<SignedRequest, 'settings'>) =>
  isSignedByTwilio({ authToken, sharedKey: undefined }, { ...request, settings: undefined });

const FORM = {
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675309',
  Digits: '1234',
  From: '+14158675309',
  To: '+18005551212',
};
const REQUEST = {
  url: 'https://mycompany.com/myapp.php?foo=1&bar=2',
  form: FORM,
  signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
};

describe('a request is Twilio’s', () => {
  test('when its signature is that of the twilio package’s own test', () => {
    expect(isSigned(TOKEN, REQUEST)).toBe(true);
  });

  test('when its signature is that of the security page’s example', () => {
    const form = { ...FORM, Caller: '+14158675310', From: '+14158675310' };
    const url = 'https://example.com/myapp.php?foo=1&bar=2';
    expect(isSigned(TOKEN, { url, form, signature: 'L/OH5YylLD5NRKLltdqwSvS0BnU=' })).toBe(true);
  });

  test('whatever its parameters hold', () => {
    const url = 'https://pay.twil.io/payment-status?command=3';
    const form = { Sid: 'PK1', Empty: '', ' Odd & ünusual=?': ' ü%20+\n', lower: "'", __proto__x: '1' };
    const signature = voiceSignature('secret', url, form);
    expect(isSigned('secret', { url, form, signature })).toBe(true);
  });
});

describe('a request is not Twilio’s', () => {
  const { Digits: _, ...without } = FORM;

  test.each([
    ['with a parameter changed', { form: { ...FORM, Digits: '1235' } }],
    ['with a parameter added', { form: { ...FORM, Result: 'success' } }],
    ['with an empty parameter added', { form: { ...FORM, Result: '' } }],
    ['with a parameter removed', { form: without }],
    ['with a parameter renamed', { form: { ...without, digits: '1234' } }],
    ['with no parameters', { form: {} }],
    ['at another path', { url: REQUEST.url.replace('myapp', 'other') }],
    ['at another host', { url: REQUEST.url.replace('mycompany', 'theircompany') }],
    ['over http', { url: REQUEST.url.replace('https', 'http') }],
    ['with another query', { url: REQUEST.url.replace('foo=1', 'foo=2') }],
    ['with the query in another order', { url: REQUEST.url.replace('foo=1&bar=2', 'bar=2&foo=1') }],
    ['without a signature', { signature: undefined }],
    ['with an empty signature', { signature: '' }],
    ['with two signatures', { signature: [REQUEST.signature, REQUEST.signature] }],
    ['with part of the signature', { signature: REQUEST.signature.slice(0, -1) }],
    ['with the signature in other letters', { signature: REQUEST.signature.toLowerCase() }],
    ['at a URL that is none', { url: 'not a URL' }],
    ['at a relative URL', { url: '/payment-status' }],
    ['with parameters that are objects', { form: { ...FORM, Digits: { toString: 1 } } }],
  ])('%s', (_, change) => {
    expect(isSigned(TOKEN, { ...REQUEST, ...change })).toBe(false);
  });

  test('when it is signed with another token', () => {
    expect(isSigned('12346', REQUEST)).toBe(false);
  });

  test('when there is no token, though it is signed with none', () => {
    const signature = voiceSignature('', REQUEST.url, FORM);
    expect(isSigned('', { ...REQUEST, signature })).toBe(false);
  });
});

describe('a request that is signed with a shared key', () => {
  const SHARED = 'the-shared-key';
  const settings = 'key=WS1,algorithm=HMAC_SHA256';
  const signature = twilio.getExpectedTwilioSignature(SHARED, REQUEST.url, FORM, 'HMAC_SHA256');
  const keys = { authToken: TOKEN, sharedKey: SHARED };

  test.each<[string, boolean, Partial<typeof keys>, Partial<SignedRequest>]>([
    ['is Twilio’s', true, {}, {}],
    ['is not, with another key', false, { sharedKey: 'another' }, {}],
    ['is not, if there is no shared key here', false, { sharedKey: '' }, {}],
    ['is not, with the Auth Token’s signature', false, {}, { signature: REQUEST.signature }],
    ['is not, if it does not say so', false, {}, { settings: undefined }],
    ['is not, with a parameter changed', false, {}, { form: { ...FORM, Digits: '1' } }],
  ])('%s', (_, expected, other, change) => {
    const request = { ...REQUEST, signature, settings, ...change };
    expect(isSignedByTwilio({ ...keys, ...other }, request)).toBe(expected);
  });
});
