import * as z from 'zod';
import { type BearerTokens, readBearerTokens } from './bearer-tokens.ts';
import type { Context } from './platform.ts';

/**
 * How a variable is read, and what counts where it is not set. Its schema is made for the first value that there is:
 * making those of all variables took 5 ms of a cold start.
 */
interface Setting<T> {
  schema(): z.ZodType<T>;
  /** Undefined where the variable must be set. */
  fallback: { value: T } | undefined;
}
type Settings = Record<string, Setting<unknown>>;
type Values<S extends Settings> = { [N in keyof S]: S[N] extends Setting<infer T> ? T : never };

function setting<T>(make: () => z.ZodType<T>, fallback: Setting<T>['fallback']): Setting<T> {
  let made: z.ZodType<T> | undefined;
  const schema = () => {
    made ??= make();
    return made;
  };
  return { schema, fallback };
}
const required = <T>(schema: () => z.ZodType<T>) => setting<T>(schema, undefined);
const optional = <T>(schema: () => z.ZodType<T>) => setting<T | undefined>(schema, { value: undefined });
const withDefault = <T>(value: T, schema: () => z.ZodType<T>) => setting<T>(schema, { value });

const text = () => z.string();
const form = (pattern: RegExp) => () => z.string().regex(pattern);
const sid = (prefix: string) => form(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`));
const oneOf =
  <T extends string>(names: readonly T[]) =>
  () =>
    z.enum(names);
const whole = (least: number, most: number) => () => z.coerce.number().int().min(least).max(most);
const flag = (value: boolean) =>
  withDefault(value, () => z.enum(['true', 'false']).transform((given) => given === 'true'));
const list = (isItem: (item: string) => boolean) => () =>
  z
    .string()
    .transform((value) => value.split(/[\s,]+/).filter(Boolean))
    .refine((items) => items.every(isItem));
const someOf = <T extends string>(names: readonly T[]) =>
  withDefault<readonly T[]>([], () =>
    list((item) => names.some((name) => name === item))().transform((items) => items as T[]),
  );

/** An issuer or origin: https, or http on this machine alone. */
const SECURE_URL = /^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$))/;
const isSecureUrl = (url: string) => SECURE_URL.test(url) && URL.canParse(url);

/** What decides who may send requests. */
const ACCESS = {
  DOMAIN_NAME: optional(form(/^[\w.-]+(?::\d+)?$/)),
  PUBLIC_URL: optional(() =>
    z.string().refine((url) => /^https?:\/\/[^?#]+$/.test(url) && URL.canParse(url)),
  ),
  OAUTH_ISSUER: optional(() => z.string().refine(isSecureUrl)),
  OAUTH_AUDIENCE: withDefault<string[]>(
    [],
    list(() => true),
  ),
  ALLOWED_ORIGINS: withDefault<string[]>([], () =>
    list(isSecureUrl)().transform((urls) => urls.map((url) => new URL(url).origin)),
  ),
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
  SYNC_SERVICE_SID: withDefault('default', form(/^(?:default|IS[0-9a-fA-F]{32})$/)),
  PAYMENT_TTL_SECONDS: withDefault(86_400, whole(60, 31_536_000)),
  CALLBACK_SIGNATURE: withDefault('verify', oneOf<'verify' | 'gateway'>(['verify', 'gateway'])),
  TWILIO_EDGE: optional(form(/^[a-z-]+$/)),
  TWILIO_REGION: optional(form(/^[a-z0-9]+$/)),
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

const currency = () => form(/^[A-Za-z]{3}$/)().transform((code) => code.toUpperCase());

/** What payments are like where the agent says nothing, and the limits that they have. */
function paymentSettingsOf<const V extends SettingValues>(values: V) {
  type Of<K extends keyof V> = readonly Named<V, K>[];
  return {
    PAYMENT_CONNECTOR: optional(() => z.string().max(100)),
    PAYMENT_CONNECTORS: optional(() => z.string().max(450)),
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
    SECURITY_CODE: flag(true),
    POSTAL_CODE: flag(false),
    MIN_POSTAL_CODE_LENGTH: optional(whole(1, 20)),
    VALID_CARD_TYPES: someOf(values.cardTypes as Of<'cardTypes'>),
    REQUIRE_MATCHING_INPUTS: someOf(values.matchableFields as Of<'matchableFields'>),
    INPUT_TIMEOUT: optional(whole(1, values.maxTimeout)),
    CALLER_CONFIRMATION: flag(false),
    CONNECTOR_PARAMETERS: withDefault({}, () => z.string().transform(toParameters)),
    CALLER_LANGUAGE: withDefault('en' as Named<V, 'languages'>, oneOf(values.languages as Of<'languages'>)),
    MAX_CHARGE_AMOUNT: withDefault(1000, () => z.coerce.number().positive().max(999_999.99)),
    ALLOWED_CURRENCIES: withDefault<string[]>([], () =>
      list((item) => /^[A-Za-z]{3}$/.test(item))().transform((codes) =>
        codes.map((code) => code.toUpperCase()),
      ),
    ),
    CONFIRM_CHARGES: withDefault('never', form(/^(?:always|never|above:\d+(?:\.\d+)?)$/)),
    MAX_ATTEMPTS_PER_FIELD: withDefault(3, whole(1, 10)),
  };
}

/** A JSON object of texts. */
function toParameters(value: string, context: z.RefinementCtx): Record<string, string> {
  try {
    const parsed: unknown = JSON.parse(value);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    if (isObject && Object.values(parsed).every((one) => typeof one === 'string')) {
      return parsed as Record<string, string>;
    }
  } catch {
    // Told like any other value that does not fit.
  }
  context.addIssue({ code: 'custom' });
  return {};
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
  if (!config.API_KEY && !config.AUTH_TOKEN) wrong.push('API_KEY');
  return {
    ...config,
    publicUrl,
    username: config.API_KEY ?? config.ACCOUNT_SID,
    password: (config.API_KEY ? config.API_SECRET : config.AUTH_TOKEN) ?? '',
  };
}

/** Kept while the instance lives, for their schemas. */
const paymentSettings = new WeakMap<SettingValues, unknown>();

function readPaymentSettings<const V extends SettingValues>(context: Context, values: V, wrong: string[]) {
  const known = paymentSettings.get(values) as ReturnType<typeof paymentSettingsOf<V>> | undefined;
  const settings = known ?? paymentSettingsOf(values);
  paymentSettings.set(values, settings);
  const config = read(settings, context, wrong);
  const named = [config.PAYMENT_CONNECTOR ?? [], (config.PAYMENT_CONNECTORS ?? '').split(',')].flat();
  const connectors = [...new Set(named.map((name) => name.trim()).filter(Boolean))];
  const [, limit = '0'] = config.CONFIRM_CHARGES.split(':');
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
    maxChargeAmount: config.MAX_CHARGE_AMOUNT,
    allowedCurrencies: config.ALLOWED_CURRENCIES,
    /** Charges above it are confirmed; undefined where none is. */
    confirmAbove: config.CONFIRM_CHARGES === 'never' ? undefined : Number(limit),
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
  const entries = Object.entries(settings).map(([name, { schema, fallback }]) => {
    const given = context[name];
    // Empty entries of an `.env` file reach local runs as empty strings; Twilio drops them.
    if (given === undefined || given === '') {
      if (!fallback) wrong.push(name);
      return [name, fallback?.value];
    }
    const { success, data } = schema().safeParse(given);
    if (!success) wrong.push(name);
    return [name, success ? data : fallback?.value];
  });
  return Object.fromEntries(entries) as Values<S>;
}

function refuse(wrong: string[]): void {
  if (wrong.length > 0) throw new ConfigError([...new Set(wrong)]);
}
