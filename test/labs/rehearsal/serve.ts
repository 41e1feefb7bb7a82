import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { RunError } from '../../cli/program.ts';
import type { Simulator } from '../../simulator/index.ts';
import { hostBuild, route } from './deployment.ts';
import { DEFAULT_HOST_SWITCHES, type HostSwitches, OTHER_HOST_SWITCHES } from './host/switches.ts';
import type { LaidOutBuild } from './layout.ts';
import { SCENARIOS, type Scenario, type TakenPayment, take } from './payments.ts';
import { probe } from './probes.ts';
import type { Report } from './report.ts';
import { problemsOfRun } from './run-checks.ts';
import type { UploadedBuild } from './uploaded-build.ts';

export interface Served {
  readonly simulator: Simulator;
  readonly uploaded: UploadedBuild;
  readonly laidOut: LaidOutBuild;
  readonly token: string;
  readonly report: Report;
}

/** A way in which deployed Functions may behave. */
interface Behaviour {
  readonly name: string;
  readonly switches: HostSwitches;
  /** Variables that somebody would set for it. */
  readonly variables: Readonly<Record<string, string>>;
  /** What is paid on it. */
  readonly scenarios: readonly Scenario[];
  /** Leaves out what Twilio reports while the caller types. */
  readonly finalCallbacksOnly?: boolean;
}

const BEHAVIOURS: readonly Behaviour[] = [
  {
    name: 'as documented or as run locally',
    switches: DEFAULT_HOST_SWITCHES,
    variables: {},
    scenarios: SCENARIOS,
  },
  {
    name: 'the other way round wherever nothing is established',
    switches: { ...OTHER_HOST_SWITCHES, instances: 'reused' },
    // What .env.example says for a deployment that hides the header.
    variables: { CALLBACK_SIGNATURE: 'gateway' },
    scenarios: SCENARIOS,
  },
  {
    name: 'each request on a new instance',
    switches: { ...DEFAULT_HOST_SWITCHES, instances: 'new each time' },
    variables: {},
    // It takes a process for each request and callback, so one payment has to do, without a callback for each key.
    scenarios: SCENARIOS.slice(0, 1),
    finalCallbacksOnly: true,
  },
];

/** Serves a build as Twilio might, in each of these ways, and takes payments on it. */
export async function rehearsePayments(served: Served): Promise<void> {
  for (const behaviour of BEHAVIOURS) await payOn(served, behaviour);
}

async function payOn(served: Served, behaviour: Behaviour): Promise<void> {
  const { simulator, uploaded, laidOut, token, report } = served;
  const { name, switches, variables, scenarios, finalCallbacksOnly = false } = behaviour;
  report.print('host', `serves what was uploaded, ${name}`);
  const host = await hostBuild(simulator, uploaded, laidOut, { switches, variables });
  route(simulator, uploaded, host);
  const deliverAgain = simulator.delivery.drop(
    ({ params }) => finalCallbacksOnly && params.PartialResult === 'true',
  );
  const client = new Client({ name: 'rehearsal', version: '1.0.0' });
  const written: string[] = [];
  try {
    const startedAt = Date.now();
    const { count, problems } = await probe(host, switches, token);
    if (problems.length > 0) throw new RunError(`The host answers wrongly:\n  ${problems.join('\n  ')}`);
    report.print('probes', `${count} requests of strangers and clients answered as they should be`);

    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${host.url}/mcp`), {
        requestInit: { headers: { Authorization: `Bearer ${token}` } },
      }),
    );
    written.push(await readPrompts(client), await readSentences(client, uploaded));
    for (const scenario of scenarios) {
      const taken = await take(client, simulator, scenario);
      written.push(JSON.stringify(taken));
      report.print('payment', describe(taken));
    }
    const wrong = problemsOfRun({ host, simulator, written, secrets: [token, ...secretsOf(simulator)] });
    if (wrong.length > 0) throw new RunError(wrong.join('\n'));
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    report.remember(
      'Served',
      `${name}: payments ${scenarios.length}, probes ${count}, processes ${host.instances.started}, ${seconds} s`,
    );
  } catch (error) {
    const logs = host.logs.join('').trim().split('\n').slice(-10).join('\n');
    if (logs) console.error(`The last lines that the Functions wrote:\n${logs}`);
    throw error;
  } finally {
    await client.close();
    route(simulator, uploaded, undefined);
    deliverAgain();
    await host.close();
  }
}

/** What may stand in no log and no answer, beside the client's token. */
export function secretsOf({ credentials }: Simulator): string[] {
  return [credentials.authToken, credentials.apiSecret];
}

const PROMPT_ARGUMENTS: Readonly<Record<string, string>> = {
  callSid: `CA${'0'.repeat(32)}`,
  paymentSid: `PK${'0'.repeat(32)}`,
};

/** The prompts' texts are private Assets: each has to be found through the Runtime. */
async function readPrompts(client: Client): Promise<string> {
  const { prompts } = await client.listPrompts();
  const texts: string[] = [];
  for (const { name, arguments: parameters = [] } of prompts) {
    const args = Object.fromEntries(
      parameters.flatMap(({ name: parameter, required }) =>
        required ? [[parameter, PROMPT_ARGUMENTS[parameter] ?? 'something']] : [],
      ),
    );
    texts.push(JSON.stringify(await client.getPrompt({ name, arguments: args })));
  }
  if (texts.length === 0) throw new RunError('There are no prompts.');
  return texts.join('\n');
}

/** The sentences are private Assets too; those in a language that cannot be read would be said in English. */
async function readSentences(client: Client, { assets }: UploadedBuild): Promise<string> {
  const texts: string[] = [];
  for (const { path, content } of assets) {
    const language = /^\/prompts\/sentences\.([\w-]+)\.json$/.exec(path)?.[1];
    if (language === undefined) continue;
    const { 'ask.payment-card-number': sentence } = JSON.parse(content.toString('utf8'));
    const text = JSON.stringify(await client.getPrompt({ name: 'CardNumber', arguments: { language } }));
    if (!text.includes(sentence))
      throw new RunError(`The sentences in ${language} are not those of ${path}.`);
    texts.push(text);
  }
  if (texts.length === 0) throw new RunError('There are no sentences.');
  return texts.join('\n');
}

function describe({ name, tools, status, milliseconds }: TakenPayment): string {
  const { phase, result, paymentConfirmationCode, paymentToken } = status;
  const got = [
    result,
    paymentConfirmationCode && `confirmation ${paymentConfirmationCode}`,
    paymentToken && 'a token',
  ].filter(Boolean);
  return `${name}: ${[phase, ...got].join(', ')}; ${tools.length} tools in ${(milliseconds / 1000).toFixed(1)} s`;
}
