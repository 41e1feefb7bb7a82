import type { ApiAnswer } from '../api.ts';
import { page } from './pages.ts';
import { domainSuffixOf, flagOf, refused, serviceNameOf, textOf, variableValueOf } from './parameters.ts';
import { type Environment, type Service, statusOf, type Variable } from './resources.ts';
import type { Handlers } from './serverless-api.ts';
import { allOf, find, type ServerlessStore, taken } from './store.ts';

/** By default (limits page). */
const MOST_SERVICES = 50;

/** Services, environments, variables and deployments. */
export function hostingApi(
  store: ServerlessStore,
): Pick<Handlers, `${'services' | 'environments' | 'variables' | 'deployments'}.${string}` & keyof Handlers> {
  const { json } = store;
  return {
    'services.create': (request) => {
      const uniqueName = serviceNameOf(request);
      const friendlyName = textOf(request, 'FriendlyName', 255);
      const services = [...store.services.values()];
      if (services.some((service) => service.uniqueName === uniqueName))
        throw taken(`Service with unique name ${uniqueName} already exists`);
      if (services.length >= MOST_SERVICES) throw refused('The account has too many Services', 403);
      const service: Service = {
        ...store.born('ZS'),
        uniqueName,
        friendlyName,
        includeCredentials: flagOf(request, 'IncludeCredentials', true),
        uiEditable: flagOf(request, 'UiEditable', false),
        domainBase: `${uniqueName}-${store.domainDigits()}`,
      };
      store.services.set(service.sid, service);
      return { status: 201, body: json.service(service) };
    },
    'services.list': (request) => page(request, 'services', [...store.services.values()], json.service),
    'services.fetch': (_request, { sid = '' }) => ok(json.service(store.service({ service: sid }))),
    'services.delete': (_, { sid = '' }) => {
      const service = store.service({ service: sid });
      const parts = [
        store.environments,
        store.variables,
        store.deployments,
        store.resources,
        store.versions,
        store.builds,
      ];
      for (const part of parts)
        for (const [key, item] of part) if (item.serviceSid === service.sid) part.delete(key);
      store.services.delete(service.sid);
      return gone();
    },

    'environments.create': (request, place) => {
      const service = store.service(place);
      const uniqueName = textOf(request, 'UniqueName', 100);
      const domainSuffix = domainSuffixOf(request);
      const exists = allOf(store.environments, service).some(
        (other) => other.uniqueName === uniqueName || other.domainSuffix === domainSuffix,
      );
      // The text: https://github.com/RJPearson94/terraform-provider-twilio/issues/78
      if (exists) throw taken('Environment with this UniqueName or DomainSuffix already exists.');
      const environment: Environment = {
        ...store.born('ZE'),
        serviceSid: service.sid,
        uniqueName,
        domainSuffix,
        domainName: `${service.domainBase}${domainSuffix === undefined ? '' : `-${domainSuffix}`}.twil.io`,
        buildSid: undefined,
      };
      store.environments.set(environment.sid, environment);
      return { status: 201, body: json.environment(environment) };
    },
    'environments.list': (request, place) =>
      page(request, 'environments', allOf(store.environments, store.service(place)), json.environment),
    'environments.fetch': (_, place) =>
      ok(json.environment(store.environment({ ...place, environment: place.sid ?? '' }))),
    'environments.delete': (_, place) => {
      const { sid } = store.environment({ ...place, environment: place.sid ?? '' });
      for (const part of [store.variables, store.deployments])
        for (const [key, item] of part) if (item.environmentSid === sid) part.delete(key);
      store.environments.delete(sid);
      return gone();
    },

    'variables.create': (request, place) => {
      const { sid, serviceSid } = store.environment(place);
      const key = textOf(request, 'Key', 128);
      const value = variableValueOf(request);
      if (variablesOf(store, sid).some((other) => other.key === key))
        throw taken(`Variable with key ${key} already exists`);
      const variable: Variable = { ...store.born('ZV'), serviceSid, environmentSid: sid, key, value };
      store.variables.set(variable.sid, variable);
      return { status: 201, body: json.variable(variable) };
    },
    'variables.list': (request, place) =>
      page(request, 'variables', variablesOf(store, store.environment(place).sid), json.variable),
    'variables.fetch': (_, place) =>
      ok(json.variable(find(store.variables, store.service(place), place.sid, 'Variables'))),
    'variables.update': (request, place) => {
      const variable = find(store.variables, store.service(place), place.sid, 'Variables');
      if (request.form.has('Key')) variable.key = textOf(request, 'Key', 128);
      if (request.form.has('Value')) variable.value = variableValueOf(request);
      store.touch(variable);
      return ok(json.variable(variable));
    },
    'variables.delete': (_, place) => {
      store.variables.delete(find(store.variables, store.service(place), place.sid, 'Variables').sid);
      return gone();
    },

    'deployments.create': (request, place) => {
      const service = store.service(place);
      const environment = store.environment(place);
      const buildSid = request.form.get('BuildSid') ?? undefined;
      const build = buildSid === undefined ? undefined : find(store.builds, service, buildSid, 'Builds');
      if (build && statusOf(build) !== 'completed') throw refused(`Build ${buildSid} is not completed`);
      // The text: https://github.com/twilio/twilio-cli/issues/215
      if (environment.buildSid === buildSid) throw taken('Environment already has requested deployment.');
      const { sid: environmentSid, serviceSid } = environment;
      const deployment = { ...store.born('ZD'), serviceSid, environmentSid, buildSid };
      store.deployments.set(deployment.sid, deployment);
      environment.buildSid = buildSid;
      store.touch(environment);
      return { status: 201, body: json.deployment(deployment) };
    },
    'deployments.list': (request, place) => {
      const { sid } = store.environment(place);
      const all = [...store.deployments.values()].filter(({ environmentSid }) => environmentSid === sid);
      return page(request, 'deployments', all, json.deployment);
    },
    'deployments.fetch': (_, place) =>
      ok(json.deployment(find(store.deployments, store.service(place), place.sid, 'Deployments'))),
  };
}

export function variablesOf(store: ServerlessStore, environmentSid: string): Variable[] {
  return [...store.variables.values()].filter((variable) => variable.environmentSid === environmentSid);
}

export function ok(body: unknown): ApiAnswer {
  return { status: 200, body };
}

export function gone(): ApiAnswer {
  return { status: 204 };
}
