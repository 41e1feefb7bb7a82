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
  const patient = { variables, file, config, wrong, url: undefined };
  const verdicts = [
    ...(await unknownNames.run(patient)),
    ...(await plainToken.run(patient)),
    ...(await namedTokens.run(patient)),
  ];
  const remarks = verdicts.filter(({ status }) => status !== 'ok').map(({ text }) => text);
  // All at once: whoever corrects the file does it in one go.
  if (problems.length > 0)
    throw new RunError([`Correct these in ${file}:`, ...problems, ...remarks].join('\n  '));
  return remarks;
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
