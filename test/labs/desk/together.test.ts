import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectClients, headersOf } from '../../suites/host/clients.ts';
import { VISA } from '../../suites/host/connect.ts';
import { launch } from './browser.ts';
import { personAt } from './person.ts';
import { describeInBrowser } from './suite.ts';

const tokenOf = (name: string) => headersOf(name).Authorization.replace('Bearer ', '');

describeInBrowser('people and a bot on one payment', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test('a supervisor sees what a bot does, takes over after the card number, and charges once', async () => {
    const stage = await connectClients({ bot: 'rwc', supervisor: 'rwca', wall: 'ra' });
    const { bot, call, caller, simulator } = stage;
    const started = await bot.call('startPaymentCapture', { callSid: call.sid, chargeAmount: 12.5 });
    const sids = { callSid: call.sid, paymentSid: String(started.paymentSid) };
    await bot.call('captureCardNumber', sids);
    const hash = `#call=CALL&payment=${sids.paymentSid}`;
    const supervisor = await personAt(browser, stage, { hash, token: tokenOf('supervisor') });
    const wall = await personAt(browser, stage, { token: tokenOf('wall') });
    await supervisor.sees('watching');
    expect(await supervisor.text()).toContain('With bot');
    await caller.types(VISA);
    await wall.finds('.tile:has-text("Next: Security code")');
    expect(await wall.page.locator('main button, main a').count()).toBe(0);

    await supervisor.finds('.row.done');
    await supervisor.presses('t');
    await supervisor.sees('waiting');
    await wall.finds('.tile:has-text("supervisor")');
    expect(await bot.fail('captureSecurityCode', sids)).toContain('TAKEN_OVER');
    await supervisor.presses('Enter');
    await supervisor.until(caller.waitsFor('security-code', 30_000));
    await caller.types('123');
    await supervisor.until(caller.waitsFor('expiration-date', 30_000));
    await caller.types('1230');
    await supervisor.sees('ready');
    await supervisor.presses('Enter');
    await supervisor.sees('look');
    await supervisor.waits(1_000);
    await supervisor.presses('Control+Enter');
    await supervisor.sees('paid');
    await bot.call('getPaymentStatus', sids);
    expect(simulator.charges).toHaveLength(1);

    // The bot goes on with a second payment on this call: whoever takes that over must agree to it anew.
    const second = await bot.call('startPaymentCapture', {
      callSid: call.sid,
      chargeAmount: 5,
      anotherPayment: true,
    });
    const page = await personAt(browser, stage, {
      hash: `#call=CALL&payment=${second.paymentSid}`,
      token: tokenOf('supervisor'),
    });
    await page.sees('watching');
    await page.presses('t');
    await page.finds('.notice:has-text("This call has paid already")');
    await page.waits(1_000);
    await page.clicks('#primary:has-text("Yes, a second payment")');
    await page.sees('waiting');
    expect(await page.text()).toContain('With you');
    expect(simulator.charges).toHaveLength(1);
  });
});
