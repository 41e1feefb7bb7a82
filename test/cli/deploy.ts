/** `npm run deploy`: builds, checks the variables, deploys with twilio-run, and says how to use what is there now. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ensureBuilt } from './build.ts';
import { type Check, type Patient, warning } from './checks/check.ts';
import { unknownNames } from './checks/names.ts';
import { clients, namedTokens, plainToken } from './checks/tokens.ts';
import { readVariables, settings, sizes } from './checks/variables.ts';
import { chooseDeployer } from './deploy/deployer.ts';
import { findLeftovers, type Leftovers, mayRemove } from './deploy/leftovers.ts';
import { HELP, readDeployOptions } from './deploy/options.ts';
import { reasonsOf } from './deploy/reason.ts';
import { readResult, resultText } from './deploy/result.ts';
import { isOurs, stateAfter } from './deploy/state.ts';
import { runTwilioRun } from './deploy/tool.ts';
import { readEnvFile, type Variables } from './environment.ts';
import { root } from './functions-process.ts';
import { handlerProblem } from './handler-version.ts';
import { type Program, RunError, runProgram } from './program.ts';
import { askAtTerminal } from './terminal.ts';

/** That nobody is let in stops no deploy: so the last token is taken away. */
function letIn({ name, run }: Check): Check {
  return {
    name,
    run: async (patient) =>
      (await run(patient)).map(({ status, text }) =>
        status === 'failed' ? warning(text) : { status, text },
      ),
  };
}

/** The doctor's checks that need no request. */
const CHECKS: readonly Check[] = [settings, unknownNames, sizes, letIn(clients), plainToken, namedTokens];

/**
 * Where twilio-run's debug output comes from that says what it hides otherwise. Not its client: that writes out the
 * configuration and redacts API_SECRET in the very object that it deploys (serverless-api client.ts, utils/debug.ts).
 */
const DEBUG = 'twilio-run:deploy,twilio-serverless-api:*,-twilio-serverless-api:client';

async function deploy(program: Program): Promise<void> {
  const options = readDeployOptions(process.argv.slice(2), root);
  if (options.help) return console.log(HELP);
  const { folder, envFile, file, flags, environment } = options;
  if (!existsSync(envFile))
    throw new RunError(`There is no ${file}. Copy .env.example to .env and fill it in, or give --env.`);
  const variables = readEnvFile(envFile);
  await check(variables, file);
  const problem = handlerProblem(folder);
  if (problem) throw new RunError(`Nothing was sent to Twilio. ${problem}`);
  const deployer = chooseDeployer(program, options, variables);
  await ensureBuilt(folder);

  const name = options.serviceName ?? packageName(folder);
  console.log(
    `Deploying ${name} to ${environment || 'production'} with ${deployer.name}. It may take some minutes ...`,
  );
  const target = { ...options, name };
  const knows = options.overrides || options.serviceSid !== undefined;
  const ours = !knows && (await isOurs(deployer, target, functionPaths(folder)));
  const leftovers = ours || knows ? await leftoversOf(deployer, target, variables) : undefined;
  const removes = leftovers ? await mayRemove(leftovers, options.isSure, askAtTerminal) : false;
  const startedAt = Date.now();
  const run = await runTwilioRun(
    [
      'deploy',
      '--cwd',
      folder,
      '--env',
      deployer.envFile,
      '--output-format',
      'json',
      ...flags,
      ...(ours ? ['--override-existing-project'] : []),
    ],
    { cwd: folder, env: { DEBUG } },
  );
  if (run.code !== 0) {
    const state = await stateAfter(startedAt, deployer, target);
    const kept = leftovers?.names.length ? [`Twilio still has ${leftovers.names.join(', ')}.`] : [];
    throw new RunError(['The deploy failed.', ...reasonsOf(run, state), ...kept].join('\n  '));
  }
  console.log(resultText(readResult(run), variables));
  if (!leftovers?.names.length) return;
  const names = leftovers.names.join(', ');
  if (!removes)
    return console.log(
      `Beware: Twilio still has ${names}, which ${file} has not: it goes on holding. Deploy again with --yes to remove it.`,
    );
  await leftovers.remove();
  console.log(`Removed at Twilio: ${names}`);
}

/** Undefined, with a warning, where Twilio does not say which variables it has: it says why when it refuses the deploy as well. */
async function leftoversOf(...args: Parameters<typeof findLeftovers>): Promise<Leftovers | undefined> {
  try {
    return await findLeftovers(...args);
  } catch {
    console.log(
      'Beware: Twilio does not say which variables it has. What was emptied in the file goes on holding there: deploy again later.',
    );
    return undefined;
  }
}

/** @throws RunError where a variable is missing, malformed or too large, so that nothing is sent. */
async function check(variables: Variables, file: string): Promise<void> {
  // Twilio gives these two to deployed Functions itself.
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const known = { ACCOUNT_SID: `AC${'0'.repeat(32)}`, AUTH_TOKEN: '0'.repeat(32), ...given };
  const patient: Patient = { variables: known, file, url: undefined, ...readVariables(known) };
  const findings = await Promise.all(
    CHECKS.map(async ({ name, run }) =>
      (await run(patient)).map(({ status, text }) => ({ status, text: `${name}: ${text}` })),
    ),
  );
  const verdicts = findings.flat();
  for (const { status, text } of verdicts) if (status === 'warning') console.log(`Beware: ${text}`);
  const wrong = verdicts.filter(({ status }) => status === 'failed').map(({ text }) => text);
  if (wrong.length > 0)
    throw new RunError(['Nothing was sent to Twilio, because of the variables:', ...wrong].join('\n  '));
  if (variables.PUBLIC_URL)
    console.log(
      `Beware: PUBLIC_URL is set, so Twilio will call ${new URL(variables.PUBLIC_URL).host}. A deployed callback takes only what is signed for its own domain: leave it empty unless that is what it names.`,
    );
}

/** The paths of what was built, as twilio-run names Functions (serverless-api utils/fs.ts). */
function functionPaths(folder: string): string[] {
  return readdirSync(join(folder, 'dist', 'functions'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => `/${name.replace(/(?:\.protected|\.private)?\.js$/, '').replaceAll(sep, '/')}`);
}

function packageName(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string }).name;
}

void runProgram(deploy, { whenInterrupted: 130 });
