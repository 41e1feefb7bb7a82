import { type BearerTokens, readBearerTokens } from './bearer-tokens.ts';
import {
  type Amounts,
  amounts,
  confirmation,
  currency,
  list,
  matching,
  oneOf,
  origin,
  type Parse,
  parameters,
  secureUrl,
  shortText,
  sid,
  text,
  truth,
  url,
  whole,
} from './parsers.ts';
import type { Context } from './platform.ts';

/** How a variable is read, and its value if it is not set: without `fallback` it must be set. */
interface Setting<T> {
  parse: Parse<T>;
  fallback?: { value: T };
}
type Settings = Record<string, Setting<unknown>>;
type Values<S extends Settings> = { [N in keyof S]: S[N] extends Setting<infer T> ? T : never };

const required = <T>(parse: Parse<T>): Setting<T> => ({ parse });
const optional = <T>(parse: Parse<T>): Setting<T | undefined> => ({ parse, fallback: { value: undefined } });
const withDefault = <T>(value: T, parse: Parse<T>): Setting<T> => ({ parse, fallback: { value } });

/** What decides who may send requests. */
const ACCESS = {
  DOMAIN_NAME: optional(matching(/^[\w.-]+(?::\d+)?$/)),
  PUBLIC_URL: optional(url(/^https?:\/\/[^?#]+$/)),
  OAUTH_ISSUER: optional(secureUrl),
  OAUTH_AUDIENCE: withDefault([], list(text)),
  ALLOWED_ORIGINS: withDefault([], list(origin)),
  DESK_FRAME_ANCESTORS: withDefault([], list(origin)),
  DESK_OAUTH_CLIENT_ID: optional(shortText(200)),
  DESK_LOCK_MINUTES: withDefault(10, whole(1, 480)),
};

/** What requests to Twilio need. `.env.example` has a line for each setting, with its safe default. */
const CONNECTION = {
  ...ACCESS,
  ACCOUNT_SID: required(sid('AC')),
  AUTH_TOKEN: optional(text),
  API_KEY: optional(sid('SK')),
  API_SECRET: optional(text),
  SYNC_API_KEY: optional(sid('SK')),
  SYNC_API_SECRET: optional(text),
  SYNC_SERVICE_SID: withDefault('default', matching(/^(?:default|IS[0-9a-fA-F]{32})$/)),
  PAYMENT_TTL_SECONDS: withDefault(86_400, whole(60, 31_536_000)),
  CALLBACK_SIGNATURE: withDefault<'verify' | 'gateway'>('verify', oneOf(['verify', 'gateway'])),
  TWILIO_EDGE: optional(matching(/^[a-z-]+$/)),
  TWILIO_REGION: optional(matching(/^[a-z0-9]+$/)),
};

/** Settings that are both set or neither. */
const PAIRS = [
  ['API_KEY', 'API_SECRET'],
  ['SYNC_API_KEY', 'SYNC_API_SECRET'],
  ['TWILIO_EDGE', 'TWILIO_REGION'],
] as const;

/** What a setting may name, which is the payments' own business. */
export interface SettingValues {
  tokenTypes: readonly string[];
  paymentMethods: readonly string[];
  bankAccountTypes: readonly string[];
  cardTypes: readonly string[];
  matchableFields: readonly string[];
  languages: readonly string[];
  /** Seconds. */
  maxTimeout: number;
}
type Named<V extends SettingValues, K extends keyof V> = V[K] extends readonly (infer T extends string)[]
  ? T
  : never;

/** What payments are like where the agent says nothing, and the limits that they have. */
function paymentSettingsOf<const V extends SettingValues>(values: V) {
  type Of<K extends keyof V> = readonly Named<V, K>[];
  return {
    PAYMENT_CONNECTOR: optional(shortText(100)),
    PAYMENT_CONNECTORS: optional(shortText(450)),
    CURRENCY: withDefault('USD', currency),
    TOKEN_TYPE: withDefault(
      'reusable' as Named<V, 'tokenTypes'>,
      oneOf(values.tokenTypes as Of<'tokenTypes'>),
    ),
    PAYMENT_METHOD: withDefault(
      'credit-card' as Named<V, 'paymentMethods'>,
      oneOf(values.paymentMethods as Of<'paymentMethods'>),
    ),
    BANK_ACCOUNT_TYPE: optional(oneOf(values.bankAccountTypes as Of<'bankAccountTypes'>)),
    SECURITY_CODE: withDefault(true, truth),
    POSTAL_CODE: withDefault(false, truth),
    MIN_POSTAL_CODE_LENGTH: optional(whole(1, 20)),
    VALID_CARD_TYPES: withDefault([], list(oneOf(values.cardTypes as Of<'cardTypes'>))),
    REQUIRE_MATCHING_INPUTS: withDefault([], list(oneOf(values.matchableFields as Of<'matchableFields'>))),
    INPUT_TIMEOUT: optional(whole(1, values.maxTimeout)),
    CALLER_CONFIRMATION: withDefault(false, truth),
    CONNECTOR_PARAMETERS: withDefault({}, parameters),
    CALLER_LANGUAGE: withDefault('en' as Named<V, 'languages'>, oneOf(values.languages as Of<'languages'>)),
    MAX_CHARGE_AMOUNT: withDefault<Amounts>(
      1000,
      amounts((amount) => 0 < amount && amount <= 999_999.99),
    ),
    ALLOWED_CURRENCIES: optional(list(currency)),
    CONFIRM_CHARGES: withDefault(null, confirmation),
    MAX_ATTEMPTS_PER_FIELD: withDefault(3, whole(1, 10)),
  };
}

/** The names of all variables that are read here or by `readBearerTokens`. */
export function variableNames(values: SettingValues): string[] {
  return [
    ...Object.keys(CONNECTION),
    ...Object.keys(paymentSettingsOf(values)),
    'MCP_AUTH_TOKEN',
    'MCP_TOKENS',
  ];
}

/** Where Twilio and clients reach this service, without a trailing slash. */
interface PublicUrl {
  publicUrl: string;
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
  const publicUrl = publicUrlOf(PUBLIC_URL, config.DOMAIN_NAME, wrong);
  refuse(wrong);
  return { ...config, publicUrl, tokens: readBearerTokens(context) };
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
  const publicUrl = publicUrlOf(PUBLIC_URL, config.DOMAIN_NAME, wrong);
  for (const [one, other] of PAIRS) {
    if (Boolean(config[one]) !== Boolean(config[other])) wrong.push(config[one] ? other : one);
  }
  if (!config.API_KEY && !config.AUTH_TOKEN) wrong.push('AUTH_TOKEN');
  return {
    ...config,
    publicUrl,
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

function publicUrlOf(url: string | undefined, domainName: string | undefined, wrong: string[]): string {
  if (!url && !domainName && !wrong.includes('DOMAIN_NAME')) wrong.push('PUBLIC_URL');
  return url?.replace(/\/+$/, '') ?? `https://${domainName}`;
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
