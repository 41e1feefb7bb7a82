import { expect, test } from 'vitest';
import { voiceSignature } from '../../simulator/index.ts';
import { connect, type Setup, type Stage, share, VISA } from '../host/connect.ts';
import { CALLBACK_PARAMETERS } from '../host/contract.ts';
import { reach } from '../host/in-process.ts';
import { captureAll, type Sids, settledStatus, start, statusOf } from '../host/payment.ts';
import { postCallback } from '../host/twilio-side.ts';

/** A callback that is as genuine as one of Twilio's: it would end the payment as paid. */
interface Genuine {
  /** Without its fragment. */
  url: string;
  params: Record<string, string>;
  token: string;
}

interface Sent {
  url: string;
  method?: string;
  signature?: string;
  body?: string | URLSearchParams;
  type?: string;
}

interface Scene {
  stage: Stage;
  sids: Sids;
  genuine: Genuine;
}

/** A payment whose card number is being captured. */
const scene = async (setup?: Setup): Promise<Scene> => capturing(await connect(setup));

async function capturing(stage: Stage): Promise<Scene> {
  const sids = await start(stage);
  await stage.agent.call('captureCardNumber', sids);
  await stage.simulator.settled();
  const { accountSid, authToken } = stage.simulator.credentials;
  return {
    stage,
    sids,
    genuine: {
      url: withoutFragment(stage.simulator.callbacks.at(-1)?.url ?? ''),
      params: {
        AccountSid: accountSid,
        CallSid: sids.callSid,
        Sid: sids.paymentSid,
        PaymentMethod: 'credit-card',
        Result: 'success',
        PaymentConfirmationCode: 'forged',
      },
      token: authToken,
    },
  };
}

const withoutFragment = (url: string) => url.split('#')[0] ?? '';

/** A callback as Twilio sends it, with the changes made before it is signed. */
function signed({ url, params, token }: Genuine, changes: Partial<Genuine> = {}): Sent {
  const final = { url, params, token, ...changes };
  return {
    url: final.url,
    signature: voiceSignature(final.token, final.url, final.params),
    body: new URLSearchParams(final.params),
  };
}

async function post({ url, method = 'POST', signature, body, type }: Sent) {
  const headers = {
    ...(signature !== undefined && { 'X-Twilio-Signature': signature }),
    ...(type !== undefined && { 'Content-Type': type }),
  };
  const response = await reach(url, { method, headers, ...(body !== undefined && { body }) });
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') };
}

/** Posts what must be refused: 4xx with a reason in JSON, no request to Twilio that writes, nothing changed. */
async function expectRefused({ stage, sids }: Scene, sent: Sent): Promise<void> {
  const { simulator, host, agent } = stage;
  const documents = simulator.documents();
  const logged = host.logs.length;
  const { status, text, type } = await post(sent);
  expect([status >= 400 && status < 500, status]).toEqual([true, status]);
  expect(type).toMatch(/^application\/json/);
  expect(JSON.parse(text)).toEqual({ error: { code: expect.any(String), message: expect.any(String) } });
  expect(text).not.toMatch(/forged|\n\s*at |node_modules/);
  expect(simulator.documents()).toEqual(documents);
  const lines = host.logs.slice(logged);
  expect(lines.join()).not.toContain('forged');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
    event: 'callback',
    status,
    code: expect.any(String),
  });
  expect(await statusOf(agent, sids)).toMatchObject({ phase: 'capturing', result: '' });
}

/** The callback with one parameter changed after it was signed. */
function changed(genuine: Genuine, name: string, value: string): Sent {
  return { ...signed(genuine), body: new URLSearchParams({ ...genuine.params, [name]: value }) };
}

test('a genuine callback is accepted: what the tests below change is all that stops theirs', async () => {
  const { stage, sids, genuine } = await scene();
  const { status, text } = await post(signed(genuine));
  expect([status, text]).toEqual([200, '']);
  expect(await statusOf(stage.agent, sids)).toMatchObject({ phase: 'completed', result: 'success' });
});

