import { ApiError, notFound } from '../api.ts';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import { Renderer } from './json.ts';
import type {
  Build,
  CodeResource,
  Deployment,
  Environment,
  Service,
  Variable,
  Version,
} from './resources.ts';
import type { ServerlessPlace } from './routes.ts';

/** Everything that the Serverless API keeps, in the order in which it was made, and what its parts share. */
export class ServerlessStore {
  readonly services = new Map<string, Service>();
  readonly environments = new Map<string, Environment>();
  readonly variables = new Map<string, Variable>();
  readonly deployments = new Map<string, Deployment>();
  readonly resources = new Map<string, CodeResource>();
  readonly versions = new Map<string, Version>();
  readonly builds = new Map<string, Build>();
  readonly json: Renderer;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(parts: { accountSid: string; clock: Clock; random: Random }) {
    this.json = new Renderer(parts.accountSid);
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /** A new SID with its dates. */
  born(prefix: string): { sid: string; createdAt: number; updatedAt: number } {
    const now = this.#clock.now();
    return { sid: this.#random.sid(prefix), createdAt: now, updatedAt: now };
  }

  touch(resource: { updatedAt: number }): void {
    resource.updatedAt = this.#clock.now();
  }

  /** The four digits in a service's domain. */
  domainDigits(): string {
    return this.#random.digits(4);
  }

  /** The service of a path, by SID or by unique name (OpenAPI file, description of `unique_name`). */
  service({ service = '' }: ServerlessPlace): Service {
    const found =
      this.services.get(service) ??
      [...this.services.values()].find(({ uniqueName }) => uniqueName === service);
    if (!found) throw notFound(`/Services/${service}`);
    return found;
  }

  environment(place: ServerlessPlace): Environment {
    return find(this.environments, this.service(place), place.environment, 'Environments');
  }
}

/** A resource of a service. */
export function find<Item extends { serviceSid: string }>(
  items: ReadonlyMap<string, Item>,
  { sid }: Service,
  wanted: string | undefined,
  kind: string,
): Item {
  const found = items.get(wanted ?? '');
  if (found?.serviceSid !== sid) throw notFound(`/Services/${sid}/${kind}/${wanted}`);
  return found;
}

/** The resources of a service. */
export function allOf<Item extends { serviceSid: string }>(
  items: ReadonlyMap<string, Item>,
  { sid }: Service,
): Item[] {
  return [...items.values()].filter(({ serviceSid }) => serviceSid === sid);
}

/**
 * Something that exists already. 20409 is what a deployment of the build that is live gets (twilio-run
 * commands/promote.ts); for names neither status nor code is established, and the tool takes any refusal.
 */
export function taken(message: string): ApiError {
  return new ApiError(409, 20409, message);
}
