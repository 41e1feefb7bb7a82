import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from './platform.ts';
import { type Principal, SCOPES, type Scope } from './scopes.ts';

/** The letters by which an entry of MCP_TOKENS names scopes: a variable holds 450 bytes, so every byte counts. */
const LETTERS: Record<string, Scope> = {
  r: 'payments:read',
  w: 'payments:write',
  c: 'payments:charge',
  a: 'payments:any',
};

const ENTRY =
  /^(?<name>[A-Za-z0-9._-]{1,32}):(?<letters>[rwca]{1,4}):(?<expiry>\d{8})?:(?<digest>[A-Za-z0-9_-]{43})$/;

/** The client that `MCP_AUTH_TOKEN` is; no entry of MCP_TOKENS may have its name, and see its payments. */
const ADMIN = 'MCP_AUTH_TOKEN';

interface TokenEntry extends Principal {
  /** SHA-256 of the token. */
  digest: Buffer;
  /** Epoch milliseconds at which it stops to work. */
  expires: number;
}

export interface BearerTokens {
  entries: TokenEntry[];
  /** How many entries of MCP_TOKENS could not be read; they let nobody in. */
  malformed: number;
}

/**
 * The tokens of `MCP_AUTH_TOKEN` (one plain token with all rights) and `MCP_TOKENS`: entries separated by blanks,
 * each `name:scopes:expiry:digest` with scopes as letters of `rwca`, an expiry `YYYYMMDD` (the last day, UTC) or
 * nothing, and the token's SHA-256 in base64url. Two entries may share a name, so that a token can be replaced
 * while the old one still works.
 */
export function readBearerTokens(context: Context): BearerTokens {
  const { MCP_AUTH_TOKEN: plain, MCP_TOKENS: list } = context;
  const entries: TokenEntry[] = [];
  if (typeof plain === 'string' && plain) {
    entries.push({
      client: ADMIN,
      scopes: SCOPES,
      digest: sha256(plain),
      expires: Number.POSITIVE_INFINITY,
    });
  }
  const texts = typeof list === 'string' ? list.split(/[\s,;]+/).filter(Boolean) : [];
  const read = texts.map(readEntry).filter((entry) => entry !== undefined);
  return { entries: [...entries, ...read], malformed: texts.length - read.length };
}

/** The digest of a token as an entry of MCP_TOKENS holds it. */
export function digestOf(token: string): string {
  return sha256(token).toString('base64url');
}

/** Who a token belongs to. All entries are compared, in constant time, whichever fits. */
export function findPrincipal(
  tokens: BearerTokens,
  token: string,
  now: number,
): Principal | 'expired' | undefined {
  const digest = sha256(token);
  const fitting = tokens.entries.filter((entry) => timingSafeEqual(entry.digest, digest));
  const valid = fitting.find(({ expires }) => now < expires);
  if (valid) return { client: valid.client, scopes: valid.scopes };
  return fitting.length > 0 ? 'expired' : undefined;
}

function readEntry(text: string): TokenEntry | undefined {
  const { name, letters = '', expiry, digest = '' } = ENTRY.exec(text)?.groups ?? {};
  if (!name || name === ADMIN) return undefined;
  const expires = expiry ? endOfDay(expiry) : Number.POSITIVE_INFINITY;
  if (Number.isNaN(expires)) return undefined;
  const scopes = SCOPES.filter((scope) => [...letters].some((letter) => LETTERS[letter] === scope));
  return { client: name, scopes, digest: Buffer.from(digest, 'base64url'), expires };
}

function endOfDay(day: string): number {
  const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
  const start = Date.parse(`${date}T00:00:00Z`);
  // There is no 31 February, though it parses.
  const exists = !Number.isNaN(start) && new Date(start).toISOString().startsWith(date);
  return exists ? start + 24 * 60 * 60 * 1000 : Number.NaN;
}

/** Digests have one length, so neither content nor length of a token shows in the time that comparing takes. */
function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
