import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../functions/runtime/bearer-tokens.ts';
import { diagnose } from '../../cli/checks/index.ts';
import type { Variables } from '../../cli/environment.ts';
import type { Fault } from '../../simulator/index.ts';
import {
  ALL_CHECKS,
  answering,
  type ClinicOptions,
  complaints,
  FILE,
  openClinic,
  SERVICE,
} from './clinic.ts';

describe('all is well', () => {
  test('with the right variables, account and service', async () => {
    const { examine, simulator } = await openClinic();
    const heard: string[] = [];
    const findings = await examine({}, { onFinding: ({ check }) => heard.push(check) });
    expect(complaints(findings)).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual(ALL_CHECKS);
    expect(heard).toEqual(ALL_CHECKS);
    expect(simulator.unknownRequests).toEqual([]);
    expect(simulator.documents()).toEqual([]);
    expect(simulator.payments()).toEqual([]);
  });

  test('with the Auth Token in place of an API key', async () => {
    const { examine } = await openClinic();
    expect(complaints(await examine({ API_KEY: '', API_SECRET: '' }))).toEqual([]);
  });

  test('with an address that ends with a slash', async () => {
    const { examine, host } = await openClinic();
    expect(complaints(await examine({ PUBLIC_URL: '' }, { url: `${host.url}/` }))).toEqual([]);
  });

  test('with named tokens alone', async () => {
    const { examine } = await openClinic();
    const MCP_TOKENS = `desk:rwc:29991231:${digestOf('a')} reports:r::${digestOf('b')}`;
    expect(complaints(await examine({ MCP_AUTH_TOKEN: '', MCP_TOKENS }))).toEqual([
      'could not check MCP endpoint, with MCP_AUTH_TOKEN: There is no MCP_AUTH_TOKEN to ask with.',
    ]);
  });
});

test('without a deployed service the doctor says what was not checked', async () => {
  const { examine } = await openClinic();
  expect(complaints(await examine({ PUBLIC_URL: '' }))).toEqual(
    ALL_CHECKS.slice(-5).map(
      (check) => `could not check ${check}: Neither --url nor PUBLIC_URL says where the service is deployed.`,
    ),
  );
});

test('without any variables everything that is missing is named, and nobody is asked', async () => {
  const { simulator } = await openClinic();
  const found = complaints(await diagnose({ variables: {}, file: FILE }));
  expect(found.slice(0, 4)).toEqual([
    expect.stringMatching(/^failed Variables: ACCOUNT_SID is missing: .*stage\.env/),
    expect.stringMatching(/^failed Variables: AUTH_TOKEN is missing: .*stage\.env/),
    expect.stringMatching(
      /^failed Clients: There is no valid token .* npm run token .* MCP_TOKENS\. Set it in stage\.env/,
    ),
    expect.stringMatching(/^could not check Credentials: /),
  ]);
  expect(simulator.requests).toEqual([]);
});

/** Each check of the deployed service failed, and said so. */
const atEach = (text: string, ofHealth = text) => [
  new RegExp(`^failed Health: ${ofHealth}`),
  ...ALL_CHECKS.slice(-4).map((check) => new RegExp(`^failed ${check}: ${text}`)),
];

interface Case {
  changes?: Variables;
  clinic?: ClinicOptions;
  fault?: Fault;
  url?: string;
  /** The only complaints. */
  found: RegExp[];
}

async function expectFound({ changes, clinic, fault, url, found }: Case): Promise<void> {
  const { examine, simulator } = await openClinic(clinic);
  if (fault) simulator.faults.add(fault);
  expect(complaints(await examine(changes, url ? { url } : {}))).toEqual(
    found.map((text) => expect.stringMatching(text)),
  );
  expect(simulator.documents()).toEqual([]);
}

