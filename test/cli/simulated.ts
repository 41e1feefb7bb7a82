import { randomBytes } from 'node:crypto';
import { EVERYTHING } from '../simulator/connectors.ts';
import { endIdleEntries } from '../simulator/idle-entries.ts';
import { redirectPath, type SimulatedCall, type Simulator, startSimulator } from '../simulator/index.ts';
import { readVariables } from './checks/variables.ts';
import { parseEnv, toEnvText, type Variables, writeEnvFile } from './environment.ts';
import { type FunctionsProcess, startFunctions } from './functions-process.ts';
import type { Program } from './program.ts';

export interface SimulatedRun {
  simulator: Simulator;
  /** In progress. */
  call: SimulatedCall;
  functions: FunctionsProcess;
  mcpUrl: string;
  /** MCP_AUTH_TOKEN, or one that was made for this run. */
  token: string;
  /** What is charged in where nobody says otherwise. */
  currency: string;
  /** Whether the file sets both token and call, so that they stay over restarts. */
  keeps: boolean;
}

export interface SimulatedRunOptions {
  port: number;
  /** The text of an `.env` file: all of it holds, but for what the simulator has of its own. */
  envText?: string;
  showOutput: boolean;
}

/** The simulator under the name that the desk has too: by another one its frame would be a stranger's. */
export function localUrl({ url }: Simulator): string {
  return url.replace('127.0.0.1', 'localhost');
}

/** Starts a simulated Twilio with a call in progress, and the Functions against it. All ends with the program. */
export async function startSimulatedRun(
  program: Program,
  { port, envText = '', showOutput }: SimulatedRunOptions,
): Promise<SimulatedRun> {
  const simulator = await startSimulator({ seed: randomBytes(4).readUInt32BE() });
  program.onClose(() => simulator.close());
  endIdleEntries(simulator);
  const settings = parseEnv(envText);
  const {
    SIMULATED_CALL_SID: sid,
    MCP_AUTH_TOKEN: token = randomToken(),
    DESK_FRAME_ANCESTORS: ancestors = '',
  } = withoutEmpty(settings);
  const call = simulator.placeCall(sid ? { sid } : {});
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const ofThisRun = {
    ACCOUNT_SID: accountSid,
    AUTH_TOKEN: authToken,
    API_KEY: apiKey,
    API_SECRET: apiSecret,
    SYNC_API_KEY: '',
    SYNC_API_SECRET: '',
    MCP_AUTH_TOKEN: token,
    PUBLIC_URL: `http://localhost:${port}`,
    // The page that shows desk and phone side by side is the simulator's.
    DESK_FRAME_ANCESTORS: `${ancestors} ${localUrl(simulator)} ${simulator.url}`.trim(),
    TWILIO_SIMULATOR_URL: simulator.url,
  };
  installConnectors(simulator, { ...settings, ...ofThisRun });
  const envFile = writeEnvFile(program, `${envText}\n${toEnvText(ofThisRun)}`);
  const functions = await startFunctions(program, {
    port,
    envFile: envFile.path,
    preload: [redirectPath],
    token,
    showOutput,
  });
  envFile.remove();
  return {
    simulator,
    call,
    functions,
    mcpUrl: `${functions.url}/mcp`,
    token,
    currency: settings.CURRENCY?.toUpperCase() || 'USD',
    keeps: Boolean(sid && settings.MCP_AUTH_TOKEN),
  };
}

export function randomToken(): string {
  return randomBytes(24).toString('base64url');
}

/** The connectors and currencies that the settings name, so that they can be tried without the account that has them. */
function installConnectors(simulator: Simulator, variables: Variables): void {
  const { config } = readVariables(variables);
  if (!config) return;
  const { paymentConnectors, allowedCurrencies } = config.settings;
  const currencies = [...new Set([...EVERYTHING.currencies, ...allowedCurrencies])];
  for (const name of paymentConnectors) simulator.connectors.set(name, { ...EVERYTHING, currencies });
}

function withoutEmpty(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
}
