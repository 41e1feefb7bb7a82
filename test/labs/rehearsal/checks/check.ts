import type { UploadedBuild, UploadedFile } from '../uploaded-build.ts';

/** What a deploy has to leave at Twilio. */
export interface Expected {
  /** Visibility of every Function by path. */
  readonly functions: Readonly<Record<string, UploadedFile['visibility']>>;
  /** Visibility of every Asset by path. */
  readonly assets: Readonly<Record<string, UploadedFile['visibility']>>;
  /** Names and versions as package.json has them. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly runtime: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** One rule about an uploaded build: gives what is wrong, in words that say where; empty where all is well. */
export interface BuildCheck {
  readonly name: string;
  readonly find: (build: UploadedBuild, expected: Expected) => string[];
}
