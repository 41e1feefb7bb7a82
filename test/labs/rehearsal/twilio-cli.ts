import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool, type ToolRun } from '../../cli/deploy/tool.ts';
import type { Variables } from '../../cli/environment.ts';
import type { Program } from '../../cli/program.ts';
import { redirectPath } from '../../simulator/index.ts';
import { installPackages } from '../conformance/packages.ts';
import { deployed, type Rehearsed } from './deploys.ts';
import type { UploadedBuild } from './uploaded-build.ts';

/** Also where the CLI looks for its plugins: package.json records one there as `twilio plugins:install` does. */
const folder = fileURLToPath(new URL('./cli/', import.meta.url));
const PACKAGES = ['twilio-cli', '@twilio-labs/plugin-serverless', 'twilio-run'];

/** Deploys with `twilio serverless:deploy`, whose plugin brings an older twilio-run: with the Auth Token and an API key. */
export async function rehearseCli(
  program: Program,
  rehearsed: Rehearsed,
  variables: Variables,
): Promise<UploadedBuild> {
  const { simulator, project, report } = rehearsed;
  const { file } = await installPackages(program, folder);
  const versions = PACKAGES.map((name) => `${name} ${versionOf(file(`${name}/package.json`))}`).join(', ');
  report.print('install', versions);

  const home = mkdtempSync(join(tmpdir(), 'rehearsal-cli-'));
  program.onClose(() => rmSync(home, { recursive: true, force: true }));
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const deploy = (credentials: Record<string, string>) => (): Promise<ToolRun> =>
    runTool(file('twilio-cli/bin/run'), ['serverless:deploy'], {
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
  const how = 'with twilio serverless:deploy';
  await deployed(rehearsed, how, deploy({ TWILIO_AUTH_TOKEN: authToken }), variables);
  const key = { TWILIO_API_KEY: apiKey, TWILIO_API_SECRET: apiSecret };
  const last = await deployed(rehearsed, `${how} and an API key`, deploy(key), variables);
  report.remember('Deployed', `twice with ${versions}`);
  return last;
}

function versionOf(manifest: string): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
