import { timingSafeEqual } from 'node:crypto';
import type { Random } from './random.ts';

export interface Credentials {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** The account's secrets, as its owner rotates them in the Console (Auth Token and API key pages). */
export class Account {
  readonly accountSid: string;
  readonly #random: Random;
  readonly #keys = new Map<string, string>();
  #primary: string;
  #secondary: string | undefined;

  constructor({ accountSid, authToken, apiKey, apiSecret }: Credentials, random: Random) {
    this.accountSid = accountSid;
    this.#primary = authToken;
    this.#keys.set(apiKey, apiSecret);
    this.#random = random;
  }

  /** The primary Auth Token, which signs webhooks, and the newest API key. */
  get credentials(): Credentials {
    const [apiKey, apiSecret] = [...this.#keys].at(-1) ?? ['', ''];
    return { accountSid: this.accountSid, authToken: this.#primary, apiKey, apiSecret };
  }

  /** A second Auth Token, which requests may use beside the primary one. It signs nothing yet. */
  makeSecondaryToken(): string {
    this.#secondary = this.#random.hex(32);
    return this.#secondary;
  }

  /** The secondary Auth Token takes the place of the primary one, which is gone. */
  promoteSecondaryToken(): void {
    if (this.#secondary === undefined) throw new Error('There is no secondary Auth Token');
    this.#primary = this.#secondary;
    this.#secondary = undefined;
  }

  makeKey(): Pick<Credentials, 'apiKey' | 'apiSecret'> {
    const apiKey = this.#random.sid('SK');
    const apiSecret = this.#random.text(32);
    this.#keys.set(apiKey, apiSecret);
    return { apiKey, apiSecret };
  }

  deleteKey(apiKey: string): void {
    if (!this.#keys.delete(apiKey)) throw new Error('There is no such API key');
  }

  /** Whether an Authorization header is Basic with an Auth Token or an API key of this account. */
  accepts(authorization: string): boolean {
    const tokens = [this.#primary, this.#secondary].filter((token) => token !== undefined);
    const given = Buffer.from(authorization);
    return [...tokens.map((token) => [this.accountSid, token]), ...this.#keys]
      .map((pair) => Buffer.from(`Basic ${Buffer.from(pair.join(':')).toString('base64')}`))
      .some((expected) => expected.length === given.length && timingSafeEqual(expected, given));
  }
}
