import twilio from 'twilio';
import { SETTING_VALUES } from '../../../functions/payments/session/setting-values.ts';
import { variableNames } from '../../../functions/runtime/settings.ts';
import type { Variables } from '../environment.ts';
import { RunError } from '../program.ts';
import type { Deployer } from './deployer.ts';
import { environmentOf, serviceOf, type Target } from './serverless-api.ts';

/** Deployed Functions have these by themselves, and a deploy never sends them (twilio-run config/utils/env.ts). */
const GIVEN = ['DOMAIN_NAME', 'ACCOUNT_SID', 'AUTH_TOKEN'];
const SENT = variableNames(SETTING_VALUES).filter((name) => !GIVEN.includes(name));

/** Variables of this service that Twilio has and the file that is deployed has not. */
export interface Leftovers {
  readonly names: readonly string[];
  /** @throws RunError that names those that are still there. */
  remove(): Promise<void>;
}

/**
 * A deploy creates and changes variables and deletes none (serverless-api client.ts), so what was emptied goes on holding
 * at Twilio: a token that was taken away would go on working.
 * @throws twilio's RestException where Twilio does not say which there are.
 */
export async function findLeftovers(
  deployer: Deployer,
  target: Target,
  variables: Variables,
): Promise<Leftovers> {
  const there = await variablesThere(deployer, target);
  const left = there.filter(({ key }) => SENT.includes(key) && !isSet(key, variables, target));
  return {
    names: left.map(({ key }) => key).sort(),
    async remove() {
      const removals = await Promise.allSettled(left.map((variable) => variable.remove()));
      const kept = left.filter((_, index) => removals[index]?.status === 'rejected').map(({ key }) => key);
      if (kept.length > 0)
        throw new RunError(
          `Deployed, but Twilio did not remove ${kept.join(', ')}: deploy again, or delete them in the Twilio Console.`,
        );
    },
  };
}

/** None before the first deploy, when there is no service and no environment. */
async function variablesThere(deployer: Deployer, target: Target) {
  try {
    const environment = await environmentOf(serviceOf(deployer, target), target);
    return (await environment?.variables().list()) ?? [];
  } catch (error) {
    if (error instanceof twilio.RestException && error.status === 404) return [];
    throw error;
  }
}

/** With --load-system-env, twilio-run takes what is empty in the file from the environment of the process. */
function isSet(name: string, variables: Variables, { flags }: Target): boolean {
  if (variables[name]) return true;
  return name in variables && flags.includes('--load-system-env') && Boolean(process.env[name]);
}

/**
 * Whether they are to be removed: `--yes`, or somebody who can be asked.
 * @param ask gives undefined where nobody can be asked.
 */
export async function mayRemove(
  { names }: Leftovers,
  isSure: boolean,
  ask: (question: string) => Promise<string | undefined>,
): Promise<boolean> {
  if (names.length === 0) return false;
  if (isSure) return true;
  const question = `Twilio has ${names.join(', ')}, and the file has not. Remove them there, once the deploy is through? Type yes: `;
  return (await ask(question))?.trim() === 'yes';
}
