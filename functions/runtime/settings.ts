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

/** How a variable is read, and its value if it is not set: without `fallback` it must be set. */
interface Setting<T> {
  parse: Parse<T>;
  fallback?: { value: T };
}
export type Settings = Record<string, Setting<unknown>>;
export type Values<S extends Settings> = { [N in keyof S]: S[N] extends Setting<infer T> ? T : never };

const required = <T>(parse: Parse<T>): Setting<T> => ({ parse });
const optional = <T>(parse: Parse<T>): Setting<T | undefined> => ({ parse, fallback: { value: undefined } });
const withDefault = <T>(value: T, parse: Parse<T>): Setting<T> => ({ parse, fallback: { value } });

/** What decides who may send requests. */
export const ACCESS = {
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
export const CONNECTION = {
  ...ACCESS,
  ACCOUNT_SID: required(sid('AC')),
  AUTH_TOKEN: optional(text),
  API_KEY: optional(sid('SK')),
  API_SECRET: optional(text),
  SYNC_API_KEY: optional(sid('SK')),
  SYNC_API_SECRET: optional(text),
  SYNC_SERVICE_SID: withDefault('default', matching(/^(?:default|IS[0-9a-fA-F]{32})$/)),
  PAYMENT_TTL_SECONDS: withDefault(86_400, whole(60, 31_536_000)),
  KEEP_FINISHED_SECONDS: optional(whole(60, 31_536_000)),
  /** Of an account whose webhooks are signed with a shared key (https://www.twilio.com/docs/usage/security). */
  WEBHOOK_SHARED_KEY: optional(text),
  OPAQUE_CODES: withDefault(false, truth),
  ALLOW_SIP_CALLERS: withDefault(false, truth),
  CALLBACK_SIGNATURE: withDefault<'verify' | 'gateway'>('verify', oneOf(['verify', 'gateway'])),
  TWILIO_EDGE: optional(matching(/^[a-z-]+$/)),
  TWILIO_REGION: optional(matching(/^[a-z0-9]+$/)),
};

/** Settings that are both set or neither. */
export const PAIRS = [
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
export function paymentSettingsOf<const V extends SettingValues>(values: V) {
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
