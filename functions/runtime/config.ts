import * as z from 'zod';
import type { Context } from './platform.ts';

/** Empty entries of an `.env` file reach local runs as empty strings; Twilio drops them. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema);
const sid = (prefix: string) => z.string().regex(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`));

/** All settings, each with a safe default; `.env.example` has a line for each. */
const configSchema = z
  .object({
    ACCOUNT_SID: sid('AC'),
    AUTH_TOKEN: optional(z.string().optional()),
    API_KEY: optional(sid('SK').optional()),
    API_SECRET: optional(z.string().optional()),
    DOMAIN_NAME: optional(z.string().optional()),
    PUBLIC_URL: optional(
      z
        .url({ protocol: /^https?$/ })
        .transform((url) => url.replace(/\/+$/, ''))
        .optional(),
    ),
    MCP_AUTH_TOKEN: optional(z.string().optional()),
    SYNC_SERVICE_SID: optional(z.union([z.literal('default'), sid('IS')]).default('default')),
    PAYMENT_CONNECTOR: optional(z.string().max(100).default('Default')),
    CURRENCY: optional(
      z
        .string()
        .regex(/^[A-Za-z]{3}$/)
        .transform((code) => code.toUpperCase())
        .default('USD'),
    ),
    TOKEN_TYPE: optional(z.enum(['one-time', 'reusable', 'payment-method']).default('reusable')),
    MAX_CHARGE_AMOUNT: optional(z.coerce.number().positive().max(999_999.99).default(1000)),
    PAYMENT_TTL_SECONDS: optional(z.coerce.number().int().min(60).max(31_536_000).default(86_400)),
    CALLBACK_SIGNATURE: optional(z.enum(['verify', 'gateway']).default('verify')),
    TWILIO_EDGE: optional(
      z
        .string()
        .regex(/^[a-z-]+$/)
        .optional(),
    ),
    TWILIO_REGION: optional(
      z
        .string()
        .regex(/^[a-z0-9]+$/)
        .optional(),
    ),
  })
  .superRefine((config, context) => {
    const both = (a: 'API_KEY' | 'TWILIO_EDGE', b: 'API_SECRET' | 'TWILIO_REGION') => {
      if (Boolean(config[a]) !== Boolean(config[b]))
        context.addIssue({ code: 'custom', path: [config[a] ? b : a] });
    };
    both('API_KEY', 'API_SECRET');
    both('TWILIO_EDGE', 'TWILIO_REGION');
    if (!config.API_KEY && !config.AUTH_TOKEN) context.addIssue({ code: 'custom', path: ['API_KEY'] });
    if (!config.PUBLIC_URL && !config.DOMAIN_NAME) context.addIssue({ code: 'custom', path: ['PUBLIC_URL'] });
  });

export interface Config extends Omit<z.infer<typeof configSchema>, 'PUBLIC_URL' | 'DOMAIN_NAME'> {
  /** Where Twilio and clients reach this service, without a trailing slash. */
  publicUrl: string;
  /** Credentials for Twilio's REST API: the API key where there is one, else the account's Auth Token. */
  username: string;
  password: string;
}

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
export function readConfig(context: Context): Config {
  const parsed = configSchema.safeParse(context);
  if (!parsed.success) {
    throw new ConfigError([...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))]);
  }
  const { PUBLIC_URL, DOMAIN_NAME, ...config } = parsed.data;
  return {
    ...config,
    publicUrl: PUBLIC_URL ?? `https://${DOMAIN_NAME}`,
    username: config.API_KEY ?? config.ACCOUNT_SID,
    password: (config.API_KEY ? config.API_SECRET : config.AUTH_TOKEN) ?? '',
  };
}
