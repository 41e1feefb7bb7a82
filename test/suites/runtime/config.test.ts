import { describe, expect, test } from 'vitest';
import { SETTING_VALUES } from '../../../functions/payments/session/setting-values.ts';
import { ConfigError, readAccessConfig, readFullConfig } from '../../../functions/runtime/config.ts';
import type { Context } from '../../../functions/runtime/platform.ts';

const ACCOUNT_SID = `AC${'1'.repeat(32)}`;
const API_KEY = `SK${'2'.repeat(32)}`;

/** The least that a deployed service has. */
const GIVEN = { ACCOUNT_SID, AUTH_TOKEN: 'auth-token', DOMAIN_NAME: 'pay-1234-dev.twil.io' };

const readConfig = (context: Context) => readFullConfig(context, SETTING_VALUES);

/** The variables that a context is refused for. */
function refusedFor(
  context: Record<string, unknown>,
  read: (context: Context) => unknown = readConfig,
): string[] {
  try {
    read(context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const name of error.variables) expect(error.message).toContain(name);
    return error.variables;
  }
  return [];
}

describe('where nothing is said', () => {
  test('every setting has its safe default', () => {
    expect(readConfig(GIVEN)).toMatchObject({
      publicUrl: 'https://pay-1234-dev.twil.io',
      SYNC_SERVICE_SID: 'default',
      PAYMENT_TTL_SECONDS: 86_400,
      CALLBACK_SIGNATURE: 'verify',
      ALLOWED_ORIGINS: [],
      OAUTH_AUDIENCE: [],
      username: ACCOUNT_SID,
      password: 'auth-token',
      settings: {
        paymentConnectors: ['Default'],
        currency: 'USD',
        tokenType: 'reusable',
        paymentMethod: 'credit-card',
        bankAccountType: undefined,
        securityCode: true,
        postalCode: false,
        minPostalCodeLength: undefined,
        validCardTypes: [],
        requireMatchingInputs: [],
        timeout: undefined,
        confirmation: false,
        parameter: {},
        language: 'en',
        maxChargeAmounts: { USD: 1000 },
        allowedCurrencies: ['USD'],
        confirmAbove: undefined,
        maxAttempts: 3,
      },
    });
  });

  test('an empty entry of .env says nothing', () => {
    const unset = [
      'API_KEY',
      'API_SECRET',
      'PUBLIC_URL',
      'SYNC_SERVICE_SID',
      'PAYMENT_CONNECTOR',
      'CURRENCY',
      'TOKEN_TYPE',
      'MAX_CHARGE_AMOUNT',
      'PAYMENT_TTL_SECONDS',
      'CALLBACK_SIGNATURE',
      'TWILIO_EDGE',
      'TWILIO_REGION',
      'OAUTH_ISSUER',
      'OAUTH_AUDIENCE',
      'ALLOWED_ORIGINS',
    ].map((name) => [name, '']);
    expect(readConfig({ ...GIVEN, ...Object.fromEntries(unset) })).toEqual(readConfig(GIVEN));
  });

  test('and empty ones that are needed are missing', () => {
    expect(refusedFor({ ACCOUNT_SID: '', AUTH_TOKEN: '', DOMAIN_NAME: '' })).toContain('ACCOUNT_SID');
    expect(refusedFor({ ...GIVEN, AUTH_TOKEN: '' })).toEqual(['AUTH_TOKEN']);
    expect(refusedFor({ ...GIVEN, DOMAIN_NAME: '' })).toEqual(['PUBLIC_URL']);
  });
});

