import { describe, expect, onTestFinished, test } from 'vitest';
import { handler as metadataOfMcp } from '../../../functions/.well-known/oauth-protected-resource/mcp.ts';
import { handler as metadata } from '../../../functions/.well-known/oauth-protected-resource.ts';
import { handler as mcp } from '../../../functions/mcp.ts';
import { handler as paymentStatus } from '../../../functions/payment-status.protected.ts';
import type { RecordedRequest } from '../../simulator/index.ts';
import type { FuzzEvent } from './events.ts';
import { type Handlers, type Outcome, PlatformResponse, startPlatform } from './functions.ts';
import { describeEvent, fuzz } from './fuzz.ts';
import { statusOf, violationsOf } from './properties.ts';
import type { Facts } from './stage.ts';

const handlers = {
  mcp,
  'payment-status': paymentStatus,
  metadata,
  'metadata-of-mcp': metadataOfMcp,
} as Handlers;

test('no event makes a Function throw, hang, answer twice, or write what it must not', async () => {
  const report = await fuzz({ handlers, events: 400, batchSize: 200, seed: 4 });
  const findings = report.findings.map(
    ({ rule, detail, event }) => `${rule}: ${detail}\n${describeEvent(event)}`,
  );
  expect(findings).toEqual([]);
  // Otherwise nothing was tried.
  expect(report.statuses['mcp 200']).toBeGreaterThan(30);
  expect(report.statuses['payment-status 200']).toBeGreaterThan(30);
  expect(report.requests).toBeGreaterThan(100);
});

describe('what once cost a Function its ten seconds is answered at once', () => {
  const FULL_TOKEN = 'a-token-of-the-agent';
  const variables = {
    PUBLIC_URL: 'https://fuzz.example.com',
    ACCOUNT_SID: `AC${'1'.repeat(32)}`,
    AUTH_TOKEN: 'a-token',
    MCP_AUTH_TOKEN: FULL_TOKEN,
  };
  const marks = '\u0323\u0301'.repeat(200_000);
  const headers = { authorization: `Bearer ${FULL_TOKEN}`, 'content-type': 'application/json' };
  const call = (description: string) => ({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'startPaymentCapture', arguments: { callSid: `CA${'1'.repeat(32)}`, description } },
  });
  const cases: [string, Record<string, unknown>, number][] = [
    ['thousands of numbers in an argument', { request: { headers }, ...call('9 '.repeat(30_000)) }, 200],
    ['a long row of marks in an argument', { request: { headers }, ...call(marks.slice(0, 30_000)) }, 200],
    ['a body whose length no header tells', { request: { headers }, ...call(marks) }, 413],
    ['a host in the body, from a stranger', { request: { headers: { host: `${marks}.com` } } }, 401],
  ];

  test.each(cases)('%s', async (_, event, status) => {
    const platform = startPlatform();
    onTestFinished(() => platform.close());
    const before = process.cpuUsage();
    const outcome = await platform.invoke('one', handlers.mcp, variables, event);
    const { user, system } = process.cpuUsage(before);
    expect(statusOf(outcome)).toBe(status);
    // What it computes, not how long it takes: other programs may take the time between.
    expect((user + system) / 1_000).toBeLessThan(2_000);
  });
});

const CARD = '4242424242424242';
const facts = {
  tokens: { full: 'the-full-token', reader: 'the-reader-token', writer: 'w', expired: 'e' },
  issuer: { url: '', valid: [], odd: [] },
  authToken: 'the-auth-token',
  secrets: ['the-auth-token', 'the-full-token'],
} as unknown as Facts;

interface Doing {
  answers?: unknown[];
  error?: unknown;
  thrown?: unknown[];
  milliseconds?: number;
  logs?: string[];
  requests?: Partial<RecordedRequest>[];
  token?: string;
  id?: unknown;
}

