import type { JSONRPCMessage, JSONRPCRequest } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, test } from 'vitest';
import { FunctionsTransport, toAnswer, toBatchAnswer } from '../../../functions/mcp/functions-transport.ts';

const REQUEST: JSONRPCRequest = { jsonrpc: '2.0', id: 1, method: 'tools/call' };
const RESPONSE = { jsonrpc: '2.0' as const, id: 1, result: { content: 'a\n\nb' } };
const FAILURE = { jsonrpc: '2.0' as const, id: 1, error: { code: -32601, message: 'x' } };
const LOGGED = {
  jsonrpc: '2.0' as const,
  method: 'notifications/message',
  params: { level: 'info', data: 'line\nline' },
};
const BOTH = { accept: 'application/json, text/event-stream' };

/** A transport whose server says these things, one after the other, when it is asked. */
function serverThatSays(...said: JSONRPCMessage[]): FunctionsTransport {
  const transport = new FunctionsTransport();
  transport.onmessage = async () => {
    for (const message of said) {
      await new Promise((resolve) => setImmediate(resolve));
      await transport.send(message);
    }
  };
  return transport;
}

async function answerTo(message: JSONRPCMessage, headers: Record<string, string>, ...said: JSONRPCMessage[]) {
  return toAnswer(await serverThatSays(...said).exchange(message, headers), headers);
}

/** The messages of an event stream. */
function eventsOf(body: unknown): unknown[] {
  const events = String(body).split('\n\n').slice(0, -1);
  return events.map((event) => {
    const [type, data = '', ...more] = event.split('\n');
    expect([type, more]).toEqual(['event: message', []]);
    return JSON.parse(data.replace(/^data: /, ''));
  });
}

describe('what expects no response is answered with 202 and nothing else:', () => {
  test.each<[string, JSONRPCMessage]>([
    ['a notification', { jsonrpc: '2.0', method: 'notifications/initialized' }],
    ['a response', RESPONSE],
    ['an error', FAILURE],
  ])('%s', async (_, message) => {
    expect(await answerTo(message, BOTH)).toEqual({ status: 202 });
  });

  test('while the server gets it, with the headers', async () => {
    const transport = new FunctionsTransport();
    const got: unknown[] = [];
    transport.onmessage = (...all) => void got.push(all);
    const message: JSONRPCMessage = { jsonrpc: '2.0', method: 'notifications/initialized' };
    await transport.exchange(message, { host: 'a' });
    expect(got).toEqual([[message, { requestInfo: { headers: { host: 'a' } } }]]);
  });
});

describe('a request is answered', () => {
  test.each([RESPONSE, FAILURE])('with the JSON of its response', async (response) => {
    expect(await answerTo(REQUEST, BOTH, response)).toEqual({ status: 200, body: response });
  });

  test('with an event stream when there are notifications, the response last', async () => {
    const { status, headers, body } = await answerTo(REQUEST, BOTH, LOGGED, LOGGED, RESPONSE);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'Content-Type': 'text/event-stream' });
    expect(eventsOf(body)).toEqual([LOGGED, LOGGED, RESPONSE]);
  });

  test.each<Record<string, string>>([{}, { accept: 'application/json' }, { accept: '*/*' }])(
    'with the response alone for a client that names no event stream: %j',
    async (headers) => {
      expect(await answerTo(REQUEST, headers, LOGGED, RESPONSE)).toEqual({ status: 200, body: RESPONSE });
    },
  );

  test('with an error when the server closes without a response', async () => {
    const transport = new FunctionsTransport();
    transport.onmessage = () => void transport.close();
    const { status, body } = toAnswer(await transport.exchange(REQUEST, BOTH), BOTH);
    expect(status).toBe(200);
    expect(body).toMatchObject({ jsonrpc: '2.0', id: 1, error: { code: -32603 } });
  });
});

describe('a batch is answered', () => {
  const second = { ...RESPONSE, id: 2 };

  test('with its responses in one array', () => {
    const exchanges = [
      { response: RESPONSE, notifications: [] },
      { notifications: [] },
      { response: second, notifications: [] },
    ];
    expect(toBatchAnswer(exchanges, BOTH)).toEqual({ status: 200, body: [RESPONSE, second] });
  });

  test('with an event stream when there are notifications', () => {
    const exchanges = [
      { response: RESPONSE, notifications: [LOGGED] },
      { response: second, notifications: [LOGGED] },
    ];
    expect(eventsOf(toBatchAnswer(exchanges, BOTH).body)).toEqual([LOGGED, LOGGED, [RESPONSE, second]]);
  });

  test('with 202 when nothing in it expects a response', () => {
    expect(toBatchAnswer([{ notifications: [] }, { notifications: [] }], BOTH)).toEqual({ status: 202 });
  });
});
