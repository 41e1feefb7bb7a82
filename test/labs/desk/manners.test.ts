import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectClients, headersOf } from '../../suites/host/clients.ts';
import { connect, type Stage, VISA } from '../../suites/host/connect.ts';
import { captureAll, start } from '../../suites/host/payment.ts';
import { launch } from './browser.ts';
import { type Person, personAt } from './person.ts';
import { describeInBrowser } from './suite.ts';

const tokenOf = (name: string) => headersOf(name).Authorization.replace('Bearer ', '');
/** The pause between two texts for a screen reader. */
const PAUSE_MS = 2_500;

describeInBrowser('the manners of the desk', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test('tells a screen reader each change once, and no digit', async () => {
    const { stage, person } = await opened();
    const { caller } = stage;
    await person.page.evaluate(`{
      const live = document.querySelector('#live');
      window.heard = [];
      new MutationObserver(() => window.heard.push(live.textContent)).observe(live, { childList: true });
    }`);
    await person.presses('Enter');
    await person.until(caller.waitsFor('payment-card-number', 30_000));
    for (const digits of [VISA.slice(0, 4), VISA.slice(4, 12), VISA.slice(12)]) {
      await person.waits(PAUSE_MS);
      await caller.types(digits);
    }
    await person.finds('.row.done');
    await person.until(caller.waitsFor('security-code', 30_000));
    await person.finds('.row.listening');
    await person.waits(PAUSE_MS);
    const heard = (await person.page.evaluate('window.heard')) as string[];
    expect(heard.filter((text) => text === 'Caller is typing: Card number.')).toHaveLength(1);
    expect(heard).toContain('Card number taken. Listening: Security code.');
    expect(heard.join()).not.toMatch(/\d/);
  });

  test('counts the payments to a screen reader once it knows them', async () => {
    const stage = await connect();
    await start(stage);
    const person = await personAt(browser, stage);
    await person.finds('.item');
    await person.waits(PAUSE_MS);
    expect(await person.page.locator('#live').textContent()).toMatch(/^1 live payment/);
  });

  test('takes the keyboard to the question of the last look, so that one more Enter does not charge', async () => {
    const { stage, person } = await readyToCharge();
    const focused = () => person.page.evaluate('document.activeElement.id');
    await person.clicks('#primary');
    await person.sees('look');
    expect(await focused()).toBe('question');
    await person.waits(1_000);
    await person.presses('Enter', 'Enter');
    expect(person.calls).toEqual([]);
    await person.presses('Escape');
    await person.sees('ready');
    expect(await focused()).toBe('title');
    expect(stage.simulator.charges).toEqual([]);
  });

  test('tries once more by R after the last try', async () => {
    const { stage, person } = await opened();
    await person.presses('Enter');
    for (let entry = 1; entry <= 3; entry++) {
      await person.until(stage.caller.waitsFor('payment-card-number', 30_000));
      await stage.caller.types('4242424242424241');
      await person.sees(entry < 3 ? 'refused' : 'stop');
      if (entry < 3) await person.presses('Enter');
    }
    await person.presses('r');
    await person.sees('listening');
  });

  test('asks for nothing while nobody looks, and at once when somebody does again', async () => {
    const { person } = await opened();
    let reads = 0;
    person.page.on('request', () => {
      reads += 1;
    });
    const show = (isHidden: boolean) =>
      person.page.evaluate(`{
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${isHidden} });
        document.dispatchEvent(new Event('visibilitychange'));
      }`);
    await show(true);
    // One may be under way, and one due.
    await person.waits(5_000);
    reads = 0;
    await person.waits(60_000);
    expect(reads).toBe(0);
    await show(false);
    await expect.poll(() => reads).toBeGreaterThan(0);
  });

  test('is reloaded while the bank is asked, and charges once', async () => {
    const { stage, person } = await readyToCharge();
    stage.simulator.delivery.hold();
    await person.presses('Enter');
    await person.sees('look');
    await person.waits(1_000);
    await person.presses('Control+Enter');
    await person.sees('completing');
    await person.page.reload();
    await person.sees('completing');
    await person.presses('Enter', 'Control+Enter', 'y');
    await stage.simulator.delivery.release();
    await person.sees('paid');
    expect(stage.simulator.charges).toHaveLength(1);
    expect(person.calls).toEqual(['completePaymentCapture']);
  });

  test('shows nothing of one person to the next who signs in', async () => {
    const stage = await connectClients({ first: 'rwc', second: 'rwc' });
    const { paymentSid } = await stage.first.call('startPaymentCapture', {
      callSid: stage.call.sid,
      chargeAmount: 12.5,
      description: 'Invoice 7',
    });
    const hash = `#call=CALL&payment=${paymentSid}`;
    const person = await personAt(browser, stage, { hash, token: tokenOf('first') });
    await person.sees('waiting');
    await person.page.getByRole('button', { name: 'Sign out' }).click();
    await person.finds('.door');
    await person.page.locator('#token').fill(tokenOf('second'));
    await person.clicks('[type="submit"]');
    await person.finds('.empty:has-text("There is no such payment, or it is not yours.")');
    expect(await person.page.locator('#desk').textContent()).not.toMatch(/12\.50|Invoice 7/);
  });

  async function opened(): Promise<{ stage: Stage; person: Person }> {
    const stage = await connect();
    const { paymentSid } = await start(stage);
    const person = await personAt(browser, stage, { hash: `#call=CALL&payment=${paymentSid}` });
    await person.sees('waiting');
    return { stage, person };
  }

  async function readyToCharge(): Promise<{ stage: Stage; person: Person }> {
    const stage = await connect();
    const sids = await start(stage);
    await captureAll(stage, sids);
    const person = await personAt(browser, stage, { hash: `#call=CALL&payment=${sids.paymentSid}` });
    await person.sees('ready');
    return { stage, person };
  }
});
