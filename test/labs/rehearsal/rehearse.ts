/** `npm run rehearse`: a whole deploy against a simulated Twilio, and payments on what it uploaded. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../cli/build.ts';
import type { Variables } from '../../cli/environment.ts';
import { root } from '../../cli/functions-process.ts';
import { handlerProblem } from '../../cli/handler-version.ts';
import { type Program, RunError, runProgram } from '../../cli/program.ts';
import { type Credentials, startSimulator } from '../../simulator/index.ts';
import { rehearseDeploys } from './deploys.ts';
import { rehearseGoLive } from './go-live.ts';
import { npmInstall } from './install.ts';
import { layOut } from './layout.ts';
import { loadAlone } from './loads.ts';
import { copyProject } from './project.ts';
import { kilobytes, Report } from './report.ts';
import { rehearsePayments } from './serve.ts';
import { rehearseCli } from './twilio-cli.ts';
import { rehearseUpgrade } from './upgrade.ts';
import type { UploadedBuild } from './uploaded-build.ts';

const HELP = `Rehearses a deploy: the real deploy tools against a simulated Twilio, then payments on what they uploaded.

  npm run rehearse                     prints what it does, ends with a summary; exit code 1 where anything is wrong
  npm run rehearse -- --without-cli    leaves out twilio serverless:deploy, which takes half of the time
  npm run rehearse -- --keep           leaves the deployed project and the build on disk, and says where
  npm run rehearse -- --help           prints this`;

async function rehearse(program: Program): Promise<void> {
  const { keep, withoutCli, help } = readOptions();
  if (help) return console.log(HELP);
  const report = new Report();
  const problem = handlerProblem(root);
  if (problem) throw new RunError(problem);
  await ensureBuilt(root);
  const simulator = await startSimulator({ seed: randomBytes(4).readUInt32BE() });
  program.onClose(() => simulator.close());
  const token = randomBytes(24).toString('base64url');
  const variables = variablesFor(simulator.credentials, token);

  const project = copyProject(root);
  program.onClose(() => leave(keep, 'project', project));
  const rehearsed = { simulator, project, report };
  let uploaded = await rehearseDeploys(rehearsed, variables);
  if (!withoutCli) uploaded = await rehearseCli(program, rehearsed, variables);

  const laidOut = layOut(uploaded);
  program.onClose(() => leave(keep, 'build', { folder: laidOut.root, remove: laidOut.remove }));
  const { packages, native } = await npmInstall(laidOut.root);
  report.print('install', `${packages} packages from the ${uploaded.dependencies.length} that were uploaded`);
  if (native.length > 0) throw new RunError(`Twilio takes no native modules: ${native.join(', ')}`);
  const loaded = await loadAlone(laidOut);
  const problems = loaded.flatMap((load) => load.problems);
  if (problems.length > 0) throw new RunError(`Functions cannot stand alone:\n  ${problems.join('\n  ')}`);
  for (const { path, milliseconds } of loaded)
    report.print('load', `${path} alone in ${milliseconds.toFixed(0)} ms`);

  const served = { simulator, uploaded, laidOut, token, report };
  await rehearsePayments(served);
  await rehearseUpgrade(served);
  await rehearseGoLive(program, join(laidOut.root, 'node_modules'), report);
  summarise(report, uploaded, packages);
  report.conclude();
}

/** Two kinds of credentials, both kinds of tokens, a setting of each sort, and one that is left empty. */
function variablesFor({ accountSid, authToken, apiKey, apiSecret }: Credentials, token: string): Variables {
  return {
    ACCOUNT_SID: accountSid,
    AUTH_TOKEN: authToken,
    API_KEY: apiKey,
    API_SECRET: apiSecret,
    PAYMENT_CONNECTOR: 'Default',
    CURRENCY: 'USD',
    TOKEN_TYPE: 'reusable',
    MAX_CHARGE_AMOUNT: '500',
    SYNC_SERVICE_SID: 'default',
    MCP_AUTH_TOKEN: token,
    PUBLIC_URL: '',
  };
}

function summarise(report: Report, uploaded: UploadedBuild, packages: number): void {
  for (const { path, visibility, content } of uploaded.functions)
    report.remember('Function', `${path} ${visibility}, ${kilobytes(content.length)}`);
  const count = (visibility: string) =>
    uploaded.assets.filter((asset) => asset.visibility === visibility).length;
  report.remember('Assets', `${count('public')} public, ${count('private')} private`);
  const dependencies = uploaded.dependencies.map(({ name, version }) => `${name} ${version}`);
  report.remember('Dependencies', `${dependencies.join(', ')}; ${packages} packages in all`);
  const names = Object.keys(uploaded.variables);
  const bytes = Buffer.byteLength(JSON.stringify(uploaded.variables));
  report.remember('Variables', `${names.length} with ${bytes} of about 3000 bytes: ${names.join(', ')}`);
  report.remember('Runtime', `${uploaded.runtime}; rehearsed on Node.js ${process.versions.node}`);
}

function leave(keep: boolean, what: string, { folder, remove }: { folder: string; remove(): void }): void {
  if (keep) console.log(`The ${what} is left in ${folder}`);
  else remove();
}

function readOptions(): { keep: boolean; withoutCli: boolean; help: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        keep: { type: 'boolean', default: false },
        'without-cli': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return { keep: values.keep, withoutCli: values['without-cli'], help: values.help };
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new RunError(`${text} See npm run rehearse -- --help`);
  }
}

void runProgram(rehearse, { whenInterrupted: 130 });