const shared = share(capturing);

const OTHER_CALL = `CA${'0'.repeat(32)}`;
const OTHER_ACCOUNT = `AC${'0'.repeat(32)}`;
const elsewhere = (url: string) => url.replace(/command=\d+/, 'command=9');
const without = (params: Record<string, string>, name: string) =>
  Object.fromEntries(Object.entries(params).filter(([other]) => other !== name));

test.each<[string, (genuine: Genuine) => Sent]>([
  ['no signature', (genuine) => ({ url: genuine.url, body: new URLSearchParams(genuine.params) })],
  ['an empty signature', (genuine) => ({ ...signed(genuine), signature: '' })],
  ['a made-up signature', (genuine) => ({ ...signed(genuine), signature: 'A'.repeat(27) })],
  [
    'half a signature',
    (genuine) => ({ ...signed(genuine), signature: (signed(genuine).signature ?? '').slice(0, 14) }),
  ],
  [
    'the signature twice',
    (genuine) => ({
      ...signed(genuine),
      signature: `${signed(genuine).signature}, ${signed(genuine).signature}`,
    }),
  ],
  [
    'most of a signature',
    (genuine) => ({ ...signed(genuine), signature: (signed(genuine).signature ?? '').slice(0, -1) }),
  ],
  ["another account's token", (genuine) => signed(genuine, { token: '0'.repeat(32) })],
  ['an empty token', (genuine) => signed(genuine, { token: '' })],
  [
    'the signature of another URL',
    (genuine) => ({ ...signed(genuine, { url: elsewhere(genuine.url) }), url: genuine.url }),
  ],
  ['another URL than was signed', (genuine) => ({ ...signed(genuine), url: elsewhere(genuine.url) })],
  [
    'no tag where one was signed',
    (genuine) => ({ ...signed(genuine), url: genuine.url.split('?')[0] ?? '' }),
  ],
  [
    'another path signed',
    (genuine) => ({
      ...signed(genuine, { url: genuine.url.replace('/payment-status', '/mcp') }),
      url: genuine.url,
    }),
  ],
  [
    'another host signed',
    (genuine) => ({
      ...signed(genuine, { url: genuine.url.replace('127.0.0.1', 'localhost') }),
      url: genuine.url,
    }),
  ],
  [
    'the signature of a GET',
    (genuine) => ({
      ...signed(genuine, { url: `${genuine.url}&${new URLSearchParams(genuine.params)}`, params: {} }),
      body: new URLSearchParams(genuine.params),
      url: genuine.url,
    }),
  ],
  ['a changed result', (genuine) => changed(genuine, 'Result', 'payment-connector-error')],
  ['a changed code', (genuine) => changed(genuine, 'PaymentConfirmationCode', 'forged too')],
  ['an added parameter', (genuine) => changed(genuine, 'PaymentToken', 'forged')],
  ['an added parameter that nobody reads', (genuine) => changed(genuine, 'Whatever', '1')],
  ['an added empty parameter', (genuine) => changed(genuine, 'A', '')],
  [
    'a removed parameter',
    (genuine) => ({
      ...signed(genuine),
      body: new URLSearchParams(without(genuine.params, 'PaymentConfirmationCode')),
    }),
  ],
  [
    'a parameter in other case',
    (genuine) => ({
      ...signed(genuine),
      body: new URLSearchParams({ ...without(genuine.params, 'Result'), result: 'success' }),
    }),
  ],
  [
    'a parameter repeated with another value',
    (genuine) => ({ ...signed(genuine), body: `${new URLSearchParams(genuine.params)}&Result=success2` }),
  ],
  [
    'a parameter repeated as it is',
    (genuine) => ({ ...signed(genuine), body: `${new URLSearchParams(genuine.params)}&Result=success` }),
  ],
  ['a parameter in the URL as well', (genuine) => ({ ...signed(genuine), url: `${genuine.url}&Extra=1` })],
  [
    'a parameter moved into the URL',
    (genuine) => ({
      ...signed(genuine),
      url: `${genuine.url}&Result=failed`,
      body: new URLSearchParams(without(genuine.params, 'Result')),
    }),
  ],
  [
    'another account',
    (genuine) => signed(genuine, { params: { ...genuine.params, AccountSid: OTHER_ACCOUNT } }),
  ],
  ['another call', (genuine) => signed(genuine, { params: { ...genuine.params, CallSid: OTHER_CALL } })],
  [
    'another call in its tag',
    (genuine) => signed(genuine, { url: genuine.url.replace(/call=CA\w+/, `call=${OTHER_CALL}`) }),
  ],
  [
    'another call in both',
    (genuine) =>
      signed(genuine, {
        url: genuine.url.replace(/call=CA\w+/, `call=${OTHER_CALL}`),
        params: { ...genuine.params, CallSid: OTHER_CALL },
      }),
  ],
  ['no account', (genuine) => signed(genuine, { params: without(genuine.params, 'AccountSid') })],
  ['no call', (genuine) => signed(genuine, { params: without(genuine.params, 'CallSid') })],
  ['no payment', (genuine) => signed(genuine, { params: without(genuine.params, 'Sid') })],
  [
    'a payment that is no SID',
    (genuine) => signed(genuine, { params: { ...genuine.params, Sid: '../payment' } }),
  ],
  ['no parameter at all', (genuine) => signed(genuine, { params: {} })],
  [
    'too many parameters',
    (genuine) =>
      signed(genuine, {
        params: {
          ...genuine.params,
          ...Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`P${i}`, '1'])),
        },
      }),
  ],
  [
    'a value that is too long',
    (genuine) => signed(genuine, { params: { ...genuine.params, ConnectorError: 'x'.repeat(9_000) } }),
  ],
  [
    'a body that is too long',
    (genuine) => signed(genuine, { params: { ...genuine.params, Extra: 'x'.repeat(100_000) } }),
  ],
  [
    'a GET',
    (genuine) => ({
      method: 'GET',
      url: `${genuine.url}&${new URLSearchParams(genuine.params)}`,
      signature: voiceSignature(genuine.token, `${genuine.url}&${new URLSearchParams(genuine.params)}`, {}),
    }),
  ],
  ['plain text', (genuine) => ({ ...signed(genuine), type: 'text/plain' })],
])('a callback with %s is refused and changes nothing', async (_, forge) => {
  await expectRefused(shared(), forge(shared().genuine));
});

