import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type Stage, TOKEN } from '../../suites/host/connect.ts';
import { slowClock } from './slow-clock.ts';

export interface PersonOptions {
  token?: string;
  /** The place in the address. */
  hash?: string;
  /** Another window of the same browser. */
  context?: BrowserContext;
}

/** A person at the desk, in a window of a browser. */
export interface Person {
  page: Page;
  context: BrowserContext;
  /** Waits for a payment's state; time passes on the page as quickly as it can. */
  sees(state: string): Promise<void>;
  /** Waits until something is there. */
  finds(selector: string): Promise<Locator>;
  /** What is on the page, in words. */
  text(): Promise<string>;
  presses(...keys: string[]): Promise<void>;
  clicks(selector: string): Promise<void>;
  /** Waits for what happens elsewhere, while time passes on the page. */
  until<T>(happens: Promise<T>): Promise<T>;
  /** Lets time pass on the page. */
  waits(milliseconds: number): Promise<void>;
  /** Requests of tools so far, by name. */
  calls: string[];
}

const STEP_MS = 700;
/** How often is looked: a loaded machine answers late. */
const LOOKS = 120;

/** Windows that no test has any more: a new one costs more than most of what is done in it. */
const idle = new WeakMap<Browser, Page[]>();

/** A window of a browser of its own, as far as a page can tell, until the test ends. */
async function windowOf(browser: Browser): Promise<Page> {
  const windows = idle.get(browser) ?? [];
  idle.set(browser, windows);
  const page = windows.pop() ?? (await openWindow(browser));
  onTestFinished(async () => {
    page.removeAllListeners();
    await page.unrouteAll();
    await page.context().setOffline(false);
    await page.goto('about:blank');
    windows.push(page);
  });
  return page;
}

async function openWindow(browser: Browser): Promise<Page> {
  const viewport = { width: 1280, height: 900 };
  const context = await browser.newContext({ viewport, locale: 'en-US', reducedMotion: 'reduce' });
  await context.clock.install();
  return context.newPage();
}

/** A second window of the same browser, until the test ends. */
async function secondWindow(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  onTestFinished(() => page.close());
  return page;
}

/** Opens the desk in a window of its own, signed in by a token that is kept in the tab. */
export async function personAt(
  browser: Browser,
  { host, call }: Stage,
  options: PersonOptions = {},
): Promise<Person> {
  slowClock();
  const { token = TOKEN, hash = '' } = options;
  const page = options.context ? await secondWindow(options.context) : await windowOf(browser);
  const calls: string[] = [];
  const strangers: string[] = [];
  const problems: string[] = [];
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url());
    if (origin !== host.url) strangers.push(request.url());
    if (pathname !== '/mcp') return;
    const { params } = request.postDataJSON() as { params: { name?: string } };
    if (params.name) calls.push(params.name);
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  onTestFinished(() => {
    expect(strangers, 'requests to other hosts').toEqual([]);
    expect(problems, 'errors on the page').toEqual([]);
  });
  await page.goto(`${host.url}/desk${hash.replace('CALL', call.sid)}`);
  await page.locator('#token').fill(token);
  await page.locator('.switch').click();
  await page.keyboard.press('Tab');
  await page.locator('[type="submit"]').click();

  const finds = async (selector: string) => {
    const found = page.locator(selector).first();
    for (let look = 0; look < LOOKS; look++) {
      if (await found.isVisible()) return found;
      await page.clock.runFor(STEP_MS);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`The desk never showed ${selector}: ${await page.locator('main').textContent()}`);
  };
  return {
    page,
    context: page.context(),
    calls,
    finds,
    sees: async (state) => {
      await finds(`[data-state="${state}"]`);
    },
    text: async () => (await page.locator('main').textContent()) ?? '',
    presses: async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    },
    clicks: async (selector) => (await finds(selector)).click(),
    until: async (happens) => {
      let isOver = false;
      const end = () => {
        isOver = true;
      };
      void happens.then(end, end);
      while (!isOver) {
        await page.clock.runFor(STEP_MS);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      return happens;
    },
    waits: (milliseconds) => page.clock.runFor(milliseconds),
  };
}