describe('the variables', () => {
  const entry = `desk:rwc::${digestOf('a')}`;
  const cases: Record<string, Case> = {
    'of which several are malformed': {
      changes: { MAX_CHARGE_AMOUNT: 'much', CURRENCY: 'dollars' },
      found: [
        /^failed Variables: CURRENCY is malformed: .*three letters/,
        /^failed Variables: MAX_CHARGE_AMOUNT is malformed: .*an amount of CURRENCY/,
      ],
    },
    'with a comment behind a value': {
      changes: { PAYMENT_TTL_SECONDS: '600 # ten minutes' },
      found: [/^failed Variables: PAYMENT_TTL_SECONDS is malformed: .*A comment needs a line of its own/],
    },
    'of which one is too long': {
      changes: { MCP_TOKENS: Array.from({ length: 9 }, () => entry).join(' ') },
      found: [/^failed Size of the variables: MCP_TOKENS has 4\d\d bytes; Twilio takes 450/],
    },
    'of which one is misspelled, and one is nobody’s': {
      changes: { MAX_CHARGE_AMOUNTS: '10', PORT: '3000' },
      found: [
        /^warning Names of the variables: MAX_CHARGE_AMOUNTS is not a variable .* Did you mean MAX_CHARGE_AMOUNT\?$/,
        /^warning Names of the variables: PORT is not a variable .* stand in \.env\.example\.$/,
      ],
    },
    'which are too long together': {
      changes: Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`OTHER_${i}`, 'x'.repeat(440)])),
      found: [
        ...Array.from({ length: 6 }, () => /^warning Names of the variables: OTHER_/),
        /^failed Size of the variables: All together have 3\d\d\d bytes/,
      ],
    },
    'which are nearly too long together': {
      changes: Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`OTHER_${i}`, 'x'.repeat(430)])),
      found: [
        ...Array.from({ length: 5 }, () => /^warning Names of the variables: OTHER_/),
        /^warning Size of the variables: All together have 2\d\d\d bytes/,
      ],
    },
    'with a short token': {
      changes: { MCP_AUTH_TOKEN: 'secret' },
      clinic: { deployed: { MCP_AUTH_TOKEN: 'secret' } },
      found: [/^warning MCP_AUTH_TOKEN: It has 6 characters/],
    },
    'with a token that cannot be sent': {
      changes: { MCP_AUTH_TOKEN: 'four words of a sentence' },
      found: [
        /^failed MCP_AUTH_TOKEN: It holds a blank/,
        /^failed MCP endpoint, with MCP_AUTH_TOKEN: The deployed service refuses it/,
      ],
    },
    'with an expired token': {
      changes: { MCP_TOKENS: `${entry} old:r:20200101:${digestOf('b')}` },
      found: [/^warning MCP_TOKENS: Expired: old\. /],
    },
    'whose only token has expired': {
      changes: { MCP_AUTH_TOKEN: '', MCP_TOKENS: `old:r:20200101:${digestOf('b')}` },
      found: [
        /^failed Clients: There is no valid token and no OAUTH_ISSUER, so \/mcp lets nobody in/,
        /^warning MCP_TOKENS: Expired: old\. /,
        /^could not check MCP endpoint/,
      ],
    },
    'with entries for tokens that cannot be read': {
      changes: { MCP_TOKENS: `${entry} desk:everything::abc` },
      found: [/^failed MCP_TOKENS: 1 of 2 entries cannot be read/],
    },
  };
  test.each(Object.entries(cases))('%s', (_, one) => expectFound(one));

  test('with half of an API key: what hangs on it is not checked', async () => {
    const { examine } = await openClinic();
    const findings = complaints(await examine({ API_SECRET: '' }));
    expect(findings[0]).toMatch(/^failed Variables: API_SECRET is missing/);
    expect(findings[1]).toMatch(/^could not check Credentials: The variables must be right first/);
  });
});

