import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../suites/host/connect.ts';
import { start } from '../../suites/host/payment.ts';
import { launch } from './browser.ts';
import { describeInBrowser } from './suite.ts';

/** Milliseconds between two looks of the phone at its call. */
const LOOK_MS = 400;

describeInBrowser("the caller's phone", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test('says that a key was not heard while Twilio does not listen, and that star ends the payment while it does', async () => {
    const stage = await connect();
    const { agent, call, simulator } = stage;
    const sids = await start(stage);
    const page = await browser.newPage();
    await page.clock.install();
    await page.goto(`${simulator.url}/simulator/phone#call=${call.sid}`);
    const what = page.locator('#what');
    const shows = (text: string) =>
      expect
        .poll(async () => {
          await page.clock.runFor(LOOK_MS);
          return what.textContent();
        })
        .toBe(text);
    await shows('Twilio does not listen');
    await page.getByRole('button', { name: 'star' }).click();
    await shows('* was not heard: Twilio does not listen');
    await page.locator('body').press('4');
    await shows('4 was not heard: Twilio does not listen');
    await agent.call('captureCardNumber', sids);
    await shows('Twilio listens: card number');
    await page.getByRole('button', { name: 'star' }).click();
    await shows('Ended: caller-interrupted-with-star');
  });
});