describe('what is said counts', () => {
  test.each<[string, Record<string, string>, Record<string, unknown>]>([
    [
      'an API key comes before the Auth Token',
      { API_KEY, API_SECRET: 's' },
      { username: API_KEY, password: 's' },
    ],
    [
      'a currency in small letters, which limits and allowed currencies follow',
      { CURRENCY: 'eur' },
      { settings: { currency: 'EUR', allowedCurrencies: ['EUR'], maxChargeAmounts: { EUR: 1000 } } },
    ],
    [
      'an amount, which is one of CURRENCY',
      { MAX_CHARGE_AMOUNT: '250.50', ALLOWED_CURRENCIES: 'USD EUR' },
      { settings: { maxChargeAmounts: { USD: 250.5 }, allowedCurrencies: ['USD', 'EUR'] } },
    ],
    [
      'an amount for each currency',
      { MAX_CHARGE_AMOUNT: 'USD 1000 eur 900, JPY 150000' },
      { settings: { maxChargeAmounts: { USD: 1000, EUR: 900, JPY: 150_000 }, allowedCurrencies: ['USD'] } },
    ],
    ['no charge to confirm', { CONFIRM_CHARGES: 'never' }, { settings: { confirmAbove: undefined } }],
    ['every charge to confirm', { CONFIRM_CHARGES: 'always' }, { settings: { confirmAbove: {} } }],
    ['charges to confirm', { CONFIRM_CHARGES: 'above:49.5' }, { settings: { confirmAbove: { USD: 49.5 } } }],
    [
      'charges to confirm in each currency',
      { CONFIRM_CHARGES: 'above:USD 50 JPY 0' },
      { settings: { confirmAbove: { USD: 50, JPY: 0 } } },
    ],
    [
      'connectors, the default first',
      { PAYMENT_CONNECTOR: 'Main', PAYMENT_CONNECTORS: 'Test, Main ,Other' },
      { settings: { paymentConnectors: ['Main', 'Test', 'Other'] } },
    ],
    [
      'connectors without a default',
      { PAYMENT_CONNECTORS: 'Test,Other' },
      { settings: { paymentConnectors: ['Test', 'Other'] } },
    ],
    [
      'lists',
      { VALID_CARD_TYPES: 'visa amex', ALLOWED_CURRENCIES: 'usd,EUR' },
      { settings: { validCardTypes: ['visa', 'amex'], allowedCurrencies: ['USD', 'EUR'] } },
    ],
    [
      'parameters of the connector',
      { CONNECTOR_PARAMETERS: '{"merchant":"12"}' },
      { settings: { parameter: { merchant: '12' } } },
    ],
    [
      'a URL with a slash at its end',
      { PUBLIC_URL: 'https://pay.example.com/' },
      { publicUrl: 'https://pay.example.com' },
    ],
    [
      'a URL with a path',
      { PUBLIC_URL: 'https://example.com/pay//' },
      { publicUrl: 'https://example.com/pay' },
    ],
    [
      'a user and a password, which nobody but Twilio is told',
      { PUBLIC_URL: 'https://me:s@cret@pay.example.com/a@b/' },
      {
        publicUrl: 'https://pay.example.com/a@b',
        callbackUrl: 'https://me:s@cret@pay.example.com/a@b',
      },
    ],
    ['a local URL', { PUBLIC_URL: 'http://localhost:3000' }, { publicUrl: 'http://localhost:3000' }],
    ['an edge with its region', { TWILIO_EDGE: 'dublin', TWILIO_REGION: 'ie1' }, { TWILIO_EDGE: 'dublin' }],
    [
      'a list',
      { ALLOWED_ORIGINS: 'https://a.example.com/x, http://localhost:1' },
      { ALLOWED_ORIGINS: ['https://a.example.com', 'http://localhost:1'] },
    ],
  ])('%s', (_, context, expected) => {
    expect(readConfig({ ...GIVEN, ...context })).toMatchObject(expected);
  });

  test('and what is no setting is left out', () => {
    expect(readConfig({ ...GIVEN, SOMETHING: 'else', getTwilioClient: () => undefined })).toEqual(
      readConfig(GIVEN),
    );
  });
});

