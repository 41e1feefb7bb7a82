import {
  type Implementation,
  type JSONRPCMessage,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js';
import { type Answer, rpcError } from '../answer-message.ts';
import type { Person } from '../ask-person.ts';
import type { Exchange } from '../functions-transport.ts';

/** The revision that does without a handshake; all others are the SDK's. */
export const MODERN_VERSION = '2026-07-28';

/** All revisions that are served, newest first. */
export const VERSIONS = [MODERN_VERSION, ...SUPPORTED_PROTOCOL_VERSIONS];

/** What the server says of itself, in words that fit either generation. */
export interface About {
  capabilities: object;
  instructions: string;
  /** For a client that asks what this is. */
  serverInfo: Implementation;
  /** For every result of revision 2026-07-28: a model may read it each time, so that it is short. */
  identity: Implementation;
}

/** A generation of the protocol in front of the server, which knows neither. */
export interface Generation {
  /** The answer that refuses a message; undefined if all is well with it. */
  refuse(message: JSONRPCMessage, headers: Record<string, string>): Answer | undefined;
  /** The person behind the client; undefined if nobody can be asked. */
  personOf(message: JSONRPCMessage): Person | undefined;
  /**
   * Has a message answered.
   * @param ask has the server answer what it is given.
   */
  answer(
    message: JSONRPCMessage,
    ask: (message: JSONRPCMessage) => Promise<Exchange>,
    about: About,
  ): Promise<Exchange>;
}

/** Whether the header MCP-Protocol-Version names one revision, be it known or not. */
export function isRevision(version: string): boolean {
  return /^[\w.-]+$/.test(version);
}

/** Refuses a header MCP-Protocol-Version that is empty, or was sent twice. */
export function notARevision(id: string | number | null = null): Answer {
  return rpcError(400, 'MCP-Protocol-Version must name one revision, such as 2025-11-25.', { id });
}

/** Refuses a revision that is not served (MCP 2026-07-28, Versioning, "Unsupported protocol version"). */
export function unsupportedVersion(requested: string, id: string | number | null = null): Answer {
  // A card number has at least 13 digits: what is longer than a version is not repeated.
  const isShort = isRevision(requested) && requested.length <= 12;
  const data = { supported: VERSIONS, ...(isShort && { requested }) };
  return rpcError(400, 'Unsupported protocol version.', { id, code: -32022, data });
}