test('a body is refused for its length alone, and the limit is told', async () => {
  const { genuine } = shared();
  const bodyOf = (lastLength: number) => {
    const parts = [...Array.from({ length: 8 }, () => 8_000), lastLength];
    const extra = Object.fromEntries(parts.map((length, i) => [`P${i}`, 'x'.repeat(length)]));
    return signed(genuine, { params: { ...without(genuine.params, 'Result'), ...extra } });
  };
  const fits = bodyOf(1);
  const rest = 64 * 1024 - String(fits.body).length;
  expect((await post(bodyOf(1 + rest))).status).toBe(200);
  const { status, text } = await post(bodyOf(2 + rest));
  expect([status, JSON.parse(text)]).toMatchObject([
    413,
    { error: { message: expect.stringContaining('65536 bytes') } },
  ]);
});

test.each<[string, (genuine: Genuine) => string]>([
  ['a zero before the number', ({ url }) => url.replace('command=1', 'command=01')],
  ['a plus sign', ({ url }) => url.replace('command=1', 'command=%2B1')],
  ['a number below zero', ({ url }) => url.replace('command=1', 'command=-1')],
  ['a fraction', ({ url }) => url.replace('command=1', 'command=1.0')],
  ['an exponent', ({ url }) => url.replace('command=1', 'command=1e3')],
  ['a number too long', ({ url }) => url.replace('command=1', 'command=1000000')],
  ['nothing', ({ url }) => url.replace('command=1', 'command=')],
  ['a word', ({ url }) => url.replace('command=1', 'command=newest')],
  ['two commands', ({ url }) => `${url}&command=2`],
  ['the same command twice', ({ url }) => `${url}&command=1`],
  ['a list', ({ url }) => url.replace('command=1', 'command[]=1')],
  ['a call that is none', ({ url }) => url.replace(/call=CA\w+/, 'call=me')],
  ['an unknown ending', ({ url }) => `${url}&ending=refund`],
  ['a zeroth start', ({ url }) => `${url}&start=0`],
  ['an unknown parameter', ({ url }) => `${url}&as=admin`],
  ['another order', ({ url }) => url.replace(/\?(.*)&(.*)/, '?$2&$1')],
  ['another spelling', ({ url }) => url.replace('command', '%63ommand')],
])('a URL with %s is none of ours, even where it is signed', async (_, forge) => {
  const { genuine } = shared();
  const url = forge(genuine);
  expect(url).not.toBe(genuine.url);
  await expectRefused(shared(), signed(genuine, { url }));
});

