import * as z from 'zod';
import { type BearerTokens, readBearerTokens } from './bearer-tokens.ts';
import type { Context } from './platform.ts';

/** One schema for all plain texts: each schema that is made takes its share of a cold start. */
const text = z.string();
const optionalText = text.optional();
const form = (pattern: RegExp) => text.regex(pattern);
const sid = (prefix: string) => form(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`));

/** An issuer or origin: https, or http on this machine alone. */
const SECURE_URL = /^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$))/;
const secureUrl = text.refine((url) => SECURE_URL.test(url) && URL.canParse(url));

const secureUrls = list((url) => SECURE_URL.test(url) && URL.canParse(url));

function list(isItem: (item: string) => boolean) {
  return text
    .default('')
    .transform((value) => value.split(/[\s,]+/).filter(Boolean))
    .refine((items) => items.every(isItem));
}

/** What decides who may send requests. */
const access = {
  DOMAIN_NAME: form(/^[\w.-]+(?::\d+)?$/).optional(),
  PUBLIC_URL: text.refine((url) => /^https?:\/\/[^?#]+$/.test(url) && URL.canParse(url)).optional(),
  OAUTH_ISSUER: secureUrl.optional(),
  OAUTH_AUDIENCE: list(() => true),
  ALLOWED_ORIGINS: secureUrls.transform((urls) => urls.map((url) => new URL(url).origin)),
};

const accessSchema = z.object(access).superRefine(needsPublicUrl);

/** What requests to Twilio need. `.env.example` has a line for each setting, with its safe default. */
const configSchema = z
  .object({
    ...access,
    ACCOUNT_SID: sid('AC'),
    AUTH_TOKEN: optionalText,
    API_KEY: sid('SK').optional(),
    API_SECRET: optionalText,
    SYNC_API_KEY: sid('SK').optional(),
    SYNC_API_SECRET: optionalText,
    SYNC_SERVICE_SID: form(/^(?:default|IS[0-9a-fA-F]{32})$/).default('default'),
    PAYMENT_TTL_SECONDS: z.coerce.number().int().min(60).max(31_536_000).default(86_400),
    CALLBACK_SIGNATURE: z.enum(['verify', 'gateway']).default('verify'),
    TWILIO_EDGE: form(/^[a-z-]+$/).optional(),
    TWILIO_REGION: form(/^[a-z0-9]+$/).optional(),
  })
  .superRefine(needsPublicUrl)
  .superRefine((config, context) => {
    const both = (
      a: 'API_KEY' | 'SYNC_API_KEY' | 'TWILIO_EDGE',
      b: 'API_SECRET' | 'SYNC_API_SECRET' | 'TWILIO_REGION',
    ) => {
      if (Boolean(config[a]) !== Boolean(config[b])) {
        context.addIssue({ code: 'custom', path: [config[a] ? b : a] });
      }
    };
    both('API_KEY', 'API_SECRET');
    both('SYNC_API_KEY', 'SYNC_API_SECRET');
    both('TWILIO_EDGE', 'TWILIO_REGION');
    if (!config.API_KEY && !config.AUTH_TOKEN) context.addIssue({ code: 'custom', path: ['API_KEY'] });
  });

function needsPublicUrl(
  config: { PUBLIC_URL?: string | undefined; DOMAIN_NAME?: string | undefined },
  context: z.RefinementCtx,
) {
  if (!config.PUBLIC_URL && !config.DOMAIN_NAME) context.addIssue({ code: 'custom', path: ['PUBLIC_URL'] });
}

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

/** What payments are like where the agent says nothing, and the limits that they have. */
function paymentSchemaOf<const V extends SettingValues>(values: V) {
  const someOf = <T extends string>(names: readonly T[]) =>
    list((item) => names.some((name) => name === item)).transform((items): readonly T[] => items as T[]);
  const flag = (fallback: 'true' | 'false') =>
    z
      .enum(['true', 'false'])
      .default(fallback)
      .transform((value) => value === 'true');
  const whole = (most: number) => z.coerce.number().int().positive().max(most);
  const currency = form(/^[A-Za-z]{3}$/).transform((code) => code.toUpperCase());
  return z.object({
    PAYMENT_CONNECTOR: text.max(100).optional(),
    PAYMENT_CONNECTORS: text.max(450).optional(),
    CURRENCY: currency.default('USD'),
    TOKEN_TYPE: z.enum(values.tokenTypes as V['tokenTypes']).default('reusable'),
    PAYMENT_METHOD: z.enum(values.paymentMethods as V['paymentMethods']).default('credit-card'),
    BANK_ACCOUNT_TYPE: z.enum(values.bankAccountTypes as V['bankAccountTypes']).optional(),
    SECURITY_CODE: flag('true'),
    POSTAL_CODE: flag('false'),
    MIN_POSTAL_CODE_LENGTH: whole(20).optional(),
    VALID_CARD_TYPES: someOf<V['cardTypes'][number]>(values.cardTypes),
    REQUIRE_MATCHING_INPUTS: someOf<V['matchableFields'][number]>(values.matchableFields),
    INPUT_TIMEOUT: whole(values.maxTimeout).optional(),
    CALLER_CONFIRMATION: flag('false'),
    CONNECTOR_PARAMETERS: text.default('{}').transform(toParameters),
    CALLER_LANGUAGE: z.enum(values.languages as V['languages']).default('en'),
    MAX_CHARGE_AMOUNT: z.coerce.number().positive().max(999_999.99).default(1000),
    ALLOWED_CURRENCIES: list((item) => /^[A-Za-z]{3}$/.test(item)).transform((codes) =>
      codes.map((code) => code.toUpperCase()),
    ),
    CONFIRM_CHARGES: form(/^(?:always|never|above:\d+(?:\.\d+)?)$/).default('never'),
    MAX_ATTEMPTS_PER_FIELD: whole(10).default(3),
  });
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

export type AccessConfig = Omit<z.infer<typeof accessSchema>, 'PUBLIC_URL'> &
  PublicUrl & { tokens: BearerTokens };

/** The settings of the payments; `username` and `password` are the API key where there is one, else the account's Auth Token. */
export type Config = Omit<z.infer<typeof configSchema>, 'PUBLIC_URL'> &
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
  const { PUBLIC_URL, ...config } = parse(accessSchema, context);
  return {
    ...config,
    publicUrl: publicUrlOf(PUBLIC_URL, config.DOMAIN_NAME),
    tokens: readBearerTokens(context),
  };
}

/** @throws ConfigError naming each variable that is missing or malformed. */
export function readConfig(context: Context): Config {
  const { PUBLIC_URL, ...config } = parse(configSchema, context);
  return {
    ...config,
    publicUrl: publicUrlOf(PUBLIC_URL, config.DOMAIN_NAME),
    username: config.API_KEY ?? config.ACCOUNT_SID,
    password: (config.API_KEY ? config.API_SECRET : config.AUTH_TOKEN) ?? '',
  };
}

/**
 * All settings: those of the connection to Twilio, and those of payments.
 * @throws ConfigError naming each variable that is missing or malformed.
 */
export function readFullConfig<const V extends SettingValues>(context: Context, values: V) {
  const wrong: string[] = [];
  const collect = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      wrong.push(...error.variables);
      return undefined;
    }
  };
  const config = collect(() => readConfig(context));
  const settings = collect(() => readPaymentSettings(context, values));
  if (!config || !settings) throw new ConfigError(wrong);
  return { ...config, settings };
}

/** Made once: making it takes longer than a request. */
const paymentSchemas = new WeakMap<SettingValues, unknown>();

function readPaymentSettings<const V extends SettingValues>(context: Context, values: V) {
  const known = paymentSchemas.get(values) as ReturnType<typeof paymentSchemaOf<V>> | undefined;
  const schema = known ?? paymentSchemaOf(values);
  paymentSchemas.set(values, schema);
  const config = parse(schema, context);
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

function publicUrlOf(url: string | undefined, domainName: string | undefined): string {
  return url?.replace(/\/+$/, '') ?? `https://${domainName}`;
}

/** Reads the variables of a schema and no others: reading SERVICE_SID makes the local platform print a warning. */
function parse<T extends z.ZodObject>(schema: T, context: Context): z.output<T> {
  const given = Object.keys(schema.shape).map((name) => [name, context[name]]);
  // Empty entries of an `.env` file reach local runs as empty strings; Twilio drops them.
  const parsed = schema.safeParse(Object.fromEntries(given.filter(([, value]) => value !== '')));
  if (parsed.success) return parsed.data;
  throw new ConfigError([...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))]);
}
