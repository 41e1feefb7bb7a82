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

/** All settings, each with a safe default; `.env.example` has a line for each. */
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
    PAYMENT_CONNECTOR: text.max(100).default('Default'),
    CURRENCY: form(/^[A-Za-z]{3}$/)
      .default('USD')
      .transform((code) => code.toUpperCase()),
    TOKEN_TYPE: z.enum(['one-time', 'reusable', 'payment-method']).default('reusable'),
    MAX_CHARGE_AMOUNT: z.coerce.number().positive().max(999_999.99).default(1000),
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
