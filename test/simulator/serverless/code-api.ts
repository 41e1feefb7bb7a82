import { type ApiAnswer, ApiError, type ApiRequest } from '../api.ts';
import { gone, ok } from './hosting-api.ts';
import { page } from './pages.ts';
import { largestContent, pathOf, refused, textOf, visibilityOf } from './parameters.ts';
import type { CodeKind, CodeResource, Service, Version } from './resources.ts';
import type { ServerlessPlace } from './routes.ts';
import type { Handlers } from './serverless-api.ts';
import { allOf, find, type ServerlessStore } from './store.ts';

type CodeHandlers = Pick<Handlers, `${CodeKind}.${string}` & keyof Handlers>;

/** Functions and Assets, and the versions of both. */
export function codeApi(store: ServerlessStore): CodeHandlers {
  const functions = new CodeApi(store, 'functions');
  const assets = new CodeApi(store, 'assets');
  return {
    'functions.create': (request, place) => functions.create(request, place),
    'functions.list': (request, place) => functions.list(request, place),
    'functions.fetch': (_, place) => functions.fetch(place),
    'functions.delete': (_, place) => functions.delete(place),
    'functions.upload': (request, place) => functions.upload(request, place),
    'functions.versions': (request, place) => functions.versions(request, place),
    'functions.version': (_, place) => ok(store.json.version(functions.version(place))),
    'functions.content': (_, place) => ok(store.json.content(functions.version(place))),
    'assets.create': (request, place) => assets.create(request, place),
    'assets.list': (request, place) => assets.list(request, place),
    'assets.fetch': (_, place) => assets.fetch(place),
    'assets.delete': (_, place) => assets.delete(place),
    'assets.upload': (request, place) => assets.upload(request, place),
    'assets.versions': (request, place) => assets.versions(request, place),
    'assets.version': (_, place) => ok(store.json.version(assets.version(place))),
  };
}

class CodeApi {
  readonly #store: ServerlessStore;
  readonly #kind: CodeKind;

  constructor(store: ServerlessStore, kind: CodeKind) {
    this.#store = store;
    this.#kind = kind;
  }

  create(request: ApiRequest, place: ServerlessPlace): ApiAnswer {
    const { sid: serviceSid } = this.#store.service(place);
    const friendlyName = textOf(request, 'FriendlyName', 255);
    const resource = { ...this.#store.born('ZH'), kind: this.#kind, serviceSid, friendlyName };
    this.#store.resources.set(resource.sid, resource);
    return { status: 201, body: this.#store.json.resource(resource) };
  }

  list(request: ApiRequest, place: ServerlessPlace): ApiAnswer {
    const all = allOf(this.#store.resources, this.#store.service(place));
    const ofKind = all.filter(({ kind }) => kind === this.#kind);
    return page(request, this.#kind, ofKind, this.#store.json.resource);
  }

  fetch(place: ServerlessPlace): ApiAnswer {
    return ok(this.#store.json.resource(this.#resource(this.#store.service(place), place.sid)));
  }

  delete(place: ServerlessPlace): ApiAnswer {
    this.#store.resources.delete(this.#resource(this.#store.service(place), place.sid).sid);
    return gone();
  }

  /** A multipart form with Path, Visibility and the file Content (serverless-api api/functions.ts, api/assets.ts). */
  upload(request: ApiRequest, place: ServerlessPlace): ApiAnswer {
    const service = this.#store.service(place);
    const resource = this.#resource(service, place.resource);
    const path = pathOf(request);
    const visibility = visibilityOf(request);
    const file = request.files?.Content;
    if (!file) throw refused('Missing required parameter Content in the post body');
    if (file.content.length > largestContent(this.#kind, visibility))
      throw new ApiError(413, 20001, `Content of ${path} is too large`);
    const { sid, createdAt } = this.#store.born('ZN');
    const version: Version = {
      sid,
      kind: this.#kind,
      serviceSid: service.sid,
      resourceSid: resource.sid,
      path,
      visibility,
      content: file.content,
      contentType: file.contentType,
      createdAt,
    };
    this.#store.versions.set(sid, version);
    return { status: 201, body: this.#store.json.version(version) };
  }

  versions(request: ApiRequest, place: ServerlessPlace): ApiAnswer {
    const service = this.#store.service(place);
    const { sid } = this.#resource(service, place.resource);
    const all = allOf(this.#store.versions, service).filter(({ resourceSid }) => resourceSid === sid);
    const key = this.#kind === 'functions' ? 'function_versions' : 'asset_versions';
    return page(request, key, all, this.#store.json.version);
  }

  version(place: ServerlessPlace): Version {
    const service = this.#store.service(place);
    this.#resource(service, place.resource);
    return find(this.#store.versions, service, place.sid, 'Versions');
  }

  #resource(service: Service, sid: string | undefined): CodeResource {
    const kind = this.#kind === 'functions' ? 'Functions' : 'Assets';
    const resource = find(this.#store.resources, service, sid, kind);
    return resource.kind === this.#kind
      ? resource
      : find(new Map<string, CodeResource>(), service, sid, kind);
  }
}
