import type { Deployer } from './deployer.ts';
import { environmentOf, serviceOf, type Target } from './serverless-api.ts';

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

/**
 * Whether there is a service of this name that an earlier deploy of ours has made, be it that it failed: one with a
 * Function of ours, or with none. twilio-run remembers a service only after a deploy that succeeded with an Auth Token,
 * and stops at its name otherwise (twilio-run commands/deploy.ts, serverless-api client.ts).
 */
export async function isOurs(deployer: Deployer, target: Target, paths: readonly string[]): Promise<boolean> {
  try {
    const functions = await serviceOf(deployer, target).functions.list();
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
    const service = serviceOf(deployer, target);
    const builds = await service.builds.list({ limit: 100 });
    const [last] = builds.sort((one, other) => Number(other.dateCreated) - Number(one.dateCreated));
    // The dates have whole seconds.
    if (!last || Number(last.dateCreated) < startedAt - 1_000) return { build: undefined, active: false };
    const environment = await environmentOf(service, target);
    const { sid, status, runtime } = last;
    const dependencies = last.dependencies.map((one) => `${one.name} ${one.version}`).join(', ');
    return { build: { sid, status, runtime, dependencies }, active: environment?.buildSid === sid };
  } catch {
    return undefined;
  }
}
