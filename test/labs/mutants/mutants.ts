import { CORE } from './core.ts';
import type { Faulty } from './faulty.ts';
import { MCP } from './mcp.ts';
import { RUNTIME } from './runtime.ts';

/** Faults of all parts but the state engine, which has its own in `labs/explorer/mutants`. */
export const MUTANTS: readonly Faulty[] = [...RUNTIME, ...MCP, ...CORE];
