import type { Passed } from '../conformance/proxy.ts';

const VERSION = 'io.modelcontextprotocol/protocolVersion';

interface Message {
  method?: string;
  params?: { _meta?: Record<string, unknown> };
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

  /** The revisions that requests of a method named: in the envelope or, before there was one, in the header. */
  revisions(method: string): string[] {
    const found = this.#passed.filter((passed) => methodOf(passed) === method).map(revisionOf);
    return [...new Set(found)].sort();
  }

  /** A line for each request. */
  lines(): string[] {
    return this.#passed.map((passed) => {
      const what = methodOf(passed) ?? passed.path;
      return `  ${passed.httpMethod} ${what} ${revisionOf(passed)} ${passed.status}`;
    });
  }
}

function methodOf({ body }: Passed): string | undefined {
  return (body as Message | undefined)?.method;
}

function revisionOf({ body, headers }: Passed): string {
  const version = (body as Message | undefined)?.params?._meta?.[VERSION];
  return typeof version === 'string' ? version : (headers['mcp-protocol-version'] ?? 'none');
}
