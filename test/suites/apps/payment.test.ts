import { expect, test } from 'vitest';
import { describeInBrowser } from '../desk/suite.ts';
import { VISA } from '../host/connect.ts';
import { useChat } from './chat.ts';

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
    expect(await chat.told()).toContain('asked the caller for: payment-card-number');
    expect(await chat.told()).toContain('asked for the charge');
    expect(stage.everythingWritten()).not.toContain(VISA);
  });
});
