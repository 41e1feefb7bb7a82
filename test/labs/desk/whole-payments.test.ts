import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, VISA } from '../../suites/host/connect.ts';
import { launch } from './browser.ts';
import { personAt } from './person.ts';
import { describeInBrowser } from './suite.ts';

describeInBrowser('the desk in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test('takes a payment by keys alone, with a card number that is mistyped once', async () => {
    const stage = await connect();
    const { call, caller, simulator } = stage;
    const person = await personAt(browser, stage, {
      hash: '#call=CALL&amount=49.90&currency=USD&description=Invoice%201182',
    });
    const chosen = await person.finds(`select:has(option[value="${call.sid}"])`);
    expect(await chosen.inputValue()).toBe(call.sid);
    expect(await person.page.locator('#amount').inputValue()).toBe('49.90');
    await person.page.locator('#reference').focus();
    await person.presses('Enter');
    await person.sees('waiting');
    expect(new URL(person.page.url()).hash).toMatch(`#call=${call.sid}&payment=PK`);
    await person.presses('Enter');
    await person.sees('listening');
    // There is nothing to press: Enter does not reach for the button beside, which cancels.
    await person.presses('Enter');
    await person.waits(1_000);
    await person.sees('listening');
    await caller.types('4242');
    await person.finds('[data-state="typing"] .row.typing:has-text("4 digits")');
    await caller.types('424242424241');
    await person.sees('refused');
    expect(await person.text()).toContain('Not valid, probably mistyped');
    expect(await person.text()).toContain('Try 1 of 3');
    await person.presses('Enter');
    await person.sees('listening');
    await caller.types(VISA);
    // Who opened a field has the next one opened.
    await person.until(caller.waitsFor('security-code', 30_000));
    await person.finds('.row.done');
    await caller.types('123');
    await person.until(caller.waitsFor('expiration-date', 30_000));
    await caller.types('1230');
    await person.sees('ready');
    await person.presses('Enter');
    await person.sees('look');
    expect(await person.page.locator('#question').textContent()).toBe(
      'Charge $49.90 to the Visa card ending in 4242 for Invoice 1182?',
    );
    // The rhythm of Enter does not charge.
    await person.waits(1_000);
    await person.presses('Enter', 'Enter');
    expect(person.calls).not.toContain('completePaymentCapture');
    await person.presses('Control+Enter');
    await person.sees('paid');
    expect(simulator.charges).toHaveLength(1);
    expect(await person.text()).toContain(simulator.charges[0]?.confirmationCode);
  });

  test('has every button pressed twice, and does each thing once', async () => {
    const stage = await connect();
    const { caller, simulator } = stage;
    const person = await personAt(browser, stage, { hash: '#call=CALL&amount=12.5&currency=USD' });
    const pressTwice = async (button: string) => (await person.finds(button)).dblclick();
    await person.finds('select');
    await pressTwice('#primary');
    await person.sees('waiting');
    await pressTwice('#primary');
    await person.sees('listening');
    // The way out asks first, and its answer stands where it stood.
    await pressTwice('#second');
    await person.sees('asked');
    await pressTwice('#primary');
    await person.sees('listening');
    await person.clicks('#second');
    await person.sees('asked');
    await person.presses('Escape');
    for (const [field, digits] of [
      ['payment-card-number', '4242424242424242'],
      ['security-code', '123'],
      ['expiration-date', '1230'],
    ] as const) {
      await person.until(caller.waitsFor(field, 30_000));
      await caller.types(digits);
    }
    await person.sees('ready');
    await pressTwice('#primary');
    await person.sees('look');
    expect(person.calls).not.toContain('completePaymentCapture');
    await person.waits(1_000);
    await pressTwice('#primary');
    await person.sees('paid');
    expect(simulator.charges).toHaveLength(1);
    expect(person.calls).toEqual([
      'startPaymentCapture',
      'captureCardNumber',
      'captureSecurityCode',
      'captureExpirationDate',
      'completePaymentCapture',
    ]);
  });
});
