import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTwilioRun, type ToolRun, twilioRunVersion } from '../../cli/deploy/tool.ts';
import type { Variables } from '../../cli/environment.ts';
import { RunError } from '../../cli/program.ts';
import { redirectPath, type Simulator } from '../../simulator/index.ts';
import { BUILD_CHECKS, problemsOf } from './checks/index.ts';
import { expectedOf } from './expected.ts';
import type { Project } from './project.ts';
import type { Report } from './report.ts';
import { type UploadedBuild, uploadedBuild } from './uploaded-build.ts';

export interface Rehearsed {
  readonly simulator: Simulator;
  readonly project: Project;
  readonly report: Report;
}

/** Runs a deploy tool; how it is started is the caller's business. */
type Deploy = () => Promise<ToolRun>;

/** Deploys with twilio-run as its users do: anew, again with a changed variable, and with an API key. */
export async function rehearseDeploys(rehearsed: Rehearsed, variables: Variables): Promise<UploadedBuild> {
  const { simulator, project, report } = rehearsed;
  const { apiKey, apiSecret } = simulator.credentials;
  const withKey = ['--username', apiKey, '--password', apiSecret];

  project.writeEnv({ ...variables, CURRENCY: 'EUR' });
  await deployed(rehearsed, 'anew', twilioRun(rehearsed), { ...variables, CURRENCY: 'EUR' });
  const info = deployInfo(project);
  if (!info) throw new RunError('The first deploy left no .twiliodeployinfo.');

  project.writeEnv(variables);
  await deployed(rehearsed, 'again, with another currency', twilioRun(rehearsed), variables);

  const builds = simulator.serverless.builds().length;
  const refused = await twilioRun(rehearsed, withKey)();
  if (
    refused.code === 0 ||
    !/already exists/.test(refused.stderr) ||
    simulator.serverless.builds().length > builds
  )
    throw new RunError(
      `With an API key and no flag twilio-run was expected to stop at the service's name.\n${refused.stderr}`,
    );
  report.print('deploy', 'with an API key: stops, because the service exists already; nothing was changed');

  const override = [...withKey, '--override-existing-project'];
  const last = await deployed(
    rehearsed,
    'with an API key and --override-existing-project',
    twilioRun(rehearsed, override),
    variables,
  );
  const count = simulator.serverless.builds().length;
  report.remember(
    'Deployed',
    `${count} times with twilio-run ${twilioRunVersion} to ${last.environment.domainName}`,
  );
  return last;
}

/** Runs one deploy that has to succeed, and checks what it left at Twilio. */
export async function deployed(
  { simulator, project, report }: Rehearsed,
  how: string,
  deploy: Deploy,
  variables: Variables,
): Promise<UploadedBuild> {
  const buildsBefore = simulator.serverless.builds().length;
  const { code, stdout, stderr } = await deploy();
  if (code !== 0) throw new RunError(`The deploy failed (${how}, exit code ${code}).\n${stdout}\n${stderr}`);
  const environments = simulator.serverless.environments();
  const [environment] = environments;
  if (!environment || environments.length > 1 || simulator.serverless.services().length > 1)
    throw new RunError(`The deploy (${how}) made ${environments.length} environments, not one.`);
  const build = uploadedBuild(environment);
  const isNew = simulator.serverless.builds().length === buildsBefore + 1;
  const isActive = environment.build === simulator.serverless.builds().at(-1);
  const problems = [
    ...(isNew && isActive ? [] : ['The build that it made is not the one that is active']),
    ...simulator.unknownRequests.map(({ method, host, path }) => `Unknown request: ${method} ${host}${path}`),
    ...problemsOf(build, expectedOf(project.folder, variables)),
  ];
  if (problems.length > 0)
    throw new RunError(`What the deploy left at Twilio is wrong (${how}):\n  ${problems.join('\n  ')}`);
  report.print(
    'deploy',
    `${how}: ${environment.environment.domainName}, ${BUILD_CHECKS.length} checks passed`,
  );
  return build;
}

function twilioRun({ simulator, project }: Rehearsed, flags: readonly string[] = []): Deploy {
  return () =>
    runTwilioRun(['deploy', ...flags], {
      cwd: project.folder,
      preload: [redirectPath],
      env: { TWILIO_SIMULATOR_URL: simulator.url },
    });
}

/** Where twilio-run remembers the service. */
function deployInfo({ folder }: Project): string | undefined {
  const file = join(folder, '.twiliodeployinfo');
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
