import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { toEnvText } from '../../cli/environment.ts';
import { redirectPath, type Simulator, startSimulator } from '../../simulator/index.ts';

const program = fileURLToPath(new URL('../../cli/deploy.ts', import.meta.url));
const TOKEN = 'a-token-that-nobody-may-ever-print';

interface Scene {
  readonly simulator: Simulator;
  /** A good set of variables. */
  readonly variables: Record<string, string>;
  /** Puts a file into the project. */
  write(path: string, content: string): void;
  /** Runs `npm run deploy` with these variables and flags. */
  deploy(variables: Record<string, string>, ...flags: string[]): Promise<{ code: number; text: string }>;
}

/** A small project, and a simulated Twilio to deploy it to. */
async function openScene(): Promise<Scene> {
  const simulator = await startSimulator();
  const folder = mkdtempSync(join(tmpdir(), 'deploy-test-'));
  onTestFinished(async () => {
    rmSync(folder, { recursive: true, force: true });
    await simulator.close();
  });
  const files = {
    'package.json': JSON.stringify({
      name: 'small',
      dependencies: { '@twilio/runtime-handler': '2.0.1', twilio: '6.3.1' },
    }),
    '.twilioserverlessrc': JSON.stringify({
      functionsFolder: 'dist/functions',
      assetsFolder: 'dist/assets',
      runtime: 'node22',
    }),
    'functions/mcp.ts': '',
    'assets/page.html': '',
    'build.mjs': '',
    'dist/functions/mcp.js': 'exports.handler = () => 1;',
    'dist/assets/page.html': '<html></html>',
  };
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  return {
    simulator,
    write,
    variables: {
      ACCOUNT_SID: accountSid,
      AUTH_TOKEN: authToken,
      API_KEY: apiKey,
      API_SECRET: apiSecret,
      MCP_AUTH_TOKEN: TOKEN,
    },
    deploy(variables, ...flags) {
      writeFileSync(join(folder, '.env'), toEnvText(variables));
      return run(simulator, ['--cwd', folder, ...flags], [authToken, apiSecret, TOKEN]);
    },
  };
}

function run(
  simulator: Simulator,
  flags: readonly string[],
  secrets: readonly string[],
): Promise<{ code: number; text: string }> {
  const env = {
    ...process.env,
    NODE_OPTIONS: `--require ${redirectPath}`,
    TWILIO_SIMULATOR_URL: simulator.url,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', program, ...flags], { env }, (error, stdout, stderr) => {
      const text = stdout + stderr;
      for (const secret of secrets) expect(text).not.toContain(secret);
      resolve({ code: error ? Number(error.code) : 0, text });
    });
  });
}