describe('the account', () => {
  const cases: Record<string, Case> = {
    'with a wrong API secret': {
      changes: { API_SECRET: 'wrong-secret' },
      found: [
        /^failed Credentials: Twilio refuses API_KEY with API_SECRET \(HTTP 401\)/,
        /^failed Right to take payments: API_KEY with API_SECRET may not create payments/,
        /^failed Sync service: API_KEY with API_SECRET may not create documents \(HTTP 401\)/,
        /^could not check Payment connector: .*HTTP 401/,
      ],
    },
    'which is another one': {
      changes: { ACCOUNT_SID: `AC${'9'.repeat(32)}` },
      found: [
        /^failed Credentials: ACCOUNT_SID is not the account of API_KEY/,
        /^failed AUTH_TOKEN: It is not the Auth Token of ACCOUNT_SID/,
      ],
    },
    'with a key that may not take payments': {
      fault: { route: 'payments.create', action: { status: 403, code: 20403 } },
      found: [/^failed Right to take payments: .* may not create payments \(HTTP 403\)/],
    },
    'with a key that may not read calls': {
      fault: {
        route: 'calls.list',
        times: 1,
        action: { status: 403 },
      },
      found: [/^failed Credentials: .* may not read calls \(HTTP 403\)/],
    },
    'of which Twilio says nothing': {
      fault: { route: 'calls.list', action: 'reset' },
      found: [
        /^failed Credentials: The Voice API did not answer/,
        /^failed AUTH_TOKEN: The Voice API did not answer/,
      ],
    },
    'while Twilio is in trouble': {
      fault: { route: 'payments.create', action: { status: 503 } },
      found: [/^failed Right to take payments: The Voice API is in trouble \(HTTP 503\)/],
    },
    'which knows no such connector': {
      fault: { route: 'payments.create', action: { status: 400, code: 64004 } },
      found: [/^failed Right to take payments: Twilio knows no payment connector of the name/],
    },
    'whose Auth Token is another one': {
      changes: { AUTH_TOKEN: '0'.repeat(32) },
      found: [
        /^failed AUTH_TOKEN: It is not the Auth Token of ACCOUNT_SID \(HTTP 401\)/,
        /^failed Status callback, signed: .* refuses a signed form\. AUTH_TOKEN in stage\.env is not/,
      ],
    },
    'whose Auth Token is not in .env': {
      changes: { AUTH_TOKEN: '' },
      found: [
        /^warning AUTH_TOKEN: It is missing in stage\.env/,
        /^could not check Status callback, signed: There is no AUTH_TOKEN/,
      ],
    },
  };
  test.each(Object.entries(cases))('%s', (_, one) => expectFound(one));
});

describe('the Sync service', () => {
  const cases: Record<string, Case> = {
    'which is the default one': {
      changes: { SYNC_SERVICE_SID: '' },
      found: [/^warning Sync service: It works\. It is the default one, .* set SYNC_SERVICE_SID/],
    },
    'which does not exist': {
      changes: { SYNC_SERVICE_SID: `IS${'6'.repeat(32)}` },
      found: [/^failed Sync service: There is no service SYNC_SERVICE_SID/],
    },
    'which is down': {
      fault: { route: 'documents.create', action: { status: 503 } },
      found: [/^failed Sync service: Sync is in trouble \(HTTP 503\)/],
    },
    'which takes no more requests': {
      fault: { route: 'documents.fetch', action: { status: 429 } },
      found: [/^failed Sync service: Sync takes no more requests/],
    },
    'in which documents may not be updated': {
      fault: { route: 'documents.update', action: { status: 403, code: 54007 } },
      found: [/^failed Sync service: API_KEY with API_SECRET may not update documents \(HTTP 403\)/],
    },
    'to which another key belongs': {
      changes: { SYNC_API_KEY: `SK${'7'.repeat(32)}`, SYNC_API_SECRET: 'wrong-secret' },
      found: [/^failed Sync service: SYNC_API_KEY with SYNC_API_SECRET may not create documents/],
    },
    'which needs a key of its own where the Voice API is in a region': {
      changes: { TWILIO_EDGE: 'dublin', TWILIO_REGION: 'ie1' },
      fault: { route: 'documents.create', action: { status: 401, code: 20003 } },
      found: [/^failed Sync service: .* set SYNC_API_KEY and SYNC_API_SECRET to a key of US1/],
    },
  };
  test.each(Object.entries(cases))('%s', (_, one) => expectFound(one));

  test('keeps no probe, not even after a failure', async () => {
    const { examine, simulator } = await openClinic();
    simulator.faults.add({ route: 'documents.delete', times: 1, action: { status: 500 } });
    expect(complaints(await examine())).toEqual([expect.stringMatching(/^failed Sync service: .*HTTP 500/)]);
    expect(simulator.documents()).toEqual([]);
    const created = simulator.requests.find(({ route }) => route === 'documents.create');
    expect(created?.params).toMatchObject({ UniqueName: expect.stringMatching(/^doctor-/), Ttl: '60' });
    expect(created?.path).toContain(SERVICE);
  });
});

