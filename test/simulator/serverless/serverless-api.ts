import type { ApiAnswer, ApiRequest } from '../api.ts';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import { type BuildSettings, buildsApi } from './builds-api.ts';
import { codeApi } from './code-api.ts';
import { hostingApi, variablesOf } from './hosting-api.ts';
import type { Build, Environment, Service } from './resources.ts';
import type { ServerlessPlace, ServerlessRoute } from './routes.ts';
import { ServerlessStore } from './store.ts';

type Handler = (request: ApiRequest, place: ServerlessPlace) => ApiAnswer;
export type Handlers = Readonly<Record<ServerlessRoute, Handler>>;

/** An environment with what is deployed to it. */
export interface DeployedEnvironment {
  readonly service: Service;
  readonly environment: Environment;
  /** The active build, if there is one. */
  readonly build: Build | undefined;
  readonly variables: Readonly<Record<string, string>>;
}

/** The Serverless API as tests see it. */
export interface SimulatedServerless extends BuildSettings {
  services(): readonly Service[];
  /** All builds, the oldest first. */
  builds(): readonly Build[];
  environments(): DeployedEnvironment[];
}

/** Services, environments, Functions, Assets, builds, variables and deployments (OpenAPI file; Serverless API pages). */
export class ServerlessApi implements SimulatedServerless {
  buildPolls = 1;
  readonly uninstallable = new Set<string>();
  readonly #store: ServerlessStore;
  readonly #handlers: Handlers;

  constructor(parts: { accountSid: string; clock: Clock; random: Random }) {
    this.#store = new ServerlessStore(parts);
    this.#handlers = {
      ...hostingApi(this.#store),
      ...codeApi(this.#store),
      ...buildsApi(this.#store, this),
    };
  }

  answer(route: ServerlessRoute, request: ApiRequest, place: ServerlessPlace): ApiAnswer {
    return this.#handlers[route](request, place);
  }

  services(): readonly Service[] {
    return [...this.#store.services.values()];
  }

  builds(): readonly Build[] {
    return [...this.#store.builds.values()];
  }

  environments(): DeployedEnvironment[] {
    return [...this.#store.environments.values()].map((environment) => ({
      service: this.#store.service({ service: environment.serviceSid }),
      environment,
      build: this.#store.builds.get(environment.buildSid ?? ''),
      variables: Object.fromEntries(
        variablesOf(this.#store, environment.sid).map(({ key, value }) => [key, value]),
      ),
    }));
  }
}
