import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callTool } from '../../../functions/mcp/call-tool.ts';
import { toolNamed } from '../../../functions/mcp/tools/index.ts';
import { createSpeak } from '../../../functions/mcp/wording.ts';
import { handler as mcpHandler } from '../../../functions/mcp.ts';
import { handler as callbackHandler } from '../../../functions/payment-status.protected.ts';
import type { ToolName } from '../../../functions/payments/advice/guidance.ts';
import { createPayments } from '../../../functions/payments/payments.ts';
import { SETTING_VALUES } from '../../../functions/payments/session/setting-values.ts';
import { readFullConfig } from '../../../functions/runtime/config.ts';
import { SCOPES } from '../../../functions/runtime/scopes.ts';
import { connectTwilio } from '../../../functions/twilio/connect.ts';
import { root } from '../../cli/functions-process.ts';
import type { StoredDocument } from '../../simulator/sync-documents.ts';
import { Instances } from './instances.ts';
import { eventOf, type Person, resultOf, type ToolResult } from './mcp-message.ts';
import type { Scheduler } from './scheduler.ts';
import type { Setting } from './setting.ts';
import type { Truth } from './truth.ts';
import { CREDENTIALS } from './twilio-side.ts';

/** Milliseconds within which an invocation answers, or Twilio stops it. */
const INVOCATION_MS = 10_000;
/** Milliseconds of these that the service takes. */
const OWN_MS = 9_000;

const TOKEN = 'a-token-of-the-explorer-that-nobody-guesses';

/** A run of a handler: from its request to its answer, or to its death. */
export interface Invocation {
  what: string;
  /** Whether the client agreed to pay once more. */
  anotherPayment: boolean;
  isDead: boolean;
  /** Whether it has read a payment's document. */
  hasRead: boolean;
  /** Whether it has asked for a payment's document as it is, or has written it: what its instance kept does not count. */
  isConfirmed: boolean;
  die(): void;
}

export interface ToolRequest {
  client: string;
  tool: ToolName;
  args: Record<string, unknown>;
  /** Undefined if the client cannot ask a person. */
  person: Person | undefined;
}

class PlatformResponse {
  statusCode = 200;
  body: unknown;
  setStatusCode(status: number): void {
    this.statusCode = status;
  }
  setBody(body: unknown): void {
    this.body = body;
  }
  appendHeader(): void {
    // Nobody reads them here.
  }
}

const assets = new Map<string, string>();
function promptAsset(file: string): string {
  const [name, kind] = [file.slice(0, file.lastIndexOf('.')), file.slice(file.lastIndexOf('.'))];
  const text =
    assets.get(file) ?? readFileSync(join(root, 'assets/prompts', `${name}.private${kind}`), 'utf8');
  assets.set(file, text);
  return text;
}
const speak = createSpeak(promptAsset);

/** A credential that clients share: whoever has it may go on with what another one began. */
const SHARED = { name: 'agents', seesAll: false };

const SILENT = () => undefined;

/** The service as it runs on the platform: each request is an invocation of its own, which may die. */
export class Service {
  readonly truth: Truth;
  readonly #scheduler: Scheduler;
  readonly #variables: Record<string, string>;
  readonly #config: ReturnType<typeof readFullConfig<typeof SETTING_VALUES>>;
  /** Whether tools are called through the endpoint, or each by itself. */
  readonly #throughEndpoint: boolean;
  readonly #ownCredentials: boolean;
  readonly #invocations = new Map<string, Invocation>();
  readonly #instances: Instances;
  #count = 0;

