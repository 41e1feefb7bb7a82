import { CORE } from './core.ts';
import { ENGINE } from './engine.ts';
import type { Faulty } from './faulty.ts';
import { MCP } from './mcp.ts';
import { RUNTIME } from './runtime.ts';

/** Faults of all parts. Most of the state engine's are in `labs/explorer/mutants`: the explorer must find these. */
export const MUTANTS: readonly Faulty[] = [...RUNTIME, ...MCP, ...CORE, ...ENGINE];
