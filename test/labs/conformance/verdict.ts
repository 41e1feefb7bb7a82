import { CHECKS_NOT_APPLICABLE, EXTENSIONS, SCENARIOS, type ServerName } from './scenarios.ts';
import type { Check, Results, Revision, SuiteEntry } from './suite.ts';

/** What a run of one revision against one server came to. */
export interface Verdict {
  passed: string[];
  notApplicable: string[];
  /** Of the scenarios that passed. */
  checks: number;
  /** What is not as it is expected to be, a line each. */
  problems: string[];
}

/** Every scenario that the suite runs, beside all that the expectations name: none may be missing on either side. */
export function unlisted(suite: SuiteEntry[]): string[] {
  const problems: string[] = [];
  const matches = (pattern: string, name: string) =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  for (const { name, revisions } of suite) {
    const known = revisions.includes('extension')
      ? Object.keys(EXTENSIONS).some((pattern) => matches(pattern, name))
      : revisions.every((revision) => !isOurs(revision) || namesOf(revision).includes(name));
    if (!known)
      problems.push(`${name}: the suite has it for ${revisions.join(', ')}, and nothing is expected`);
  }
  for (const revision of Object.keys(SCENARIOS) as Revision[]) {
    for (const name of namesOf(revision)) {
      const runs = suite.some((entry) => entry.name === name && entry.revisions.includes(revision));
      if (!runs) problems.push(`${name}: expected for ${revision}, and the suite does not have it`);
    }
  }
  return problems;
}

/** Compares what came out with what is expected. */
export function judge(server: ServerName, revision: Revision, results: Results): Verdict {
  const { passAnywhere, passWithDefinitions } = SCENARIOS[revision];
  const due = [...passAnywhere, ...(server === 'everything' ? passWithDefinitions : [])];
  const verdict: Verdict = { passed: [], notApplicable: [], checks: 0, problems: [] };
  const excused = CHECKS_NOT_APPLICABLE[server];
  for (const name of namesOf(revision)) {
    const checks = results.get(name);
    if (!checks) {
      verdict.problems.push(`${name}: was not run`);
      continue;
    }
    const own = checks.filter(({ id, status }) => id !== 'wire-schema-valid' && status !== 'INFO');
    const against = own.filter(({ id, status }) => status !== 'SUCCESS' && !(id in excused));
    const passes = against.length === 0 && own.some(isSuccess);
    // What goes over the wire has to fit the schema whether the rest applies or not.
    const malformed = checks.filter(({ id, status }) => id === 'wire-schema-valid' && status !== 'SUCCESS');
    verdict.problems.push(...malformed.map((check) => describe(name, check)));
    if (passes && malformed.length === 0) {
      verdict.checks += checks.filter(isSuccess).length;
      verdict.passed.push(name);
    } else {
      verdict.notApplicable.push(name);
    }
    if (due.includes(name) && !passes) {
      verdict.problems.push(
        ...(against.length > 0
          ? against.map((check) => describe(name, check))
          : [`${name}: checked nothing`]),
      );
    }
    if (!due.includes(name) && passes) verdict.problems.push(`${name}: passes, and is expected not to apply`);
    const stale = own.filter((check) => check.id in excused && isSuccess(check));
    verdict.problems.push(...stale.map(({ id }) => `${name}: ${id} passes, and is expected not to apply`));
  }
  return verdict;
}

function namesOf(revision: Revision): string[] {
  const { passAnywhere, passWithDefinitions, notApplicable } = SCENARIOS[revision];
  return [...passAnywhere, ...passWithDefinitions, ...Object.keys(notApplicable)];
}

function isOurs(revision: string): revision is Revision {
  return revision in SCENARIOS;
}

function isSuccess({ status }: Check): boolean {
  return status === 'SUCCESS';
}

function describe(name: string, { id, status, errorMessage }: Check): string {
  return `${name}: ${id} is ${status}${errorMessage ? `: ${errorMessage}` : ''}`;
}
