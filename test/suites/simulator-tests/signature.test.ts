import fc from 'fast-check';
import twilio from 'twilio';
import { describe, expect, test } from 'vitest';
import { signedVoiceUrl, voiceSignature } from '../../simulator/signature.ts';

const SAMPLE = {
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675309',
  Digits: '1234',
  From: '+14158675309',
  To: '+18005551212',
};

describe('the signature of a status callback', () => {
  test('fits the published test vectors', () => {
    const ours = voiceSignature('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', SAMPLE);
    expect(ours).toBe('RSOYDt4T1cUTdK1PDd93/VVr8B8=');
    const other = { ...SAMPLE, Caller: '+14158675310', From: '+14158675310' };
    expect(voiceSignature('12345', 'https://example.com/myapp.php?foo=1&bar=2', other)).toBe(
      'L/OH5YylLD5NRKLltdqwSvS0BnU=',
    );
  });

  test('leaves out fragment and user, and the port over https only', () => {
    expect(signedVoiceUrl('https://me:secret@pay.example.com:8443/a?b=@1#rc=3')).toBe(
      'https://pay.example.com/a?b=@1',
    );
    expect(signedVoiceUrl('http://me:secret@pay.example.com:8080/a#rc=3')).toBe(
      'http://pay.example.com:8080/a',
    );
    expect(signedVoiceUrl('http://[::1]:8080')).toBe('http://[::1]:8080');
  });

  test('is what the twilio package computes for any token, query and parameters', () => {
    const names = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.webQueryParameters(),
        fc.dictionary(names, fc.string()),
        (token, query, params) => {
          const url = `https://pay.example.com/payment-status?${query}`;
          expect(voiceSignature(token, url, params)).toBe(
            twilio.getExpectedTwilioSignature(token, url, params),
          );
        },
      ),
    );
  });
});
