import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UploadedBuild, UploadedFile } from './uploaded-build.ts';

/** A file of a build in the place where it is run or read. */
export interface LaidOutFile extends Omit<UploadedFile, 'content'> {
  readonly file: string;
}

export interface LaidOutBuild {
  /** Holds package.json and, once installed, node_modules. */
  readonly root: string;
  readonly functions: readonly LaidOutFile[];
  readonly assets: readonly LaidOutFile[];
  remove(): void;
}

/**
 * Puts a build on disk as Twilio does, outside of the project: each Function under a random name with nothing beside
 * it, Assets under theirs (`/var/task/handlers/ZN….js`, `/var/task/files/ZN…`; async and client pages), and a
 * package.json with the uploaded dependencies and nothing else.
 */
export function layOut(build: UploadedBuild): LaidOutBuild {
  const root = mkdtempSync(join(tmpdir(), 'rehearsal-build-'));
  const place = (folder: string, extension: string, uploaded: UploadedFile): LaidOutFile => {
    const { content, ...rest } = uploaded;
    const own = join(root, folder, randomBytes(8).toString('hex'));
    mkdirSync(own, { recursive: true });
    const file = join(own, `ZN${randomBytes(16).toString('hex')}${extension}`);
    writeFileSync(file, content);
    return { ...rest, file };
  };
  const dependencies = Object.fromEntries(build.dependencies.map(({ name, version }) => [name, version]));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ private: true, dependencies }, null, 2));
  return {
    root,
    functions: build.functions.map((uploaded) => place('handlers', '.js', uploaded)),
    assets: build.assets.map((uploaded) => place('files', '', uploaded)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
