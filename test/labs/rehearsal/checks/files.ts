import type { UploadedFile } from '../uploaded-build.ts';
import type { BuildCheck, Expected } from './check.ts';

export const functions: BuildCheck = {
  name: 'the Functions are ours, with their paths and visibility',
  find: (build, expected) => differences('Function', build.functions, expected.functions),
};

export const assets: BuildCheck = {
  name: 'the Assets are ours, prompts private and the page public',
  find: (build, expected) => differences('Asset', build.assets, expected.assets),
};

/** Under 256 characters, from a slash on, without these (Serverless Toolkit, serverless-api utils/fs.ts). */
export const paths: BuildCheck = {
  name: 'every path is one that Twilio takes',
  find: ({ functions: code, assets: files }) =>
    [...code, ...files].flatMap(({ path }) => [
      ...(path.startsWith('/') ? [] : [`${path} does not begin with a slash`]),
      ...(path.length < 256 ? [] : [`${path.slice(0, 40)}… has ${path.length} characters, 255 are allowed`]),
      ...(/[;,?:@+&$()' "#]/.test(path) ? [`${path} has a character that is not allowed`] : []),
    ]),
};

/** Functions: 100 in the editor; Assets: 1000 public, 1000 protected, 50 private in a build (limits page). */
const MOST_FUNCTIONS = 100;
const MOST_ASSETS = { public: 1_000, protected: 1_000, private: 50 } as const;

export const counts: BuildCheck = {
  name: 'there are not too many files',
  find: ({ functions: code, assets: files }) => [
    ...(code.length > MOST_FUNCTIONS
      ? [`${code.length} Functions, Twilio's editor takes ${MOST_FUNCTIONS}`]
      : []),
    ...Object.entries(MOST_ASSETS).flatMap(([visibility, most]) => {
      const count = files.filter((file) => file.visibility === visibility).length;
      return count > most ? [`${count} ${visibility} Assets, Twilio takes ${most}`] : [];
    }),
  ],
};

const MEGABYTE = 1_024 * 1_024;
/** Assets: limits page. Of a Function's size Twilio says nothing: ours has a budget, for the sake of cold starts. */
const MOST_BYTES = { public: 25 * MEGABYTE, protected: 25 * MEGABYTE, private: 10 * MEGABYTE } as const;
const MOST_FUNCTION_BYTES = 1_000_000;

export const sizes: BuildCheck = {
  name: 'no file is too large',
  find: ({ functions: code, assets: files }) => [
    ...code.flatMap((file) => tooLarge(file, MOST_FUNCTION_BYTES)),
    ...files.flatMap((file) => tooLarge(file, MOST_BYTES[file.visibility])),
  ],
};

/** A deployed file stands alone under a random name: nothing can be reached by a path (async page). */
export const standsAlone: BuildCheck = {
  name: 'no Function needs a file beside it',
  find: ({ functions: code }) =>
    code.flatMap(({ path, content }) => {
      const needed = [...content.toString('utf8').matchAll(/\brequire\(\s*(["'`])(\.{1,2}\/[^"'`]*)\1/g)];
      return [...new Set(needed.map((match) => match[2]))].map((file) => `${path} needs ${file}`);
    }),
};

function tooLarge({ path, content }: UploadedFile, most: number): string[] {
  return content.length > most ? [`${path} has ${content.length} bytes, ${most} are allowed`] : [];
}

function differences(
  kind: string,
  uploaded: readonly UploadedFile[],
  expected: Expected['functions'],
): string[] {
  const paths = uploaded.map(({ path }) => path);
  return [
    ...Object.keys(expected)
      .filter((path) => !paths.includes(path))
      .map((path) => `${kind} ${path} is missing`),
    ...uploaded.flatMap(({ path, visibility }, index) => {
      const wanted = expected[path];
      if (wanted === undefined) return [`${kind} ${path} should not be there`];
      if (paths.indexOf(path) !== index) return [`${kind} ${path} is there twice`];
      return visibility === wanted ? [] : [`${kind} ${path} is ${visibility}, not ${wanted}`];
    }),
  ];
}
