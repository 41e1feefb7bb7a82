import { readFileSync } from 'node:fs';
import { type Variables, writeEnvFile } from '../environment.ts';
import { type Program, RunError } from '../program.ts';
import type { DeployOptions } from './options.ts';

/** Who deploys, and where twilio-run finds that. */
export interface Deployer {
  readonly username: string;
  readonly password: string;
  /** For people: which credentials these are. */
  readonly name: string;
  /** The file that twilio-run reads variables and credentials from. */
  readonly envFile: string;
}

/**
 * The account with its Auth Token, or else an API key. twilio-run reads credentials from flags, where every program on
 * the machine can see them, or from ACCOUNT_SID and AUTH_TOKEN of the file with variables; so an API key is given to it
 * under these names, which it never deploys, in a copy of the file.
 */
export function chooseDeployer(program: Program, options: DeployOptions, variables: Variables): Deployer {
  const { ACCOUNT_SID = '', AUTH_TOKEN = '', API_KEY = '', API_SECRET = '' } = variables;
  const { username, password, envFile } = options;
  if (username || password) {
    if (!username || !password) throw new RunError('Give --username and --password together.');
    return { username, password, name: kindOf(username), envFile };
  }
  if (ACCOUNT_SID && AUTH_TOKEN)
    return { username: ACCOUNT_SID, password: AUTH_TOKEN, name: kindOf(ACCOUNT_SID), envFile };
  if (!API_KEY || !API_SECRET)
    throw new RunError(
      `To deploy, ${options.file} needs ACCOUNT_SID and AUTH_TOKEN, or API_KEY and API_SECRET.`,
    );
  // The last line for a variable counts.
  const text = `${readFileSync(envFile, 'utf8')}\nACCOUNT_SID=${API_KEY}\nAUTH_TOKEN=${API_SECRET}\n`;
  const { path } = writeEnvFile(program, text);
  return { username: API_KEY, password: API_SECRET, name: kindOf(API_KEY), envFile: path };
}

function kindOf(username: string): string {
  return username.startsWith('SK') ? `the API key ${username}` : `the Auth Token of ${username}`;
}
