import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LaidOutBuild, LaidOutFile } from '../layout.ts';
import { type Answer, type Deployment, Gateway } from './gateway.ts';
import { Instances } from './instances.ts';
import { DEFAULT_LIMITS, type HostLimits } from './limits.ts';
import { DEFAULT_HOST_SWITCHES, type HostSwitches } from './switches.ts';

export interface HostOptions {
  readonly build: LaidOutBuild;
  readonly deployment: Deployment;
  readonly switches?: Partial<HostSwitches>;
  readonly limits?: Partial<HostLimits>;
  /** Modules that every instance loads first, and its environment: how a rehearsal gets between it and Twilio. */
  readonly preload?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A deployment that answers on this machine as it would on Twilio. */
export interface Host {
  /** Of this machine; to Functions and signatures the address is that of the domain. */
  readonly url: string;
  /** Every request that was answered. */
  readonly answers: readonly AnsweredRequest[];
  /** What Functions wrote. */
  readonly logs: readonly string[];
  readonly instances: Instances;
  close(): Promise<void>;
}

export interface AnsweredRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

export async function startHost(options: HostOptions): Promise<Host> {
  const { build, deployment, preload = [], env = {} } = options;
  const switches = { ...DEFAULT_HOST_SWITCHES, ...options.switches };
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const logs: string[] = [];
  const answers: AnsweredRequest[] = [];
  const instances = new Instances(
    {
      root: build.root,
      functions: filesByPath(build.functions),
      assets: filesByPath(build.assets.filter(({ visibility }) => visibility === 'private')),
      switches,
      preload,
      env,
      onOutput: (text) => logs.push(text),
    },
    limits,
  );
  const gateway = new Gateway({ build, deployment, switches, limits, instances });
  const server = createServer({ maxHeaderSize: 64 * 1_024 }, (request, response) => {
    gateway
      .answer(request)
      .then((answer) => {
        const { method = '', url = '' } = request;
        answers.push({ method, path: url.split('?', 1)[0] ?? '', status: answer.status });
        send(response, answer);
      })
      .catch((error: unknown) => {
        logs.push(String(error));
        response.destroy();
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kill = () => instances.kill();
  process.once('exit', kill);
  return {
    url: `http://127.0.0.1:${port}`,
    answers,
    logs,
    instances,
    async close() {
      process.off('exit', kill);
      server.closeAllConnections();
      await Promise.all([instances.close(), new Promise((resolve) => server.close(resolve))]);
    },
  };
}

function filesByPath(files: readonly LaidOutFile[]): Record<string, string> {
  return Object.fromEntries(files.map(({ path, file }) => [path, file]));
}

function send(response: ServerResponse, { status, headers = [], body = '' }: Answer): void {
  for (const [name, value] of headers) response.appendHeader(name, value);
  response.writeHead(status);
  response.end(body);
}
