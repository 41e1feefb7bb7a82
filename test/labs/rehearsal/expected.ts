import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Variables } from '../../cli/environment.ts';
import type { Expected } from './checks/index.ts';

/** What Twilio has to have after a deploy of this project. Whoever adds an endpoint or an Asset adds it here. */
const FUNCTIONS = {
  '/desk': 'public',
  '/desk-client': 'public',
  '/health': 'public',
  '/mcp': 'public',
  '/payment-status': 'protected',
  '/.well-known/oauth-protected-resource': 'public',
  '/.well-known/oauth-protected-resource/mcp': 'public',
} as const;

const ASSETS = {
  '/assets/index.html': 'public',
  '/desk.html': 'private',
  '/icon.svg': 'public',
  '/prompts/card-number.md': 'private',
  '/prompts/completion.md': 'private',
  '/prompts/error.md': 'private',
  '/prompts/expiration-date.md': 'private',
  '/prompts/finish-capture.md': 'private',
  '/prompts/security-code.md': 'private',
  '/prompts/sentences.de.json': 'private',
  '/prompts/sentences.en-GB.json': 'private',
  '/prompts/sentences.en.json': 'private',
  '/prompts/sentences.es.json': 'private',
  '/prompts/sentences.fr.json': 'private',
  '/prompts/sentences.it.json': 'private',
  '/prompts/sentences.nl.json': 'private',
  '/prompts/sentences.pt.json': 'private',
  '/prompts/sentences.zh.json': 'private',
  '/prompts/start-capture.md': 'private',
} as const;

/** Twilio's runtime, as `.twilioserverlessrc` asks for it. */
const RUNTIME = 'node22';

/** The expectation for a deploy of the project in a folder with the variables of an `.env` file. */
export function expectedOf(folder: string, env: Variables): Expected {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return {
    functions: FUNCTIONS,
    assets: ASSETS,
    dependencies,
    runtime: RUNTIME,
    variables: deployedVariables(env),
  };
}

/** What of an `.env` file a deploy sends: not the empty ones, nor the account's credentials (twilio-run config/utils/env.ts). */
export function deployedVariables(env: Variables): Variables {
  const { ACCOUNT_SID: _, AUTH_TOKEN: __, ...rest } = env;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''));
}
