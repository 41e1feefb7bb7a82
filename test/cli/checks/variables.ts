import { SETTING_VALUES } from '../../../functions/payments/session/setting-values.ts';
import { ConfigError, readFullConfig } from '../../../functions/runtime/config.ts';
import type { Variables } from '../environment.ts';
import { type Check, failed, ok, type Patient, warning, whereToSet } from './check.ts';

/** What Twilio gives to deployed Functions. */
const PLATFORM = { DOMAIN_NAME: 'agent-payments-0000-dev.twil.io', PATH: '/payment-status' };
const SID_LENGTH = 34;

/** Bytes of one variable, and of all with what the platform adds (https://www.twilio.com/docs/serverless/functions-assets/functions/variables, error 82006). */
const MAX_VARIABLE = 450;
const MAX_ALL = 3_000;
const MANY = 2_700;

/** What each variable has to be, for those that can be wrong. */
const EXPECTED: Record<string, string> = {
  ACCOUNT_SID: 'AC and 32 hexadecimal digits, from the first page of the Twilio Console',
  AUTH_TOKEN:
    'the Auth Token of the account, from the first page of the Twilio Console, which alone is enough to start; an API key (API_KEY and API_SECRET) can take its place for requests',
  SIMULATED_CALL_SID: 'CA and 32 hexadecimal digits',
  API_KEY: 'SK and 32 hexadecimal digits, from the Twilio Console under Account, API keys & tokens',
  API_SECRET: 'the secret that was shown when API_KEY was made; make a new key if it is lost',
  SYNC_API_KEY: 'SK and 32 hexadecimal digits, a key of the region US1; leave it out to use API_KEY',
  SYNC_API_SECRET: 'the secret that was shown when SYNC_API_KEY was made',
  SYNC_SERVICE_SID: 'default, or IS and 32 hexadecimal digits, from the Twilio Console under Sync, Services',
  PAYMENT_CONNECTOR: 'the unique name of a Pay connector, at most 100 characters',
  CURRENCY: 'three letters such as USD',
  TOKEN_TYPE: 'one-time, reusable or payment-method',
  MAX_CHARGE_AMOUNT:
    'an amount of CURRENCY above 0 and below 1000000, or one for each currency: USD 1000 EUR 900',
  PAYMENT_CONNECTORS: 'unique names of Pay connectors, separated by commas',
  ALLOWED_CURRENCIES: 'codes of three letters such as USD EUR',
  CONFIRM_CHARGES: 'always, never, or above: and amounts, such as above:50 or above:USD 50 EUR 45',
  MAX_ATTEMPTS_PER_FIELD: 'a whole number from 1 to 10',
  PAYMENT_METHOD: 'credit-card or ach-debit',
  BANK_ACCOUNT_TYPE: 'consumer-checking, consumer-savings or commercial-checking',
  SECURITY_CODE: 'true or false',
  POSTAL_CODE: 'true or false',
  MIN_POSTAL_CODE_LENGTH: 'a whole number from 1 to 20',
  VALID_CARD_TYPES: `some of ${SETTING_VALUES.cardTypes.join(', ')}`,
  REQUIRE_MATCHING_INPUTS: `some of ${SETTING_VALUES.matchableFields.join(', ')}`,
  INPUT_TIMEOUT: `a whole number of seconds from 1 to ${SETTING_VALUES.maxTimeout}`,
  CALLER_CONFIRMATION: 'true or false',
  CONNECTOR_PARAMETERS: 'a JSON object whose members are texts, such as {"merchant":"12"}',
  CALLER_LANGUAGE: `one of ${SETTING_VALUES.languages.join(', ')}`,
  PAYMENT_TTL_SECONDS: 'a whole number from 60 to 31536000',
  KEEP_FINISHED_SECONDS: 'a whole number from 60 to 31536000',
  CALLBACK_SIGNATURE: 'verify or gateway',
  OPAQUE_CODES: 'true or false',
  ALLOW_SIP_CALLERS: 'true or false',
  PUBLIC_URL:
    'a URL that begins with https://, without ? and #; leave it out to use the domain that Twilio gives',
  OAUTH_ISSUER: 'a URL that begins with https://',
  ALLOWED_ORIGINS: 'URLs that begin with https://, separated by blanks',
  DESK_FRAME_ANCESTORS: 'URLs that begin with https://, separated by blanks',
  DESK_OAUTH_CLIENT_ID: 'the client id that the issuer gave to the desk, at most 200 characters',
  DESK_LOCK_MINUTES: 'a whole number from 1 to 480',
  TWILIO_EDGE: 'the name of an edge such as dublin, together with TWILIO_REGION',
  TWILIO_REGION: 'the name of a region such as ie1, together with TWILIO_EDGE',
};

/** The variables as the Functions would read them, and those that keep them from it. What can be read without the wrong ones is. */
export function readVariables(variables: Variables): Pick<Patient, 'config' | 'wrong'> {
  const rest: Variables = { ...PLATFORM, ...withoutEmpty(variables) };
  const wrong: string[] = [];
  for (;;) {
    try {
      return { config: readFullConfig(rest, SETTING_VALUES), wrong };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const more = error.variables.filter((name) => !wrong.includes(name));
      if (more.length === 0) return { config: undefined, wrong };
      wrong.push(...more);
      for (const name of more) delete rest[name];
    }
  }
}

export const settings: Check = {
  name: 'Variables',
  async run(patient) {
    const { variables, wrong } = patient;
    if (wrong.length === 0) return [ok(`All ${Object.keys(withoutEmpty(variables)).length} can be read.`)];
    return wrong.map((name) => failed(`${problemWith(name, variables[name])} ${whereToSet(patient)}`));
  },
};

/** What is wrong with a variable that cannot be read, and what it has to be. Never tells the value. */
export function problemWith(name: string, value: string | undefined): string {
  const what = value ? 'is malformed' : 'is missing';
  const expected = EXPECTED[name] ? `: it has to be ${EXPECTED[name]}` : '';
  const comment = value && / #/.test(value) ? ' A comment needs a line of its own.' : '';
  return `${name} ${what}${expected}.${comment}`;
}

export const sizes: Check = {
  name: 'Size of the variables',
  async run({ variables, file }) {
    const long = Object.entries(variables)
      .map(([name, value]) => ({ name, bytes: Buffer.byteLength(value) }))
      .filter(({ bytes }) => bytes > MAX_VARIABLE);
    const sids = { SERVICE_SID: 'Z'.repeat(SID_LENGTH), ENVIRONMENT_SID: 'Z'.repeat(SID_LENGTH) };
    const all = Buffer.byteLength(JSON.stringify({ ...PLATFORM, ...sids, ...variables }));
    const tooLong = long.map(({ name, bytes }) =>
      failed(
        `${name} has ${bytes} bytes; Twilio takes ${MAX_VARIABLE} in one variable. Shorten it in ${file}.`,
      ),
    );
    const total = `All together have ${all} bytes of the about 3000 that Twilio takes`;
    if (all > MAX_ALL) return [...tooLong, failed(`${total}. Remove what is not needed from ${file}.`)];
    if (all > MANY) return [...tooLong, warning(`${total}. There is little room left.`)];
    return tooLong.length > 0 ? tooLong : [ok(`${total}.`)];
  },
};

function withoutEmpty(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
}
