import type { UploadedBuild } from '../uploaded-build.ts';
import type { BuildCheck, Expected } from './check.ts';
import { assets, counts, functions, paths, sizes, standsAlone } from './files.ts';
import { dependencies, handlerPackage, names, runtime, variableSizes, variables } from './settings.ts';

export type { Expected } from './check.ts';

/** Everything that can be said about a build without running it. */
export const BUILD_CHECKS: readonly BuildCheck[] = [
  functions,
  assets,
  paths,
  counts,
  sizes,
  standsAlone,
  dependencies,
  handlerPackage,
  runtime,
  variables,
  variableSizes,
  names,
];

/** What is wrong with a build; empty where every check passes. */
export function problemsOf(build: UploadedBuild, expected: Expected): string[] {
  return BUILD_CHECKS.flatMap(({ find }) => find(build, expected));
}