describe('the limits of charges', () => {
  test.each([
    [
      'a currency that is allowed without a limit',
      { ALLOWED_CURRENCIES: 'USD EUR' },
      /^failed Limits of charges: MAX_CHARGE_AMOUNT has no amount for EUR/,
    ],
    ['no confirmation', { CONFIRM_CHARGES: '' }, /^warning Limits of charges: Charges are made without/],
    [
      'a default that is not allowed',
      { CURRENCY: 'EUR', MAX_CHARGE_AMOUNT: 'USD 50' },
      /^failed Limits of charges: CURRENCY is EUR/,
    ],
  ])('%s', async (_, changes, found) => {
    const { examine } = await openClinic();
    expect(complaints(await examine(changes))).toEqual([expect.stringMatching(found)]);
  });
});

describe('the payment connector', () => {
  const cases: Record<string, Case> = {
    'which is not among the installed add-ons': {
      changes: { PAYMENT_CONNECTOR: 'Stripe_EUR' },
      found: [/^warning Payment connector: No installed add-on has the unique name "Stripe_EUR"/],
    },
    'which the key may not look for': {
      fault: { route: 'addOns.list', action: { status: 403 } },
      found: [/^could not check Payment connector: .*answers HTTP 403, so "Default"/],
    },
    'of which nothing is heard': {
      fault: { route: 'addOns.list', action: 'reset' },
      found: [/^could not check Payment connector: .*did not answer/],
    },
  };
  test.each(Object.entries(cases))('%s', (_, one) => expectFound(one));
});

describe('the deployed service', () => {
  const cases: Record<string, Case> = {
    'with another MCP_AUTH_TOKEN': {
      clinic: { deployed: { MCP_AUTH_TOKEN: 'another-token' } },
      found: [/^failed MCP endpoint, with MCP_AUTH_TOKEN: The deployed service refuses it: .*Deploy again/],
    },
    'without any credential': {
      clinic: { deployed: { MCP_AUTH_TOKEN: '' } },
      found: [
        /^failed MCP endpoint, without a token: .*has no credential configured/,
        /^failed MCP endpoint, with MCP_AUTH_TOKEN: /,
      ],
    },
    'with another AUTH_TOKEN': {
      clinic: { deployed: { AUTH_TOKEN: '1'.repeat(32) } },
      found: [/^failed Status callback, signed: .*refuses a signed form.*CALLBACK_SIGNATURE=gateway/],
    },
    'without AUTH_TOKEN': {
      clinic: { deployed: { AUTH_TOKEN: '' } },
      found: [/^failed Status callback, signed: .*has no AUTH_TOKEN to check with/],
    },
    'with another PUBLIC_URL': {
      clinic: { deployed: { PUBLIC_URL: 'https://elsewhere.example.com' } },
      found: [/^failed Status callback, signed: .*the deployed PUBLIC_URL is not this address/],
    },
    'without the variables it needs': {
      clinic: { deployed: { ACCOUNT_SID: '' } },
      found: [
        /^failed Health: The variables of the deployed service cannot be read/,
        /^failed MCP endpoint, with MCP_AUTH_TOKEN: The deployed service lacks variables: ACCOUNT_SID/,
        /^failed Status callback, unsigned: The deployed service lacks variables/,
        /^failed Status callback, signed: The deployed service lacks variables/,
      ],
    },
    'which leaves the signature to a gateway that is not there': {
      changes: { CALLBACK_SIGNATURE: 'gateway' },
      clinic: { deployed: { CALLBACK_SIGNATURE: 'gateway' } },
      found: [/^failed Status callback, unsigned: An unsigned form got past the signature check/],
    },
    'whose name is not known': {
      url: 'https://agent-payments.invalid',
      found: [
        /^warning PUBLIC_URL: It is not the address/,
        ...atEach('https://agent-payments.invalid/.*: (there is no such host|the name of)'),
      ],
    },
    'where nothing listens': {
      changes: { PUBLIC_URL: 'http://127.0.0.1:1' },
      found: atEach('http://127.0.0.1:1/.*: '),
    },
    'to which the token would travel in clear': {
      changes: { PUBLIC_URL: 'http://agent-payments.invalid' },
      found: [
        /^failed Health: /,
        /^failed MCP endpoint, without a token: /,
        /^failed MCP endpoint, with MCP_AUTH_TOKEN: .* is not https: the token was not sent/,
        /^failed Status callback, unsigned: /,
        /^failed Status callback, signed: /,
      ],
    },
  };
  test.each(Object.entries(cases))('%s', (_, one) => expectFound(one));

  const strangers: [string, Parameters<typeof answering>, RegExp[]][] = [
    ['that was not deployed', [404], atEach('There is no http://.* \\(HTTP 404\\)')],
    [
      'that redirects',
      [302, { location: 'https://example.com' }],
      atEach('http://.* sends one on', '.* answers HTTP 302, without its health'),
    ],
    ['that fails', [500, {}, 'Error'], atEach('http://.* fails \\(HTTP 500\\)', '.* answers HTTP 500')],
    [
      'that lets everybody in',
      [200, {}, '{}'],
      [
        /^failed Health: .* answers HTTP 200, without its health/,
        /lets in who has no token/,
        /without the name of a server/,
        /in place of refusing/,
        /is not this project/,
      ],
    ],
    [
      'that refuses like some other one',
      [401],
      [
        /^failed Health: .* answers HTTP 401/,
        /without the header WWW-Authenticate/,
        /refuses it: it has another token/,
        /Twilio's own check refuses a signed form/,
      ],
    ],
    ['that has too much to do', [429], atEach('http://.* takes no more requests', '.* answers HTTP 429')],
  ];
  test.each(strangers)('%s', async (_, answer, found) => {
    const PUBLIC_URL = await answering(...answer);
    await expectFound({ changes: { PUBLIC_URL }, found });
  });
});

