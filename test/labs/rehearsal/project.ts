import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toEnvText, type Variables } from '../../cli/environment.ts';

/** What a deploy reads of the project: a copy, so that a rehearsal leaves no `.env` and no `.twiliodeployinfo` behind. */
const COPIED = ['package.json', '.twilioserverlessrc', 'functions', 'assets', 'dist'];

export interface Project {
  readonly folder: string;
  /** Replaces its `.env`. */
  writeEnv(variables: Variables): void;
  remove(): void;
}

export function copyProject(root: string): Project {
  const folder = mkdtempSync(join(tmpdir(), 'rehearsal-project-'));
  for (const name of COPIED) cpSync(join(root, name), join(folder, name), { recursive: true });
  return {
    folder,
    writeEnv: (variables) => writeFileSync(join(folder, '.env'), toEnvText(variables), { mode: 0o600 }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
