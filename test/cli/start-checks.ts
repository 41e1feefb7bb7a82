import { charges } from './checks/charges.ts';
import type { Check, Patient, Status } from './checks/check.ts';
import { unknownNames } from './checks/names.ts';
import { namedTokens, plainToken } from './checks/tokens.ts';
import { problemWith, readVariables } from './checks/variables.ts';
import type { Variables } from './environment.ts';
import { RunError } from './program.ts';

/**
 * Checks the variables of a local run, in the doctor's words. Gives what is worth knowing although it runs.
 * @param file where they come from, as the reader of the message knows it.
 * @throws RunError naming the variables that are missing or malformed. Never tells a value.
 */
export async function checkVariables(variables: Variables, file: string): Promise<string[]> {
  const { config, wrong } = readVariables(variables);
  const sid = variables.SIMULATED_CALL_SID;
  const problems = wrong.map((name) => problemWith(name, variables[name]));
  if (sid && !/^CA[0-9a-fA-F]{32}$/.test(sid)) problems.push(problemWith('SIMULATED_CALL_SID', sid));
  const patient: Patient = { variables, file, config, wrong, url: undefined, isLocal: true };
  const isBad = (status: Status) => status === 'failed' || status === 'warning';
  const remarks = [
    ...(await remarksOf(unknownNames, patient, isBad)),
    ...(await remarksOf(plainToken, patient, isBad)),
    ...(await remarksOf(namedTokens, patient, isBad)),
    // What is merely worth a thought is for the doctor to tell.
    ...(await remarksOf(charges, patient, (status) => status === 'failed')),
  ];
  // All at once: whoever corrects the file does it in one go.
  if (problems.length > 0)
    throw new RunError([`Correct these in ${file}:`, ...problems, ...remarks].join('\n  '));
  return remarks;
}

/** What a check has to say. Its name comes first where the text does not name the variable. */
async function remarksOf(
  { name, run }: Check,
  patient: Patient,
  counts: (status: Status) => boolean,
): Promise<string[]> {
  const verdicts = (await run(patient)).filter(({ status }) => counts(status));
  return verdicts.map(({ text }) =>
    text.startsWith('It ') || name === namedTokens.name ? `${name}: ${text}` : text,
  );
}

/** What will not work with these variables against a real account. */
export function accountWarnings(variables: Variables): string[] {
  const warnings: string[] = [];
  if (!variables.PUBLIC_URL) {
    warnings.push(
      'Neither PUBLIC_URL nor --ngrok is given, so Twilio cannot call back: no payment will get beyond its start.',
    );
  }
  if (variables.CALLBACK_SIGNATURE === 'gateway') {
    warnings.push('CALLBACK_SIGNATURE is gateway, and here is no gateway: callbacks are taken from anybody.');
  } else if (!variables.AUTH_TOKEN) {
    warnings.push('AUTH_TOKEN is missing, so no callback can be checked: each one will be refused.');
  }
  return warnings;
}
