import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { RunError } from './program.ts';

/** All addresses, as twilio-run listens, and the two that `localhost` may mean. */
const HOSTS = [undefined, '127.0.0.1', '::1'];

/**
 * Above those of well-known servers and of what fetch refuses, and below those that systems give to outgoing
 * connections: one of them could take a port that was found before its server gets to it.
 */
const PORTS = [12_000, 32_000] as const;

/** @throws RunError where the port is taken or may not be used: twilio-run itself would stop and ask for another one. */
export async function requireFreePort(port: number): Promise<void> {
  const code = await obstacle(port);
  if (code === 'EADDRINUSE') {
    throw new RunError(`Port ${port} is taken. Choose another one: npm start -- --port ${nextPort(port)}`);
  }
  if (code === 'EACCES') {
    throw new RunError(`You may not use port ${port}. Choose one above 1023: npm start -- --port 3000`);
  }
}

export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...PORTS);
    if ((await obstacle(port)) === undefined) return port;
  }
}

function nextPort(port: number): number {
  return port < 65_535 ? port + 1 : 3000;
}

/** Why nobody can listen there; undefined where one can. */
async function obstacle(port: number): Promise<'EADDRINUSE' | 'EACCES' | undefined> {
  for (const host of HOSTS) {
    const code = await tryToListen(port, host);
    if (code === 'EADDRINUSE' || code === 'EACCES') return code;
  }
  return undefined;
}

/** The code of the error that listening gives; undefined where it works. A machine without IPv6 gives another code. */
function tryToListen(port: number, host: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen({ port, host }, () => server.close(() => resolve(undefined)));
  });
}
