import * as z from 'zod';

// zod would compile a parser for each schema of an object at its first use, which pays only for schemas that are used
// often, and takes 2 ms of a cold start.
z.config({ jitless: true });

/**
 * A schema that is made when it is first used: a request needs few of them, and all together take 3 ms of a cold
 * start. It is a function, so that nothing of zod runs before it is called.
 */
export function lazy<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** What a lazy schema parses. */
export type Parsed<S extends () => z.ZodType> = z.output<ReturnType<S>>;
