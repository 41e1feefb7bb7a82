import type { CallLedger } from './session/call-ledger.ts';
import type { Capture } from './session/fields.ts';
import type { Client } from './session/holder.ts';
import type { AuditEntry, PaymentSession, Terms } from './session/session.ts';

/** A call leg as far as a payment cares. */
export interface Call {
  callSid: string;
  status: string;
  parentCallSid: string;
  /** The far end's number or address. */
  number: string;
  /** Epoch milliseconds; 0 before the call is answered. */
  startedAt: number;
  /** Whether this leg is a phone: `client:` and `sip:` legs do not hear the caller's keypad. */
  isPstn: boolean;
}

/** The Payments API and the calls it needs. Each method rejects with a PaymentError. */
export interface Gateway {
  fetchCall(callSid: string): Promise<Call>;
  /** Some PSTN legs in progress, the newest first. */
  listCallsInProgress(): Promise<Call[]>;
  /** The PSTN leg above or below a leg that is not one; undefined where none is found or the look-up fails. */
  findPstnLeg(call: Call): Promise<string | undefined>;
  /** @returns the new session's paymentSid. */
  start(request: { callSid: string; terms: Terms; attempt: number; idempotencyKey: string }): Promise<string>;
  capture(
    session: PaymentSession,
    request: { capture: Capture; command: number; idempotencyKey: string },
  ): Promise<void>;
  end(
    session: PaymentSession,
    request: { ending: 'complete' | 'cancel'; idempotencyKey: string },
  ): Promise<void>;
}

/** A stored value with the revision that a conditional write needs, and when it was last written (ISO 8601). */
export interface Stored<T> {
  data: T;
  revision: string;
  updatedAt: string;
  /**
   * Epoch milliseconds at which this instance saw it last, if it was not read just now: it may be out of date, and is good
   * for beginning a conditional write, which confirms it, and for nothing else.
   */
  seenAt?: number;
}

/** Documents of one kind by id. Each method rejects with a PaymentError STORE_UNAVAILABLE. */
export interface Store<T> {
  /** A fresh read. */
  read(id: string): Promise<Stored<T> | undefined>;
  /** What this instance saw last, with when that was. */
  lastSeen(id: string): Stored<T> | undefined;
  /** @returns undefined if a document of that id exists already. */
  create(id: string, data: T): Promise<Stored<T> | undefined>;
  /**
   * Changes and writes under a condition, as often as it takes, beginning from what this instance saw last, or from a
   * read. `change` gets undefined if there is no document, and gives its argument back, or undefined, to leave things as
   * they are, which is decided on a fresh read. An error of its own is thrown on a fresh read, too.
   * @param from what the caller has read already; null if it knows that there is no document.
   */
  update(
    id: string,
    change: (data: T | undefined) => T | undefined,
    from?: Stored<T> | null,
  ): Promise<Updated<T> | undefined>;
}

/** What an update led to, and whether it wrote anything: a repeated write whose first answer was lost counts as none. */
export interface Updated<T> extends Stored<T> {
  isWritten: boolean;
}

/** Digits of an entry that are about to be stored. */
export interface Typing {
  /** Whether this instance is about to store more of the same entry. */
  isOutdone(): boolean;
  over(): void;
}

export interface SessionStore extends Store<PaymentSession> {
  /** Milliseconds after its last write from which on a document may have expired. */
  lifetimeMs: number;
  /** Calls back when this instance has read or written another revision of a payment, until the returned function is called. */
  listen(paymentSid: string, tell: (session: PaymentSession) => void): () => void;
  /** @param entry names the field that is typed, and the command that asked for it. */
  typing(paymentSid: string, entry: string, length: number): Typing;
  /** One page of sessions, ended ones among them, in the order that the store keeps them. */
  list(
    cursor: string | undefined,
  ): Promise<{ sessions: Stored<PaymentSession>[]; nextCursor: string | undefined }>;
}

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds that this invocation may still take. */
  left(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** Makes what cannot be guessed, compares without telling how much of it was right, and hides what only this service may read. */
export interface Secrets {
  make(): string;
  digest(secret: string): string;
  /** A text that tells nothing, for one audience to bring back. */
  seal(text: string, audience: string): string;
  /** What was sealed for that audience; undefined for all else. */
  unseal(sealed: string, audience: string): string | undefined;
}

/** What is written down of each start, completion, cancel and take-over: who, which call, how much, how confirmed, what came of it. */
export interface AuditLine extends Omit<AuditEntry, 'at'> {
  callSid: string;
  paymentSid: string;
  chargeAmount: number;
  currency: string;
}

export interface PaymentPorts {
  /** Who asks: all that is done and shown is done for, and shown to, this client. */
  client: Client;
  gateway: Gateway;
  sessions: SessionStore;
  ledgers: Store<CallLedger>;
  clock: Clock;
  secrets: Secrets;
  audit(line: AuditLine): void;
}
