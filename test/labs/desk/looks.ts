import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe-core finds wrong with the page as it is, in a line each. */
export async function findings(page: Page, rules: string[] = []): Promise<string[]> {
  if (!(await page.evaluate('Boolean(globalThis.axe)'))) await page.evaluate(axe.source);
  const options = JSON.stringify({
    resultTypes: ['violations'],
    ...(rules.length > 0 && { runOnly: { type: 'rule', values: rules } }),
  });
  const running = page.evaluate<string[]>(`axe.run(document, ${options}).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) => nodes.map(({ html, failureSummary }) => [id, help, html, failureSummary].join(' | '))))`);
  let isOver = false;
  void running.finally(() => {
    isOver = true;
  });
  // It waits for timers, and time stands still.
  while (!isOver) await page.clock.runFor(1);
  return running;
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

/** What can be clicked and is not reached by the Tab key. The ground behind a dialog is: Esc does the same. */
export function unreachable(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('body *')]
    .filter((element) => element.onclick || element.matches('button, a, input, select, summary'))
    .filter((element) => element.tabIndex !== 0 && !element.matches('.veil'))
    .map((element) => element.outerHTML)`);
}

/** Sizes and colours, as the page is now. */
export async function look(
  page: Page,
  size: { width: number; height: number },
  colorScheme: 'light' | 'dark',
) {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(size);
}
