import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { RawRequest, Reply } from './twilio-gate.ts';

export interface HttpHandlers {
  /** Requests to the Twilio APIs. */
  readonly twilio: (request: RawRequest) => Promise<Reply>;
  /** Requests under `/simulator`: the handler writes the response itself. */
  readonly control: (request: RawRequest, response: ServerResponse) => Promise<void>;
}

export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves on the loopback address only. */
export async function serve(port: number, handlers: HttpHandlers): Promise<RunningServer> {
  const server = createServer((request, response) => {
    answer(request, response, handlers).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ error: error instanceof Error ? error.message : 'The simulator failed' }),
      );
    });
  });
  // Longer than any test: a reused connection that the server has just closed would look like a network fault.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The simulator has no port');
  return { port: address.port, close: () => stop(server) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handlers: HttpHandlers,
): Promise<void> {
  const raw: RawRequest = {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    ),
    body: await bytes(request),
  };
  const forTwilio = raw.headers['x-simulated-host'] !== undefined || !/^\/simulator(?=[/?]|$)/.test(raw.url);
  if (!forTwilio) return handlers.control(raw, response);
  const reply = await handlers.twilio(raw);
  if (reply.kind === 'silence') return;
  if (reply.kind === 'destroy') {
    request.socket.destroy();
    return;
  }
  const body = reply.answer.body === undefined ? '' : JSON.stringify(reply.answer.body);
  response.writeHead(reply.answer.status, {
    ...(body === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    ...reply.answer.headers,
  });
  response.end(body);
  reply.sent();
}

async function bytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
