import { describe, expect, test } from 'vitest';
import { legacy } from '../../../functions/mcp/generations/legacy.ts';
import { readMessages } from '../../../functions/mcp/messages.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
const NOTIFICATION = { jsonrpc: '2.0', method: 'notifications/initialized' };
const RESPONSE = { jsonrpc: '2.0', id: 7, result: {} };
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'a', version: '1' } },
};

/** The members of a JSON array as the platform hands them over. */
function arrayOf(...messages: object[]): Record<string, unknown> {
  return { ...messages };
}

describe('a JSON-RPC message is read', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a request', PING],
    ['a request with a text for its id', { ...PING, id: 'a' }],
    ['a notification', NOTIFICATION],
    ['a response', RESPONSE],
    ['an error', { jsonrpc: '2.0', id: 7, error: { code: -32000, message: 'x' } }],
    ['an initialize request', INITIALIZE],
  ])('%s', (_, body) => {
    expect(readMessages(JSON_TYPE, body)).toEqual({
      messages: [{ message: body, generation: legacy }],
      isBatch: false,
    });
  });

  test.each([
    { 'content-type': 'application/json; charset=utf-8' },
    { 'content-type': 'Application/JSON' },
    { ...JSON_TYPE, accept: 'application/json, text/event-stream' },
    { ...JSON_TYPE, accept: 'text/event-stream;q=0.5, application/json' },
    { ...JSON_TYPE, accept: 'text/event-stream' },
    { ...JSON_TYPE, accept: '*/*' },
    { ...JSON_TYPE, accept: 'application/*' },
    { ...JSON_TYPE, 'mcp-protocol-version': '2025-06-18' },
    { ...JSON_TYPE, 'mcp-protocol-version': '2024-11-05' },
  ])('with %j', (headers) => {
    expect(readMessages(headers, PING)).toMatchObject({ messages: [{ message: PING }] });
  });

  test('of any version where it only asks which there are', () => {
    const headers = { ...JSON_TYPE, 'mcp-protocol-version': '1999-01-01' };
    expect(readMessages(headers, INITIALIZE)).toMatchObject({ messages: [{ message: INITIALIZE }] });
  });
});

describe('refused as a JSON-RPC error without an id', () => {
  test.each<[string, number, Record<string, string>, Record<string, unknown>]>([
    ['a GET', 405, {}, {}],
    ['a GET with a query', 405, {}, { a: '1' }],
    ['a GET whose query looks like a call', 405, {}, { jsonrpc: '2.0', id: '1', method: 'tools/list' }],
    ['an empty POST', 405, { ...JSON_TYPE, 'content-length': '0' }, {}],
    ['an empty object', 400, { ...JSON_TYPE, 'content-length': '2' }, {}],
    ['plain text', 415, { 'content-type': 'text/plain' }, PING],
    ['a form', 415, { 'content-type': 'application/x-www-form-urlencoded' }, PING],
    ['a type that only begins like JSON', 415, { 'content-type': 'application/jsonp' }, PING],
    ['another kind of JSON', 415, { 'content-type': 'application/json-patch+json' }, PING],
    [
      'a client that accepts neither JSON nor events',
      406,
      { ...JSON_TYPE, accept: 'text/html, image/*' },
      PING,
    ],
    ['what is too long', 413, { ...JSON_TYPE, 'content-length': '65537' }, PING],
    ['no JSON-RPC', 400, JSON_TYPE, { method: 'ping', id: 1 }],
    ['another JSON-RPC', 400, JSON_TYPE, { ...PING, jsonrpc: '1.0' }],
    ['no method and no result', 400, JSON_TYPE, { jsonrpc: '2.0', id: 1 }],
    ['an id that is null', 400, JSON_TYPE, { ...PING, id: null }],
    ['an id that is an object', 400, JSON_TYPE, { ...PING, id: {} }],
    ['parameters that are a list', 400, JSON_TYPE, { ...PING, params: [1] }],
    ['a method that is none', 400, JSON_TYPE, { ...PING, method: 7 }],
    ['query parameters that were merged in', 400, JSON_TYPE, { ...PING, debug: '1' }],
    [
      'a batch of a revision without',
      400,
      { ...JSON_TYPE, 'mcp-protocol-version': '2025-06-18' },
      arrayOf(PING),
    ],
  ])('with %s: %i', (_, status, headers, body) => {
    expect(readMessages(headers, body)).toMatchObject({
      status,
      body: { jsonrpc: '2.0', id: null, error: { code: expect.any(Number), message: expect.any(String) } },
    });
  });

  test('and a GET is told the method to use', () => {
    expect(readMessages({}, {})).toMatchObject({ headers: { Allow: 'POST' } });
  });

  test('never repeating what was sent', () => {
    for (const body of [{ ...PING, secret: 'x' }, { ...PING, jsonrpc: 'secret' }, { secret: 'x' }])
      expect(JSON.stringify(readMessages(JSON_TYPE, body))).not.toContain('secret');
  });
});

test('an unknown protocol version is refused with 400', () => {
  const headers = { ...JSON_TYPE, 'mcp-protocol-version': '1999-01-01' };
  expect(readMessages(headers, PING)).toMatchObject({ status: 400, body: { error: {} } });
});

test('tasks are passed over, and what else a request says of itself stays', () => {
  const kept = { name: 'a', _meta: { progressToken: 1 } };
  const _meta = { ...kept._meta, 'io.modelcontextprotocol/related-task': { taskId: 't' } };
  const call = { ...PING, method: 'tools/call', params: { ...kept, _meta, task: { ttl: 1 } } };
  expect(readMessages(JSON_TYPE, call)).toMatchObject({ messages: [{ message: { params: kept } }] });
  expect(JSON.stringify(readMessages(JSON_TYPE, call))).not.toContain('task"');
});

test('a message is nested 32 levels deep at most', () => {
  const nested = (levels: number): object => (levels > 0 ? { a: nested(levels - 1) } : {});
  expect(readMessages(JSON_TYPE, { ...PING, params: nested(30) })).toHaveProperty('messages');
  expect(readMessages(JSON_TYPE, { ...PING, params: nested(32) })).toMatchObject({ status: 400 });
});

describe('a batch of the one revision that has them', () => {
  const headers = { ...JSON_TYPE, 'mcp-protocol-version': '2025-03-26' };

  test('is read in its order', () => {
    const second = { ...PING, id: 2 };
    expect(readMessages(headers, arrayOf(PING, NOTIFICATION, second))).toEqual({
      messages: [PING, NOTIFICATION, second].map((message) => ({ message, generation: legacy })),
      isBatch: true,
    });
  });

  test('has ten messages at most', () => {
    const pings = Array.from({ length: 11 }, (_, id) => ({ ...PING, id }));
    expect(readMessages(headers, arrayOf(...pings.slice(1)))).toMatchObject({ isBatch: true });
    expect(readMessages(headers, arrayOf(...pings))).toMatchObject({ status: 400 });
  });

  test('is refused whole when one of its messages is none', () => {
    expect(readMessages(headers, arrayOf(PING, { a: 1 }))).toMatchObject({ status: 400 });
    expect(readMessages(headers, { ...arrayOf(PING), debug: '1' })).toMatchObject({ status: 400 });
  });
});
