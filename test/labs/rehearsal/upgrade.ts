import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { root } from '../../cli/functions-process.ts';
import { RunError } from '../../cli/program.ts';
import { hostBuild, route } from './deployment.ts';
import type { Host } from './host/host.ts';
import { DEFAULT_HOST_SWITCHES } from './host/switches.ts';
import { buildLastRelease } from './last-release.ts';
import { layOut } from './layout.ts';
import { SCENARIOS, type Scenario, type ToolCaller, take } from './payments.ts';
import { problemsOfRun } from './run-checks.ts';
import { type Served, secretsOf } from './serve.ts';

/** A build that answers, and a client of it. */
interface Side {
  readonly name: string;
  readonly host: Host;
  readonly client: Client;
}

/** When the deploy comes: after so many commands (the answer of the last one is that of the old build), or digits. */
type Moment = { readonly commands: number } | { readonly digits: number };

/** Commands of the longest payment: a start, two card numbers, the security code, the expiration date, the completion. */
const MOMENTS: readonly Moment[] = [
  ...[1, 2, 3, 4, 5, 6].map((commands) => ({ commands })),
  { digits: 1 },
  { digits: 8 },
];

/**
 * Payments that begin on one build and end on another, upgrade and rollback: the release before and this one, on one
 * Sync, with the deploy at every moment of the payment.
 */
export async function rehearseUpgrade(served: Served): Promise<void> {
  const { simulator, uploaded, laidOut, report } = served;
  const files = await buildLastRelease(root);
  if (!files) {
    report.print('upgrade', 'left out: the history of this copy does not have the release before');
    report.remember('Upgrade', 'not rehearsed: the history of this copy does not have the release before');
    return;
  }
  const before = layOut({ ...uploaded, ...files });
  symlinkSync(join(laidOut.root, 'node_modules'), join(before.root, 'node_modules'));
  const hosting = { switches: DEFAULT_HOST_SWITCHES };
  const hosts: Host[] = [];
  const sides: Side[] = [];
  try {
    for (const [name, build] of [
      ['the release before', before],
      ['this release', laidOut],
    ] as const) {
      const host = await hostBuild(simulator, uploaded, build, hosting);
      hosts.push(host);
      sides.push({ name, host, client: await connect(host, served.token) });
    }
    const [old, current] = sides as [Side, Side];
    for (const [from, to] of [
      [old, current],
      [current, old],
    ] as const) {
      const written: string[] = [];
      for (const moment of MOMENTS) written.push(await cross(served, from, to, scenarioFor(moment), moment));
      written.push(await cross(served, from, to, canceled(), { commands: 2 }));
      written.push(await secondPayment(served, from, to));
      const all = {
        answers: hosts.flatMap(({ answers }) => answers),
        logs: hosts.flatMap(({ logs }) => logs),
      };
      const secrets = [served.token, ...secretsOf(simulator)];
      const wrong = problemsOfRun({ host: all, simulator, written, secrets });
      if (wrong.length > 0) throw new RunError(wrong.join('\n'));
      const text = `${written.length} payments begun on ${from.name} and ended on ${to.name}`;
      report.print('upgrade', text);
      report.remember('Upgrade', text);
    }
  } finally {
    route(simulator, uploaded, undefined);
    await Promise.all(sides.map(({ client }) => client.close()));
    await Promise.all(hosts.map((host) => host.close()));
    before.remove();
  }
}

async function connect(host: Host, token: string): Promise<Client> {
  const client = new Client({ name: 'rehearsal', version: '1.0.0' });
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${host.url}/mcp`), { requestInit }));
  return client;
}

/** Takes a payment, and deploys the other build in its middle. Whatever Twilio has not reported by then, it reports to that. */
async function cross(
  { simulator, uploaded }: Served,
  from: Side,
  to: Side,
  scenario: Scenario,
  moment: Moment,
  callSid?: string,
): Promise<string> {
  let side = from;
  let commands = 0;
  let digits = 0;
  route(simulator, uploaded, from.host);
  // Where the deploy does not come while the caller types, the last callback of an entry will do.
  const deliverAgain = simulator.delivery.drop(
    ({ params }) => 'commands' in moment && params.PartialResult === 'true',
  );
  const deploy = () => {
    side = to;
    route(simulator, uploaded, to.host);
  };
  const unhear = simulator.on(({ type }) => {
    if (type === 'digits' && 'digits' in moment && ++digits === moment.digits) deploy();
  });
  const caller: ToolCaller = {
    async callTool(request) {
      const isLast =
        'commands' in moment && request.name !== 'getPaymentStatus' && ++commands === moment.commands;
      if (isLast) simulator.delivery.hold();
      const result = await side.client.callTool(request);
      if (isLast) {
        deploy();
        await simulator.delivery.release();
      }
      if (!callSid || !asksForAnother(result)) return result;
      // The caller says yes, once more: the release before did not note that they had.
      const args = { callSid, ...scenario.terms };
      return side.client.callTool({ name: 'startPaymentCapture', arguments: args });
    },
  };
  try {
    const taken = await take(caller, simulator, scenario, callSid);
    if (side !== to) throw new RunError(`${scenario.name}: the deploy did not come.`);
    return JSON.stringify(taken);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    const when = JSON.stringify(moment);
    throw new RunError(`Begun on ${from.name}, ended on ${to.name} (${when}): ${error.message}`);
  } finally {
    unhear();
    deliverAgain();
  }
}

function asksForAnother({ isError, content }: Awaited<ReturnType<ToolCaller['callTool']>>): boolean {
  return isError === true && JSON.stringify(content).includes('thenCall: startPaymentCapture');
}

/** A second payment that was agreed on: it begins where the first one was made, and is charged by the other build. */
async function secondPayment(served: Served, from: Side, to: Side): Promise<string> {
  const { simulator, uploaded } = served;
  const { sid } = simulator.placeCall();
  route(simulator, uploaded, from.host);
  const [first] = SCENARIOS;
  if (!first) throw new Error('There is no scenario');
  await take(from.client, simulator, first, sid);
  const second = { ...first, terms: { ...first.terms, anotherPayment: true } };
  return cross(served, from, to, second, { commands: 4 }, sid);
}

function scenarioFor(moment: Moment): Scenario {
  return named('digits' in moment ? 'a charge of 12.50' : 'a charge with a mistyped card number');
}

function canceled(): Scenario {
  return named('a payment that is cancelled');
}

function named(name: string): Scenario {
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (!scenario) throw new Error(`There is no scenario ${name}`);
  return scenario;
}
