import { SETTING_VALUES } from '../../../functions/payments/session/setting-values.ts';
import { variableNames } from '../../../functions/runtime/settings.ts';
import { LOCAL_VARIABLES, type Variables } from '../environment.ts';
import { type Check, type Verdict, warning } from './check.ts';

const KNOWN = [...variableNames(SETTING_VALUES), ...LOCAL_VARIABLES];

/** Variables that nothing reads: a misspelled limit is no limit. */
export const unknownNames: Check = {
  name: 'Names of the variables',
  run: async ({ variables }) => unknownIn(variables),
};

/** A warning for each name that nothing reads, with the one that it is likely to mean. */
export function unknownIn(variables: Variables): Verdict[] {
  const unknown = Object.keys(variables).filter((name) => !KNOWN.includes(name));
  return unknown.map((name) => {
    const nearest = nearestTo(name);
    const advice = nearest ? `Did you mean ${nearest}?` : 'The names that there are stand in .env.example.';
    return warning(`${name} is not a variable of this service and does nothing. ${advice}`);
  });
}

/** The known name that a misspelled one is likely to mean; undefined if none is near. */
function nearestTo(name: string): string | undefined {
  const [nearest] = KNOWN.map((known) => ({ known, edits: editsBetween(name.toUpperCase(), known) })).sort(
    (one, other) => one.edits - other.edits,
  );
  return nearest && nearest.edits <= Math.max(2, name.length / 3) ? nearest.known : undefined;
}

/** How many letters must be put in, taken out or replaced to make one text of another (Levenshtein's distance). */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...one].entries()) {
    const above = row;
    row = [index + 1];
    for (const [column, wanted] of [...other].entries()) {
      const replaced = (above[column] ?? 0) + (letter === wanted ? 0 : 1);
      row.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (row[column] ?? 0) + 1));
    }
  }
  return row.at(-1) ?? 0;
}
