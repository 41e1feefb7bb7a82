/**
 * What Twilio's documentation leaves open about deployed Functions. What is rehearsed has to work with every value. The
 * first one of each list in `HOST_SWITCH_VALUES` is the default. Numbers are those of the fact sheet's sources: the
 * request-flow, headers, visibility, variables and invocation pages of Functions & Assets.
 */
export interface HostSwitches {
  /** Status where a protected path is not signed: 400 on the request-flow page, 403 in users' reports. */
  protectedRefusal: 400 | 403;
  /** Status for a private Function or Asset: said to be unreachable, no status given. */
  privatePath: 404 | 403;
  /** Status for a verb other than GET, POST and OPTIONS: said to be unsupported, no status given. */
  otherVerb: 405 | 403;
  /** Whether the global `Response` is the platform's class, as in the local runtime, or the web's own. */
  globalResponse: 'platform' | 'web';
  /** Whether X-Twilio-Signature reaches a Function: it does locally. */
  signatureHeader: 'visible' | 'hidden';
  /** Whether the token of a webhook's retries reaches a Function: the local runtime hides `i-twilio-*`. */
  retryHeader: 'hidden' | 'visible';
  /** What a JSON array becomes: numeric keys, as in the local runtime, or 400. */
  jsonArray: 'spread' | 'refused';
  /** What malformed JSON leads to: 400 before the Function runs, as in the local runtime, or a run without a body. */
  malformedJson: 'refused' | 'dropped';
  /** What other content types lead to: a run without a body, as in the local runtime, or 400. */
  otherContentType: 'dropped' | 'refused';
  /** Whether a parameter named `request` takes the place of the headers, as in the local runtime. */
  requestParameter: 'replaces' | 'is replaced';
  /** Whether only `Content-Type`, spelled so, makes a body JSON, as in the local runtime. */
  contentTypeName: 'exact' | 'any case';
  /** Whether variables are in `process.env` too, as documented, or in the context alone, as in the local runtime. */
  processEnv: 'variables' | 'none';
  /** Whether an instance is stopped between two invocations (invocation page: execution ends), or runs on. */
  afterAnswer: 'frozen' | 'running';
  /** Whether a warm instance takes the next request; "may or may not" (invocation page). */
  instances: 'reused' | 'new each time';
}

export const HOST_SWITCH_VALUES: {
  readonly [Name in keyof HostSwitches]: readonly [HostSwitches[Name], HostSwitches[Name]];
} = {
  protectedRefusal: [400, 403],
  privatePath: [404, 403],
  otherVerb: [405, 403],
  globalResponse: ['platform', 'web'],
  signatureHeader: ['visible', 'hidden'],
  retryHeader: ['hidden', 'visible'],
  jsonArray: ['spread', 'refused'],
  malformedJson: ['refused', 'dropped'],
  otherContentType: ['dropped', 'refused'],
  requestParameter: ['replaces', 'is replaced'],
  contentTypeName: ['exact', 'any case'],
  processEnv: ['variables', 'none'],
  afterAnswer: ['frozen', 'running'],
  instances: ['reused', 'new each time'],
};

export const DEFAULT_HOST_SWITCHES = valuesAt(0);

/** Every switch the other way round. */
export const OTHER_HOST_SWITCHES = valuesAt(1);

function valuesAt(index: 0 | 1): Readonly<HostSwitches> {
  const chosen = Object.entries(HOST_SWITCH_VALUES).map(([name, values]) => [name, values[index]]);
  return Object.fromEntries(chosen) as HostSwitches;
}
