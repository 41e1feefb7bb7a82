import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from './browser.ts';
import { hostile } from './hostile.ts';
import { axeFor, brokenRows, look, overflowing, selectors, unreachable } from './looks.ts';
import { servedDesk } from './served-desk.ts';
import { StateViewer } from './state-viewer.ts';
import { type DeskState, STATES } from './states.ts';
import { describeInBrowser } from './suite.ts';

const PAGE = { width: 1280, height: 800 };
const NARROW = { width: 320, height: 640 };

describeInBrowser('each state of the desk', () => {
  let browser: Browser;
  let viewer: StateViewer;
  let served: Awaited<ReturnType<typeof servedDesk>>;
  const shown = new Set<DeskState>();
  /** Each selector of the style, and whether a state has had something for it. */
  const needed = new Map<string, boolean>();
  const axes = new Map<Page, ReturnType<typeof axeFor>>();

  beforeAll(async () => {
    [served, browser] = await Promise.all([servedDesk(), launch()]);
    viewer = new StateViewer(browser, served.url, { viewport: PAGE });
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
  });

  test.each(STATES)(
    '$name: is there, readable in any light and width, and reachable by keys',
    async (state) => {
      const page = await viewer.show(state);
      shown.add(state);
      const axe = await axeOf(page);
      const found: string[] = [];
      const note = (where: string, findings: string[]) =>
        found.push(...findings.map((one) => `${where}: ${one}`));
      await noteSelectors(page);
      note('page', [...(await overflowing(page)), ...(await axe()), ...(await unreachable(page))]);
      await look(page, NARROW, 'dark');
      const narrow = [...(await overflowing(page)), ...(await brokenRows(page))];
      note('narrow', [...narrow, ...(await axe(['color-contrast', 'target-size']))]);
      await look(page, NARROW, 'dark', 200);
      note('large text', await overflowing(page));
      await look(page, PAGE, 'light');
      expect(found).toEqual([]);
    },
  );

  test.each(STATES)('$name: shows texts of others as text, whatever they hold', async (state) => {
    const page = await viewer.show(hostile(state));
    const made = `[...document.querySelectorAll('img, iframe, object, embed, base, link:not([rel="icon"]), [onerror], a[href^="java" i], script')].filter(({ tagName, textContent }) => tagName !== 'SCRIPT' || textContent.includes('hacked')).map(({ outerHTML }) => outerHTML)`;
    expect(await page.evaluate(made)).toEqual([]);
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    expect(await overflowing(page)).toEqual([]);
  });

  test('has no rule of style that no state needs', async () => {
    for (const state of STATES) if (!shown.has(state)) await noteSelectors(await viewer.show(state));
    expect([...needed].flatMap(([selector, isNeeded]) => (isNeeded ? [] : [selector]))).toEqual([]);
  });

  test('stands still for those who ask for it', async () => {
    for (const name of ['typing', 'completing', 'canceling']) {
      const page = await viewer.show(stateNamed(name));
      const moving = 'document.getAnimations().length';
      await page.emulateMedia({ reducedMotion: 'no-preference' });
      expect(await page.evaluate(moving)).toBeGreaterThan(0);
      await page.emulateMedia({ reducedMotion: 'reduce' });
      expect(await page.evaluate(moving)).toBe(0);
    }
  });

  test('keeps its marks, edges and focus where the system chooses the colours', async () => {
    const page = await viewer.show(stateNamed('typing'));
    await page.emulateMedia({ forcedColors: 'active' });
    // Only what the keyboard has reached shows its focus.
    while (!(await page.locator('#second:focus').count())) await page.keyboard.press('Tab');
    const seen = `(() => {
      const style = (selector) => getComputedStyle(document.querySelector(selector));
      const marks = style('.marks i');
      return {
        marks: marks.backgroundColor !== style('.pane').backgroundColor || parseFloat(marks.borderTopWidth) > 0,
        button: parseFloat(style('.btn').borderTopWidth),
        turn: parseFloat(style('.turn').borderTopWidth),
        focus: style('#second').outlineStyle,
      };
    })()`;
    expect(await page.evaluate(seen)).toEqual({ marks: true, button: 1, turn: 1, focus: 'solid' });
    await page.emulateMedia({ forcedColors: 'none' });
  });

  async function noteSelectors(page: Page): Promise<void> {
    for (const [selector, matches] of await selectors(page))
      needed.set(selector, matches || needed.get(selector) === true);
  }

  /** axe-core for a page: states share pages, and it is loaded into each once. */
  function axeOf(page: Page): ReturnType<typeof axeFor> {
    const axe = axes.get(page) ?? axeFor(page);
    axes.set(page, axe);
    return axe;
  }

  function stateNamed(name: string) {
    const state = STATES.find((one) => one.name === name);
    if (!state) throw new Error(`There is no state ${name}.`);
    return state;
  }
});
