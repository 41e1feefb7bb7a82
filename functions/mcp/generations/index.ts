import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { modern, speaksModern } from './2026-07-28.ts';
import type { Generation } from './generation.ts';
import { legacy } from './legacy.ts';

/** The generation of the protocol that a message belongs to. It is decided once, when the message is read. */
export function generationOf(message: JSONRPCMessage, headers: Record<string, string>): Generation {
  return speaksModern(message, headers) ? modern : legacy;
}
