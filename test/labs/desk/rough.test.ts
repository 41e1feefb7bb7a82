import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Stage, TOKEN } from '../../suites/host/connect.ts';
import { captureAll, type Sids, start } from '../../suites/host/payment.ts';
import { launch } from './browser.ts';
import { type Person, personAt } from './person.ts';
import { describeInBrowser } from './suite.ts';

describeInBrowser('a desk to which everything happens', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test('loses its connection while the caller types, says so, and goes on as if nothing had been', async () => {
    const { stage, sids, person } = await paying();
    await person.presses('Enter');
    await person.sees('listening');
    await person.context.setOffline(true);
    await stage.caller.types('4242');
    await person.sees('offline');
    expect(await person.text()).toMatch(/No connection for .*This is how it stood at/);
    await person.presses('1', 'c', 'y');
    expect(person.calls).toEqual(['captureCardNumber']);
    await person.context.setOffline(false);
    await person.presses('Enter');
    await person.sees('typing');
    await captureAll(stage, sids);
  });

  test('charges once if the answer to the charge is lost, and the person presses again', async () => {
    const { stage, person } = await readyToCharge();
    let isLost = true;
    await person.page.route('**/mcp', async (route) => {
      if (!isLost || !String(route.request().postData()).includes('completePaymentCapture'))
        return route.continue();
      isLost = false;
      await route.fetch();
      return route.abort();
    });
    await look(person);
    await person.presses('Control+Enter');
    await person.presses('Control+Enter', 'Control+Enter');
    await person.sees('paid');
    expect(stage.simulator.charges).toHaveLength(1);
  });

  test('does not charge what it could not ask for, says that it does not know, and charges when asked again', async () => {
    const { stage, person } = await readyToCharge();
    await look(person);
    await person.context.setOffline(true);
    await person.presses('Control+Enter');
    await person.finds('.notice');
    expect(await person.text()).toContain('No answer came. Look at the state before you press again.');
    await person.context.setOffline(false);
    await person.sees('look');
    await person.presses('Control+Enter');
    await person.sees('paid');
    expect(stage.simulator.charges).toHaveLength(1);
  });

  test('is in two windows, which both charge', async () => {
    const { stage, sids, person } = await readyToCharge();
    const hash = `#call=CALL&payment=${sids.paymentSid}`;
    const other = await personAt(browser, stage, { hash, context: person.context });
    for (const one of [person, other]) await look(one);
    await Promise.all([person.presses('Control+Enter'), other.presses('Control+Enter')]);
    await person.sees('paid');
    await other.sees('paid');
    expect(stage.simulator.charges).toHaveLength(1);
  });

  test('is reloaded in the second look, and asks again', async () => {
    const { stage, person } = await readyToCharge();
    await look(person);
    await person.page.reload();
    await person.sees('ready');
    await look(person);
    await person.presses('Control+Enter');
    await person.sees('paid');
    await person.page.reload();
    await person.sees('paid');
    expect(stage.simulator.charges).toHaveLength(1);
  });

  test('is shown a payment that changes under the second look, and looks anew', async () => {
    const { stage, sids, person } = await readyToCharge();
    await look(person);
    await stage.agent.call('captureCardNumber', sids);
    await person.sees('listening');
    await stage.caller.types('5555555555554444');
    await person.sees('ready');
    expect(person.calls).toEqual([]);
  });

  test('has a token that expires: nothing stays on the screen, and a new one leads back to the payment', async () => {
    const { stage, person } = await readyToCharge();
    stage.variables.MCP_AUTH_TOKEN = 'another-token-of-the-agent';
    await person.finds('.door');
    expect(await person.text()).toContain('Your sign-in has expired');
    expect(await person.text()).not.toContain('12.50');
    expect(await person.page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).toBe('{}');
    await person.page.locator('#token').fill('another-token-of-the-agent');
    await person.clicks('[type="submit"]');
    await person.sees('ready');
  });

  test('locks itself after idle minutes, whatever was kept, and the payment goes on', async () => {
    const { person } = await readyToCharge();
    await person.page.clock.fastForward(11 * 60_000);
    await person.finds('.door');
    expect(await person.text()).toContain('Signed out after 10 idle minutes');
    expect(await person.page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).toBe('{}');
  });

  test('is told of too many requests, waits as long as it is told to, and does not act meanwhile', async () => {
    const { person } = await readyToCharge();
    let refused = 0;
    await person.page.route('**/mcp', async (route) => {
      refused += 1;
      return route.fulfill({ status: 429, headers: { 'Retry-After': '9' } });
    });
    await person.sees('busy');
    expect(await person.text()).toContain('Too many requests just now');
    const before = refused;
    await person.waits(5_000);
    expect(refused).toBe(before);
    await person.page.unroute('**/mcp');
    await person.sees('ready');
  });

  test('keeps the token nowhere but in its memory unless it is asked to', async () => {
    const { stage, sids } = await paying();
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${stage.host.url}/desk#call=${sids.callSid}&payment=${sids.paymentSid}`);
    await page.locator('#token').fill(TOKEN);
    await page.locator('#token').press('Enter');
    await page.locator('[data-state="waiting"]').waitFor();
    const kept = 'JSON.stringify([{ ...sessionStorage, ...localStorage }, document.cookie, location.href])';
    expect(await page.evaluate(kept)).not.toContain(TOKEN);
    await page.reload();
    await page.locator('.door').waitFor();
    await context.close();
  });

  async function paying(): Promise<{ stage: Stage; sids: Sids; person: Person }> {
    const stage = await connect();
    const sids = await start(stage);
    const person = await personAt(browser, stage, { hash: `#call=CALL&payment=${sids.paymentSid}` });
    await person.sees('waiting');
    return { stage, sids, person };
  }

  async function readyToCharge(): Promise<{ stage: Stage; sids: Sids; person: Person }> {
    const all = await paying();
    await captureAll(all.stage, all.sids);
    await all.person.sees('ready');
    return all;
  }

  /** Opens the second look, and reads it. */
  async function look(person: Person): Promise<void> {
    await person.presses('Enter');
    await person.sees('look');
    await person.waits(1_000);
  }
});
