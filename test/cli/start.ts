/** `npm start`: the Functions on this machine, against a Twilio account or a simulated one. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { accountBanner, HELP, simulatedBanner } from './banner.ts';
import { ensureBuilt } from './build.ts';
import { addDeskPages, addSentences } from './desk-pages.ts';
import {
  checkVariables,
  hasCredentials,
  readEnvFile,
  settingsOf,
  type Variables,
  warningsOf,
  writeEnvFile,
} from './environment.ts';
import { type FunctionsProcess, root, startFunctions } from './functions-process.ts';
import { requireFreePort } from './ports.ts';
import { type Program, RunError, runProgram } from './program.ts';
import { startSimulatedRun } from './simulated.ts';
import { openTunnel } from './tunnel.ts';

interface Options {
  port: number;
  ngrok: boolean;
  envFile: string;
  help: boolean;
}

async function start(program: Program): Promise<void> {
  const options = readOptions();
  if (options.help) return console.log(HELP);
  const variables = readEnvFile(options.envFile);
  const isReal = hasCredentials(variables);
  if (options.ngrok && !isReal) {
    throw new RunError('--ngrok is for runs against a Twilio account: set its credentials in .env first.');
  }
  await requireFreePort(options.port);
  await ensureBuilt(root);
  const { broken } = await (isReal ? startReal : startSimulated)(program, options, variables);
  await broken;
}

async function startSimulated(
  program: Program,
  { port }: Options,
  variables: Variables,
): Promise<FunctionsProcess> {
  console.log(`Starting the Functions on port ${port}, against a simulated Twilio ...`);
  const run = await startSimulatedRun(program, { port, settings: settingsOf(variables), showOutput: true });
  addDeskPages(run);
  addSentences(run);
  console.log(simulatedBanner(run));
  return run.functions;
}

async function startReal(
  program: Program,
  { port, ngrok, envFile }: Options,
  variables: Variables,
): Promise<FunctionsProcess> {
  checkVariables(variables, port);
  if (!ngrok) {
    console.log(`Starting the Functions on port ${port} ...`);
    const functions = await startFunctions(program, { port, envFile, showOutput: true });
    report(functions, variables);
    return functions;
  }
  if (variables.PUBLIC_URL) console.log('--ngrok takes the place of PUBLIC_URL in this run.');
  console.log('Opening a tunnel ...');
  const PUBLIC_URL = await openTunnel(program, port);
  console.log(`Starting the Functions on port ${port} ...`);
  // The last line for a variable counts.
  const withTunnel = writeEnvFile(program, `${readFileSync(envFile, 'utf8')}\nPUBLIC_URL=${PUBLIC_URL}\n`);
  const functions = await startFunctions(program, { port, envFile: withTunnel.path, showOutput: true });
  withTunnel.remove();
  report(functions, { ...variables, PUBLIC_URL });
  return functions;
}

function report({ url }: FunctionsProcess, variables: Variables): void {
  const publicUrl = variables.PUBLIC_URL ? withoutPassword(variables.PUBLIC_URL) : undefined;
  console.log(accountBanner({ url, publicUrl, warnings: warningsOf(variables) }));
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
    const envFile = resolve(root, values.env ?? '.env');
    if (values.env !== undefined && !existsSync(envFile)) throw new Error(`There is no file ${values.env}.`);
    return { port, ngrok: values.ngrok, envFile, help: values.help };
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new RunError(`${text?.replace(/\.?$/, '.')} See npm start -- --help`);
  }
}

void runProgram(start, { whenInterrupted: 0 });
