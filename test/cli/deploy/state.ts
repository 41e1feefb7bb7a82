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

type Target = DeployOptions & { readonly name: string };

function connect({ username, password }: Deployer, { region, edge }: Target): twilio.Twilio {
  return new twilio.Twilio(username, password, {
    // Not part of any of these requests, but an API key has to come with one.
    accountSid: username.startsWith('AC') ? username : `AC${'0'.repeat(32)}`,
    httpClient: new twilio.RequestClient({ timeout: REQUEST_MS }),
    region: region ?? '',
    edge: edge ?? '',
  });
}

/**
 * Whether there is a service of this name that an earlier deploy of ours has made, be it that it failed: one with a
 * Function of ours, or with none. twilio-run remembers a service only after a deploy that succeeded with an Auth Token,
 * and stops at its name otherwise (twilio-run commands/deploy.ts, serverless-api client.ts).
 */
export async function isOurs(deployer: Deployer, target: Target, paths: readonly string[]): Promise<boolean> {
  try {
    // The unique name may stand in place of the SID (OpenAPI file).
    const service = connect(deployer, target).serverless.v1.services(target.name);
    const functions = await service.functions.list();
    return functions.length === 0 || functions.some(({ friendlyName }) => paths.includes(friendlyName));
  } catch {
    return false;
  }
}

/** Asks the Serverless API. Undefined where it does not say: then nothing is known. */
export async function stateAfter(
  startedAt: number,
  deployer: Deployer,
  target: Target,
): Promise<DeployState | undefined> {
  try {
    const { serviceSid, name, environment: suffix } = target;
    const service = connect(deployer, target).serverless.v1.services(serviceSid ?? name);
    const builds = await service.builds.list({ limit: 100 });
    const [last] = builds.sort((one, other) => Number(other.dateCreated) - Number(one.dateCreated));
    // The dates have whole seconds.
    if (!last || Number(last.dateCreated) < startedAt - 1_000) return { build: undefined, active: false };
    const environments = await service.environments.list();
    const environment = environments.find(({ domainSuffix }) => (domainSuffix ?? '') === suffix);
    const { sid, status, runtime } = last;
    const dependencies = last.dependencies.map((one) => `${one.name} ${one.version}`).join(', ');
    return { build: { sid, status, runtime, dependencies }, active: environment?.buildSid === sid };
  } catch {
    return undefined;
  }
}
