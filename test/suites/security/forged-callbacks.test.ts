import { expect, test } from 'vitest';
import { type RecordedCallback, voiceSignature } from '../../simulator/index.ts';
import { connect, type Stage } from '../host/connect.ts';
import { settledStatus, start } from '../host/payment.ts';

type Form = Record<string, string>;

interface Posted {
  url: string;
  form: Form;
  /** The X-Twilio-Signature header; none where it is empty. */
  signature: string;
}

/** What an attacker wants to be believed: the last callback of a payment, with a success in it. */
async function wishedFor(): Promise<{ stage: Stage; url: string; form: Form; sign: Signer }> {
  const stage = await connect();
  const sids = await start(stage);
  await stage.agent.call('captureCardNumber', sids);
  await stage.simulator.settled();
  const last = stage.simulator.callbacks.at(-1) as RecordedCallback;
  const { AccountSid = '', CallSid = '', Sid = '' } = last.params;
  const sign: Signer = (url, form, token = stage.simulator.credentials.authToken) =>
    voiceSignature(token, url, form);
  const form = { AccountSid, CallSid, Sid, Result: 'success', PaymentConfirmationCode: 'forged' };
  return { stage, url: last.url.replace(/#.*/, ''), form, sign };
}

type Signer = (url: string, form: Form, token?: string) => string;
type Forgery = (url: string, form: Form, sign: Signer) => Posted;

async function post({ url, form, signature }: Posted): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: signature ? { 'x-twilio-signature': signature } : {},
    body: new URLSearchParams(form),
  });
  await response.text();
  return response.status;
}

const OTHER = 'f'.repeat(32);

test('a signed callback is believed', async () => {
  const { stage, url, form, sign } = await wishedFor();
  expect(await post({ url, form, signature: sign(url, form) })).toBe(200);
  const sids = { callSid: stage.call.sid, paymentSid: form.Sid ?? '' };
  expect(await settledStatus(stage, sids)).toMatchObject({ result: 'success' });
});

const unsigned: [string, Forgery][] = [
  ['without a signature', (url, form) => ({ url, form, signature: '' })],
  ['with a signature of the right form', (url, form) => ({ url, form, signature: btoa('x'.repeat(20)) })],
  [
    'with most of the right signature',
    (url, form, sign) => ({ url, form, signature: sign(url, form).slice(0, -1) }),
  ],
  [
    'with the signature twice',
    (url, form, sign) => ({ url, form, signature: `${sign(url, form)}, ${sign(url, form)}` }),
  ],
  ['signed with another token', (url, form, sign) => ({ url, form, signature: sign(url, form, 'other') })],
  ['signed with no token', (url, form, sign) => ({ url, form, signature: sign(url, form, '') })],
  [
    'signed for another URL',
    (url, form, sign) => ({ url, form, signature: sign('https://elsewhere.example/payment-status', form) }),
  ],
  [
    'signed for an older command',
    (url, form, sign) => ({ url, form, signature: sign(url.replace(/command=\d+/, 'command=0'), form) }),
  ],
  [
    'signed for a URL without its query',
    (url, form, sign) => ({ url, form, signature: sign(url.replace(/\?.*/, ''), form) }),
  ],
  [
    'whose URL was changed',
    (url, form, sign) => ({
      url: url.replace(/command=\d+/, 'command=99'),
      form,
      signature: sign(url, form),
    }),
  ],
  [
    'with a parameter changed',
    (url, form, sign) => ({
      url,
      form,
      signature: sign(url, { ...form, Result: 'payment-connector-error' }),
    }),
  ],
  [
    'with a parameter added',
    (url, form, sign) => ({ url, form: { ...form, ProfileId: 'x' }, signature: sign(url, form) }),
  ],
  [
    'with a parameter removed',
    (url, form, sign) => ({ url, form, signature: sign(url, { ...form, PaymentError: 'x' }) }),
  ],
  [
    'with another call',
    (url, form, sign) => ({ url, form: { ...form, CallSid: `CA${OTHER}` }, signature: sign(url, form) }),
  ],
];

/** Signed by Twilio, with the account's own token even, and still none of our business. */
const foreign: [string, Forgery][] = [
  [
    'of another account',
    (url, form, sign) => {
      const other = { ...form, AccountSid: `AC${OTHER}` };
      return { url, form: other, signature: sign(url, other) };
    },
  ],
  [
    'of another call, for this payment',
    (url, form, sign) => {
      const other = { ...form, CallSid: `CA${OTHER}` };
      const onOther = url.replace(/call=CA\w+/, `call=CA${OTHER}`);
      return { url: onOther, form: other, signature: sign(onOther, other) };
    },
  ],
  [
    'of another call, at the URL of this payment',
    (url, form, sign) => {
      const other = { ...form, CallSid: `CA${OTHER}` };
      return { url, form: other, signature: sign(url, other) };
    },
  ],
  [
    'of this call, at the URL of another',
    (url, form, sign) => {
      const onOther = url.replace(/call=CA\w+/, `call=CA${OTHER}`);
      return { url: onOther, form, signature: sign(onOther, form) };
    },
  ],
  [
    'with a payment that is none',
    (url, form, sign) => {
      const other = { ...form, Sid: 'PK1' };
      return { url, form: other, signature: sign(url, other) };
    },
  ],
  [
    'at a URL that was never given out',
    (url, form, sign) => {
      const other = `${url}&ending=charge`;
      return { url: other, form, signature: sign(other, form) };
    },
  ],
];

test.each([...unsigned, ...foreign])('a callback %s changes nothing', async (_, forge) => {
  const { stage, url, form, sign } = await wishedFor();
  const before = JSON.stringify(stage.simulator.documents());
  const status = await post(forge(url, form, sign));
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(JSON.stringify(stage.simulator.documents())).toBe(before);
  expect(stage.host.logs.join('\n')).not.toContain('forged');
});

test('without the Auth Token nobody is believed, and the log names it', async () => {
  const { stage, url, form, sign } = await wishedFor();
  stage.variables.AUTH_TOKEN = '';
  const before = JSON.stringify(stage.simulator.documents());
  for (const signature of [sign(url, form), sign(url, form, ''), '']) {
    expect(await post({ url, form, signature })).toBe(403);
  }
  expect(JSON.stringify(stage.simulator.documents())).toBe(before);
  const line = stage.host.logs.findLast((text) => text.includes('"event":"configuration"')) ?? '{}';
  expect(JSON.parse(line)).toMatchObject({ level: 'error', variables: ['AUTH_TOKEN'] });
});

test('a callback that comes again changes nothing', async () => {
  const { stage, url, form, sign } = await wishedFor();
  const signature = sign(url, form);
  expect(await post({ url, form, signature })).toBe(200);
  const before = JSON.stringify(stage.simulator.documents());
  for (let i = 0; i < 3; i++) expect(await post({ url, form, signature })).toBe(200);
  for (const { url: older, params } of stage.simulator.callbacks) {
    const at = older.replace(/#.*/, '');
    expect(await post({ url: at, form: params, signature: sign(at, params) })).toBe(200);
  }
  expect(JSON.stringify(stage.simulator.documents())).toBe(before);
});
