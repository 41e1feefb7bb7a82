/** A fault: what it is, the text that it replaces (which stands in the file exactly once), and what takes its place. */
export type Fault = readonly [name: string, find: string, put: string];

/** Faults of one file, and the suites that must notice each of them. */
export interface Faulty {
  file: string;
  /** Paths below `test/suites`, without `.test.ts`: the next one runs if those before notice nothing. */
  suites: readonly string[];
  faults: readonly Fault[];
  /** Whether the suites look at what is built. */
  isBuilt?: boolean;
}
