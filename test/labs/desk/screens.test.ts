import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from '../../suites/desk/browser.ts';
import { servedDesk } from '../../suites/desk/served-desk.ts';
import { StateViewer } from '../../suites/desk/state-viewer.ts';
import { STATES } from '../../suites/desk/states.ts';
import { describeInBrowser } from '../../suites/desk/suite.ts';
import { hostile } from './hostile.ts';
import { findings, look, overflowing, unreachable } from './looks.ts';

const PAGE = { width: 1280, height: 800 };
const NARROW = { width: 320, height: 640 };

describeInBrowser('each state of the desk', () => {
  let browser: Browser;
  let viewer: StateViewer;
  let served: Awaited<ReturnType<typeof servedDesk>>;

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
      await look(page, PAGE, 'light');
      expect(await overflowing(page)).toEqual([]);
      expect(await findings(page)).toEqual([]);
      expect(await unreachable(page)).toEqual([]);
      await look(page, NARROW, 'dark');
      expect(await overflowing(page)).toEqual([]);
      expect(await findings(page, ['color-contrast', 'target-size'])).toEqual([]);
      // Text at 200 % is a root of 32 px.
      await page.evaluate(`document.documentElement.style.fontSize = '200%'`);
      expect(await overflowing(page)).toEqual([]);
      await page.evaluate(`document.documentElement.style.fontSize = ''`);
      await page.setViewportSize(PAGE);
    },
  );

  test.each(STATES)('$name: shows texts of others as text, whatever they hold', async (state) => {
    const page = await viewer.show(hostile(state));
    const made = `[...document.querySelectorAll('img, iframe, object, embed, base, link:not([rel="icon"]), [onerror], a[href^="java" i], script')].filter(({ tagName, textContent }) => tagName !== 'SCRIPT' || textContent.includes('hacked')).map(({ outerHTML }) => outerHTML)`;
    expect(await page.evaluate(made)).toEqual([]);
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    expect(await overflowing(page)).toEqual([]);
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
    await page.locator('#second').focus();
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

  function stateNamed(name: string) {
    const state = STATES.find((one) => one.name === name);
    if (!state) throw new Error(`There is no state ${name}.`);
    return state;
  }
});
