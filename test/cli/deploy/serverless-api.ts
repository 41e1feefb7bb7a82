import twilio from 'twilio';
import type { Deployer } from './deployer.ts';
import type { DeployOptions } from './options.ts';

/** Where a deploy goes. */
export type Target = DeployOptions & {
  /** The service's unique name. */
  readonly name: string;
};

type Service = ReturnType<twilio.Twilio['serverless']['v1']['services']>;

const REQUEST_MS = 10_000;

/** The service that is deployed to, whether or not it is there. Its unique name may stand in place of the SID (OpenAPI file). */
export function serviceOf({ username, password }: Deployer, target: Target): Service {
  const { region, edge, serviceSid, name } = target;
  const client = new twilio.Twilio(username, password, {
    // Not part of any of these requests, but an API key has to come with one.
    accountSid: username.startsWith('AC') ? username : `AC${'0'.repeat(32)}`,
    httpClient: new twilio.RequestClient({ timeout: REQUEST_MS }),
    region: region ?? '',
    edge: edge ?? '',
  });
  return client.serverless.v1.services(serviceSid ?? name);
}

/** The environment that is deployed to; undefined before the first deploy. */
export async function environmentOf(service: Service, { environment: suffix }: Target) {
  const environments = await service.environments.list();
  return environments.find(({ domainSuffix }) => (domainSuffix ?? '') === suffix);
}
