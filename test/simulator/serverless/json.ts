import { isoSeconds } from '../clock.ts';
import type {
  Build,
  CodeResource,
  Deployment,
  Environment,
  Service,
  Variable,
  Version,
} from './resources.ts';
import { statusOf } from './resources.ts';

type Json = Record<string, unknown>;

const BASE = 'https://serverless.twilio.com/v1/Services';

/** Renders resources with the properties of the OpenAPI file. */
export class Renderer {
  readonly #accountSid: string;

  constructor(accountSid: string) {
    this.#accountSid = accountSid;
  }

  service = (service: Service): Json => {
    const url = `${BASE}/${service.sid}`;
    return {
      ...this.#common(service, url),
      friendly_name: service.friendlyName,
      unique_name: service.uniqueName,
      include_credentials: service.includeCredentials,
      ui_editable: service.uiEditable,
      domain_base: service.domainBase,
      links: links(url, ['Environments', 'Functions', 'Assets', 'Builds']),
    };
  };

  environment = (environment: Environment): Json => {
    const url = `${BASE}/${environment.serviceSid}/Environments/${environment.sid}`;
    return {
      ...this.#common(environment, url),
      service_sid: environment.serviceSid,
      build_sid: environment.buildSid ?? null,
      unique_name: environment.uniqueName,
      domain_suffix: environment.domainSuffix ?? null,
      domain_name: environment.domainName,
      links: links(url, ['Variables', 'Deployments', 'Logs']),
    };
  };

  variable = (variable: Variable): Json => ({
    ...this.#common(variable, `${environmentUrl(variable)}/Variables/${variable.sid}`),
    service_sid: variable.serviceSid,
    environment_sid: variable.environmentSid,
    key: variable.key,
    value: variable.value,
  });

  deployment = (deployment: Deployment): Json => ({
    ...this.#common(deployment, `${environmentUrl(deployment)}/Deployments/${deployment.sid}`),
    service_sid: deployment.serviceSid,
    environment_sid: deployment.environmentSid,
    build_sid: deployment.buildSid ?? null,
  });

  resource = (resource: CodeResource): Json => {
    const path = resource.kind === 'functions' ? 'Functions' : 'Assets';
    const url = `${BASE}/${resource.serviceSid}/${path}/${resource.sid}`;
    return {
      ...this.#common(resource, url),
      service_sid: resource.serviceSid,
      friendly_name: resource.friendlyName,
      links: { [`${resource.kind === 'functions' ? 'function' : 'asset'}_versions`]: `${url}/Versions` },
    };
  };

  version = (version: Version): Json => {
    const isFunction = version.kind === 'functions';
    const url = versionUrl(version);
    return {
      sid: version.sid,
      account_sid: this.#accountSid,
      service_sid: version.serviceSid,
      [isFunction ? 'function_sid' : 'asset_sid']: version.resourceSid,
      path: version.path,
      visibility: version.visibility,
      date_created: isoSeconds(version.createdAt),
      url,
      ...(isFunction && { links: { function_version_content: `${url}/Content` } }),
    };
  };

  content = (version: Version): Json => ({
    sid: version.sid,
    account_sid: this.#accountSid,
    service_sid: version.serviceSid,
    function_sid: version.resourceSid,
    content: version.content.toString('utf8'),
    url: `${versionUrl(version)}/Content`,
  });

  build = (build: Build): Json => {
    const url = `${BASE}/${build.serviceSid}/Builds/${build.sid}`;
    return {
      ...this.#common(build, url),
      service_sid: build.serviceSid,
      status: statusOf(build),
      asset_versions: build.versions.filter(({ kind }) => kind === 'assets').map(this.#listed),
      function_versions: build.versions.filter(({ kind }) => kind === 'functions').map(this.#listed),
      dependencies: build.dependencies,
      runtime: build.runtime,
      links: { build_status: `${url}/Status` },
    };
  };

  status = (build: Build): Json => ({
    sid: build.sid,
    account_sid: this.#accountSid,
    service_sid: build.serviceSid,
    status: statusOf(build),
    url: `${BASE}/${build.serviceSid}/Builds/${build.sid}/Status`,
  });

  /** A version inside a build has no URLs, and its visibility in capitals (OpenAPI file, example of a build). */
  #listed = (version: Version): Json => {
    const { url: _, links: __, ...json } = this.version(version);
    return { ...json, visibility: version.visibility.toUpperCase() };
  };

  #common(
    { sid, createdAt, updatedAt }: Pick<Service, 'sid' | 'createdAt' | 'updatedAt'>,
    url: string,
  ): Json {
    return {
      sid,
      account_sid: this.#accountSid,
      date_created: isoSeconds(createdAt),
      date_updated: isoSeconds(updatedAt),
      url,
    };
  }
}

function environmentUrl({ serviceSid, environmentSid }: Variable | Deployment): string {
  return `${BASE}/${serviceSid}/Environments/${environmentSid}`;
}

function versionUrl({ kind, serviceSid, resourceSid, sid }: Version): string {
  const path = kind === 'functions' ? 'Functions' : 'Assets';
  return `${BASE}/${serviceSid}/${path}/${resourceSid}/Versions/${sid}`;
}

function links(url: string, names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name.toLowerCase(), `${url}/${name}`]));
}
