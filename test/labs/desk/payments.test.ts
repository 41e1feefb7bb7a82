import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Stage, VISA } from '../../suites/host/connect.ts';
import { start } from '../../suites/host/payment.ts';
import { launch } from './browser.ts';
import { type Person, personAt } from './person.ts';
import { describeInBrowser } from './suite.ts';

/** What the caller types for each field, in the order in which they are asked for. */
const FIELDS = [
  ['payment-card-number', VISA],
  ['security-code', '123'],
  ['expiration-date', '1230'],
] as const;

describeInBrowser('a person at the desk', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test('chooses the order, has a field typed again, and opens each one alone', async () => {
    const stage = await connect();
    const { caller } = stage;
    const person = await openPayment(stage);
    await person.clicks('.aside .switch');
    await person.clicks('#primary');
    await person.sees('listening');
    await caller.types(VISA);
    await person.sees('waiting');
    await person.clicks('#primary');
    await person.sees('listening');
    // The number again while the code is open, by its key.
    await person.presses('1');
    await person.until(caller.waitsFor('payment-card-number', 30_000));
    await caller.types('5555555555554444');
    await person.finds('.row.done:has-text("Mastercard")');
    expect(await person.text()).toContain('ending 4444');
  });

  test('has the next field opened although the caller was too quick to be seen typing', async () => {
    const stage = await connect();
    const person = await openPayment(stage);
    const digits = Object.fromEntries(FIELDS.map(([field, typed]): [string, string[]] => [field, [typed]]));
    digits['payment-card-number'] = ['4242424242424241', VISA];
    stage.simulator.on((event) => {
      if (event.type === 'capture') void stage.caller.types(digits[event.field]?.shift() ?? '');
    });
    await person.presses('Enter');
    await person.sees('refused');
    await person.presses('Enter');
    await person.sees('ready');
  });

  test('has a field typed again without another one opening on what it held before', async () => {
    const stage = await connect();
    const { caller } = stage;
    const person = await openPayment(stage);
    await person.presses('Enter');
    await person.until(caller.waitsFor('payment-card-number', 30_000));
    await caller.types(VISA);
    await person.until(caller.waitsFor('security-code', 30_000));
    await caller.types('12#');
    await person.sees('refused');
    // An answer that is on its way while the person asks shows the card as taken, and nothing open.
    const held: (() => Promise<void>)[] = [];
    let isHeld = true;
    await person.page.route('**/mcp', async (route) => {
      if (!isHeld || !String(route.request().postData()).includes('/status')) return route.continue();
      const response = await route.fetch();
      held.push(() => route.fulfill({ response }));
    });
    await person.waits(3_000);
    await expect.poll(() => held.length).toBeGreaterThan(0);
    await person.presses('1');
    await person.until(caller.waitsFor('payment-card-number', 30_000));
    isHeld = false;
    for (const answer of held) await answer();
    await person.waits(3_000);
    expect(person.calls).toEqual(['captureCardNumber', 'captureSecurityCode', 'captureCardNumber']);
  });

  test('saves a bank account, and is told that nothing was charged', async () => {
    const stage = await connect();
    const { caller } = stage;
    const person = await personAt(browser, stage, {
      hash: '#call=CALL&kind=bank&amount=120&currency=USD&name=Ada',
    });
    await person.clicks('#primary');
    await person.sees('waiting');
    await person.presses('Enter');
    await person.sees('listening');
    await caller.types('110000000');
    await person.until(caller.waitsFor('bank-account-number', 30_000));
    await caller.types('0001234');
    await person.sees('typing');
    expect(await person.text()).toContain('then the # key');
    await caller.types('56789#');
    await person.sees('ready');
    await person.presses('Enter');
    await person.sees('look');
    expect(await person.text()).toContain('bank account ending in');
  });

  test('cancels only when asked twice, and starts the same payment again', async () => {
    const stage = await connect();
    const person = await openPayment(stage);
    await person.presses('Escape');
    await person.sees('asked');
    await person.presses('Escape');
    await person.sees('waiting');
    expect(person.calls).toEqual([]);
    await person.presses('Escape');
    await person.sees('asked');
    await person.waits(1_000);
    await person.presses('y');
    await person.sees('canceled');
    expect(await person.text()).toContain('Nothing was charged');
    await person.presses('Enter');
    await person.sees('waiting');
    expect(await person.text()).toContain('Invoice 7');
  });

  test.each([
    ['presses star', 'star', (stage: Stage) => stage.caller.pressesStar()],
    ['hangs up', 'ended', (stage: Stage) => stage.caller.hangsUp()],
  ] as const)('sees that the caller %s, and goes on', async (_, state, act) => {
    const stage = await connect();
    const person = await openPayment(stage);
    await person.presses('Enter');
    await person.sees('listening');
    await act(stage);
    await person.sees(state);
    expect(await person.text()).toContain('Nothing was charged');
    expect(await (await person.finds('#primary')).textContent()).toMatch(
      /Start it again|Use it on a new call/,
    );
  });

  test('tries another card after a declined one, and the second one is charged once', async () => {
    const stage = await connect();
    const { caller, simulator } = stage;
    const person = await openPayment(stage);
    await takeAll(person, stage, '4000000000000002');
    await charge(person);
    await person.sees('declined');
    expect(await person.text()).toContain('Declined by the bank');
    // What a model is advised to do is nothing for a person.
    expect(await person.text()).not.toContain('startPaymentCapture');
    await person.presses('Enter');
    await person.sees('waiting');
    await takeAll(person, stage, VISA);
    await charge(person);
    await person.sees('paid');
    expect(simulator.charges).toHaveLength(1);
    expect(caller.callSid).toBe(stage.call.sid);
  });

  test('asks for the second payment of a call only by another button', async () => {
    const stage = await connect();
    const person = await openPayment(stage);
    await takeAll(person, stage, VISA);
    await charge(person);
    await person.sees('paid');
    await person.presses('n');
    await (await person.finds('#amount')).fill('5');
    await agree(person, () => person.clicks('#primary'));
    await person.sees('waiting');
    // Its card is declined: another card is one more payment beside the first.
    await takeAll(person, stage, '4000000000000002');
    await charge(person);
    await person.sees('declined');
    await agree(person, () => person.presses('Enter'));
    await person.sees('waiting');
    expect(stage.simulator.charges).toHaveLength(1);
  });

  test('does not take the agreement of one call for that of another', async () => {
    const stage = await connect();
    const person = await openPayment(stage);
    await takeAll(person, stage, VISA);
    await charge(person);
    await person.sees('paid');
    const other = stage.simulator.placeCall();
    await person.presses('n');
    const call = await person.finds(`#form select:has(option[value="${other.sid}"])`);
    await call.selectOption(stage.call.sid);
    await (await person.finds('#amount')).fill('5');
    await person.clicks('#primary');
    await person.finds('.btn:has-text("Yes, a second payment")');
    await call.selectOption(other.sid);
    await person.finds('#primary:has-text("Start the payment")');
  });

  /** A payment that the person's own client has started, opened by its address. */
  async function openPayment(stage: Stage): Promise<Person> {
    const { paymentSid } = await start(stage, { chargeAmount: 12.5, description: 'Invoice 7' });
    const person = await personAt(browser, stage, { hash: `#call=CALL&payment=${paymentSid}` });
    await person.sees('waiting');
    return person;
  }

  async function takeAll(person: Person, { caller }: Stage, card: string): Promise<void> {
    await person.presses('Enter');
    for (const [field, digits] of FIELDS) {
      await person.until(caller.waitsFor(field, 30_000));
      await caller.types(field === 'payment-card-number' ? card : digits);
      await person.finds(`.row.done, [data-state="ready"]`);
    }
    await person.sees('ready');
  }

  /** Asks for what is beside another payment, and says yes; pressing again at once, as the button comes, does not. */
  async function agree(person: Person, ask: () => Promise<void>): Promise<void> {
    await person.page.evaluate(`new MutationObserver((_, observer) => {
      const button = document.querySelector('#primary');
      if (!button?.textContent.includes('Yes, a second payment')) return;
      observer.disconnect();
      button.click();
      window.hasPressed = true;
    }).observe(document.body, { childList: true, subtree: true, characterData: true })`);
    await ask();
    await person.finds('.notice:has-text("This call has paid already")');
    expect(await person.page.evaluate('window.hasPressed')).toBe(true);
    const before = person.calls.length;
    await person.waits(1_000);
    expect(person.calls).toHaveLength(before);
    await person.clicks('#primary:has-text("Yes, a second payment")');
  }

  async function charge(person: Person): Promise<void> {
    await person.presses('Enter');
    await person.sees('look');
    await person.waits(1_000);
    await person.presses('Control+Enter');
  }
});
