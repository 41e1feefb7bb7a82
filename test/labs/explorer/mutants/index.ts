import { ADAPTERS } from './adapters.ts';
import { CHARGING } from './charging.ts';
import { ENDING } from './ending.ts';
import { KEEPING } from './keeping.ts';
import type { Mutant } from './mutant.ts';
import { STARTING } from './starting.ts';

/** What the explorer must find, each put into the product alone. */
export const MUTANTS: readonly Mutant[] = [...CHARGING, ...STARTING, ...ENDING, ...KEEPING, ...ADAPTERS];
