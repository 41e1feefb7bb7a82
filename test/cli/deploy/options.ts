import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { RunError } from '../program.ts';

export const HELP = `Builds, checks the variables of .env, and deploys to Twilio.

  npm run deploy                            to the environment dev: https://agent-payments-mcp-1234-dev.twil.io
  npm run deploy -- --production            to the environment without a suffix
  npm run deploy -- --environment stage     to another one
  npm run deploy -- --env .env.stage        with the variables of another file
  npm run deploy -- --yes                   removes what was emptied in the file from Twilio without asking
  npm run deploy -- --help                  prints this

Twilio keeps a variable until it is removed: one that was emptied or taken out of the file is removed once the deploy is
through, if you say yes or give --yes; where nobody can be asked it is told. The account's Auth Token deploys, or the API key of the file where
that holds no Auth Token. Further flags go to twilio-run deploy as they are. Missing or malformed variables stop it before the first request. No secret is printed.`;

export interface DeployOptions {
  readonly help: boolean;
  /** The project's folder. */
  readonly folder: string;
  readonly envFile: string;
  /** The same, as the user names it. */
  readonly file: string;
  /** Given as flags, these deploy instead of what the file with variables holds. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly serviceName: string | undefined;
  readonly serviceSid: string | undefined;
  /** Domain suffix; empty for production. */
  readonly environment: string;
  readonly region: string | undefined;
  readonly edge: string | undefined;
  /** Whether a flag already says what to do with a service that exists. */
  readonly overrides: boolean;
  /** Whether variables that were emptied are removed without asking. */
  readonly isSure: boolean;
  /** As twilio-run gets them: without the folder and the file, which it is told apart, and what is ours alone. */
  readonly flags: readonly string[];
}

/** What of the flags is ours to know; the others are twilio-run's business. */
export function readDeployOptions(flags: readonly string[], root: string): DeployOptions {
  const { values } = parseArgs({
    args: [...flags],
    strict: false,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      cwd: { type: 'string' },
      env: { type: 'string' },
      username: { type: 'string', short: 'u' },
      password: { type: 'string' },
      'service-name': { type: 'string', short: 'n' },
      'service-sid': { type: 'string' },
      environment: { type: 'string' },
      to: { type: 'string' },
      production: { type: 'boolean' },
      region: { type: 'string' },
      edge: { type: 'string' },
      'override-existing-project': { type: 'boolean' },
      force: { type: 'boolean' },
      yes: { type: 'boolean' },
      'output-format': { type: 'string', short: 'o' },
    },
  });
  const textOf = (value: string | boolean | undefined) => (typeof value === 'string' ? value : undefined);
  if (values['output-format'] !== undefined)
    throw new RunError('Leave --output-format out: npm run deploy reads it and prints what matters.');
  const folder = resolve(root, textOf(values.cwd) ?? '');
  const file = textOf(values.env) ?? '.env';
  const environment = textOf(values.environment) ?? textOf(values.to) ?? 'dev';
  return {
    help: values.help === true,
    folder,
    envFile: resolve(folder, file),
    file,
    username: textOf(values.username),
    password: textOf(values.password),
    serviceName: textOf(values['service-name']),
    serviceSid: textOf(values['service-sid']),
    environment: values.production === true ? '' : environment,
    region: textOf(values.region),
    edge: textOf(values.edge),
    overrides: values['override-existing-project'] === true || values.force === true,
    isSure: values.yes === true,
    flags: without(without(flags, '--cwd'), '--env').filter((flag) => flag !== '--yes'),
  };
}

/** Flags without one and its value. */
function without(flags: readonly string[], name: string): string[] {
  return flags.filter(
    (flag, index) => flag !== name && !flag.startsWith(`${name}=`) && flags[index - 1] !== name,
  );
}
