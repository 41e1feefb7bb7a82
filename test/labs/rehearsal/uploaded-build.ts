import type { DeployedEnvironment, Version } from '../../simulator/index.ts';

/** A file as it was uploaded. */
export type UploadedFile = Pick<Version, 'path' | 'visibility' | 'content' | 'contentType'>;

/** All that a deploy left at Twilio for one environment: what runs there is made of nothing else. */
export interface UploadedBuild {
  readonly functions: readonly UploadedFile[];
  readonly assets: readonly UploadedFile[];
  readonly dependencies: readonly { readonly name: string; readonly version: string }[];
  readonly runtime: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly service: Pick<DeployedEnvironment['service'], 'sid' | 'uniqueName' | 'includeCredentials'>;
  readonly environment: Pick<
    DeployedEnvironment['environment'],
    'sid' | 'uniqueName' | 'domainSuffix' | 'domainName'
  >;
}

/** What is active in an environment. */
export function uploadedBuild(deployed: DeployedEnvironment): UploadedBuild {
  const { build, service, environment, variables } = deployed;
  if (!build) throw new Error(`Nothing is deployed to ${environment.domainName}`);
  return {
    functions: build.versions.filter(({ kind }) => kind === 'functions'),
    assets: build.versions.filter(({ kind }) => kind === 'assets'),
    dependencies: build.dependencies,
    runtime: build.runtime,
    variables,
    service,
    environment,
  };
}
