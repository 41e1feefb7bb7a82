import type { Revision } from './suite.ts';

/** What the suite is run against: the Functions that are deployed, or the test Function with the suite's definitions. */
export type ServerName = 'payments' | 'everything';

interface Expected {
  /** Pass on both servers. */
  passAnywhere: string[];
  /** Pass on the server that has the tools, prompts and resources which they call; cannot on the other. */
  passWithDefinitions: string[];
  /** Cannot pass on either, with the reason. */
  notApplicable: Record<string, string>;
}

const NO_REQUESTS_TO_CLIENTS =
  'The server would have to ask the client in the midst of a call: a Function gives one answer and hears no more.';
const NO_SESSION = 'Needs a session: each request stands alone here.';
const NO_SUBSCRIPTIONS = 'Nothing can be pushed, so no subscriptions are offered.';

export const SCENARIOS: Record<Revision, Expected> = {
  '2025-11-25': {
    passAnywhere: [
      'server-initialize',
      'ping',
      'logging-set-level',
      'tools-list',
      'prompts-list',
      'resources-list',
      'dns-rebinding-protection',
    ],
    passWithDefinitions: [
      'completion-complete',
      'json-schema-2020-12',
      'prompts-get-embedded-resource',
      'prompts-get-simple',
      'prompts-get-with-args',
      'prompts-get-with-image',
      'resources-read-binary',
      'resources-read-text',
      'resources-templates-read',
      'tools-call-audio',
      'tools-call-embedded-resource',
      'tools-call-error',
      'tools-call-image',
      'tools-call-mixed-content',
      'tools-call-simple-text',
      'tools-call-with-logging',
      'tools-call-with-progress',
    ],
    notApplicable: {
      'elicitation-sep1034-defaults': NO_REQUESTS_TO_CLIENTS,
      'elicitation-sep1330-enums': NO_REQUESTS_TO_CLIENTS,
      'tools-call-elicitation': NO_REQUESTS_TO_CLIENTS,
      'tools-call-sampling': NO_REQUESTS_TO_CLIENTS,
      'resources-subscribe': NO_SUBSCRIPTIONS,
      'resources-unsubscribe': NO_SUBSCRIPTIONS,
      'server-session-lifecycle': NO_SESSION,
      'server-sse-multiple-streams': NO_SESSION,
      'server-sse-polling': NO_SESSION,
    },
  },
  '2026-07-28': {
    passAnywhere: [
      'server-stateless',
      'tools-list',
      'prompts-list',
      'resources-list',
      'sep-2164-resource-not-found',
      'caching',
      'dns-rebinding-protection',
      'http-header-validation',
      'server-sse-multiple-streams',
      'input-required-result-unsupported-methods',
      'input-required-result-validate-input',
    ],
    passWithDefinitions: [
      'completion-complete',
      'input-required-result-basic-elicitation',
      'input-required-result-basic-list-roots',
      'input-required-result-basic-sampling',
      'input-required-result-capability-check',
      'input-required-result-ignore-extra-params',
      'input-required-result-missing-input-response',
      'input-required-result-multi-round',
      'input-required-result-multiple-input-requests',
      'input-required-result-non-tool-request',
      'input-required-result-request-state',
      'input-required-result-result-type',
      'input-required-result-tampered-state',
      'json-schema-2020-12',
      'prompts-get-embedded-resource',
      'prompts-get-simple',
      'prompts-get-with-args',
      'prompts-get-with-image',
      'resources-read-binary',
      'resources-read-text',
      'resources-templates-read',
      'tools-call-audio',
      'tools-call-embedded-resource',
      'tools-call-error',
      'tools-call-image',
      'tools-call-mixed-content',
      'tools-call-simple-text',
      'tools-call-with-progress',
    ],
    notApplicable: {
      'http-custom-header-server-validation':
        'No argument is mirrored into a header (x-mcp-header): headers end up in the logs of whatever lies between.',
    },
  },
};

/** Optional by definition, and run only where a server says that it has the extension. */
export const EXTENSIONS: Record<string, string> = {
  'tasks-*':
    'The extension for tasks is not offered: a call to Twilio answers at once, and the status is read.',
  'sep-2640-*': 'The extension for skills is not offered.',
};

/** Single checks of scenarios that pass otherwise: what cannot be judged on a server, with the reason. */
export const CHECKS_NOT_APPLICABLE: Record<ServerName, Record<string, string>> = {
  payments: {
    'sep-2575-server-rejects-undeclared-capability': 'Needs the tool test_missing_capability.',
    'sep-2575-missing-capability-http-400': 'Needs the tool test_missing_capability.',
    'sep-2575-http-server-no-independent-requests-on-stream': 'Needs the tool test_streaming_elicitation.',
    'sep-2575-server-no-log-without-loglevel': 'Needs the tool test_logging_tool.',
    ...subscriptions(),
  },
  everything: subscriptions(),
};

/** Skipped by the suite where, as here, no capability is declared that would need a subscription. */
function subscriptions(): Record<string, string> {
  const ids = [
    'sep-2575-server-sends-subscription-ack',
    'sep-2575-server-tags-subscription-id',
    'sep-2575-server-honors-notification-filter',
    'sep-2575-server-sends-prompts-list-changed-on-subscription',
    'sep-2575-server-sends-tools-list-changed-on-subscription',
  ];
  return Object.fromEntries(ids.map((id) => [id, NO_SUBSCRIPTIONS]));
}
