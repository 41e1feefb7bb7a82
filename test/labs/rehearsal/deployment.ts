import { redirectPath, type Simulator } from '../../simulator/index.ts';
import { type Host, startHost } from './host/host.ts';
import type { HostSwitches } from './host/switches.ts';
import type { LaidOutBuild } from './layout.ts';
import type { UploadedBuild } from './uploaded-build.ts';

export interface Hosting {
  readonly switches: HostSwitches;
  /** Beside those that were uploaded. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Serves a build under the domain that was deployed to. Callbacks get there once `delivery.origins` says so. */
export function hostBuild(
  simulator: Simulator,
  { environment, service, variables: uploaded }: UploadedBuild,
  build: LaidOutBuild,
  { switches, variables = {} }: Hosting,
): Promise<Host> {
  const { accountSid, authToken } = simulator.credentials;
  return startHost({
    build,
    deployment: {
      domainName: environment.domainName,
      serviceSid: service.sid,
      environmentSid: environment.sid,
      accountSid,
      authToken,
      includeCredentials: service.includeCredentials,
      variables: () => ({ ...uploaded, ...variables }),
    },
    switches,
    preload: [redirectPath],
    env: { TWILIO_SIMULATOR_URL: simulator.url },
  });
}

/** Has callbacks for the domain go to a host from now on. */
export function route(simulator: Simulator, { environment }: UploadedBuild, host: Host | undefined): void {
  simulator.delivery.origins = host ? { [`https://${environment.domainName}`]: host.url } : {};
}
