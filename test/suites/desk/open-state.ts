import type { Browser, Page } from 'playwright-core';
import { CALL, type DeskState, listOf, PAYMENT } from './states.ts';

export interface Look {
  theme: 'light' | 'dark';
  width: number;
  height: number;
}

/** Opens the desk in one of its states: the page is the real one, and the server's answers are the state's. */
export async function openState(browser: Browser, url: string, state: DeskState, look: Look): Promise<Page> {
  const { theme: colorScheme, width, height } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    locale: state.language ?? 'en-US',
    timezoneId: 'UTC',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  let answered = 0;
  let isLater = false;
  await page.route('**/mcp', async (route) => {
    const { params } = route.request().postDataJSON() as { params: { uri?: string; name?: string } };
    answered += 1;
    if (isLater && state.later === 0) return route.abort();
    if (isLater && state.later === 429)
      return route.fulfill({ status: 429, headers: { 'Retry-After': '9' } });
    const result = resultOf(state, params, isLater);
    return route.fulfill({ json: { jsonrpc: '2.0', id: 1, result } });
  });
  if (!state.isSignedOut) {
    await page.addInitScript(`sessionStorage.setItem('desk-token', 'a-token')`);
  }
  await page.goto(`${url}/desk${state.hash ?? `#call=${CALL}&payment=${PAYMENT}`}`);
  await page.locator('main').waitFor();
  await page.locator('.empty .i-spin').waitFor({ state: 'detached' });
  while (answered < (state.isSignedOut ? 0 : 1)) await page.waitForTimeout(20);
  await page.waitForTimeout(150);
  await state.act?.(page.mainFrame());
  isLater = true;
  if (state.later === -1) {
    await page.waitForTimeout(700);
    await page.locator('#primary').click();
  }
  if (state.later !== undefined)
    await page
      .locator('.notice, [data-state="offline"], [data-state="busy"]')
      .first()
      .waitFor({ timeout: 15_000 });
  await page.waitForTimeout(80);
  return page;
}

function resultOf(
  state: DeskState,
  { uri, name }: { uri?: string; name?: string },
  isLater: boolean,
): object {
  const json = (value: object) => ({ contents: [{ uri, text: JSON.stringify(value) }] });
  if (uri === 'payment://live') return json(listOf(state.list));
  if (uri === 'payment://calls')
    return json({ calls: [{ callSid: CALL, number: '+14155550199', seconds: 252 }] });
  if (name === 'completePaymentCapture' && isLater) {
    const why =
      'CONFIRMATION_MISMATCH: What was confirmed is not what would be charged, so nothing was done.';
    return { isError: true, content: [{ type: 'text', text: why }], structuredContent: { why } };
  }
  return { content: [], structuredContent: state.status ?? {} };
}
