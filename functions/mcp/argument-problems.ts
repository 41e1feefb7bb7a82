import type * as z from 'zod';

/** More problems than these help nobody. */
const MAX_PROBLEMS = 5;
/** Names that nobody knows are shown up to this length. */
const MAX_NAME = 60;

/** What is wrong with arguments, a clause for each problem: names and what is expected, never a value. */
export function argumentProblems({ issues }: z.ZodError): string {
  return `${issues.slice(0, MAX_PROBLEMS).map(problemOf).join('; ')}.`;
}

function problemOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.slice(0, MAX_PROBLEMS).map((key) => `"${key.slice(0, MAX_NAME)}"`);
    return `unknown ${names.length > 1 ? 'arguments' : 'argument'} ${names.join(', ')}: leave it out`;
  }
  const name = issue.path.join('.') || 'arguments';
  return isMissing(issue) ? `${name} is missing` : `${name}: ${expectation(issue)}`;
}

/** zod tells of a missing member only in its words. */
function isMissing({ code, message }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' && message.endsWith('received undefined');
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${nounOf(issue.expected)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`;
    default:
      // Our own patterns say what they expect.
      return issue.message;
  }
}

function nounOf(type: string): string {
  const nouns: Record<string, string> = {
    string: 'a text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    record: 'an object',
  };
  return nouns[type] ?? `of type ${type}`;
}
