import type { Variables } from '../environment.ts';
import { charges } from './charges.ts';
import type { Check, Finding, Patient } from './check.ts';
import { connector } from './connector.ts';
import { address, closed, open, sharedKey, signedCallback, unsignedCallback } from './deployed.ts';
import { handler } from './handler.ts';
import { health } from './health.ts';
import { unknownNames } from './names.ts';
import { syncService } from './sync.ts';
import { clients, namedTokens, plainToken } from './tokens.ts';
import { authToken, credentials, paymentRights } from './twilio.ts';
import { readVariables, settings, sizes } from './variables.ts';

export type { Finding, Status } from './check.ts';

/** All checks, in the order in which what they find is told. */
const CHECKS: readonly Check[] = [
  settings,
  unknownNames,
  sizes,
  handler,
  clients,
  plainToken,
  namedTokens,
  credentials,
  paymentRights,
  authToken,
  syncService,
  connector,
  charges,
  address,
  sharedKey,
  health,
  closed,
  open,
  unsignedCallback,
  signedCallback,
];

/** Those that change nothing and cost little, for somebody who looks every few minutes. */
const WATCHED: readonly Check[] = [health, closed, open, unsignedCallback, signedCallback];

export interface DiagnoseOptions {
  /** As in the file with variables. */
  variables: Variables;
  /** That file, as the reader of the messages knows it. */
  file: string;
  /** Where the service is deployed; PUBLIC_URL where it is not given. */
  url?: string;
  /** Only what tells whether the deployed service works now. */
  isWatch?: boolean;
  /** Hears of each finding as soon as it and all before it are there. */
  onFinding?: (finding: Finding) => void;
}

/** Runs all checks, together, and gives what they found in order. Never throws. */
export async function diagnose({
  variables,
  file,
  url,
  isWatch = false,
  onFinding,
}: DiagnoseOptions): Promise<Finding[]> {
  const { config, wrong } = readVariables(variables);
  const patient: Patient = { variables, file, config, wrong, url: baseOf(url ?? variables.PUBLIC_URL) };
  const findings: Finding[] = [];
  for (const running of (isWatch ? WATCHED : CHECKS).map((check) => runCheck(check, patient))) {
    for (const finding of await running) {
      findings.push(finding);
      onFinding?.(finding);
    }
  }
  return findings;
}

async function runCheck({ name, run }: Check, patient: Patient): Promise<Finding[]> {
  try {
    return (await run(patient)).map((verdict) => ({ check: name, ...verdict }));
  } catch (error) {
    // Not its message: that could hold a secret.
    const what = error instanceof Error ? error.name : typeof error;
    return [{ check: name, status: 'failed', text: `The check itself failed (${what}).` }];
  }
}

/** The address without user name, password and trailing slashes; undefined where it is none. */
function baseOf(url: string | undefined): string | undefined {
  if (!url || !URL.canParse(url)) return undefined;
  const { protocol, host, pathname } = new URL(url);
  return /^https?:$/.test(protocol) ? `${protocol}//${host}${pathname}`.replace(/\/+$/, '') : undefined;
}
