import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Runs axe-core on a page in a world of its own beside the page's scripts, whose time stands still. */
export async function axeFor(page: Page): Promise<(rules?: string[]) => Promise<string[]>> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
  });
  const evaluate = async (expression: string) => {
    const options = { contextId, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', { expression, ...options });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as unknown;
  };
  await evaluate(`${AXE}; undefined`);
  return async (rules = []) => {
    const options = JSON.stringify({
      resultTypes: ['violations'],
      ...(rules.length > 0 && { runOnly: { type: 'rule', values: rules } }),
    });
    return (await evaluate(`axe.run(document, ${options}).then(({ violations }) => violations.flatMap(
      ({ id, help, nodes }) => nodes.map(({ html, failureSummary }) => [id, help, html, failureSummary].join(' | '))))`)) as string[];
  };
}

/** What reaches over the right edge of the page, or over that of the pane it stands in, with its text. */
export function overflowing(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('body *')]
    .filter((element) => element.getClientRects().length > 0 && !element.closest('.sr, svg'))
    .filter((element) => {
      const edge = element.parentElement.closest('.pane, .tile')?.getBoundingClientRect().right ?? innerWidth;
      const isCut = element.matches('h1, h2, p, dd, dt') && element.scrollWidth > element.clientWidth + 1;
      return isCut || element.getBoundingClientRect().right > Math.min(edge, innerWidth) + 1;
    })
    .map((element) => element.tagName + '.' + element.className + ': ' + element.textContent.slice(0, 60))`);
}

/** The rows of fields whose sign and buttons do not stand in one line, or whose marks are covered. */
export function brokenRows(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('.row')]
    .filter((row) => {
      const boxOf = (element) => element?.getBoundingClientRect() ?? new DOMRect();
      const isBeside = (one, other) => one.top < other.bottom && one.bottom > other.top;
      const boxes = [...row.children].map(boxOf);
      const marks = boxOf(row.querySelector('.marks'));
      const tries = boxOf(row.querySelector('.try'));
      return !boxes.every((box) => isBeside(box, boxes[0])) || (isBeside(marks, tries) && marks.right > tries.left);
    })
    .map((row) => row.textContent)`);
}

/** What can be clicked and is not reached by the Tab key. The ground behind a dialog is: Esc does the same. */
export function unreachable(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('body *')]
    .filter((element) => element.onclick || element.matches('button, a, input, select, summary'))
    .filter((element) => element.tabIndex !== 0 && !element.matches('.veil'))
    .map((element) => element.outerHTML)`);
}

/** The selectors of the page's style: whether each matches something now. What only a pointer, the keyboard, the system or a chat's host brings about counts as so. */
export async function selectors(page: Page): Promise<Map<string, boolean>> {
  const all = await page.evaluate<[string, boolean][]>(`(() => {
    const rulesOf = (list) => [...list].flatMap((rule) => rule.selectorText ? [rule.selectorText] : rulesOf(rule.cssRules ?? []));
    const everything = [...document.styleSheets].flatMap(({ cssRules }) => rulesOf(cssRules));
    const alone = everything.flatMap((list) => list.split(/,(?![^(]*[)])/)).map((one) => one.trim());
    const plain = (one) => one.replace(/::[\\w-]+|:(hover|focus-visible)|\\[data-(chat|theme[^\\]]*)\\]/g, '').replace(/:has\\(\\)/g, '').trim() || '*';
    return alone.filter((one) => !/^(to|from|\\d+%)$/.test(one)).map((one) => [one, document.querySelector(plain(one)) !== null]);
  })()`);
  return new Map(all);
}

/** Size, colours and size of text (in per cent of what is usual), as the page is shown now. */
export async function look(
  page: Page,
  size: { width: number; height: number },
  colorScheme: 'light' | 'dark',
  textSize = 100,
): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(size);
  await page.evaluate(`document.documentElement.style.fontSize = '${textSize}%'`);
}