test('a JSON body is refused, signed as Twilio signs JSON or not at all', async () => {
  const stage = await scene();
  const { url, params, token } = stage.genuine;
  const body = JSON.stringify(params);
  const type = 'application/json';
  await expectRefused(stage, { url, body, type });
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(body))).toString('hex');
  const hashed = `${url}&bodySHA256=${digest}`;
  await expectRefused(stage, { url: hashed, body, type, signature: voiceSignature(token, hashed, {}) });
  for (const odd of [
    '[]',
    '{}',
    '{"Sid":{"$ne":""}}',
    '{"__proto__":{"Sid":"PK"}}',
    '{"request":{"headers":{}}}',
  ]) {
    await expectRefused(stage, { url, body: odd, type, signature: voiceSignature(token, url, {}) });
  }
});

test("a callback of the agent's leg does not speak for a payment on the caller's", async () => {
  const stage = await connect();
  const legs = stage.simulator.placeCallWithAgentLeg({ caller: 'parent' });
  const onLeg = { ...stage, call: legs.caller, caller: stage.simulator.caller(legs.caller.sid) };
  const sids = await start(onLeg);
  await stage.agent.call('captureCardNumber', sids);
  await stage.simulator.settled();
  const { accountSid, authToken } = stage.simulator.credentials;
  const genuine = {
    url: withoutFragment(stage.simulator.callbacks.at(-1)?.url ?? ''),
    params: { AccountSid: accountSid, CallSid: legs.agent.sid, Sid: sids.paymentSid, Result: 'success' },
    token: authToken,
  };
  const forged = { stage: onLeg, sids, genuine };
  await expectRefused(forged, signed(genuine));
  const url = genuine.url.replace(legs.caller.sid, legs.agent.sid);
  await expectRefused(forged, signed(genuine, { url }));
  await expectRefused(forged, signed(genuine, { url: url.split('?')[0] ?? '' }));
});

test('a callback of a payment on another call of the account changes neither', async () => {
  const first = await scene();
  const { stage } = first;
  const other = stage.simulator.placeCall();
  const second = await start({ ...stage, call: other });
  await stage.agent.call('captureCardNumber', second);
  await stage.simulator.settled();
  const { genuine } = first;
  const mixed = [
    { params: { ...genuine.params, Sid: second.paymentSid } },
    { params: { ...genuine.params, CallSid: second.callSid } },
    { url: withoutFragment(stage.simulator.callbacks.at(-1)?.url ?? '') },
  ];
  for (const changes of mixed) {
    await expectRefused(first, signed(genuine, changes));
    expect(await statusOf(stage.agent, second)).toMatchObject({ phase: 'capturing', result: '' });
  }
});

test('a callback without a tag works where its signature is right', async () => {
  const { stage, sids, genuine } = await scene();
  const url = genuine.url.split('?')[0] ?? '';
  expect((await post(signed(genuine, { url }))).status).toBe(200);
  expect(await statusOf(stage.agent, sids)).toMatchObject({ phase: 'completed', result: 'success' });
});