  constructor(
    scheduler: Scheduler,
    truth: Truth,
    {
      throughEndpoint,
      ownCredentials,
      ttlSeconds,
      instances,
    }: Pick<Setting, 'throughEndpoint' | 'ownCredentials' | 'ttlSeconds' | 'instances'>,
  ) {
    this.#scheduler = scheduler;
    this.truth = truth;
    this.#throughEndpoint = throughEndpoint;
    this.#ownCredentials = ownCredentials;
    this.#instances = new Instances(instances);
    this.#variables = {
      ACCOUNT_SID: CREDENTIALS.accountSid,
      AUTH_TOKEN: CREDENTIALS.authToken,
      API_SECRET: CREDENTIALS.apiSecret,
      API_KEY: `SK${'3'.repeat(32)}`,
      SYNC_SERVICE_SID: `IS${'5'.repeat(32)}`,
      MCP_AUTH_TOKEN: TOKEN,
      DOMAIN_NAME: 'explorer.example',
      CONFIRM_CHARGES: 'always',
      PAYMENT_TTL_SECONDS: String(ttlSeconds),
    };
    this.#config = readFullConfig(this.#variables, SETTING_VALUES);
  }

  /** Sets what the platform sets before it loads a function. */
  static install(): void {
    const getAssets = () =>
      new Proxy(
        {},
        { get: (_, path) => ({ open: () => promptAsset(String(path).replace('/prompts/', '')) }) },
      );
    Object.assign(globalThis, { Twilio: { Response: PlatformResponse }, Runtime: { getAssets } });
  }

  /** Has all instances see a document. */
  show({
    uniqueName = '',
    data,
    revision,
    updatedAt,
    expiresAt = Number.POSITIVE_INFINITY,
  }: StoredDocument): void {
    const stored = { data, revision: revision.toString(16), updatedAt: new Date(updatedAt).toISOString() };
    this.#instances.show(uniqueName, stored, { now: this.#scheduler.time.now, expires: expiresAt });
  }

  /** The invocation that sent a request with this user name. */
  invocationOf(username: string): Invocation | undefined {
    return this.#invocations.get(username);
  }

  /** Calls a tool, and gives its result: undefined if the platform gave no answer. */
  call(request: ToolRequest): Promise<ToolResult | undefined> {
    const { tool, client, args } = request;
    return new Promise((resolve) => {
      const { key, invocation } = this.#open(`${client}'s ${tool}`, args.anotherPayment === true);
      const stopped = setTimeout(() => {
        if (!invocation.isDead) this.truth.violated(`${invocation.what} got no answer within 10 s`);
        resolve(undefined);
      }, INVOCATION_MS);
      const answer = (result: ToolResult) => {
        if (invocation.isDead) return;
        clearTimeout(stopped);
        this.#invocations.delete(key);
        this.truth.answered(request, result, invocation);
        resolve(result);
      };
      const working = this.#throughEndpoint ? this.#askEndpoint(request, key) : this.#askTool(request, key);
      working.then(answer, (error: unknown) =>
        this.truth.violated(`${invocation.what} threw ${String(error)}`),
      );
    });
  }

  /** Takes a status callback; `refused` if Twilio is to send it again. */
  receive(form: Record<string, unknown>, signature: string, refused: () => void): void {
    const { key, invocation } = this.#open('a callback', false);
    const { die } = invocation;
    invocation.die = () => {
      die();
      refused();
    };
    const event = { ...form, request: { headers: { 'x-twilio-signature': signature }, cookies: {} } };
    void callbackHandler({ ...this.#variables, API_KEY: key }, event, (_, response) => {
      if (invocation.isDead) return;
      this.#invocations.delete(key);
      const { statusCode } = response as unknown as PlatformResponse;
      if (statusCode >= 400) refused();
      else this.truth.received(form, invocation);
    });
  }

  #open(what: string, anotherPayment: boolean): { key: string; invocation: Invocation } {
    this.#count += 1;
    const key = `SK${String(this.#count).padStart(32, '0')}`;
    const invocation: Invocation = {
      what,
      anotherPayment,
      isDead: false,
      hasRead: false,
      isConfirmed: false,
      die: () => {
        invocation.isDead = true;
        this.#instances.kill(key);
      },
    };
    const { count } = this.#instances;
    const { isPlain } = this.#scheduler;
    this.#instances.serve(key, isPlain ? this.#count % count : this.#scheduler.choose(count, 'instance'));
    this.#invocations.set(key, invocation);
    this.truth.opened(invocation);
    return { key, invocation };
  }

  async #askTool({ client, tool: name, args, person }: ToolRequest, key: string): Promise<ToolResult> {
    const tool = toolNamed(name);
    if (!tool) throw new Error(`There is no ${name}`);
    const { settings } = this.#config;
    const { time } = this.#scheduler;
    const ports = connectTwilio({ ...this.#config, username: key }, time.now + OWN_MS);
    const { maxAttempts, language } = settings;
    const credential = this.#ownCredentials ? { name: client, seesAll: true } : SHARED;
    const context = {
      payments: createPayments({ ...ports, audit: () => undefined, client: credential }, settings),
      client,
      scopes: SCOPES,
      person,
      view: () => ({ now: time.now, maxAttempts, language, speak, withToken: true }),
    };
    return resultOf(await callTool(tool, args, context, { log: SILENT, progress: () => undefined }));
  }

  #askEndpoint({ tool, args, person }: ToolRequest, key: string): Promise<ToolResult> {
    return new Promise((resolve, reject) => {
      const event = eventOf({ tool, args, person, token: TOKEN });
      void mcpHandler({ ...this.#variables, API_KEY: key }, event, (_, response) => {
        const { statusCode, body } = response as unknown as PlatformResponse;
        const { result } = (body ?? {}) as { result?: object };
        if (statusCode === 200 && result) resolve(resultOf(result));
        else reject(new Error(`The endpoint answered ${statusCode} ${JSON.stringify(body)}`));
      });
    });
  }
}
