import type { ApiRequest } from '../api.ts';
import { handlerRefusal } from './handler-versions.ts';
import { gone, ok } from './hosting-api.ts';
import { page } from './pages.ts';
import { dependenciesOf, refused, runtimeOf } from './parameters.ts';
import {
  type Build,
  type CodeKind,
  type Dependency,
  type Service,
  statusOf,
  type Version,
} from './resources.ts';
import type { Handlers } from './serverless-api.ts';
import { allOf, find, type ServerlessStore } from './store.ts';

const HANDLER = '@twilio/runtime-handler';

/** Assets in one build (limits page). */
const MOST_ASSETS = { public: 1_000, protected: 1_000, private: 50 } as const;

/** Builds of these have failed since they went out of support (changelogs; Node.js 18: 10 November 2025). */
const ENDED_RUNTIMES = ['node8', 'node10', 'node12', 'node14', 'node16', 'node18'];

export interface BuildSettings {
  /** Status requests that are answered with `building` before a build is through. */
  buildPolls: number;
  /** Packages that npm could not install: a build that lists one of them fails (error 82003). */
  readonly uninstallable: Set<string>;
}

export function buildsApi(
  store: ServerlessStore,
  settings: BuildSettings,
): Pick<Handlers, `builds.${string}` & keyof Handlers> {
  const { json } = store;
  return {
    'builds.create': (request, place) => {
      const service = store.service(place);
      const versions = [
        ...versionsOf(store, service, request, 'functions'),
        ...versionsOf(store, service, request, 'assets'),
      ];
      // The text: https://github.com/twilio/twilio-cli/issues/215
      if (versions.length === 0)
        throw refused('At least one Function Version or Asset Version is required for Build');
      checkAssets(versions);
      const dependencies = dependenciesOf(request);
      const runtime = runtimeOf(request);
      const handler = dependencies.find(({ name }) => name === HANDLER);
      const refusal = handler && handlerRefusal(handler.version);
      if (refusal) throw refused(refusal);
      const build: Build = {
        ...store.born('ZB'),
        serviceSid: service.sid,
        versions,
        dependencies,
        runtime,
        pollsLeft: settings.buildPolls,
        outcome: canBeBuilt(dependencies, runtime, settings) ? 'completed' : 'failed',
      };
      store.builds.set(build.sid, build);
      // The answer to the request itself says `building`, however quick the build is.
      return { status: 201, body: { ...json.build(build), status: 'building' } };
    },
    'builds.list': (request, place) =>
      page(request, 'builds', allOf(store.builds, store.service(place)).reverse(), json.build),
    'builds.fetch': (_, place) =>
      ok(json.build(find(store.builds, store.service(place), place.sid, 'Builds'))),
    'builds.status': (_, place) => {
      const build = find(store.builds, store.service(place), place.sid, 'Builds');
      const answer = ok(json.status(build));
      if (statusOf(build) === 'building') build.pollsLeft -= 1;
      return answer;
    },
    'builds.delete': (_, place) => {
      const { sid } = find(store.builds, store.service(place), place.sid, 'Builds');
      if ([...store.environments.values()].some(({ buildSid }) => buildSid === sid))
        throw refused(`Build ${sid} is deployed`);
      store.builds.delete(sid);
      return gone();
    },
  };
}

/** The versions that a request names for one kind. */
function versionsOf(
  store: ServerlessStore,
  service: Service,
  { form }: ApiRequest,
  kind: CodeKind,
): Version[] {
  const sids = form.getAll(kind === 'functions' ? 'FunctionVersions' : 'AssetVersions');
  return sids.map((sid) => {
    const version = find(store.versions, service, sid, 'Versions');
    if (version.kind !== kind) throw refused(`Version ${sid} is not one of ${kind}`);
    return version;
  });
}

function checkAssets(versions: readonly Version[]): void {
  for (const [visibility, most] of Object.entries(MOST_ASSETS)) {
    const count = versions.filter(
      (version) => version.kind === 'assets' && version.visibility === visibility,
    ).length;
    if (count > most) throw refused(`A build has at most ${most} ${visibility} Assets`);
  }
}

/** Node.js 24 needs a handler of 1.2.0 at least (changelog of 8 July 2026). */
function canBeBuilt(dependencies: readonly Dependency[], runtime: string, settings: BuildSettings): boolean {
  const handler = dependencies.find(({ name }) => name === HANDLER)?.version ?? '';
  const [major = 0, minor = 0] = handler.split('.').map(Number);
  if (runtime === 'node24' && handler !== '' && (major < 1 || (major === 1 && minor < 2))) return false;
  return (
    !ENDED_RUNTIMES.includes(runtime) && !dependencies.some(({ name }) => settings.uninstallable.has(name))
  );
}