test('parameters that nobody knows are signed with the others and otherwise ignored', async () => {
  const { stage, sids, genuine } = await scene();
  const params = { ...genuine.params, 'X-New.Parameter': ' spaced & ünusual=? ', a: '', __proto__x: '1' };
  expect((await post(signed(genuine, { params }))).status).toBe(200);
  expect(await statusOf(stage.agent, sids)).toMatchObject({ result: 'success' });
  expect(JSON.stringify(stage.simulator.documents())).not.toContain('ünusual');
});

test('the gateway may be trusted with the signature, and then only with that', async () => {
  const trusting = await scene({ variables: { CALLBACK_SIGNATURE: 'gateway' } });
  const { stage, sids, genuine } = trusting;
  const body = (params: Record<string, string>) => ({ url: genuine.url, body: new URLSearchParams(params) });
  for (const params of [
    { ...genuine.params, AccountSid: OTHER_ACCOUNT },
    { ...genuine.params, CallSid: OTHER_CALL },
    without(genuine.params, 'Sid'),
  ]) {
    await expectRefused(trusting, body(params));
  }
  await expectRefused(trusting, { ...body(genuine.params), url: `${genuine.url}&command=2` });
  expect((await post(body(genuine.params))).status).toBe(200);
  expect(await statusOf(stage.agent, sids)).toMatchObject({ phase: 'completed' });
});

test.each([
  ['missing', undefined],
  ['empty', ''],
])('without AUTH_TOKEN (%s) callbacks are refused, and the log says why', async (_, value) => {
  const closed = await scene();
  const { stage, genuine } = closed;
  if (value === undefined) delete stage.variables.AUTH_TOKEN;
  else stage.variables.AUTH_TOKEN = value;
  await expectRefused(closed, signed(genuine));
  await expectRefused(closed, signed(genuine, { token: '' }));
  await expectRefused(closed, signed(genuine, { token: 'undefined' }));
  const lines = stage.host.logs.map((line) => JSON.parse(line));
  expect(lines).toContainEqual({
    level: 'error',
    event: 'configuration',
    endpoint: 'payment-status',
    variables: ['AUTH_TOKEN'],
  });
});

test('replays of everything that Twilio ever sent are accepted and change nothing', async () => {
  const stage = await connect({ eachDigit: true });
  const sids = await start(stage);
  await captureAll(stage, sids);
  await stage.agent.call('completePaymentCapture', sids);
  const status = await settledStatus(stage, sids);
  expect(status).toMatchObject({ phase: 'completed' });
  const documents = stage.simulator.documents();
  const sent = [...stage.simulator.callbacks];
  expect(sent.length).toBeGreaterThan(25);
  for (const callback of [...sent, ...[...sent].reverse()]) {
    expect(await postCallback(stage, callback)).toBe(200);
  }
  expect(stage.simulator.documents()).toEqual(documents);
  expect(await statusOf(stage.agent, sids)).toEqual(status);
});

test('a replay into a later payment on the same call does not count for it', async () => {
  const stage = await connect();
  const first = await start(stage);
  await captureAll(stage, first);
  await stage.agent.call('completePaymentCapture', first);
  await stage.simulator.settled();
  const sent = [...stage.simulator.callbacks];
  const second = await start(stage, { chargeAmount: 5, anotherPayment: true });
  await stage.simulator.settled();
  for (const callback of sent) expect(await postCallback(stage, callback)).toBe(200);
  expect(await statusOf(stage.agent, second)).toMatchObject({ phase: 'started', paymentCardNumber: '' });
});

const SPELLINGS = {
  plain: VISA,
  'in groups': '4242 4242 4242 4242',
  'with dashes': '4242-4242-4242-4242',
  'in a sentence': 'Card 4242 4242 4242 4242 was declined',
};

/** Everything that could have kept a value, without what people write between digits. */
function written({ everythingWritten }: Stage, answers: string[]): string {
  return [everythingWritten(), ...answers].join('\n').replace(/[ .-]/g, '');
}

