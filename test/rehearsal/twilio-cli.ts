import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool, type ToolRun } from '../local/deploy/tool.ts';
import type { Variables } from '../local/environment.ts';
import type { Program } from '../local/program.ts';
import { redirectPath } from '../simulator/index.ts';
import { deployed, type Rehearsed } from './deploys.ts';
import { npmInstall } from './install.ts';
import type { UploadedBuild } from './uploaded-build.ts';

const CLI = 'twilio-cli';
const PLUGIN = '@twilio-labs/plugin-serverless';

/**
 * Deploys with `twilio serverless:deploy`, whose plugin brings an older twilio-run: with the Auth Token, and with an
 * API key. Both packages go into a temporary folder, which is also where the CLI looks for its plugins.
 */
export async function rehearseCli(
  program: Program,
  rehearsed: Rehearsed,
  variables: Variables,
): Promise<UploadedBuild> {
  const { simulator, project, report } = rehearsed;
  const folder = mkdtempSync(join(tmpdir(), 'rehearsal-cli-'));
  program.onClose(() => rmSync(folder, { recursive: true, force: true }));
  report.print('install', `${CLI} with ${PLUGIN} ...`);
  // How the CLI records a plugin that `twilio plugins:install` has put into its data folder (@oclif/plugin-plugins).
  const plugins = { schema: 1, plugins: [{ name: PLUGIN, type: 'user', tag: 'latest' }] };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, oclif: plugins }));
  const packages = await npmInstall(folder, [CLI, PLUGIN]);
  const versions = [CLI, PLUGIN, 'twilio-run'].map((name) => `${name} ${versionOf(folder, name)}`);
  report.print('install', `${versions.join(', ')}: ${packages} packages`);

  const home = join(folder, 'home');
  mkdirSync(home);
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const deploy = (flags: readonly string[], credentials: Record<string, string>) => (): Promise<ToolRun> =>
    runTool(join(folder, 'node_modules', CLI, 'bin', 'run'), ['serverless:deploy', ...flags], {
      cwd: project.folder,
      preload: [redirectPath],
      env: {
        ...credentials,
        TWILIO_ACCOUNT_SID: accountSid,
        TWILIO_SIMULATOR_URL: simulator.url,
        TWILIO_DATA_DIR: folder,
        TWILIO_CONFIG_DIR: home,
        TWILIO_CACHE_DIR: home,
        TWILIO_DISABLE_AUTOUPDATE: 'true',
        TWILIO_SKIP_NEW_VERSION_CHECK: 'true',
      },
    });
  const { deployed: way, env } = { deployed: 'with twilio serverless:deploy', env: variables };
  await deployed(rehearsed, way, deploy([], { TWILIO_AUTH_TOKEN: authToken }), env);
  const key = { TWILIO_API_KEY: apiKey, TWILIO_API_SECRET: apiSecret };
  const last = await deployed(rehearsed, `${way} and an API key`, deploy([], key), env);
  report.remember('Deployed', `twice with ${versions.join(', ')}`);
  return last;
}

function versionOf(folder: string, name: string): string {
  const file = join(folder, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
