import type { Stored } from '../../../functions/payments/ports.ts';
import { LAST_SEEN, LastSeen } from '../../../functions/twilio/last-seen.ts';

/**
 * The instances of the platform: each keeps the documents that its own invocations have seen, until it is killed. To the
 * product they are the one that its process keeps.
 */
export class Instances extends LastSeen {
  readonly #instances: string[];
  /** The instance of an invocation, by the user name that its requests come with. */
  readonly #byUsername = new Map<string, string>();
  #count = 0;

  /** @param count how many there are; if there is none, each invocation has a new one. */
  constructor(count: number) {
    super();
    this.#instances = Array.from({ length: count }, () => this.#begin());
    Reflect.set(process, LAST_SEEN, this);
  }

  get count(): number {
    return this.#instances.length;
  }

  /** Has each of them see a document. */
  show(document: string, stored: Stored<unknown>, seen: { now: number; expires: number }): void {
    for (const instance of this.#instances)
      super.keep(`${instance} ${document}`, stored, { ...seen, began: this.begin() });
  }

  /** Has one of them serve an invocation. */
  serve(username: string, which: number): void {
    this.#byUsername.set(username, this.#instances[which] ?? this.#begin());
  }

  /** Ends the instance that serves an invocation; a new one takes its place. */
  kill(username: string): void {
    const at = this.#instances.indexOf(this.#byUsername.get(username) ?? '');
    if (at >= 0) this.#instances[at] = this.#begin();
  }

  override keep(name: string, ...about: [Stored<unknown>, { began: number; now: number; expires: number }]) {
    super.keep(this.#ownName(name), ...about);
  }

  override find(name: string, now: number): Stored<unknown> | undefined {
    return super.find(this.#ownName(name), now);
  }

  override forget(name: string): void {
    super.forget(this.#ownName(name));
  }

  override listen(name: string, tell: (data: unknown) => void): () => void {
    return super.listen(this.#ownName(name), tell);
  }

  override typing(entry: string, length: number) {
    const [, , , , , ...what] = entry.split(' ');
    return super.typing([this.#ownName(entry), ...what].join(' '), length);
  }

  /** Each invocation has a user name of its own, which the product counts among what documents belong to. */
  #ownName(name: string): string {
    const [, username = '', , , document] = name.split(' ');
    return `${this.#byUsername.get(username)} ${document}`;
  }

  #begin(): string {
    this.#count += 1;
    return `instance-${this.#count}`;
  }
}
