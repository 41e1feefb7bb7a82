import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { LaidOutBuild, LaidOutFile } from '../layout.ts';
import { eventOf, type Parameters } from './event.ts';
import { pairs, sizeOf, tooManyHeaders } from './headers.ts';
import type { FunctionResponse } from './instance.ts';
import type { Instances } from './instances.ts';
import type { HostLimits } from './limits.ts';
import { isSigned } from './signed.ts';
import type { HostSwitches } from './switches.ts';

/** What a deployment is served with, beside its files. */
export interface Deployment {
  readonly domainName: string;
  readonly serviceSid: string;
  readonly environmentSid: string;
  /** Of the account that owns the service; given to Functions where the service includes credentials. */
  readonly accountSid: string;
  readonly authToken: string;
  readonly includeCredentials: boolean;
  /** As they are now: a change counts from the next invocation on (variables page). */
  variables(): Readonly<Record<string, string>>;
}

/** An answer as it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Buffer;
}

/** What stands before the Functions: visibility, verbs, sizes, and Assets. */
export class Gateway {
  readonly #build: LaidOutBuild;
  readonly #deployment: Deployment;
  readonly #switches: HostSwitches;
  readonly #limits: HostLimits;
  readonly #instances: Instances;

  constructor(parts: {
    build: LaidOutBuild;
    deployment: Deployment;
    switches: HostSwitches;
    limits: HostLimits;
    instances: Instances;
  }) {
    this.#build = parts.build;
    this.#deployment = parts.deployment;
    this.#switches = parts.switches;
    this.#limits = parts.limits;
    this.#instances = parts.instances;
  }

  async answer(request: IncomingMessage): Promise<Answer> {
    const { method = '', url = '/' } = request;
    const headers = pairs(request.rawHeaders);
    if (tooManyHeaders(headers, this.#limits)) return { status: 431 };
    const body = await bodyOf(request, this.#limits.requestBytes - sizeOf(headers));
    if (body === undefined) return { status: 413 };
    if (method === 'OPTIONS') return PREFLIGHT;
    if (method !== 'GET' && method !== 'POST') return { status: this.#switches.otherVerb };

    const { pathname, searchParams: query } = new URL(url, `https://${this.#deployment.domainName}`);
    const found = this.#find(pathname);
    if (!found) return { status: 404 };
    const { kind, file } = found;
    if (file.visibility === 'private') return { status: this.#switches.privatePath };
    if (file.visibility === 'protected') {
      const exact = `https://${this.#deployment.domainName}${url}`;
      // 403 for Assets (assets page).
      if (!isSigned(request, exact, body, this.#deployment.authToken))
        return { status: kind === 'asset' ? 403 : this.#switches.protectedRefusal };
    }
    if (kind === 'asset')
      return { status: 200, headers: [['Content-Type', file.contentType]], body: readFileSync(file.file) };
    const event = eventOf(request, { query, body, switches: this.#switches });
    return event ? this.#run(file, event) : { status: 400 };
  }

  /** The root falls back to an Asset (toolkit's server; what the design of this project counts on). */
  #find(path: string): { kind: 'function' | 'asset'; file: LaidOutFile } | undefined {
    const code = this.#build.functions.find((file) => file.path === path);
    if (code) return { kind: 'function', file: code };
    const wanted = path === '/' ? '/assets/index.html' : path;
    const asset = this.#build.assets.find((file) => file.path === wanted);
    return asset && { kind: 'asset', file: asset };
  }

  /** 504 "runtime application timed out" and 429 are documented (request-flow page, limits page); a crash is a 5xx. */
  async #run({ path, file }: LaidOutFile, event: Parameters): Promise<Answer> {
    const { accountSid, authToken, includeCredentials, domainName, serviceSid, environmentSid } =
      this.#deployment;
    const result = await this.#instances.run({
      file,
      variables: this.#deployment.variables(),
      context: {
        ...(includeCredentials && { ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken }),
        DOMAIN_NAME: domainName,
        PATH: path,
        SERVICE_SID: serviceSid,
        ENVIRONMENT_SID: environmentSid,
      },
      event,
    });
    if (result === 'timed out') return { status: 504, body: 'runtime application timed out' };
    if (result === 'too many') return { status: 429 };
    if (result === 'died') return { status: 500 };
    const headers = headersOf(result);
    if (tooManyHeaders(headers, this.#limits)) return { status: 431 };
    if (Buffer.byteLength(result.body) > this.#limits.responseBytes) return { status: 502 };
    return { status: result.statusCode, headers, body: result.body };
  }
}

/** Never reaches a Function (headers page, CORS). */
const PREFLIGHT: Answer = {
  status: 204,
  headers: [
    ['Access-Control-Allow-Origin', '*'],
    ['Access-Control-Allow-Headers', '*'],
  ],
};

/** The body, or undefined where it is larger than so many bytes. */
async function bodyOf(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
  }
  return size <= most ? Buffer.concat(chunks) : undefined;
}

/** Cookies are sent HttpOnly and Secure (headers page). */
function headersOf({ headers }: FunctionResponse): [string, string][] {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => {
      const isCookie = name.toLowerCase() === 'set-cookie';
      return [name, isCookie ? `${value};HttpOnly;Secure` : String(value)];
    }),
  );
}
