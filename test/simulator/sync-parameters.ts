import { ApiError } from './api.ts';

/** At most 16 KiB of JSON text in a document (Sync limits page). */
const LARGEST_DATA_BYTES = 16 * 1_024;
/** A year (Sync TTL page). */
const LONGEST_TTL_SECONDS = 31_536_000;
/** By the text of error 54302; the property's description says up to 320. */
const LONGEST_UNIQUE_NAME = 256;

/** Data as an object: codes 54006, 54008 and 54101 of the error list. */
export function dataOf(text: string): Readonly<Record<string, unknown>> {
  if (Buffer.byteLength(text) > LARGEST_DATA_BYTES)
    throw new ApiError(413, 54006, 'Request entity too large');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(400, 54008, 'Data is not valid JSON');
  }
  if (!isObject(value)) throw new ApiError(400, 54101, 'Invalid data: a JSON object is expected');
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** When a document with this Ttl expires: 0 or none is never (Sync TTL page); otherwise code 54011. */
export function expiryOf(ttl: string | null, now: number): number | undefined {
  if (ttl === null) return undefined;
  const seconds = /^\d+$/.test(ttl) ? Number(ttl) : Number.NaN;
  if (!(seconds <= LONGEST_TTL_SECONDS)) throw new ApiError(400, 54011, 'Invalid TTL');
  return seconds === 0 ? undefined : now + seconds * 1_000;
}

/**
 * A unique name has 1 to 256 characters and is not shaped like a SID (error 54302). Whether that means any product's
 * SID or a document's only is not established.
 */
export function checkUniqueName(name: string, otherSids: 'allowed' | 'refused'): void {
  const looksLikeSid = otherSids === 'refused' ? /^[A-Z]{2}[0-9a-f]{32}$/i : /^ET[0-9a-f]{32}$/i;
  if (name.length < 1 || name.length > LONGEST_UNIQUE_NAME || looksLikeSid.test(name))
    throw new ApiError(400, 54302, 'Invalid unique name');
}

/** If-Match holds a revision; anything else is malformed (error 54003). Whether quotes are allowed is not established. */
export function checkIfMatch(ifMatch: string | undefined): void {
  if (ifMatch !== undefined && !/^[0-9a-f]+$/i.test(ifMatch))
    throw new ApiError(400, 54003, 'Invalid If-Match header');
}