describe('a malformed variable is named, and its value is not told', () => {
  test.each([
    ['ACCOUNT_SID', 'secret-7'],
    ['ACCOUNT_SID', `${ACCOUNT_SID}\n`],
    ['ACCOUNT_SID', undefined],
    ['API_KEY', 'secret-7'],
    ['SYNC_SERVICE_SID', 'secret-7'],
    ['CURRENCY', 'secret-7'],
    ['TOKEN_TYPE', 'secret-7'],
    ['CALLBACK_SIGNATURE', 'off'],
    ['MAX_CHARGE_AMOUNT', 'secret-7'],
    ['MAX_CHARGE_AMOUNT', '0'],
    ['MAX_CHARGE_AMOUNT', '-5'],
    ['MAX_CHARGE_AMOUNT', '1000000'],
    ['MAX_CHARGE_AMOUNT', 'Infinity'],
    ['MAX_CHARGE_AMOUNT', '1e3'],
    ['MAX_CHARGE_AMOUNT', '1000 USD'],
    ['MAX_CHARGE_AMOUNT', 'USD'],
    ['MAX_CHARGE_AMOUNT', 'USD 5 EUR'],
    ['MAX_CHARGE_AMOUNT', 'USD 5 usd 6'],
    ['MAX_CHARGE_AMOUNT', 'USD 5 EUR 0'],
    ['MAX_CHARGE_AMOUNT', 'EURO 5'],
    ['PAYMENT_TTL_SECONDS', '59'],
    ['PAYMENT_TTL_SECONDS', '60.5'],
    ['PAYMENT_CONNECTOR', 'secret-7'.repeat(13)],
    ['PAYMENT_METHOD', 'secret-7'],
    ['BANK_ACCOUNT_TYPE', 'secret-7'],
    ['SECURITY_CODE', 'secret-7'],
    ['POSTAL_CODE', 'yes'],
    ['MIN_POSTAL_CODE_LENGTH', '0'],
    ['VALID_CARD_TYPES', 'visa secret-7'],
    ['REQUIRE_MATCHING_INPUTS', 'bank-account-number'],
    ['INPUT_TIMEOUT', '601'],
    ['CALLER_CONFIRMATION', 'secret-7'],
    ['CONNECTOR_PARAMETERS', 'secret-7'],
    ['CONNECTOR_PARAMETERS', '["secret-7"]'],
    ['CONNECTOR_PARAMETERS', '{"a":{"b":"secret-7"}}'],
    ['CALLER_LANGUAGE', 'secret-7'],
    ['ALLOWED_CURRENCIES', 'USD secret-7'],
    ['CONFIRM_CHARGES', 'secret-7'],
    ['CONFIRM_CHARGES', 'above:'],
    ['CONFIRM_CHARGES', 'above:USD'],
    ['CONFIRM_CHARGES', 'USD 50'],
    ['MAX_ATTEMPTS_PER_FIELD', '11'],
    ['PUBLIC_URL', 'secret-7'],
    ['PUBLIC_URL', 'ftp://secret-7.example.com'],
    ['PUBLIC_URL', 'https://example.com/?secret-7'],
    ['PUBLIC_URL', 'https://example.com/#secret-7'],
    ['DOMAIN_NAME', 'secret-7.example.com/path'],
    ['TWILIO_EDGE', 'secret-7.evil'],
    ['TWILIO_REGION', 'secret-7.evil'],
    ['OAUTH_ISSUER', 'http://secret-7.example.com'],
    ['OAUTH_ISSUER', 'http://localhost.evil.example'],
    ['OAUTH_ISSUER', 'http://127.0.0.1@evil.example'],
    ['ALLOWED_ORIGINS', 'http://localhost.evil.example'],
    ['ALLOWED_ORIGINS', 'https://example.com secret-7'],
  ])('%s=%j', (name, value) => {
    const context = {
      ...GIVEN,
      API_KEY,
      API_SECRET: 'secret-7',
      TWILIO_EDGE: 'dublin',
      TWILIO_REGION: 'ie1',
      [name]: value,
    };
    expect(refusedFor(context)).toEqual([name]);
    expect(() => readConfig(context)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret-7') }),
    );
  });

  test('once each, however many there are', () => {
    const context = { ...GIVEN, CURRENCY: 'x', TOKEN_TYPE: 'x', ALLOWED_ORIGINS: 'x y z' };
    expect(refusedFor(context).sort()).toEqual(['ALLOWED_ORIGINS', 'CURRENCY', 'TOKEN_TYPE']);
  });

  test('together with those that another one needs', () => {
    expect(refusedFor({ ...GIVEN, CURRENCY: 'x', API_KEY }).sort()).toEqual(['API_SECRET', 'CURRENCY']);
  });
});

describe('two that belong together are both set or neither:', () => {
  test.each([
    ['API_SECRET', { API_KEY }],
    ['API_KEY', { API_SECRET: 's' }],
    ['SYNC_API_SECRET', { SYNC_API_KEY: API_KEY }],
    ['SYNC_API_KEY', { SYNC_API_SECRET: 's' }],
    ['TWILIO_REGION', { TWILIO_EDGE: 'dublin' }],
    ['TWILIO_EDGE', { TWILIO_REGION: 'ie1' }],
  ])('%s is missing beside %j', (missing, context) => {
    expect(refusedFor({ ...GIVEN, ...context })).toEqual([missing]);
    expect(refusedFor({ ...GIVEN, ...context, [missing]: '' })).toEqual([missing]);
  });
});

describe('who may send requests', () => {
  test('is decided without the settings of payments', () => {
    expect(
      readAccessConfig({ DOMAIN_NAME: GIVEN.DOMAIN_NAME, MCP_AUTH_TOKEN: 't', CURRENCY: 'malformed' }),
    ).toMatchObject({
      publicUrl: 'https://pay-1234-dev.twil.io',
      tokens: { malformed: 0 },
    });
  });

  test('cannot be decided without an address', () => {
    expect(refusedFor({ MCP_AUTH_TOKEN: 't' }, readAccessConfig)).toEqual(['PUBLIC_URL']);
  });
});
