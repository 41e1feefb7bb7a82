import { randomBytes } from 'node:crypto';
import { redirectPath, type SimulatedCall, type Simulator, startSimulator } from '../simulator/index.ts';
import { checkVariables, toEnvText, type Variables, writeEnvFile } from './environment.ts';
import { type FunctionsProcess, startFunctions } from './functions-process.ts';
import type { Program } from './program.ts';

export interface SimulatedRun {
  simulator: Simulator;
  /** In progress. */
  call: SimulatedCall;
  functions: FunctionsProcess;
  mcpUrl: string;
  /** Made for this run. */
  token: string;
}

export interface SimulatedRunOptions {
  port: number;
  /** Beside what the simulator demands. */
  settings?: Variables;
  showOutput: boolean;
}

/** The simulator under the name that the desk has too: by another one its frame would be a stranger's. */
export function localUrl({ url }: Simulator): string {
  return url.replace('127.0.0.1', 'localhost');
}

/** Starts a simulated Twilio with a call in progress, and the Functions against it. All ends with the program. */
export async function startSimulatedRun(
  program: Program,
  { port, settings = {}, showOutput }: SimulatedRunOptions,
): Promise<SimulatedRun> {
  const simulator = await startSimulator({ seed: randomBytes(4).readUInt32BE(), losesPatience: true });
  program.onClose(() => simulator.close());
  const call = simulator.placeCall();
  const token = randomBytes(24).toString('base64url');
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const variables = {
    ...settings,
    ACCOUNT_SID: accountSid,
    AUTH_TOKEN: authToken,
    API_KEY: apiKey,
    API_SECRET: apiSecret,
    MCP_AUTH_TOKEN: token,
    PUBLIC_URL: `http://localhost:${port}`,
    // The page that shows desk and phone side by side is the simulator's.
    DESK_FRAME_ANCESTORS: `${localUrl(simulator)} ${simulator.url}`,
    TWILIO_SIMULATOR_URL: simulator.url,
  };
  checkVariables(variables, port);
  const envFile = writeEnvFile(program, toEnvText(variables));
  const functions = await startFunctions(program, {
    port,
    envFile: envFile.path,
    preload: [redirectPath],
    token,
    showOutput,
  });
  envFile.remove();
  return { simulator, call, functions, mcpUrl: `${functions.url}/mcp`, token };
}