describe('npm run deploy', () => {
  test('deploys twice with the Auth Token and says how to use it', async () => {
    const { simulator, variables, deploy } = await openScene();
    const first = await deploy(variables);
    expect(first.text).toMatch(/MCP endpoint +https:\/\/small-\d{4}-dev\.twil\.io\/mcp/);
    expect(first.text).toMatch(/Tokens +MCP_AUTH_TOKEN/);
    expect(first.text).toMatch(
      /claude mcp add .*\/mcp --header "Authorization: Bearer <your MCP_AUTH_TOKEN>"/,
    );
    expect(first.code).toBe(0);
    expect((await deploy({ ...variables, CURRENCY: 'EUR' })).code).toBe(0);
    expect(simulator.serverless.services()).toHaveLength(1);
    // Each as it is in the file, secrets too.
    const { ACCOUNT_SID: _, AUTH_TOKEN: __, ...sent } = variables;
    expect(simulator.serverless.environments()[0]?.variables).toEqual({ ...sent, CURRENCY: 'EUR' });
  });

  test('deploys twice with the API key where there is no Auth Token', async () => {
    const { simulator, variables, deploy } = await openScene();
    const { AUTH_TOKEN: _, ACCOUNT_SID: __, ...withKey } = variables;
    for (const flags of [[], ['--production']]) {
      const { code, text } = await deploy(withKey, ...flags);
      expect(text).toContain(`the API key ${variables.API_KEY}`);
      expect(code).toBe(0);
    }
    const domains = simulator.serverless.environments().map(({ environment }) => environment.domainName);
    expect(domains).toEqual([
      expect.stringMatching(/^small-\d{4}-dev\.twil\.io$/),
      expect.stringMatching(/^small-\d{4}\.twil\.io$/),
    ]);
    for (const { variables: deployed } of simulator.serverless.environments())
      expect(Object.keys(deployed).sort()).toEqual(['API_KEY', 'API_SECRET', 'MCP_AUTH_TOKEN']);
  });

  test('removes what was emptied in the file, once the deploy is through and somebody has said so', async () => {
    const { simulator, variables, deploy } = await openScene();
    const deployed = () => Object.keys(simulator.serverless.environments()[0]?.variables ?? {});
    await deploy({ ...variables, CURRENCY: 'EUR', COLOUR: 'red' });
    const emptied = { ...variables, CURRENCY: '' };
    const told = await deploy(emptied);
    expect(told.text).toMatch(/Twilio still has CURRENCY, which \.env has not: .* --yes/);
    expect(deployed()).toContain('CURRENCY');
    simulator.faults.add({ route: 'deployments.create', action: { status: 500 } });
    const failed = await deploy(emptied, '--yes');
    expect(failed.text).toMatch(/Twilio still has CURRENCY\./);
    simulator.faults.clear();
    const removed = await deploy(emptied, '--yes');
    expect(removed.text).toMatch(/Removed at Twilio: CURRENCY\n/);
    expect(removed.code).toBe(0);
    expect(deployed()).not.toContain('CURRENCY');
    expect(deployed()).toContain('COLOUR');
  });

  test('takes away the last token: the deploy goes through, and nobody is let in any more', async () => {
    const { simulator, variables, deploy } = await openScene();
    await deploy(variables);
    const { code, text } = await deploy({ ...variables, MCP_AUTH_TOKEN: '' }, '--yes');
    expect(text).toMatch(/Beware: Clients: There is no valid token .*so \/mcp lets nobody in/);
    expect(text).toMatch(/Tokens +none: nobody is let in/);
    expect(text).toMatch(/Removed at Twilio: MCP_AUTH_TOKEN\n/);
    expect(code).toBe(0);
    const { variables: deployed = {} } = simulator.serverless.environments()[0] ?? {};
    expect(Object.keys(deployed)).not.toContain('MCP_AUTH_TOKEN');
  });

  test('sends nothing while a variable is missing or malformed', async () => {
    const { simulator, variables, deploy } = await openScene();
    const { code, text } = await deploy({
      ...variables,
      MCP_AUTH_TOKEN: '',
      CURRENCY: 'dollars',
      CONFIRM_CHARGE: 'always',
    });
    expect(text).toMatch(/CURRENCY is malformed/);
    expect(text).toMatch(/CONFIRM_CHARGE is not a variable .* Did you mean CONFIRM_CHARGES\?/);
    expect(text).toMatch(/so \/mcp lets nobody in/);
    expect(code).toBe(1);
    const noCredentials = await deploy({ MCP_AUTH_TOKEN: TOKEN });
    expect(noCredentials.text).toMatch(/ACCOUNT_SID and AUTH_TOKEN, or API_KEY and API_SECRET/);
    expect(noCredentials.code).toBe(1);
    expect(simulator.requests).toEqual([]);
  });

  test('sends nothing while the platform would refuse the runtime handler', async () => {
    const { simulator, variables, write, deploy } = await openScene();
    const dependencies = { '@twilio/runtime-handler': '2.1.0', twilio: '6.3.1' };
    write('package.json', JSON.stringify({ name: 'small', dependencies }));
    const { code, text } = await deploy(variables);
    expect(text).toMatch(/Nothing was sent to Twilio\. .*runtime-handler 2\.1\.0 .*pin 2\.0\.1/);
    expect(code).toBe(1);
    expect(simulator.requests).toEqual([]);
  });

  test('says why a build failed and what answers now', async () => {
    const { simulator, variables, deploy } = await openScene();
    simulator.serverless.uninstallable.add('twilio');
    const { code, text } = await deploy(variables);
    expect(text).toMatch(/Build ZB[0-9a-f]{32} failed at Twilio, on node22 with .*twilio 6\.3\.1/);
    expect(text).toMatch(/82003/);
    expect(code).toBe(1);
  });

  test('shows what Twilio says of an upload, and that nothing has changed', async () => {
    const { simulator, variables, deploy } = await openScene();
    const fault = { status: 503, code: 20503, message: 'Come back later' };
    simulator.faults.add({ route: 'functions.upload', action: fault });
    const { code, text } = await deploy(variables);
    expect(text).toMatch(/Failed to upload Function \/mcp/);
    // All that twilio-run's debug output has of the answer.
    expect(text).toMatch(/Twilio says: Response code 503/);
    expect(text).toMatch(/No build was made/);
    expect(code).toBe(1);
  });

  test('does not half-succeed quietly', async () => {
    const { simulator, variables, deploy } = await openScene();
    simulator.faults.add({ route: 'deployments.create', action: { status: 500 } });
    const { code, text } = await deploy(variables);
    expect(text).toMatch(/is completed and not active: the old code answers, perhaps with new variables/);
    expect(code).toBe(1);
    simulator.faults.clear();
    simulator.faults.add({ route: 'builds.status', times: 1, action: { status: 500 } });
    const crashed = await deploy(variables);
    expect(crashed.text).toMatch(/Error: Response code 500/);
    expect(crashed.text).toMatch(/is building and not active|is completed and not active/);
    expect(crashed.code).toBe(1);
  });

  test('leaves a service of the same name alone that somebody else has made', async () => {
    const { simulator, variables, deploy } = await openScene();
    const { accountSid, authToken } = simulator.credentials;
    const post = (path: string, form: Record<string, string>) =>
      fetch(`${simulator.url}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${btoa(`${accountSid}:${authToken}`)}`,
          'x-simulated-host': 'serverless.twilio.com',
        },
        body: new URLSearchParams(form),
      });
    await post('/v1/Services', { UniqueName: 'small', FriendlyName: 'theirs' });
    await post('/v1/Services/small/Functions', { FriendlyName: '/theirs' });
    const { code, text } = await deploy(variables);
    expect(text).toMatch(/already exists .* It has none of the Functions of this project/s);
    expect(code).toBe(1);
    expect(simulator.serverless.builds()).toEqual([]);
    expect((await deploy(variables, '--override-existing-project')).code).toBe(0);
  });

  test('passes on what it does not know, and stops at wrong credentials', async () => {
    const { variables, deploy } = await openScene();
    const { code, text } = await deploy(
      { ...variables, AUTH_TOKEN: 'f'.repeat(32) },
      '--service-name',
      'another',
      '--environment=stage',
    );
    expect(text).toMatch(/Deploying another to stage/);
    expect(text).toMatch(/Authenticate/);
    expect(code).toBe(1);
  });
});
