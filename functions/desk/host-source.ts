import { type Bridge, BridgeError } from './bridge.ts';
import { contentOf, isRecord, type Source, SourceError, textOf } from './source.ts';

/** Milliseconds after which a read is given up, and a command: a host may ask the person first whether it is allowed. */
const READ_MS = 15_000;
const COMMAND_MS = 120_000;

/** How many of the person's last actions a model is told: each text replaces the one before. */
const TOLD = 8;

/** The server by way of a chat's host, which asks it with its own credential. */
export function createHostSource(bridge: Bridge, capabilities: Record<string, unknown>): Source {
  const told: string[] = [];

  async function ask(method: string, params: Record<string, unknown>, limit = READ_MS): Promise<unknown> {
    try {
      return await bridge.ask(method, params, limit);
    } catch (error) {
      throw error instanceof BridgeError ? toSourceError(error) : error;
    }
  }

  return {
    async call(name, args) {
      return contentOf(await ask('tools/call', { name, arguments: args }, COMMAND_MS));
    },
    async read(uri) {
      return textOf(await ask('resources/read', { uri }));
    },
    tell(what) {
      if (!isRecord(capabilities.updateModelContext)) return;
      told.push(what);
      const text = `What the person did at the payment desk:\n${told.slice(-TOLD).join('\n')}`;
      // A model that was not told finds it out by its next call.
      ask('ui/update-model-context', { content: [{ type: 'text', text }] }).catch(() => undefined);
    },
  };
}

/** Hosts pass on what the server or its gateway said as a code, an HTTP status, or in words. */
function toSourceError({ code, message }: BridgeError): SourceError {
  const said = `${code} ${message}`;
  if (/\b40[13]\b/.test(said)) return new SourceError('forbidden');
  if (/\b(?:429|503)\b|too many requests/i.test(said)) return new SourceError('busy');
  const isAnswer = code === -32_601 || code === -32_602 || code === -32_002;
  return isAnswer ? new SourceError('refused', { code: String(code) }) : new SourceError('offline');
}