test.each(Object.entries(SPELLINGS))(
  'an unmasked card number (%s) in any parameter is nowhere afterwards, and an alarm says which',
  async (_, number) => {
    const { stage, sids, genuine } = await scene();
    const { host, agent } = stage;
    const plain = without(without(genuine.params, 'Result'), 'PaymentConfirmationCode');
    const answers: string[] = [];
    for (const name of CALLBACK_PARAMETERS) {
      const logged = host.logs.length;
      const params = { ...plain, Capture: 'payment-card-number', [name]: number };
      const { status, text } = await post(signed(genuine, { params }));
      answers.push(text, JSON.stringify(await statusOf(agent, sids)));
      expect([name, status]).toEqual([name, 200]);
      const alarms = host.logs.slice(logged).filter((line) => line.includes('"level":"error"'));
      expect(alarms.map((line) => JSON.parse(line))).toEqual([
        {
          level: 'error',
          event: 'unmasked_value_dropped',
          client: 'MCP_AUTH_TOKEN',
          tool: 'captureCardNumber',
          callSid: sids.callSid,
          paymentSid: sids.paymentSid,
          parameters: [name],
        },
      ]);
    }
    const { resources } = await agent.client.listResources();
    answers.push(JSON.stringify(resources));
    expect(written(stage, answers)).not.toMatch(/42424242/);
  },
);

test('an unmasked card number in a parameter that nobody reads, or as its name, is nowhere afterwards', async () => {
  const { stage, sids, genuine } = await scene();
  const answers: string[] = [];
  for (const extra of [
    { Whatever: VISA },
    { [VISA]: 'x' },
    { PaymentConnector: `${VISA} ` },
    { __proto__y: VISA },
  ]) {
    const params = { ...without(genuine.params, 'Result'), Capture: 'payment-card-number', ...extra };
    const { status, text } = await post(signed(genuine, { params }));
    expect(status).toBe(200);
    answers.push(text, JSON.stringify(await statusOf(stage.agent, sids)));
  }
  for (const query of [`&${VISA}=1`, `&command=${VISA}`, `&x=${VISA}`]) {
    answers.push((await post(signed(genuine, { url: `${genuine.url}${query}` }))).text);
  }
  expect(written(stage, answers)).not.toMatch(/42424242/);
});

test.each([
  ['SecurityCode', 'security-code', '123'],
  ['SecurityCode', 'security-code', '1234'],
  ['BankAccountNumber', 'bank-account-number', '000123456789'],
  ['PaymentCardNumber', 'payment-card-number', '424242xxxxxx4242'],
  ['PaymentCardNumber', 'payment-card-number', '42424'],
])('a %s that is not masked as documented is dropped (%s: %s)', async (parameter, capture, value) => {
  const { stage, sids, genuine } = await scene();
  const params = { ...without(genuine.params, 'Result'), Capture: capture, [parameter]: value };
  expect((await post(signed(genuine, { params }))).status).toBe(200);
  const status = JSON.stringify(await statusOf(stage.agent, sids));
  const kept = [status, JSON.stringify(stage.simulator.documents()), ...stage.host.logs].join('\n');
  expect(kept).not.toContain(`"${value}"`);
  expect(stage.host.logs.join('\n')).toContain(`"unmasked_value_dropped"`);
  expect(stage.host.logs.join('\n')).toContain(`"parameters":["${parameter}"]`);
});

test('codes and tokens of digits that are no card number are kept', async () => {
  const { stage, sids, genuine } = await scene();
  const params = {
    ...genuine.params,
    PaymentConfirmationCode: '1234567890123456',
    PaymentToken: '9876543210987654',
    ProfileId: '0000000000000000',
  };
  expect((await post(signed(genuine, { params }))).status).toBe(200);
  expect(await statusOf(stage.agent, sids)).toMatchObject({
    paymentConfirmationCode: '1234567890123456',
    paymentToken: '9876543210987654',
    profileId: '0000000000000000',
  });
  expect(stage.host.logs.join('\n')).not.toContain('unmasked_value_dropped');
});
