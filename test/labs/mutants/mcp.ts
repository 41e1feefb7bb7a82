// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code, as it stands in the product
import type { Faulty } from './faulty.ts';

/** Faults of what MCP clients see. */
export const MCP: readonly Faulty[] = [
  {
    file: 'functions/mcp.ts',
    suites: ['security/credentials', 'stories/log-lines', 'stories/protocol'],
    faults: [
      [
        'only the first message of a batch needs its scope',
        '= messages\n    .map(',
        '= messages\n    .slice(0, 1)\n    .map(',
      ],
      ['who may not charge sees payment tokens', "scopes.includes('payments:charge');", 'scopes.length > 0;'],
      [
        'any text is the name of a method',
        '/^[a-z]{1,20}(?:\\/[a-z]{1,20}){0,2}$/i.test(message.method)',
        "message.method !== ''",
      ],
    ],
  },
  {
    file: 'functions/mcp/messages.ts',
    suites: [
      'mcp/messages',
      'stories/bad-input',
      'generations/older',
      'generations/envelope',
      'stories/odd-clients',
    ],
    faults: [
      [
        'only Content-Length bounds a message',
        'if (bytesOf(body) > MAX_BYTES) return rpcError(413, TOO_LARGE);',
        '',
      ],
      [
        'messages may be nested as deep as they like',
        'if (isDeeperThan(body, MAX_DEPTH)) {',
        'if (false as boolean) {',
      ],
      ['a batch may have any length', 'batch.length > MAX_BATCH', 'batch.length > 99'],
      [
        'a batch may hold messages of the new generation',
        'if (isInBatch && generation !== legacy) return rpcError(400, ONE_MESSAGE);',
        '',
      ],
      ['tasks reach the SDK', 'const { [RELATED_TASK]: __, ...meta } =', 'const meta ='],
      [
        'every revision has batches',
        'if (batch && version !== BATCH_VERSION)',
        "if (batch && version === '')",
      ],
      [
        'a message may have any members',
        'some((name) => !MEMBERS.includes(name))',
        "some((name) => name === '')",
      ],
    ],
  },
  {
    file: 'functions/mcp/functions-transport.ts',
    suites: ['mcp/transport', 'generations/older'],
    faults: [
      [
        'everybody gets an event stream',
        "notifications.length === 0 || !accepts(headers.accept, 'text/event-stream', false)",
        'notifications.length === 0',
      ],
      [
        'no answer of the server is no answer at all',
        '?? (isRequest(message) ? noAnswer(message) : undefined)',
        '',
      ],
      [
        'a batch that expects no answer gets an empty one',
        'responses.length > 0 ? buffered(notifications, responses, headers) : { status: 202 }',
        'buffered(notifications, responses, headers)',
      ],
    ],
  },
  {
    file: 'functions/mcp/call-tool.ts',
    suites: [
      'security/card-numbers',
      'stories/log-lines',
      'stories/start-parameters',
      'stories/start-refusals',
    ],
    faults: [
      [
        'a card number gets in',
        "if (anyHoldsCardNumber(args)) throw new PaymentError('CARD_NUMBER_REFUSED');",
        '',
      ],
      ['failures are not logged', 'logFailure(log, known);', ''],
      ['errors are in the service’s language', 'requested ?? view.language', 'view.language ?? requested'],
    ],
  },
  {
    file: 'functions/mcp/arguments.ts',
    suites: ['stories/odd-clients'],
    faults: [
      ['a trace is an unknown argument', "if (name === '_meta') return [];", ''],
      ['1e3 is a number', 'DECIMAL.test(value) ? Number(value) : value', 'Number(value)'],
    ],
  },
];
