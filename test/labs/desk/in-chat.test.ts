import { expect, test } from 'vitest';
import { VISA } from '../../suites/host/connect.ts';
import { type Chat, useChat } from './chat.ts';
import { describeInBrowser } from './suite.ts';

/** All that a view may say (MCP Apps 2026-01-26), as far as the desk needs it. */
const METHODS = [
  'ui/initialize',
  'ui/notifications/initialized',
  'ui/notifications/size-changed',
  'ui/update-model-context',
  'resources/read',
  'tools/call',
];

const methodsOf = async (chat: Chat) => (await chat.posted()).map(({ method }) => method);
const countOf = async (chat: Chat, method: string) =>
  (await methodsOf(chat)).filter((said) => said === method).length;

/** How often something is asked for in so many seconds of the page's clock. */
async function countIn(chat: Chat, seconds: number, method = 'resources/read'): Promise<number> {
  const before = await countOf(chat, method);
  for (let half = 0; half < seconds * 2; half++) {
    await chat.page.clock.runFor(500);
    await new Promise((next) => setTimeout(next, 20));
  }
  return (await countOf(chat, method)) - before;
}

describeInBrowser('the payment desk inside a chat', () => {
  const openChat = useChat();

  test('takes the payment that a model has started, field by field, to the charge, and tells the model', async () => {
    const chat = await openChat();
    const { stage, view } = chat;
    const { simulator, caller } = stage;
    await chat.open({ result: await chat.start() });
    await chat.says('$49.90');
    await chat.says('Ask for the card number');
    await view.locator('#primary').click();
    await caller.waitsFor('payment-card-number');
    await chat.says('Waiting for the first digit');
    await caller.types('4242424');
    await chat.says('7 digits');
    await caller.types(VISA.slice(7));
    // The next fields open by themselves.
    await chat.types('security-code', '123');
    await chat.types('expiration-date', '1230');
    await chat.says('Review and charge');
    await view.locator('#primary').click();
    await chat.says(/Charge only if the caller has said yes/);
    await chat.page.clock.runFor(700);
    await view.locator('#primary').click();
    await chat.says(/Paid \$49\.90/);
    expect(simulator.charges).toMatchObject([{ amount: '49.9' }]);

    await chat.until(async () => (await chat.told()).includes('ended: paid'));
    expect(await chat.told()).toMatch(/asked the caller for: payment-card-number.*\n.*asked for the charge/s);
    expect(await chat.told()).toContain(stage.call.sid);
    expect(stage.everythingWritten()).not.toContain(VISA);
    // Nothing is left to read.
    expect(await countIn(chat, 10)).toBe(0);

    const [hello, ...more] = await chat.posted();
    expect(hello).toEqual({
      jsonrpc: '2.0',
      id: 1,
      method: 'ui/initialize',
      params: {
        appInfo: { name: 'agent-payments-desk', version: expect.stringMatching(/^\d/) },
        appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] },
        protocolVersion: '2026-01-26',
      },
    });
    expect(more[0]).toEqual({ jsonrpc: '2.0', method: 'ui/notifications/initialized', params: {} });
    expect((await methodsOf(chat)).filter((method) => !METHODS.includes(String(method)))).toEqual([]);
  });

  test('saves a card where nothing can be copied, and speaks of no payment then', async () => {
    const chat = await openChat();
    await chat.open({ result: await chat.start({ description: 'Account 7' }) });
    await chat.says('Ask for the card number');
    await chat.view.locator('#primary').click();
    await chat.types('payment-card-number', VISA);
    await chat.types('security-code', '123');
    await chat.types('expiration-date', '1230');
    await chat.says('Review and save');
    await chat.view.locator('#primary').click();
    await chat.says(/Save only if/);
    await chat.page.clock.runFor(700);
    await chat.view.locator('#primary').click();
    await chat.says(/Nothing was charged/);
    expect(await chat.view.locator('#turn').textContent()).toBe('Card saved');
    expect(await chat.view.locator('main').textContent()).not.toContain('Paid');
    expect(chat.stage.simulator.charges[0]).not.toHaveProperty('amount');
  });

  test('says nothing more to a host that refuses it, and tries again when the person says so', async () => {
    const chat = await openChat();
    await chat.open({ refuses: true });
    await chat.says('Offline');
    expect(await countIn(chat, 20, 'ui/initialize')).toBe(0);
    expect(await methodsOf(chat)).toEqual(['ui/initialize']);
    await chat.view.locator('#primary').click();
    await chat.until(async () => (await countOf(chat, 'ui/initialize')) === 2);
  });

  test('shows how a payment stands today when it comes back from the history of a chat', async () => {
    const chat = await openChat();
    const old = await chat.start();
    const { paymentSid } = old.structuredContent as { paymentSid: string };
    await chat.stage.agent.call('cancelPaymentCapture', { callSid: chat.stage.call.sid, paymentSid });
    await chat.stage.simulator.settled();
    // Some hosts keep the text alone.
    await chat.open({ result: { content: old.content } });
    await chat.says(/Canceled by you/);
    expect(await chat.told()).toBe('');
  });

  test('says why a payment was not started, and offers nothing', async () => {
    const chat = await openChat();
    await chat.open({ result: await chat.start({ chargeAmount: 5000 }) });
    await chat.says('That amount is not allowed here.');
    expect(await chat.view.locator('button').count()).toBe(0);
    expect(await countIn(chat, 5)).toBe(0);
  });

  test('hears its host and nobody else', async () => {
    const chat = await openChat();
    await chat.open();
    await chat.page.evaluate(`{
      const other = document.createElement('iframe');
      const said = JSON.stringify({ jsonrpc: '2.0', method: 'ui/notifications/tool-cancelled', params: {} });
      other.srcdoc = '<script>parent.frames[0].postMessage(' + said + ', "*"); parent.hasPosted = true</script>';
      document.body.append(other);
    }`);
    await chat.until(async () => (await chat.page.evaluate('window.hasPosted')) === true);
    expect(await chat.view.locator('body').textContent()).not.toContain('CANCELED');
    await chat.page.evaluate('bridge.sendToolCancelled({})');
    await chat.says(/CANCELED/);
  });

  test('wears the colors and speaks the language of its host, and takes nothing that is no color', async () => {
    const chat = await openChat();
    const variables = {
      '--color-background-primary': 'rgb(1, 2, 3)',
      '--color-text-primary': 'rgb(250, 251, 252)',
      '--color-text-danger': 'rgb(9, 9, 9)',
      '--color-text-secondary': 'url(https://elsewhere.example/)',
      '--shadow-sm': '0 0 1px red',
    };
    const context = { theme: 'dark', locale: 'de-DE', styles: { variables } };
    await chat.open({ context, result: await chat.start() });
    await chat.says('Nach der Kartennummer fragen');
    const body = chat.view.locator('body');
    const style = () =>
      body.evaluate(`getComputedStyle(document.body).color + getComputedStyle(document.body).colorScheme`);
    expect(await style()).toBe('rgb(250, 251, 252)dark');
    const own = await body.evaluate(`document.documentElement.getAttribute('style')`);
    // A text color without its ground stays the desk's own.
    expect(own).not.toMatch(/danger|secondary|shadow/);
    await chat.page.evaluate(`bridge.sendHostContextChange({ theme: 'light', locale: 'fr' })`);
    await chat.says('Demander le numéro de carte');
    expect(await style()).toContain('light');
  });

  test('is as high as it needs to be, and follows without chasing its host', async () => {
    const chat = await openChat();
    await chat.open({ result: await chat.start() });
    await chat.says('Ask for the card number');
    const heights = async () =>
      (await chat.posted()).flatMap(({ method, params }) =>
        method === 'ui/notifications/size-changed' ? [Number(params?.height)] : [],
      );
    expect(await countIn(chat, 5, 'ui/notifications/size-changed')).toBe(0);
    const closed = (await heights()).at(-1) ?? 0;
    // The strictest of the hosts shows no more without a scroll bar; wide fonts push the history below it, no button.
    const lowest = await chat.view
      .locator('html')
      .evaluate(`document.querySelector('#second').getBoundingClientRect().bottom`);
    expect(lowest).toBeLessThanOrEqual(500);
    await chat.view.locator('summary').click();
    await chat.until(async () => ((await heights()).at(-1) ?? 0) > closed + 50);
    const inner = await chat.view
      .locator('html')
      .evaluate(`document.documentElement.scrollHeight - innerHeight`);
    expect(inner).toBe(0);
    expect((await heights()).length).toBeLessThan(8);
  });

  test('ends when its host says so, and asks for nothing from then on', async () => {
    const chat = await openChat();
    await chat.open({ result: await chat.start() });
    await chat.says('Ask for the card number');
    expect(await chat.page.evaluate('bridge.teardownResource({})')).toEqual({});
    expect(await countIn(chat, 10)).toBe(0);
  });

  test('says what to do in a host that passes on tools alone, and can still be asked', async () => {
    const chat = await openChat();
    await chat.open({ capabilities: { serverTools: {} }, result: await chat.start() });
    await chat.says('This chat does not show it. Ask the model.');
    expect(await chat.view.locator('#primary').textContent()).toContain('Try now');
    expect(await countIn(chat, 60)).toBeLessThanOrEqual(6);
  });

  test('tells a model only if the host can', async () => {
    const chat = await openChat();
    await chat.open({ capabilities: { serverTools: {}, serverResources: {} }, result: await chat.start() });
    await chat.says('Ask for the card number');
    await chat.view.locator('#primary').click();
    await chat.says('Waiting for the first digit');
    expect(await methodsOf(chat)).not.toContain('ui/update-model-context');
  });

  test('reads every second while the caller types, every two otherwise, and ever less when nothing happens', async () => {
    const chat = await openChat();
    await chat.open({ result: await chat.start() });
    await chat.says('Ask for the card number');
    expect(await countIn(chat, 10)).toBeGreaterThanOrEqual(4);
    expect(await countIn(chat, 10)).toBeLessThanOrEqual(6);
    await chat.view.locator('#primary').click();
    await chat.says('Waiting for the first digit');
    expect(await countIn(chat, 8)).toBeGreaterThanOrEqual(6);
    await chat.stage.caller.types(VISA);
    await chat.types('security-code', '123');
    await chat.types('expiration-date', '1230');
    await chat.says('Review and charge');
    await chat.page.clock.fastForward(61_000);
    await countIn(chat, 2);
    expect(await countIn(chat, 10)).toBeLessThanOrEqual(3);
  });

  test('asks less when it is told that it asks too much, and says how old is what it shows', async () => {
    const chat = await openChat();
    await chat.open({ result: await chat.start() });
    await chat.says('Ask for the card number');
    chat.failWith({ code: 429, message: 'Too many requests' });
    await chat.says('Too many requests just now');
    await chat.says(/old$/);
    expect(await countIn(chat, 15)).toBeLessThanOrEqual(3);
    chat.failWith(undefined);
    await chat.says('Ask for the card number');
  });
});
