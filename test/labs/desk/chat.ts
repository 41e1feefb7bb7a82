import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { build } from 'esbuild';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { connect, type Setup, type Stage } from '../../suites/host/connect.ts';
import { launch } from './browser.ts';
import { slowClock } from './slow-clock.ts';

/** What a view may post. */
export interface Posted {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
}

export interface ViewOptions {
  /** Those of the host; all that the desk uses, if nothing is said. */
  capabilities?: Record<string, unknown>;
  context?: Record<string, unknown>;
  /** The host answers the handshake by an error. */
  refuses?: boolean;
  result?: object;
}

export interface Chat {
  stage: Stage;
  page: Page;
  view: FrameLocator;
  /** Starts a payment as a model does. @returns the result of the tool, as the host got it */
  start(args?: Record<string, unknown>): Promise<CallToolResult>;
  /** Shows the desk as a host does for a tool with a screen. */
  open(options?: ViewOptions): Promise<void>;
  posted(): Promise<Posted[]>;
  /** Turns the clock of the page until something is so. */
  until(isSo: () => Promise<boolean>): Promise<void>;
  /** Turns it until the view says a text. */
  says(text: string | RegExp): Promise<void>;
  /** Has the caller type once Twilio listens for the field. */
  types(field: string, digits: string): Promise<void>;
  /** What the host would put before the model. */
  told(): Promise<string>;
  /** Has the host's next requests to the server fail so, until undefined. */
  failWith(error: { code: number; message: string } | undefined): void;
}

const ALL = { serverTools: {}, serverResources: {}, updateModelContext: { text: {} }, logging: {} };
const CHAT = 'http://chat.test/';

/** One browser for the tests of a file. @returns what opens a chat in it, with a simulated Twilio behind the server */
export function useChat(): (setup?: Setup) => Promise<Chat> {
  let browser: Browser;
  let page: Page;
  let stage: Stage;
  let failure: { code: number; message: string } | undefined;
  let elsewhere: string[] = [];
  beforeAll(async () => {
    const options = { bundle: true, minify: true, write: false, format: 'iife' } as const;
    const [bundle, launched] = await Promise.all([
      build({ ...options, entryPoints: ['test/labs/desk/host-page.js'] }),
      launch(),
    ]);
    browser = launched;
    const script = bundle.outputFiles[0]?.text.replaceAll('</script', '<\\/script');
    const body = `<!doctype html><meta charset="utf-8"><body><script>${script}</script></body>`;
    const context = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', reducedMotion: 'reduce' });
    await context.clock.install();
    await context.route('**/*', (route) => {
      if (route.request().url() === CHAT) return route.fulfill({ body, contentType: 'text/html' });
      elsewhere.push(route.request().url());
      return route.abort();
    });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.exposeFunction('toServer', async (method: string, params: Record<string, unknown>) => {
      if (failure) return { failure };
      const { client } = stage.agent;
      if (method === 'resources/read') return client.readResource(params as { uri: string });
      return client.callTool(params as { name: string; arguments: Record<string, unknown> });
    });
  }, 60_000);
  afterAll(() => browser?.close());

  return async (setup) => {
    stage = await connect(setup);
    slowClock();
    failure = undefined;
    elsewhere = [];
    onTestFinished(async () => {
      await page.goto('about:blank');
      if (elsewhere.length > 0) throw new Error(`The view asked for ${elsewhere.join(', ')}`);
    });
    await page.goto(CHAT);
    const view = page.frameLocator('#view');

    const until: Chat['until'] = async (isSo) => {
      for (let turns = 0; turns < 200; turns++) {
        if (await isSo()) return;
        await page.clock.runFor(500);
        await new Promise((next) => setTimeout(next, 10));
      }
      throw new Error(`It never came to that. The view says: ${await view.locator('#desk').textContent()}`);
    };
    return {
      stage,
      page,
      view,
      start: async (args = { chargeAmount: 49.9, description: 'Invoice 1182' }) =>
        (await stage.agent.client.callTool({
          name: 'startPaymentCapture',
          arguments: { callSid: stage.call.sid, ...args },
        })) as CallToolResult,
      async open({ capabilities = ALL, ...options } = {}) {
        const { contents } = await stage.agent.client.readResource({ uri: 'ui://agent-payments/desk' });
        const html = (contents[0] as { text?: string }).text ?? '';
        const script = `openView(${JSON.stringify({ html, capabilities, context: {}, ...options }).replaceAll('<', '\\u003c')})`;
        await page.evaluate(script);
      },
      posted: async () => (await page.evaluate('posted')) as Posted[],
      until,
      says: (text) => until(async () => (await view.getByText(text).filter({ visible: true }).count()) > 0),
      async types(field, digits) {
        let isListening = false;
        const listens = stage.caller.waitsFor(field, 30_000).then(() => {
          isListening = true;
        });
        await until(async () => isListening);
        await listens;
        await stage.caller.types(digits);
      },
      told: async () => String(await page.evaluate('window.told ?? ""')),
      failWith(error) {
        failure = error;
      },
    };
  };
}
