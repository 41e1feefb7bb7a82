import type { Browser, BrowserContextOptions, Page, Request, Route } from 'playwright-core';
import { CALL, type DeskState, listOf, NOW, PAYMENT } from './states.ts';

/** Milliseconds that pass on the page between two looks whether it is in its state yet. */
const STEP_MS = 300;
const STEPS = 60;

/** Some turns of the page's event loop: promises and events come to their end while its timers stand still. */
const TURNS = `new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  let left = 4;
  port1.onmessage = () => (left-- > 0 ? port2.postMessage(0) : resolve());
  port2.postMessage(0);
})`;

/**
 * Shows the desk in one state after the other: the page is the real one, and the server's answers are the state's. Time
 * on it stands still but for what a state needs, so that nothing is waited for and a picture is the same each time.
 */
export class StateViewer {
  readonly #browser: Browser;
  readonly #url: string;
  readonly #options: BrowserContextOptions;
  /** A page for each language, which is the browser's, and one for who is not signed in. */
  readonly #pages = new Map<string, Promise<Page>>();
  /** Requests that are under way. */
  readonly #asked = new Set<Request>();
  /** What went wrong in the page's own scripts. */
  readonly #errors: string[] = [];
  #state: DeskState | undefined;
  #isLater = false;
  /** Whether the page has read the state's list. */
  #isListRead = false;
  #shown = 0;
  #paymentSid = PAYMENT;

  /** @param url of the host that serves `/desk`. */
  constructor(browser: Browser, url: string, options: BrowserContextOptions = {}) {
    this.#browser = browser;
    this.#url = url;
    this.#options = options;
  }

  /** @returns the page, which shows the state. It is the same page for the next one. */
  async show(state: DeskState): Promise<Page> {
    const { language = 'en-US', name, act, later, isSignedOut = false, isAlone } = state;
    const shows = state.shows ?? `[data-state="${name}"]`;
    const key = `${language} ${isSignedOut} ${isAlone ? name : ''}`;
    const opened = this.#pages.get(key) ?? this.#open(state);
    this.#pages.set(key, opened);
    const page = await opened;
    if (await page.locator('.veil').isVisible()) await page.keyboard.press('Escape');
    this.#state = state;
    this.#isLater = false;
    this.#isListRead = state.list === undefined;
    // Another payment for each state, and by way of the list: nothing of the last one stays.
    this.#paymentSid = `PK${String(++this.#shown).padStart(32, '9')}`;
    const hash = state.hash ?? `#call=${CALL}&payment=${this.#paymentSid}`;
    await page.evaluate(`location.hash = ''`);
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    await this.#until(page, act || later ? '.pane #title' : shows);
    await act?.(page);
    this.#isLater = true;
    if (later === 'refused') {
      await page.clock.runFor(1_000);
      await page.locator('#primary').click();
    }
    await this.#until(page, shows);
    return page;
  }

  async close(): Promise<void> {
    for (const page of this.#pages.values()) await (await page).context().close();
  }

  async #open({ language: locale = 'en-US', isSignedOut, settings }: DeskState): Promise<Page> {
    const context = await this.#browser.newContext({
      ...this.#options,
      locale,
      timezoneId: 'UTC',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    // It runs until it is stopped, which takes a busy machine a while.
    await page.clock.install({ time: NOW - 600_000 });
    await page.clock.pauseAt(NOW);
    const isOver = (request: Request) => void this.#asked.delete(request);
    page.on('request', (request) => this.#asked.add(request));
    page.on('pageerror', (error) => this.#errors.push(String(error)));
    page.on('requestfinished', isOver).on('requestfailed', isOver);
    await page.route('**/mcp', (route) => this.#answer(route));
    if (settings) await page.route('**/desk', (route) => withSettings(route, settings));
    if (!isSignedOut) await page.addInitScript(`sessionStorage.setItem('desk-token', 'a-token')`);
    await page.goto(`${this.#url}/desk`);
    return page;
  }

  async #until(page: Page, selector: string): Promise<void> {
    const found = page.locator(selector).first();
    for (let step = 0; step < STEPS; step++) {
      do await page.evaluate(TURNS);
      while (this.#asked.size > 0);
      if (this.#errors.length > 0) throw new Error(this.#errors.splice(0).join());
      if (this.#isListRead && (await found.isVisible())) return;
      await page.clock.runFor(STEP_MS);
    }
    throw new Error(`The desk never showed ${selector}: ${await page.locator('#desk').textContent()}`);
  }

  async #answer(route: Route): Promise<void> {
    const state = this.#state;
    if (!state) return route.abort();
    if (this.#isLater && state.later === 'no connection') return route.abort();
    if (this.#isLater && state.later === 'too many')
      return route.fulfill({ status: 429, headers: { 'Retry-After': '9' } });
    const { params } = route.request().postDataJSON() as { params: { uri?: string; name?: string } };
    return route.fulfill({ json: { jsonrpc: '2.0', id: 1, result: this.#resultOf(state, params) } });
  }

  #resultOf(state: DeskState, { uri, name }: { uri?: string; name?: string }): object {
    const json = (value: object) => ({ contents: [{ uri, text: JSON.stringify(value) }] });
    const status = { ...state.status, paymentSid: this.#paymentSid };
    if (uri === 'payment://live') {
      this.#isListRead = true;
      const { payments, ...list } = listOf(state.list) as { payments: object[] };
      return json({ ...list, payments: state.status ? [status, ...payments.slice(1)] : payments });
    }
    if (uri === 'payment://calls')
      return json({ calls: [{ callSid: CALL, number: '+14155550199', seconds: 252 }] });
    if (name === 'completePaymentCapture') {
      const why =
        'CONFIRMATION_MISMATCH: What was confirmed is not what would be charged, so nothing was done.';
      return { isError: true, content: [{ type: 'text', text: why }], structuredContent: { why } };
    }
    return json(status);
  }
}

/** The page with other settings than the server's. */
async function withSettings(route: Route, settings: object): Promise<void> {
  const response = await route.fetch();
  const html = await response.text();
  const body = html.replace(/(?<=<meta name="desk" content=")[^"]*/, (content) => {
    const given = content.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
    return JSON.stringify({ ...JSON.parse(given), ...settings }).replaceAll('"', '&quot;');
  });
  await route.fulfill({ response, body });
}
