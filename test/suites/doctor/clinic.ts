import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { handler as health } from '../../../functions/health.ts';
import { handler as mcp } from '../../../functions/mcp.ts';
import { handler as paymentStatus } from '../../../functions/payment-status.protected.ts';
import { type DiagnoseOptions, diagnose, type Finding } from '../../cli/checks/index.ts';
import type { Variables } from '../../cli/environment.ts';
import { redirectPath, type SimulatorOptions, startSimulator } from '../../simulator/index.ts';
import { type Handler, startFunctionsHost } from '../host/functions-host.ts';

createRequire(import.meta.url)(redirectPath);

/** The file that the variables are said to come from. */
export const FILE = 'stage.env';
export const SERVICE = `IS${'5'.repeat(32)}`;
export const SECRETS = ['AUTH_TOKEN', 'API_SECRET', 'SYNC_API_SECRET', 'MCP_AUTH_TOKEN', 'MCP_TOKENS'];

/** The names of what the doctor checks, in its order. */
export const ALL_CHECKS = [
  'Variables',
  'Size of the variables',
  'Runtime handler',
  'Clients',
  'MCP_AUTH_TOKEN',
  'Credentials',
  'Right to take payments',
  'AUTH_TOKEN',
  'Sync service',
  'Payment connector',
  'Limits of charges',
  'WEBHOOK_SHARED_KEY',
  'Health',
  'MCP endpoint, without a token',
  'MCP endpoint, with MCP_AUTH_TOKEN',
  'Status callback, unsigned',
  'Status callback, signed',
];

export interface ClinicOptions extends SimulatorOptions {
  /** How the variables of the deployed service differ from those in `.env`. An empty value leaves one out. */
  deployed?: Variables;
  /** What stands in for a Function of the deployed service. */
  handlers?: Record<string, Handler>;
}

/** A simulated Twilio, our Functions as the deployed service, and the variables of an `.env` file that fit both. */
export async function openClinic({ deployed = {}, handlers = {}, ...options }: ClinicOptions = {}) {
  const simulator = await startSimulator({ syncServices: [SERVICE], ...options });
  process.env.TWILIO_SIMULATOR_URL = simulator.url;
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const env: Variables = {
    ACCOUNT_SID: accountSid,
    AUTH_TOKEN: authToken,
    API_KEY: apiKey,
    API_SECRET: apiSecret,
    SYNC_SERVICE_SID: SERVICE,
    ALLOWED_CURRENCIES: 'USD',
    CONFIRM_CHARGES: 'above:100',
    MCP_AUTH_TOKEN: 'a-token-that-is-long-enough-for-anybody',
  };
  const host = await startFunctionsHost({
    handlers: {
      '/health': health as Handler,
      '/mcp': mcp as Handler,
      '/payment-status': paymentStatus as Handler,
      ...handlers,
    },
    variables: (url) => ({ PUBLIC_URL: url, ...env, ...deployed }),
    assets: {},
  });
  onTestFinished(async () => {
    await host.close();
    await simulator.close();
  });
  const variables: Variables = { ...env, PUBLIC_URL: host.url };
  return {
    simulator,
    host,
    variables,
    /** What the doctor finds when the variables in `.env` differ so. */
    async examine(changes: Variables = {}, rest: Partial<DiagnoseOptions> = {}): Promise<Finding[]> {
      const examined = { ...variables, ...changes };
      const findings = await diagnose({ variables: examined, file: FILE, ...rest });
      const told = JSON.stringify(findings);
      expectNoSecret(told, examined);
      // Who named another file is told of that one.
      expect(told).not.toMatch(/(?<!\w)\.env(?!\.example)/);
      return findings;
    },
  };
}

export function expectNoSecret(text: string, variables: Variables): void {
  for (const name of SECRETS) {
    const value = variables[name];
    if (value) expect(text).not.toContain(value);
  }
}

/** What was found that is not ok, as `status check: text`. */
export function complaints(findings: Finding[]): string[] {
  return findings
    .filter(({ status }) => status !== 'ok')
    .map(({ status, check, text }) => `${status} ${check}: ${text}`);
}

/** A server that always answers the same. Gives its URL. */
export async function answering(
  status: number,
  headers: Record<string, string> = {},
  body = '',
): Promise<string> {
  const server = createServer((_, response) => {
    if (status) response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