/** The rules that an invocation breaks. */
function broken(doing: Doing): string[] {
  const { answers = [respond(200, {})], error = null, token = facts.tokens.full, id = 1 } = doing;
  const event: FuzzEvent = {
    endpoint: 'mcp',
    variables: {},
    event: { request: { headers: { authorization: `Bearer ${token}` } }, id },
  };
  const outcome: Outcome = {
    answers: answers.map((response) => ({ error, response })),
    thrown: doing.thrown ?? [],
    milliseconds: doing.milliseconds ?? 1,
    logs: doing.logs ?? [],
  };
  const requests = (doing.requests ?? []).map((request) => ({
    route: 'calls.fetch',
    path: '',
    params: {},
    ...request,
  }));
  return violationsOf({ event, outcome, requests: requests as RecordedRequest[] }, facts, [CARD]).map(
    ({ rule }) => rule,
  );
}

function respond(status: unknown, body: unknown, headers: Record<string, unknown> = {}): PlatformResponse {
  const isJson = typeof body === 'object' && body !== null;
  const response = new PlatformResponse();
  response.setStatusCode(status);
  response.setBody(body);
  for (const [name, value] of Object.entries({
    ...(isJson && { 'Content-Type': 'application/json' }),
    ...headers,
  }))
    response.appendHeader(name, value);
  return response;
}

const stack = 'Error: no\n    at serve (/var/task/handlers/mcp.js:1:2)';
const cases: [string, Doing, string[]][] = [
  ['a good answer', {}, []],
  ['an empty answer', { answers: [respond(202, null)] }, []],
  [
    'an event stream',
    {
      answers: [respond(200, 'event: message\ndata: {"id":1}\n\n', { 'Content-Type': 'text/event-stream' })],
    },
    [],
  ],
  ['the id of the request', { id: CARD, answers: [respond(200, { id: CARD, result: {} })] }, []],
  ['digits in a SID', { logs: [`{"callSid":"CA${CARD}${'a'.repeat(16)}"}`] }, []],
  ['an exception', { thrown: [new Error('no')] }, ['throws']],
  ['eleven seconds', { milliseconds: 11_000 }, ['hangs']],
  ['no answer', { answers: [] }, ['answers once']],
  ['two answers', { answers: [respond(200, {}), respond(200, {})] }, ['answers once']],
  ['an error in place of an answer', { error: 'no' }, ['answers without an error']],
  ['a bare text', { answers: ['text'] }, ['answers with a response']],
  ['a status that there is not', { answers: [respond(42, {})] }, ['answers in form']],
  ['a text that is no event stream', { answers: [respond(200, 'text')] }, ['answers in form']],
  ['a header on two lines', { answers: [respond(200, {}, { Location: 'a\r\nb: c' })] }, ['answers in form']],
  [
    'a failure that nobody foresaw',
    { logs: ['{"level":"error","event":"unexpected"}'] },
    ['knows its errors'],
  ],
  ['a secret in the log', { logs: ['the-auth-token'] }, ['keeps secrets']],
  ['a secret in an answer', { answers: [respond(200, { a: 'the-full-token' })] }, ['keeps secrets']],
  ['a card number in an answer', { answers: [respond(200, { a: CARD })] }, ['drops card numbers']],
  ['a card number in groups', { logs: ['4242-4242 4242 - 4242'] }, ['drops card numbers']],
  [
    'a card number in full-width digits',
    { logs: ['４２４２４２４２４２４２４２４２'] },
    ['drops card numbers'],
  ],
  [
    'a card number in a Sync document',
    { requests: [{ params: { Data: `{"a":"${CARD}"}` } }] },
    ['drops card numbers'],
  ],
  ['another id', { answers: [respond(200, { id: CARD })] }, ['drops card numbers']],
  ['a stack', { answers: [respond(500, { stack })] }, ['shows no stack']],
  [
    'a request for a stranger',
    { token: 'x', answers: [respond(401, {})], requests: [{}] },
    ['asks nobody for strangers'],
  ],
  ['a stranger let in', { token: 'x' }, ['lets no strangers in']],
  [
    'a reader who starts a payment',
    { token: 'the-reader-token', requests: [{ route: 'payments.create' }] },
    ['lets readers only read'],
  ],
];

test.each(cases)('of %s the rules say what they should', (_, doing, rules) => {
  expect(broken(doing)).toEqual(rules);
});
