import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { root } from '../../cli/functions-process.ts';
import { type Program, RunError } from '../../cli/program.ts';
import { redirectPath, type Simulator, startSimulator } from '../../simulator/index.ts';
import { hostBuild, route } from './deployment.ts';
import { DEFAULT_HOST_SWITCHES } from './host/switches.ts';
import { layOut } from './layout.ts';
import { SCENARIOS, take } from './payments.ts';
import type { Report } from './report.ts';
import { uploadedBuild } from './uploaded-build.ts';

const reachDeployed = fileURLToPath(new URL('./reach-deployed.cjs', import.meta.url));

/** What stays behind when the project is copied: what is installed, built or secret, and the history. */
const LEFT_BEHIND = ['node_modules', 'dist', '.git', '.env', '.twiliodeployinfo'];

/** The URL that docs/go-live.md has in place of the one that the deploy prints. */
const EXAMPLE_URL = 'https://agent-payments-mcp-1234-dev.twil.io';

/** A Sync service of its own, as step 4 makes it. */
const SYNC_SERVICE = `IS${'5'.repeat(32)}`;

interface Newcomer {
  readonly simulator: Simulator;
  readonly folder: string;
  /** What the commands have printed. */
  printed: string;
}

/**
 * From a fresh copy to a service that is deployed and checked, by the commands of docs/go-live.md as they stand there,
 * against a simulated Twilio where nothing is yet. What people do in the Console is done here; a payment ends it.
 * @param installed where the packages are that a deployed build needs.
 */
export async function rehearseGoLive(program: Program, installed: string, report: Report): Promise<void> {
  const simulator = await startSimulator({ syncServices: [SYNC_SERVICE] });
  const folder = mkdtempSync(join(tmpdir(), 'rehearsal-newcomer-'));
  program.onClose(() => rmSync(folder, { recursive: true, force: true }));
  program.onClose(() => simulator.close());
  cpSync(root, folder, {
    recursive: true,
    filter: (path) => !LEFT_BEHIND.includes(basename(path)),
  });
  const newcomer: Newcomer = { simulator, folder, printed: '' };
  const [setUp, deploy, check] = commandsOf(readFileSync(join(root, 'docs/go-live.md'), 'utf8'));
  for (const command of setUp) await follow(newcomer, command);
  const token = fillIn(newcomer);
  for (const command of deploy) await follow(newcomer, command);

  const [environment] = simulator.serverless.environments();
  if (!environment) throw new RunError('The deploy left nothing at Twilio.');
  const uploaded = uploadedBuild(environment);
  const laidOut = layOut(uploaded);
  program.onClose(() => laidOut.remove());
  symlinkSync(installed, join(laidOut.root, 'node_modules'));
  const host = await hostBuild(simulator, uploaded, laidOut, { switches: DEFAULT_HOST_SWITCHES });
  program.onClose(() => host.close());
  route(simulator, uploaded, host);
  const url = /MCP endpoint +(https:\S+)\/mcp/.exec(newcomer.printed)?.[1];
  if (!url) throw new RunError(`The deploy printed no URL:\n${newcomer.printed}`);
  await warm(host.url);
  const env = { REHEARSED_ORIGINS: JSON.stringify({ [url]: host.url }) };
  for (const command of check) await follow(newcomer, command.replace(EXAMPLE_URL, url), env);

  const client = new Client({ name: 'rehearsal', version: '1.0.0' });
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${host.url}/mcp`), { requestInit }));
  const scenario = SCENARIOS.find(({ name }) => name === 'a token');
  if (!scenario) throw new Error('There is no such scenario');
  const { status } = await take(client, simulator, scenario);
  await client.close();
  report.print('go live', `${url} is deployed and checked, and a payment ${status.phase}`);
  report.remember('Go live', `${[...setUp, ...deploy, ...check].join('; ')}: deployed, checked, and paid on`);
}

/**
 * Has as many instances loaded as the doctor uses at once: it waits 5 s, and health 2 s for Sync, and on a machine that
 * is busy with other tests so many processes take longer to start.
 */
async function warm(url: string): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    const paths = ['/health', '/health', '/health', '/health', '/mcp', '/payment-status'];
    const answers = await Promise.all(paths.map((path) => fetch(`${url}${path}`)));
    if (answers.slice(0, 4).every(({ ok }) => ok)) return;
    await sleep(1_000);
  }
}

/** The commands of steps 5 and 6: before the variables are filled in, up to the deploy, and after it. */
function commandsOf(page: string): [string[], string[], string[]] {
  const [, steps = ''] = page.split('\n## 5. ');
  const [, ...blocks] = (steps.split('\n## 7. ')[0] ?? '').split('```sh\n');
  const commands = blocks.map((block) => (block.split('\n```')[0] ?? '').split('\n').filter(Boolean));
  const [setUp, doctor, deploy, check, ...more] = commands;
  if (!setUp || !doctor || !deploy || !check || more.length > 0)
    throw new RunError('Steps 5 and 6 of docs/go-live.md have other blocks of commands than are rehearsed.');
  return [setUp, [...doctor, ...deploy], check];
}

/** Runs a command in the copy. The packages are those of this project: what `npm ci` does on a fresh clone, `.ci/run` shows. */
async function follow(newcomer: Newcomer, command: string, env: Record<string, string> = {}): Promise<void> {
  const { simulator, folder } = newcomer;
  if (command === 'npm ci')
    return symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const child = spawn(command, {
    cwd: folder,
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...env,
      NODE_OPTIONS: `--require ${redirectPath} --require ${reachDeployed}`,
      TWILIO_SIMULATOR_URL: simulator.url,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new RunError(`${command} ended with ${code}:\n${output.trim()}`);
  newcomer.printed += output;
}

/** Fills in the table of step 5. @returns the token that `npm run token` printed. */
function fillIn({ simulator, folder, printed }: Newcomer): string {
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const [, token] = /\n {2}([\w-]{43})\n/.exec(printed) ?? [];
  const [, tokens] = /\n {2}MCP_TOKENS=(.+)\n/.exec(printed) ?? [];
  if (!token || !tokens) throw new RunError(`npm run token printed no token:\n${printed}`);
  const values: Record<string, string> = {
    ACCOUNT_SID: accountSid,
    AUTH_TOKEN: authToken,
    API_KEY: apiKey,
    API_SECRET: apiSecret,
    SYNC_SERVICE_SID: SYNC_SERVICE,
    MCP_TOKENS: tokens,
    CURRENCY: 'USD',
    MAX_CHARGE_AMOUNT: '100',
    CONFIRM_CHARGES: 'always',
  };
  const file = join(folder, '.env');
  let text = readFileSync(file, 'utf8');
  for (const [name, value] of Object.entries(values)) {
    if (!text.includes(`\n${name}=\n`)) throw new RunError(`.env.example has no line ${name}=`);
    text = text.replace(`\n${name}=\n`, `\n${name}=${value}\n`);
  }
  writeFileSync(file, text);
  return token;
}
