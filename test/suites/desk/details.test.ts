import { expect, onTestFinished, test, vi } from 'vitest';
import { connect, VISA } from '../host/connect.ts';

type Details = Record<string, unknown> & { fields: { name: string; state: string }[]; history: unknown[] };

test('a screen is told what it needs beside the status, and a model is not', async () => {
  const { agent, call, caller } = await connect({ variables: { INPUT_TIMEOUT: '20' } });
  const started = await agent.call('startPaymentCapture', {
    callSid: call.sid,
    chargeAmount: 49.9,
    description: 'Invoice 1182',
    language: 'de',
  });
  const sids = { callSid: call.sid, paymentSid: started.paymentSid };
  const read = async () => {
    const status = await agent.call('getPaymentStatus', sids);
    const uri = `payment://${call.sid}/${started.paymentSid}/status`;
    const { contents } = await agent.client.readResource({ uri });
    const { desk, ...same } = JSON.parse(String((contents[0] as { text?: unknown }).text)) as {
      desk: Details;
    };
    expect(status).toEqual(same);
    return desk;
  };
  const stateOf = ({ fields }: Details) => fields.map(({ state }) => state);

  expect(await read()).toMatchObject({
    language: 'de',
    reference: 'Invoice 1182',
    caller: '+15005550123',
    callSeconds: expect.any(Number),
    holder: 'MCP_AUTH_TOKEN',
    isMine: true,
    triesAllowed: 3,
    ending: '',
    terms: { chargeAmount: 49.9, currency: 'USD', description: 'Invoice 1182', language: 'de' },
  });
  await agent.call('captureCardNumber', sids);
  const listening = await read();
  expect(stateOf(listening)).toEqual(['listening', 'waiting', 'waiting']);
  expect(listening.secondsLeft).toBeGreaterThan(15);
  await caller.types('4242');
  expect(stateOf(await read())).toEqual(['typing', 'waiting', 'waiting']);
  await caller.types('424242424241');
  const refused = await read();
  expect(refused.fields[0]).toMatchObject({ state: 'refused', failures: 1, error: 'invalid-card-number' });
  await agent.call('captureCardNumber', sids);
  await caller.types(VISA);
  const taken = await read();
  expect(taken.fields[0]).toMatchObject({ state: 'done', value: 'xxxxxxxxxxxx4242' });
  expect(taken.history).toMatchObject([
    { client: 'MCP_AUTH_TOKEN', action: 'start' },
    { client: 'MCP_AUTH_TOKEN', action: 'capture payment-card-number' },
    { client: 'MCP_AUTH_TOKEN', action: 'capture payment-card-number' },
  ]);
});

test('a field of which nothing more is heard is to be asked for again, in the words that the caller will then hear', async () => {
  const { agent, call, caller } = await connect();
  const { paymentSid } = await agent.call('startPaymentCapture', { callSid: call.sid, chargeAmount: 5 });
  const sids = { callSid: call.sid, paymentSid };
  const uri = `payment://${call.sid}/${paymentSid}/status`;
  const read = async () => {
    const { contents } = await agent.client.readResource({ uri });
    const { desk } = JSON.parse(String((contents[0] as { text?: unknown }).text)) as { desk: Details };
    return { state: desk.fields[0]?.state, before: desk.before };
  };
  /** Asks for the card, which begins to be typed, or not; then nothing more is heard. */
  const fallSilent = async (digits: string) => {
    await agent.call('captureCardNumber', sids);
    if (digits) await caller.types(digits);
    expect(await read()).toEqual({ state: digits ? 'typing' : 'listening', before: '' });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 21_000 });
    const { before } = await read();
    expect(await read()).toEqual({ state: 'refused', before });
    const { say } = await agent.call('captureCardNumber', sids);
    expect(before).toBe(say);
    return before;
  };
  onTestFinished(() => void vi.useRealTimers());
  const nothing = await fallSilent('');
  expect(nothing).toContain("I didn't get any digits.");
  const some = await fallSilent('4242');
  expect(some).toContain("I didn't get all the digits.");
});

test('the list has every live payment, who asks, and what they may do; the calls have the numbers', async () => {
  const { agent, call, simulator } = await connect();
  await agent.call('startPaymentCapture', { callSid: call.sid, chargeAmount: 5 });
  const second = simulator.placeCall();
  const read = async (uri: string) => {
    const [content] = (await agent.client.readResource({ uri })).contents;
    return JSON.parse(content && 'text' in content ? content.text : '') as Record<string, unknown>;
  };
  expect(await read('payment://live')).toMatchObject({
    you: 'MCP_AUTH_TOKEN',
    may: { write: true, charge: true },
    currencies: ['USD'],
    payments: [{ callSid: call.sid, phase: 'started', chargeAmount: 5, desk: { ending: '' } }],
  });
  expect(await read('payment://calls')).toMatchObject({
    calls: expect.arrayContaining([expect.objectContaining({ callSid: second.sid, number: '+15005550123' })]),
  });
});
