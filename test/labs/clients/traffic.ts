import type { Passed } from '../conformance/proxy.ts';

const VERSION = 'io.modelcontextprotocol/protocolVersion';

interface Message {
  method?: string;
  params?: { protocolVersion?: string; _meta?: Record<string, unknown> };
}

/** What one client sent, request by request. */
export class Traffic {
  readonly #passed: Passed[] = [];

  add(passed: Passed): void {
    this.#passed.push(passed);
  }

  /** How many requests there were. */
  get total(): number {
    return this.#passed.length;
  }

  /** The requests that a server bills and a client has nothing of, by what was asked and answered. */
  get inVain(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const passed of this.#passed) {
      if (passed.status < 400) continue;
      const place = passed.path.includes('/.well-known/') ? '.well-known' : passed.path;
      const what = `${methodOf(passed) ?? `${passed.httpMethod} ${place}`} ${passed.status}`;
      counts[what] = (counts[what] ?? 0) + 1;
    }
    return counts;
  }

  /**
   * The revisions that requests of a method named: in the envelope, before there was one in the header, and before
   * there was a header in `initialize`.
   */
  revisions(method: string): string[] {
    const initialized = this.#passed.filter((passed) => methodOf(passed) === 'initialize').at(-1);
    const { protocolVersion = 'none' } = (initialized?.body as Message | undefined)?.params ?? {};
    const requests = this.#passed.filter((passed) => methodOf(passed) === method);
    return [...new Set(requests.map((passed) => revisionOf(passed) ?? protocolVersion))].sort();
  }

  /** A line for each request. */
  lines(): string[] {
    return this.#passed.map((passed) => {
      const what = methodOf(passed) ?? passed.path;
      return `  ${passed.httpMethod} ${what} ${revisionOf(passed) ?? 'none'} ${passed.status}`;
    });
  }
}

function methodOf({ body }: Passed): string | undefined {
  return (body as Message | undefined)?.method;
}

function revisionOf({ body, headers }: Passed): string | undefined {
  const version = (body as Message | undefined)?.params?._meta?.[VERSION];
  return typeof version === 'string' ? version : headers['mcp-protocol-version'];
}