test('what does not answer is given up after 5 s, all at once', async () => {
  const PUBLIC_URL = await answering(0);
  await expectFound({
    changes: { PUBLIC_URL },
    fault: { route: '*', action: 'timeout' },
    found: [
      /^failed Credentials: The Voice API did not answer within 5 s/,
      /^failed Right to take payments: The Voice API did not answer within 5 s/,
      /^failed AUTH_TOKEN: The Voice API did not answer within 5 s/,
      /^failed Sync service: Sync did not answer within 5 s/,
      /^could not check Payment connector: .*did not answer/,
      ...atEach('http://.*: it did not answer within 5 s'),
    ],
  });
});

describe('somebody who looks every few minutes', () => {
  test('asks the deployed service alone, and leaves nothing behind', async () => {
    const { examine, simulator } = await openClinic();
    const findings = await examine({ API_SECRET: 'wrong', CURRENCY: 'USD' }, { isWatch: true });
    expect(findings.map(({ status, check }) => [status, check])).toEqual(
      ['Health', ...ALL_CHECKS.slice(-4)].map((check) => ['ok', check]),
    );
    expect(simulator.requests.map(({ route }) => route)).toEqual(['documents.list']);
  });

  test('needs no file if the address is given', async () => {
    const { host } = await openClinic();
    const findings = await diagnose({ variables: {}, file: FILE, url: host.url, isWatch: true });
    expect(findings.map(({ status }) => status)).toEqual([
      'ok',
      'ok',
      'could not check',
      'ok',
      'could not check',
    ]);
  });

  test('is told that Sync does not let the deployed service in', async () => {
    const clinic = await openClinic({ deployed: { API_SECRET: 'an-old-secret' } });
    expect(complaints(await clinic.examine({}, { isWatch: true }))).toEqual([
      expect.stringMatching(/^failed Health: Sync gives the deployed service no good answer/),
    ]);
  });

  test('is told that the variables of the deployed service cannot be read', async () => {
    const clinic = await openClinic({ deployed: { MAX_CHARGE_AMOUNT: 'much' } });
    const found = complaints(await clinic.examine({}, { isWatch: true }));
    expect(found[0]).toMatch(/^failed Health: The variables of the deployed service cannot be read/);
  });
});
