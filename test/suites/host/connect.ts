import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { handler as metadataOfMcp } from '../../../functions/.well-known/oauth-protected-resource/mcp.ts';
import { handler as metadata } from '../../../functions/.well-known/oauth-protected-resource.ts';
import { handler as desk } from '../../../functions/desk.ts';
import { handler as deskClient } from '../../../functions/desk-client.ts';
import { handler as health } from '../../../functions/health.ts';
import { handler as mcp } from '../../../functions/mcp.ts';
import { handler as paymentStatus } from '../../../functions/payment-status.protected.ts';
import {
  type Caller,
  redirectPath,
  type SimulatedCall,
  type Simulator,
  type Switches,
  startSimulator,
} from '../../simulator/index.ts';
import { type FunctionsHost, type Handler, startFunctionsHost } from './functions-host.ts';
import { OVER_CONNECTIONS, post, reach, reachInProcess } from './in-process.ts';

createRequire(import.meta.url)(redirectPath);

const ASSETS = { ...promptAssets(), '/desk.html': deskAsset() };

export const TOKEN = 'test-token-of-the-agent';
export const VISA = '4242424242424242';

export interface Setup {
  switches?: Partial<Switches>;
  /** Another one gives other SIDs and credentials. */
  seed?: number;
  /** Whether each digit has its callback, as at Twilio; without it, of digits that are typed at once the last alone. */
  eachDigit?: boolean;
  variables?: Record<string, string>;
}

export interface Agent {
  client: Client;
  /** Calls a tool and gives its structured content. Fails the test on an error result. */
  call(tool: string, args: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Calls a tool that is expected to fail and gives the text of its error. */
  fail(tool: string, args: Record<string, unknown>): Promise<string>;
}

export interface Stage {
  simulator: Simulator;
  host: FunctionsHost;
  call: SimulatedCall;
  caller: Caller;
  agent: Agent;
  /** What the Functions are given; a change counts from the next request on. */
  variables: Record<string, string>;
  connectAgent(headers?: Record<string, string>): Promise<Agent>;
  /** An agent from a client that is connected already. It is closed with the stage. */
  agentOf(client: Client): Agent;
  /** Logs, Sync, requests, callbacks and every result that an agent got, as one text. */
  everythingWritten(): string;
}

/** A simulated Twilio with a call in progress, our Functions, and an agent's MCP client. All is closed when the test ends. */
export async function connect(setup: Setup = {}): Promise<Stage> {
  const { stage, close } = await open(setup);
  onTestFinished(close);
  return stage;
}

/**
 * A stage that the tests of a file, or of a `describe`, share: for those that change nothing on it. What it gives is there
 * once a test runs.
 */
export function share<T>(prepare: (stage: Stage) => Promise<T>, setup: Setup = {}): () => T {
  let shared: { value: T; close: () => Promise<void> } | undefined;
  beforeAll(async () => {
    const { stage, close } = await open(setup);
    shared = { value: await prepare(stage), close };
  });
  afterAll(() => shared?.close());
  return () => {
    if (!shared) throw new Error('The stage opens when the tests run');
    return shared.value;
  };
}

async function open(setup: Setup): Promise<{ stage: Stage; close: () => Promise<void> }> {
  const { switches, seed, eachDigit = OVER_CONNECTIONS } = setup;
  const simulator = await startSimulator({
    ...(switches && { switches }),
    ...(seed && { seed }),
    post,
  });
  if (!eachDigit) simulator.delivery.partials = 'last';
  const simulatorBefore = process.env.TWILIO_SIMULATOR_URL;
  process.env.TWILIO_SIMULATOR_URL = simulator.url;
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const variables: Record<string, string> = {
    ACCOUNT_SID: accountSid,
    AUTH_TOKEN: authToken,
    API_KEY: apiKey,
    API_SECRET: apiSecret,
    MCP_AUTH_TOKEN: TOKEN,
    ...setup.variables,
  };
  const host = await startFunctionsHost({
    handlers: {
      '/mcp': mcp as Handler,
      '/payment-status': paymentStatus as Handler,
      '/desk': desk as Handler,
      '/desk-client': deskClient as Handler,
      '/health': health as Handler,
      '/.well-known/oauth-protected-resource': metadata as Handler,
      '/.well-known/oauth-protected-resource/mcp': metadataOfMcp as Handler,
    },
    variables: (url) => ({ PUBLIC_URL: url, ...variables }),
    assets: ASSETS,
  });
  const unreach = OVER_CONNECTIONS ? undefined : reachInProcess(host, simulator);
  const results: string[] = [];
  const clients: Client[] = [];
  const close = async () => {
    await Promise.all(clients.map((client) => client.close()));
    // What still runs would reach the simulator of the next test. A handler whose answer was swallowed may take long.
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((end) => {
      timer = setTimeout(end, 2_000);
    });
    await Promise.race([simulator.settled().then(host.idle), patience]);
    clearTimeout(timer);
    await host.close();
    await simulator.close();
    unreach?.();
    if (simulatorBefore === undefined) delete process.env.TWILIO_SIMULATOR_URL;
    else process.env.TWILIO_SIMULATOR_URL = simulatorBefore;
  };

  const connectAgent = async (headers = { Authorization: `Bearer ${TOKEN}` }): Promise<Agent> => {
    const client = new Client({ name: 'test-agent', version: '1.0.0' });
    const agent = agentOf(client);
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${host.url}/mcp`), {
        requestInit: { headers },
        fetch: reach,
      }),
    );
    return agent;
  };

  const agentOf = (client: Client): Agent => {
    clients.push(client);
    const callTool = async (name: string, args: Record<string, unknown>) => {
      const result = (await client.callTool({ name, arguments: args })) as CallToolResult;
      results.push(JSON.stringify(result));
      const [first] = result.content;
      return { result, text: first?.type === 'text' ? first.text : '' };
    };
    return {
      client,
      async call(tool, args) {
        const { result, text } = await callTool(tool, args);
        if (result.isError || !result.structuredContent) throw new Error(`${tool} failed: ${text}`);
        return result.structuredContent;
      },
      async fail(tool, args) {
        const { result, text } = await callTool(tool, args);
        if (!result.isError) throw new Error(`${tool} was expected to fail: ${text}`);
        return text;
      },
    };
  };

  const call = simulator.placeCall();
  const stage: Stage = {
    simulator,
    host,
    call,
    caller: simulator.caller(call.sid),
    agent: await connectAgent(),
    variables,
    connectAgent,
    agentOf,
    everythingWritten: () => [simulator.everythingWritten(), ...host.logs, ...results].join('\n'),
  };
  return { stage, close };
}

/** The payment desk as the build has made it; empty before a build. */
function deskAsset(): string {
  const file = new URL('../../../dist/assets/desk.private.html', import.meta.url);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** The prompts as the platform gives them: private assets under their path without the marker. */
function promptAssets(): Record<string, string> {
  const folder = new URL('../../../assets/prompts/', import.meta.url);
  const files = readdirSync(folder);
  return Object.fromEntries(
    files.map((file) => [
      `/prompts/${file.replace('.private', '')}`,
      readFileSync(new URL(file, folder), 'utf8'),
    ]),
  );
}
