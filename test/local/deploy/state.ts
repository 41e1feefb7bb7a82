import twilio from 'twilio';
import type { Deployer } from './deployer.ts';
import type { DeployOptions } from './options.ts';

/** What a deploy that failed has left at Twilio. */
export interface DeployState {
  /** The build that it made, if it came to that. */
  readonly build:
    | {
        readonly sid: string;
        readonly status: string;
        readonly runtime: string;
        readonly dependencies: string;
      }
    | undefined;
  /** Whether that build is the one that answers. */
  readonly active: boolean;
}

const REQUEST_MS = 10_000;

/** Asks the Serverless API. Undefined where it does not say: then nothing is known. */
export async function stateAfter(
  startedAt: number,
  { username, password }: Deployer,
  options: DeployOptions & { readonly name: string },
): Promise<DeployState | undefined> {
  const { region, edge, environment: suffix } = options;
  const httpClient = new twilio.RequestClient({ timeout: REQUEST_MS });
  const client = new twilio.Twilio(username, password, {
    // Not part of any of these requests, but an API key has to come with one.
    accountSid: username.startsWith('AC') ? username : `AC${'0'.repeat(32)}`,
    httpClient,
    region: region ?? '',
    edge: edge ?? '',
  });
  try {
    // The unique name may stand in place of the SID (OpenAPI file).
    const service = client.serverless.v1.services(options.serviceSid ?? options.name);
    const builds = await service.builds.list({ limit: 100 });
    const [last] = builds.sort((one, other) => Number(other.dateCreated) - Number(one.dateCreated));
    // The dates have whole seconds.
    if (!last || Number(last.dateCreated) < startedAt - 1_000) return { build: undefined, active: false };
    const environments = await service.environments.list();
    const environment = environments.find(({ domainSuffix }) => (domainSuffix ?? '') === suffix);
    const { sid, status, runtime } = last;
    const dependencies = last.dependencies.map(({ name, version }) => `${name} ${version}`).join(', ');
    return { build: { sid, status, runtime, dependencies }, active: environment?.buildSid === sid };
  } catch {
    return undefined;
  }
}
