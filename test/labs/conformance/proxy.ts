import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Program } from '../../cli/program.ts';

/** One request that went through, as far as it says what was asked. */
export interface Passed {
  httpMethod: string;
  path: string;
  status: number;
  headers: Record<string, string>;
  /** Undefined where the body is no JSON. */
  body: unknown;
}

export interface ProxyOptions {
  /** The server behind, on this machine. */
  target: string;
  /** Set on requests that go through, whatever they bring with them. */
  headers?: Record<string, string>;
  onPassed?: (passed: Passed) => void;
  /** How many requests may be at work at once; more are answered 429, as Twilio does. */
  atOnce?: number;
}

/**
 * Stands between clients and a server: adds headers that a client cannot send, and tells what went through. Host,
 * Origin and all the rest are passed on as they are. It ends with the program.
 */
export async function startProxy(program: Program, options: ProxyOptions): Promise<{ url: string }> {
  const { target, headers = {}, onPassed, atOnce = Number.POSITIVE_INFINITY } = options;
  const { hostname, port } = new URL(target);
  let atWork = 0;
  const server = createServer((asked, answered) => {
    if (atWork >= atOnce) {
      asked.resume();
      answered.writeHead(429).end();
      onPassed?.({
        httpMethod: asked.method ?? '',
        path: asked.url ?? '',
        status: 429,
        headers: {},
        body: undefined,
      });
      return;
    }
    atWork += 1;
    answered.once('close', () => {
      atWork -= 1;
    });
    void readAll(asked).then((body) => {
      const { 'transfer-encoding': _, ...rest } = asked.headers;
      const forwarded = request({
        hostname,
        port,
        method: asked.method,
        path: asked.url,
        headers: { ...rest, 'content-length': body.length, ...headers },
      });
      forwarded.once('error', () => answered.writeHead(502).end());
      forwarded.once('response', (response) => {
        void readAll(response).then((text) => {
          const { 'transfer-encoding': __, connection: ___, ...responseHeaders } = response.headers;
          answered.writeHead(response.statusCode ?? 502, responseHeaders).end(text);
          onPassed?.({
            httpMethod: asked.method ?? '',
            path: asked.url ?? '',
            status: response.statusCode ?? 0,
            headers: asked.headers as Record<string, string>,
            body: parsed(body.toString()),
          });
        });
      });
      forwarded.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  program.onClose(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
