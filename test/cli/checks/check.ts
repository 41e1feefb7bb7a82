import type { SETTING_VALUES } from '../../../functions/payments/session/setting-values.ts';
import type { readFullConfig } from '../../../functions/runtime/config.ts';
import type { Variables } from '../environment.ts';

export type Status = 'ok' | 'warning' | 'failed' | 'could not check';

/** What a check found out, in plain words: what is so, and where to mend it. Never holds a secret. */
export interface Verdict {
  status: Status;
  text: string;
}

export interface Finding extends Verdict {
  check: string;
}

type Config = ReturnType<typeof readFullConfig<typeof SETTING_VALUES>>;

/** What is looked at. */
export interface Patient {
  /** As in the file with variables. */
  variables: Variables;
  /** That file, as the reader of the messages knows it. */
  file: string;
  /** The variables as the Functions read them; undefined where they could not. */
  config: Config | undefined;
  /** Variables that are missing or malformed. */
  wrong: string[];
  /** Where the deployed service is, without a trailing slash. */
  url: string | undefined;
  /** Nothing is deployed: the variables are those of a run on this machine. */
  isLocal?: boolean;
}

export interface Check {
  name: string;
  /** Empty where there is nothing to say. */
  run(patient: Patient): Promise<Verdict[]>;
}

export const ok = (text: string): Verdict => ({ status: 'ok', text });
export const warning = (text: string): Verdict => ({ status: 'warning', text });
export const failed = (text: string): Verdict => ({ status: 'failed', text });
export const unchecked = (text: string): Verdict => ({ status: 'could not check', text });

/** Milliseconds that one request may take. */
export const REQUEST_MS = 5_000;

export const whereToSet = ({ file, isLocal }: Patient): string =>
  isLocal
    ? `Set it in ${file}.`
    : `Set it in ${file} and deploy again, or in the Twilio Console under Functions and Assets, Services, Environment Variables.`;

/** A check of something that needs the settings to be readable. */
export function withConfig(
  name: string,
  run: (config: Config, patient: Patient) => Promise<Verdict[]>,
): Check {
  return {
    name,
    run: async (patient) =>
      patient.config ? run(patient.config, patient) : [unchecked('The variables must be right first.')],
  };
}
