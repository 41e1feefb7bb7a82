import { type ApiAnswer, ApiError, type ApiRequest } from './api.ts';
import { type Clock, isoSeconds } from './clock.ts';
import type { Random } from './random.ts';
import type { Switches } from './switches.ts';
import { type DocumentStore, revisionOf, type StoredDocument } from './sync-documents.ts';
import { checkIfMatch, checkUniqueName, dataOf, expiryOf } from './sync-parameters.ts';
import { SyncRates } from './sync-rates.ts';

export interface SyncApiOptions {
  readonly accountSid: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly switches: Switches;
  readonly documents: DocumentStore;
  /** The services there are, beside the default one; undefined: any well-formed SID is a service. */
  readonly services: readonly string[] | undefined;
}

const DEFAULT_PAGE = 50;
const LARGEST_PAGE = 100;

/** Sync documents over REST (OpenAPI file; error list; Sync limits, TTL and conflict resolution pages). */
export class SyncApi {
  readonly #options: SyncApiOptions;
  readonly #defaultService: string;
  readonly #rates: SyncRates;

  constructor(options: SyncApiOptions) {
    this.#options = options;
    this.#defaultService = options.random.sid('IS');
    this.#rates = new SyncRates(options.clock, options.switches);
  }

  create(request: ApiRequest, service: string): ApiAnswer {
    const { clock, random, switches, documents } = this.#options;
    const serviceSid = this.#service(service);
    const name = request.form.get('UniqueName');
    if (name !== null) checkUniqueName(name, switches.sidShapedNames);
    const data = dataOf(request.form.get('Data') ?? '{}');
    const now = clock.now();
    const expiresAt = expiryOf(request.form.get('Ttl'), now);
    if (name !== null && documents.find(serviceSid, name))
      throw new ApiError(409, 54301, 'Unique name already exists');
    const document: StoredDocument = {
      sid: random.sid('ET'),
      serviceSid,
      uniqueName: name ?? undefined,
      data,
      revision: 0,
      createdAt: now,
      updatedAt: now,
      expiresAt,
    };
    documents.save(document);
    return this.#answer(201, document);
  }

  fetch(_request: ApiRequest, service: string, sidOrName: string): ApiAnswer {
    const document = this.#find(service, sidOrName);
    this.#rates.count('read', document.sid);
    return this.#answer(200, document);
  }

  /**
   * Replaces the whole data. An update of Ttl alone counts as a write too: whether it changes the revision is not
   * established. Updates that do not send Ttl leave the expiry as it is (Sync TTL page).
   */
  update(request: ApiRequest, service: string, sidOrName: string): ApiAnswer {
    const { clock, documents } = this.#options;
    const document = this.#find(service, sidOrName);
    this.#rates.count('write', document.sid);
    const text = request.form.get('Data');
    const ttl = request.form.get('Ttl');
    checkIfMatch(request.ifMatch);
    if (text === null && ttl === null) throw new ApiError(400, 54010, 'No parameters to update');
    const data = text === null ? document.data : dataOf(text);
    const now = clock.now();
    const expiresAt = ttl === null ? document.expiresAt : expiryOf(ttl, now);
    if (request.ifMatch !== undefined && Number.parseInt(request.ifMatch, 16) !== document.revision)
      throw new ApiError(412, 54103, 'The revision does not match');
    Object.assign(document, { data, expiresAt, updatedAt: now, revision: document.revision + 1 });
    documents.save(document);
    return this.#answer(200, document);
  }

  delete(_request: ApiRequest, service: string, sidOrName: string): ApiAnswer {
    this.#options.documents.delete(this.#find(service, sidOrName));
    return { status: 204 };
  }

  /** A page ends with the SID after which the next one goes on, so that deletions between pages skip nothing. */
  list(request: ApiRequest, service: string): ApiAnswer {
    const serviceSid = this.#service(service);
    const all = this.#options.documents.inService(serviceSid).sort(byCreation);
    const wanted = Number(request.query.get('PageSize') ?? DEFAULT_PAGE) || DEFAULT_PAGE;
    const size = Math.min(Math.max(wanted, 1), LARGEST_PAGE);
    const page = Number(request.query.get('Page') ?? 0) || 0;
    const after = decodeToken(request.query.get('PageToken'));
    const rest = after === undefined ? all : all.filter((document) => isAfter(document, after));
    const rows = rest.slice(0, size);
    const last = rows.at(-1);
    const url = `https://sync.twilio.com/v1/Services/${serviceSid}/Documents?PageSize=${size}`;
    const next = rest.length > size && last ? `${url}&Page=${page + 1}&PageToken=${encodeToken(last)}` : null;
    return {
      status: 200,
      body: {
        documents: rows.map((document) => this.#json(document)),
        meta: {
          first_page_url: `${url}&Page=0`,
          key: 'documents',
          next_page_url: next,
          page,
          page_size: size,
          previous_page_url: page > 0 ? `${url}&Page=${page - 1}` : null,
          url: `${url}&Page=${page}`,
        },
      },
    };
  }

  /** `default` or the SID of a service (error 54050). */
  #service(service: string): string {
    if (service === 'default' || service === this.#defaultService) return this.#defaultService;
    const { services } = this.#options;
    const known = services ? services.includes(service) : /^IS[0-9a-f]{32}$/i.test(service);
    if (!known) throw new ApiError(404, 54050, 'Service instance not found');
    return service;
  }

  #find(service: string, sidOrName: string): StoredDocument {
    const document = this.#options.documents.find(this.#service(service), sidOrName);
    if (document) return document;
    const code = this.#options.switches.missingDocumentCode;
    throw new ApiError(404, code, 'The requested document was not found');
  }

  #answer(status: number, document: StoredDocument): ApiAnswer {
    return { status, body: this.#json(document), headers: { etag: revisionOf(document) } };
  }

  /** The properties of the OpenAPI file; `created_by` is `system` for REST writers. */
  #json(document: StoredDocument): Record<string, unknown> {
    const url = `https://sync.twilio.com/v1/Services/${document.serviceSid}/Documents/${document.sid}`;
    return {
      sid: document.sid,
      unique_name: document.uniqueName ?? null,
      account_sid: this.#options.accountSid,
      service_sid: document.serviceSid,
      url,
      links: { permissions: `${url}/Permissions` },
      revision: revisionOf(document),
      data: document.data,
      date_expires: document.expiresAt === undefined ? null : isoSeconds(document.expiresAt),
      date_created: isoSeconds(document.createdAt),
      date_updated: isoSeconds(document.updatedAt),
      created_by: 'system',
    };
  }
}

type Position = Pick<StoredDocument, 'createdAt' | 'sid'>;

function byCreation(one: Position, other: Position): number {
  return one.createdAt - other.createdAt || (one.sid < other.sid ? -1 : 1);
}

function isAfter(document: Position, position: Position): boolean {
  return byCreation(position, document) < 0 && document.sid !== position.sid;
}

function encodeToken({ createdAt, sid }: Position): string {
  return `PT${createdAt}${sid}`;
}

function decodeToken(token: string | null): Position | undefined {
  const parts = /^PT(\d+)(ET[0-9a-f]{32})$/.exec(token ?? '');
  return parts?.[1] && parts[2] ? { createdAt: Number(parts[1]), sid: parts[2] } : undefined;
}
