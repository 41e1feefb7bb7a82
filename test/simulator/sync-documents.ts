import type { Clock } from './clock.ts';

/** A Sync document as it is stored. */
export interface StoredDocument {
  readonly sid: string;
  readonly serviceSid: string;
  readonly uniqueName: string | undefined;
  data: Readonly<Record<string, unknown>>;
  revision: number;
  readonly createdAt: number;
  updatedAt: number;
  expiresAt: number | undefined;
}

/** What `documents()` shows of a document. */
export interface SimulatedDocument {
  readonly uniqueName: string | undefined;
  readonly sid: string;
  /** As in the API: `"0"` after create, then hexadecimal. */
  readonly revision: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly dateExpires: Date | undefined;
  readonly dateUpdated: Date;
  readonly serviceSid: string;
}

/** Keeps documents and forgets them when they expire. */
export class DocumentStore {
  readonly #versions: Pick<StoredDocument, 'uniqueName' | 'data'>[] = [];
  readonly #documents = new Map<string, StoredDocument>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The JSON text of every version that was ever stored, for searching. */
  get versions(): string[] {
    return this.#versions.map((version) => JSON.stringify(version));
  }

  /** By SID or unique name. Twilio deletes expired documents some time after they expire; here it is at once. */
  find(serviceSid: string, sidOrName: string): StoredDocument | undefined {
    return this.inService(serviceSid).find(
      ({ sid, uniqueName }) => sid === sidOrName || uniqueName === sidOrName,
    );
  }

  inService(serviceSid: string): StoredDocument[] {
    return this.all().filter((document) => document.serviceSid === serviceSid);
  }

  all(): StoredDocument[] {
    const now = this.#clock.now();
    for (const { sid, expiresAt } of this.#documents.values())
      if (expiresAt !== undefined && expiresAt <= now) this.#documents.delete(sid);
    return [...this.#documents.values()];
  }

  save(document: StoredDocument): void {
    this.#documents.set(document.sid, document);
    const { uniqueName, data } = document;
    this.#versions.push({ uniqueName, data });
  }

  delete(document: StoredDocument): void {
    this.#documents.delete(document.sid);
  }
}

export function revisionOf({ revision }: StoredDocument): string {
  return revision.toString(16);
}

export function documentView(document: StoredDocument): SimulatedDocument {
  return {
    uniqueName: document.uniqueName,
    sid: document.sid,
    revision: revisionOf(document),
    data: document.data,
    dateExpires: document.expiresAt === undefined ? undefined : new Date(document.expiresAt),
    dateUpdated: new Date(document.updatedAt),
    serviceSid: document.serviceSid,
  };
}
