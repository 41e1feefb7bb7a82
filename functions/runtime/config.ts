import { type BearerTokens, readBearerTokens } from './bearer-tokens.ts';
import type { Amounts } from './parsers.ts';
import type { Context } from './platform.ts';
import {
  ACCESS,
  CONNECTION,
  PAIRS,
  paymentSettingsOf,
  type Settings,
  type SettingValues,
  type Values,
} from './settings.ts';

/** Where this service is reached, without a trailing slash. */
interface PublicUrl {
  /** For everybody: anyone may read it in what is answered. */
  publicUrl: string;
  /** For Twilio alone: with the user and the password, if PUBLIC_URL has them. */
  callbackUrl: string;
}

export type AccessConfig = Omit<Values<typeof ACCESS>, 'PUBLIC_URL'> & PublicUrl & { tokens: BearerTokens };

/** The settings of the connection; `username` and `password` are the API key where there is one, else the account's Auth Token. */
export type Config = Omit<Values<typeof CONNECTION>, 'PUBLIC_URL'> &
  PublicUrl & { username: string; password: string };

/** A setting is missing or malformed. It names variables and never holds a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly variables: string[]) {
    super(
      `Missing or malformed: ${variables.join(', ')}. Set each in .env and deploy again, or in the Twilio Console under Functions and Assets, Services, Environment Variables.`,
    );
  }
}

/** @throws ConfigError naming each variable that is missing or malformed. */
export function readAccessConfig(context: Context): AccessConfig {
  const wrong: string[] = [];
  const { PUBLIC_URL, ...config } = read(ACCESS, context, wrong);
  const urls = publicUrlOf(PUBLIC_URL, config.DOMAIN_NAME, wrong);
  refuse(wrong);
  return { ...config, ...urls, tokens: readBearerTokens(context) };
}

/** @throws ConfigError naming each variable that is missing or malformed. */
export function readConfig(context: Context): Config {
  const wrong: string[] = [];
  const config = readConnection(context, wrong);
  refuse(wrong);
  return config;
}

/**
 * All settings: those of the connection to Twilio, and those of payments.
 * @throws ConfigError naming each variable that is missing or malformed.
 */
export function readFullConfig<const V extends SettingValues>(context: Context, values: V) {
  const wrong: string[] = [];
  const config = readConnection(context, wrong);
  const settings = readPaymentSettings(context, values, wrong);
  refuse(wrong);
  return { ...config, settings };
}

function readConnection(context: Context, wrong: string[]): Config {
  const { PUBLIC_URL, ...config } = read(CONNECTION, context, wrong);
  const urls = publicUrlOf(PUBLIC_URL, config.DOMAIN_NAME, wrong);
  for (const [one, other] of PAIRS) {
    if (Boolean(config[one]) !== Boolean(config[other])) wrong.push(config[one] ? other : one);
  }
  if (!config.API_KEY && !config.AUTH_TOKEN) wrong.push('AUTH_TOKEN');
  return {
    ...config,
    ...urls,
    username: config.API_KEY ?? config.ACCOUNT_SID,
    password: (config.API_KEY ? config.API_SECRET : config.AUTH_TOKEN) ?? '',
  };
}

function readPaymentSettings<const V extends SettingValues>(context: Context, values: V, wrong: string[]) {
  const config = read(paymentSettingsOf(values), context, wrong);
  const named = [config.PAYMENT_CONNECTOR ?? [], (config.PAYMENT_CONNECTORS ?? '').split(',')].flat();
  const connectors = [...new Set(named.map((name) => name.trim()).filter(Boolean))];
  const byCurrency = (given: Amounts) => (typeof given === 'number' ? { [config.CURRENCY]: given } : given);
  const { ALLOWED_CURRENCIES: allowed = [], CONFIRM_CHARGES: confirmAbove } = config;
  return {
    paymentConnectors: connectors.length > 0 ? connectors : ['Default'],
    currency: config.CURRENCY,
    tokenType: config.TOKEN_TYPE,
    paymentMethod: config.PAYMENT_METHOD,
    bankAccountType: config.BANK_ACCOUNT_TYPE,
    securityCode: config.SECURITY_CODE,
    postalCode: config.POSTAL_CODE,
    minPostalCodeLength: config.MIN_POSTAL_CODE_LENGTH,
    validCardTypes: config.VALID_CARD_TYPES,
    requireMatchingInputs: config.REQUIRE_MATCHING_INPUTS,
    timeout: config.INPUT_TIMEOUT,
    confirmation: config.CALLER_CONFIRMATION,
    parameter: config.CONNECTOR_PARAMETERS,
    language: config.CALLER_LANGUAGE,
    maxChargeAmounts: byCurrency(config.MAX_CHARGE_AMOUNT),
    allowedCurrencies: allowed.length > 0 ? allowed : [config.CURRENCY],
    confirmAbove: confirmAbove === null ? undefined : byCurrency(confirmAbove),
    maxAttempts: config.MAX_ATTEMPTS_PER_FIELD,
  };
}

function publicUrlOf(url: string | undefined, domainName: string | undefined, wrong: string[]): PublicUrl {
  if (!url && !domainName && !wrong.includes('DOMAIN_NAME')) wrong.push('PUBLIC_URL');
  const callbackUrl = url?.replace(/\/+$/, '') ?? `https://${domainName}`;
  return { publicUrl: callbackUrl.replace(/^(https?:\/\/)[^/]*@/i, '$1'), callbackUrl };
}

/**
 * Reads these variables and no others: reading SERVICE_SID makes the local platform print a warning. Those that are
 * missing or malformed are added to `wrong`, and then the values are not to be used.
 */
function read<S extends Settings>(settings: S, context: Context, wrong: string[]): Values<S> {
  const entries = Object.entries(settings).map(([name, { parse, fallback }]) => {
    const given = context[name];
    // Empty entries of an `.env` file reach local runs as empty strings; Twilio drops them.
    if (given === undefined || given === '') {
      if (!fallback) wrong.push(name);
      return [name, fallback?.value];
    }
    const value = typeof given === 'string' ? parse(given) : undefined;
    if (value === undefined) wrong.push(name);
    return [name, value ?? fallback?.value];
  });
  return Object.fromEntries(entries) as Values<S>;
}

function refuse(wrong: string[]): void {
  if (wrong.length > 0) throw new ConfigError([...new Set(wrong)]);
}
