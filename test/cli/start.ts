/** `npm start`: the Functions on this machine, against a Twilio account or a simulated one. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readBearerTokens } from '../../functions/runtime/bearer-tokens.ts';
import { accountBanner, HELP, simulatedBanner } from './banner.ts';
import { ensureBuilt } from './build.ts';
import { tokenPlaceholder } from './deploy/result.ts';
import { addDeskPages, addSentences } from './desk-pages.ts';
import { hasCredentials, parseEnv, type Variables, writeEnvFile } from './environment.ts';
import { type FunctionsProcess, root, startFunctions } from './functions-process.ts';
import { requireFreePort } from './ports.ts';
import { type Program, RunError, runProgram } from './program.ts';
import { randomToken, startSimulatedRun } from './simulated.ts';
import { accountWarnings, checkVariables } from './start-checks.ts';
import { openTunnel, requireAuthtoken } from './tunnel.ts';

interface Options {
  port: number;
  ngrok: boolean;
  /** The file with variables, as the user names it. */
  file: string;
  help: boolean;
}

/** The variables of a run, and what to say about them. */
interface Settings {
  /** What the file holds; empty if there is none. */
  envText: string;
  variables: Variables;
  warnings: string[];
}

async function start(program: Program): Promise<void> {
  const options = readOptions();
  if (options.help) return console.log(HELP);
  const { file, port, ngrok } = options;
  const path = resolve(root, file);
  const envText = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const variables = parseEnv(envText);
  const isReal = hasCredentials(variables);
  if (ngrok && !isReal) {
    throw new RunError(`--ngrok is for runs against a Twilio account: set its credentials in ${file} first.`);
  }
  if (ngrok) requireAuthtoken();
  const simulated = isReal ? {} : { ACCOUNT_SID: `AC${'0'.repeat(32)}`, AUTH_TOKEN: '0'.repeat(32) };
  const ofSimulator = isReal ? {} : { SYNC_API_KEY: '', SYNC_API_SECRET: '', PUBLIC_URL: '' };
  const warnings = await checkVariables({ ...variables, ...simulated, ...ofSimulator }, file);
  await requireFreePort(port);
  console.log(
    existsSync(path)
      ? `Settings are those of ${file}.`
      : `There is no ${file}: settings have their defaults.`,
  );
  await ensureBuilt(root);
  const settings = { envText, variables, warnings };
  const { broken } = await (isReal ? startReal : startSimulated)(program, options, settings);
  await broken;
}

async function startSimulated(
  program: Program,
  { port, file }: Options,
  { envText, warnings }: Settings,
): Promise<FunctionsProcess> {
  console.log(`Starting the Functions on port ${port}, against a simulated Twilio ...`);
  const run = await startSimulatedRun(program, { port, envText, showOutput: true });
  addDeskPages(run);
  addSentences(run);
  console.log(simulatedBanner(run, file, warnings));
  return run.functions;
}

async function startReal(
  program: Program,
  { port, ngrok, file }: Options,
  { envText, variables, warnings }: Settings,
): Promise<FunctionsProcess> {
  const ofThisRun: Variables = {};
  if (!letsAnybodyIn(variables)) ofThisRun.MCP_AUTH_TOKEN = randomToken();
  if (ngrok) {
    if (variables.PUBLIC_URL) console.log('--ngrok takes the place of PUBLIC_URL in this run.');
    console.log('Opening a tunnel ...');
    ofThisRun.PUBLIC_URL = await openTunnel(program, port);
  }
  console.log(`Starting the Functions on port ${port} ...`);
  // The last line for a variable counts.
  const lines = Object.entries(ofThisRun).map(([name, value]) => `${name}=${value}\n`);
  const envFile = writeEnvFile(program, [envText, '\n', ...lines].join(''));
  const functions = await startFunctions(program, { port, envFile: envFile.path, showOutput: true });
  envFile.remove();
  const all = { ...variables, ...ofThisRun };
  console.log(
    accountBanner({
      url: functions.url,
      publicUrl: all.PUBLIC_URL ? withoutPassword(all.PUBLIC_URL) : undefined,
      file,
      token: ofThisRun.MCP_AUTH_TOKEN,
      placeholder: tokenPlaceholder(variables),
      warnings: [...accountWarnings(all), ...warnings],
    }),
  );
  return functions;
}

/** Whether there is a credential that works now. Without one a run makes its own, which is printed. */
function letsAnybodyIn(variables: Variables): boolean {
  const isValid = readBearerTokens(variables).entries.some(({ expires }) => Date.now() < expires);
  return isValid || Boolean(variables.OAUTH_ISSUER);
}

/** Twilio takes URLs with credentials for basic authentication. */
function withoutPassword(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', short: 'p', default: '3000' },
        ngrok: { type: 'boolean', default: false },
        env: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : 0;
    if (port < 1 || port > 65_535) throw new Error('--port takes a number from 1 to 65535.');
    if (values.env !== undefined && !existsSync(resolve(root, values.env)))
      throw new Error(`There is no file ${values.env}.`);
    return { port, ngrok: values.ngrok, file: values.env ?? '.env', help: values.help };
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new RunError(`${text?.replace(/\.?$/, '.')} See npm start -- --help`);
  }
}

void runProgram(start, { whenInterrupted: 0 });
