import { describe, expect, test } from 'vitest';
import { violations } from './open-api.ts';
import { type Exchange, openScene } from './scene.ts';

function expectDescribed(exchanges: readonly Exchange[]): void {
  expect(exchanges.map((exchange) => [exchange.request.uri, violations(exchange)])).toEqual(
    exchanges.map(({ request }) => [request.uri, []]),
  );
}

describe('Twilio’s OpenAPI files describe', () => {
  test('the requests and answers of payments', async () => {
    const { start, captureCard, complete, update, caller, exchanges } = await openScene();
    const sid = await start({
      chargeAmount: 12.5,
      currency: 'USD',
      description: 'an order',
      input: 'dtmf',
      minPostalCodeLength: 5,
      paymentMethod: 'credit-card',
      paymentConnector: 'Default',
      postalCode: false,
      securityCode: true,
      timeout: 5,
      tokenType: 'reusable',
      validCardTypes: 'visa amex',
      requireMatchingInputs: 'security-code',
      confirmation: 'false',
    });
    await captureCard(sid);
    await update(sid, { capture: 'security-code-matcher' });
    await caller.types('123#');
    await complete(sid);
    const second = await start({
      paymentMethod: 'ach-debit',
      bankAccountType: 'consumer-savings',
      parameter: { AVSName: 'A' },
    });
    await update(second, { status: 'cancel' });
    expect(exchanges).toHaveLength(8);
    expectDescribed(exchanges);
  });

  test('the requests and answers of calls', async () => {
    const { api, simulator, exchanges } = await openScene();
    const { caller, agent } = simulator.placeCallWithAgentLeg();
    await api.calls(agent.sid).fetch();
    const children = await api.calls.list({
      parentCallSid: caller.sid,
      status: 'in-progress',
      pageSize: 1,
      limit: 5,
    });
    expect(children.map(({ sid, direction }) => [sid, direction])).toEqual([[agent.sid, 'outbound-dial']]);
    await simulator.caller(caller.sid).hangsUp();
    expect((await api.calls(caller.sid).fetch()).endTime).toBeInstanceOf(Date);
    for (let number = 0; number < 3; number += 1) simulator.placeCall({ from: '+15005550009' });
    expect(await api.calls.list({ from: '+15005550009', pageSize: 1 })).toHaveLength(3);
    expectDescribed(exchanges);
  });

  test('the requests and answers of documents', async () => {
    const { api, exchanges } = await openScene();
    const { documents } = api.sync.v1.services('default');
    await documents.create({ uniqueName: 'one', data: { a: 1 }, ttl: 60 });
    await documents.create({});
    await documents('one').update({ data: {}, ttl: 0, ifMatch: '0' });
    await documents('one').fetch();
    await documents.list({ pageSize: 1 });
    await documents('one').remove();
    expectDescribed(exchanges);
  });

  test('the requests and answers of installed add-ons', async () => {
    const { api, simulator, exchanges } = await openScene();
    const everything = simulator.connectors.get('Default');
    if (!everything) throw new Error('There is no connector');
    simulator.connectors.set('Stripe_EUR', everything).set('Adyen', everything);
    const installed = await api.marketplace.v1.installedAddOns.list({ pageSize: 2 });
    expect(installed.map(({ uniqueName }) => uniqueName)).toEqual(['Default', 'Stripe_EUR', 'Adyen']);
    expect(new Set(installed.map(({ sid }) => sid)).size).toBe(3);
    expect(exchanges).toHaveLength(2);
    expectDescribed(exchanges);
  });
});

test('the check itself notices what is wrong', async () => {
  const { api, callSid, exchanges } = await openScene();
  await api.calls(callSid).fetch();
  const [good] = exchanges;
  if (!good) throw new Error('Nothing was recorded');
  const body = { ...Object(good.body), sid: 'CA1', extra: 1, status: 'sleeping', uri: undefined };
  expect(violations({ ...good, status: 202 })).toEqual(['status 202 is not foreseen']);
  expect(violations({ ...good, body }).sort()).toEqual([
    'body.extra is unknown',
    expect.stringMatching(/^body\.sid does not fit/),
    'body.status may not be sleeping',
    'body.uri is missing',
  ]);
  expect(violations({ ...good, request: { ...good.request, params: { Colour: 'red' } } })).toEqual([
    'unknown parameter Colour',
  ]);
});
