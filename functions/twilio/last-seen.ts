import type { Stored, Typing } from '../payments/ports.ts';

/** How many documents an instance keeps: those of more payments than it serves within a minute or two. */
const MAX_DOCUMENTS = 100;
/** Milliseconds for which it keeps one: longer than a caller takes for a field. */
const MAX_AGE_MS = 120_000;

/** Where a process keeps the one that all endpoints in it share: each of them is a bundle of its own. */
export const LAST_SEEN = Symbol.for('agent-payments.last-seen');

/** Hears of the data of a document. */
type Listener = (data: unknown) => void;

interface Kept {
  stored: Stored<unknown>;
  /** When it was kept, as `begin` counts. */
  at: number;
  /** Epoch milliseconds. */
  seenAt: number;
  until: number;
}

/**
 * The documents that this instance has read or written last, by name, so that a change may begin without a read.
 *
 * The rule that keeps it right: *what was kept may only ever be confirmed by a conditional write.* Somebody else may
 * have changed the document since. So whatever ends without a write (a refusal, "already done", a status, a repeat that
 * changes nothing) is decided on a fresh read, and `seenAt` marks what must not be believed.
 */
export class LastSeen {
  /** The one of this process. */
  static get here(): LastSeen {
    const shared: { [LAST_SEEN]?: LastSeen } = process as object;
    shared[LAST_SEEN] ??= new LastSeen();
    return shared[LAST_SEEN];
  }

  readonly #documents = new Map<string, Kept>();
  readonly #typed = new Map<string, Set<number>>();
  readonly #listeners = new Map<string, Set<Listener>>();
  #count = 0;

  /** Counts on as a request to Sync begins: its answer is older than what was kept since. */
  begin(): number {
    this.#count += 1;
    return this.#count;
  }

  /**
   * Keeps the answer to a request.
   * @param expires epoch milliseconds at which Sync may forget the document. It is kept no longer than that: one that was
   * made anew counts its revisions from the beginning, so that an old one could match.
   */
  keep(
    name: string,
    stored: Stored<unknown>,
    { began, now, expires }: { began: number; now: number; expires: number },
  ): void {
    const known = this.#documents.get(name);
    if (known && known.at > began) return;
    this.#documents.delete(name);
    this.#documents.set(name, {
      stored,
      at: this.begin(),
      seenAt: now,
      until: Math.min(now + MAX_AGE_MS, expires),
    });
    const [oldest] = this.#documents.keys();
    if (this.#documents.size > MAX_DOCUMENTS && oldest !== undefined) this.#documents.delete(oldest);
    if (known?.stored.revision === stored.revision) return;
    for (const tell of this.#listeners.get(name) ?? []) tell(stored.data);
  }

  find(name: string, now: number): Stored<unknown> | undefined {
    const known = this.#documents.get(name);
    if (!known) return undefined;
    if (now < known.until) return { ...known.stored, seenAt: known.seenAt };
    this.#documents.delete(name);
    return undefined;
  }

  forget(name: string): void {
    this.#documents.delete(name);
  }

  /** Notes that this instance is about to store how many digits of an entry were typed, until `over` is called. */
  typing(entry: string, length: number): Typing {
    const lengths = this.#typed.get(entry) ?? new Set();
    this.#typed.set(entry, lengths.add(length));
    return {
      isOutdone: () => Math.max(...lengths) > length,
      over: () => {
        lengths.delete(length);
        if (lengths.size === 0) this.#typed.delete(entry);
      },
    };
  }

  /** Calls back whenever another revision of the document is kept, until the returned function is called. */
  listen(name: string, tell: Listener): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(tell));
    return () => {
      listeners.delete(tell);
      if (listeners.size === 0) this.#listeners.delete(name);
    };
  }
}
