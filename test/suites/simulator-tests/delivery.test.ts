import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { connectionOverrides } from '../../simulator/connection-overrides.ts';
import { openScene } from './scene.ts';

function answers(...statuses: number[]) {
  let at = 0;
  return (_request: IncomingMessage, response: ServerResponse): void => {
    response.statusCode = statuses[Math.min(at, statuses.length - 1)] ?? 200;
    at += 1;
    response.end();
  };
}

describe('connection overrides', () => {
  test('default to Twilio’s times and one retry after a failed connection', () => {
    expect(connectionOverrides('https://pay.example.com/')).toEqual({
      connectTimeout: 5_000,
      readTimeout: 15_000,
      totalTime: 15_000,
      retryCount: 1,
      retryPolicies: ['ct'],
    });
  });

  test('are read from the fragment within their limits', () => {
    expect(connectionOverrides('https://pay.example.com/#ct=2000&rt=3000&tt=9000&rc=5&rp=5xx,rt')).toEqual({
      connectTimeout: 2_000,
      readTimeout: 3_000,
      totalTime: 9_000,
      retryCount: 5,
      retryPolicies: ['5xx', 'rt'],
    });
    expect(connectionOverrides('https://pay.example.com/#ct=99&rt=15001&tt=x&rc=6&rp=never')).toEqual(
      connectionOverrides('https://pay.example.com/'),
    );
  });
});

describe('a callback', () => {
  test('that is refused is not posted again by default, and is lost', async () => {
    const { simulator, receiver, start } = await openScene();
    receiver.answerWith(answers(500));
    await start();
    await simulator.settled();
    expect(simulator.callbacks[0]).toMatchObject({
      attempts: 1,
      statuses: [500],
      delivered: false,
      lost: true,
    });
  });

  test('is posted again with the same token where its URL asks for it', async () => {
    const { simulator, receiver, start } = await openScene();
    receiver.answerWith(answers(503, 429, 200));
    await start({ statusCallback: `${receiver.url}?a=b#rc=3&rp=4xx,5xx` });
    await simulator.settled();
    expect(simulator.callbacks[0]).toMatchObject({ statuses: [503, 429, 200], delivered: true, lost: false });
    expect(new Set(receiver.received.map(({ token }) => token)).size).toBe(1);
    expect(receiver.received.map(({ path }) => path)).toEqual(Array(3).fill('/payment-status?a=b'));
    expect(receiver.received.every(({ genuine }) => genuine)).toBe(true);
  });

  test('is given up after the retries that its URL allows', async () => {
    const { simulator, receiver, start } = await openScene();
    receiver.answerWith(answers(500));
    await start({ statusCallback: `${receiver.url}#rc=2&rp=all` });
    await simulator.settled();
    expect(simulator.callbacks[0]).toMatchObject({ attempts: 3, lost: true });
  });

  test('to nobody is tried twice', async () => {
    const { simulator, start } = await openScene();
    await start({ statusCallback: 'http://127.0.0.1:1/' });
    await simulator.settled();
    expect(simulator.callbacks[0]).toMatchObject({ statuses: ['ct', 'ct'], lost: true });
  });

  test('that gets no answer times out', async () => {
    const { simulator, receiver, start } = await openScene();
    simulator.delivery.timeScale = 0.1;
    receiver.answerWith(() => undefined);
    await start({ statusCallback: `${receiver.url}#rt=200&rc=1&rp=rt` });
    await simulator.settled();
    expect(simulator.callbacks[0]).toMatchObject({ statuses: ['rt', 'rt'], lost: true });
  });

  test('is not tried beyond its total time', async () => {
    const { simulator, receiver, start } = await openScene();
    Object.assign(simulator.delivery, { timeScale: 0.1, retryPauseMs: 1 });
    receiver.answerWith(() => undefined);
    // The first attempt takes all of it, on a busy machine more.
    await start({ statusCallback: `${receiver.url}#rt=300&tt=300&rc=5&rp=rt` });
    await simulator.settled();
    expect(simulator.callbacks[0]).toMatchObject({ attempts: 1, lost: true });
  });

  test('whose receiver breaks the connection counts as unanswered', async () => {
    const { simulator, receiver, start } = await openScene();
    receiver.answerWith((request) => request.socket.destroy());
    await start();
    await simulator.settled();
    expect(simulator.callbacks[0]).toMatchObject({ statuses: ['rt'], lost: true });
  });

  test('can be posted elsewhere with the signature of its own URL', async () => {
    const { simulator, receiver, start } = await openScene();
    const local = new URL(receiver.url);
    simulator.delivery.origins = { 'http://pay.example.com': local.origin };
    await start({ statusCallback: 'http://pay.example.com/payment-status?x=%20' });
    await simulator.settled();
    expect(receiver.received[0]).toMatchObject({ path: '/payment-status?x=%20', genuine: true });
  });
});

describe('delivery', () => {
  const masks = (received: readonly { params: Readonly<Record<string, string>> }[]) =>
    received.flatMap(({ params }) =>
      params.PartialResult === 'true' ? [params.PaymentCardNumber?.length] : [],
    );

  test('in ordered mode waits for each answer', async () => {
    const { start, capture, receiver } = await openScene();
    let open = 0;
    let most = 0;
    receiver.answerWith((_request, response) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        response.end();
      }, 2);
    });
    await capture(await start(), 'payment-card-number');
    expect(most).toBe(1);
    expect(masks(receiver.received)).toEqual(Array.from({ length: 16 }, (_, at) => at + 1));
  });

  test('in concurrent mode does not', async () => {
    const { simulator, start, capture, receiver } = await openScene();
    simulator.delivery.mode = 'concurrent';
    receiver.answerWith((_request, response) => setTimeout(() => response.end(), 20));
    await capture(await start(), 'payment-card-number');
    expect(simulator.callbacks.filter(({ delivered }) => delivered).length).toBeLessThan(19);
    await simulator.settled();
    expect(simulator.callbacks.filter(({ delivered }) => delivered)).toHaveLength(19);
  });

  test('in shuffled mode mixes the order', async () => {
    const { simulator, start, capture, receiver } = await openScene();
    simulator.delivery.mode = 'shuffled';
    await capture(await start(), 'payment-card-number');
    await simulator.settled();
    const seen = masks(receiver.received);
    expect(seen).not.toEqual([...seen].sort((one, other) => Number(one) - Number(other)));
    expect(seen).toHaveLength(16);
  });

  test('can repeat callbacks and delay them', async () => {
    const { simulator, start, capture, receiver } = await openScene();
    Object.assign(simulator.delivery, { duplicates: 1, delayMs: [1, 2] });
    await capture(await start(), 'expiration-date');
    await simulator.settled();
    expect(receiver.received).toHaveLength(2 * simulator.callbacks.length);
    expect(simulator.callbacks.every(({ attempts }) => attempts === 2)).toBe(true);
  });

  test('holds callbacks and releases them in any order with repeats', async () => {
    const { simulator, start, capture, receiver } = await openScene();
    const { delivery } = simulator;
    const sid = await start();
    await simulator.settled();
    delivery.hold();
    await capture(sid, 'expiration-date', '12');
    await simulator.settled();
    expect(receiver.received).toHaveLength(1);
    expect(delivery.held).toHaveLength(3);
    await delivery.release({ order: 'reversed', repeats: 1 });
    const dates = receiver.received.slice(1).map(({ params }) => params.ExpirationDate);
    expect(dates).toEqual(['12', '1', undefined, '12', '1', undefined]);
    expect(delivery.holding).toBe(false);

    delivery.hold();
    await simulator.caller(simulator.payments()[0]?.callSid ?? '').types('30');
    await delivery.release({ order: [2, 0, 0] });
    expect(receiver.received.slice(7).map(({ params }) => params.ExpirationDate)).toEqual([
      '1230',
      '123',
      '123',
    ]);
  });

  test('drops what a predicate says', async () => {
    const { simulator, start, capture, receiver } = await openScene();
    const stop = simulator.delivery.drop(({ params }) => params.PartialResult === 'true');
    const sid = await start();
    await capture(sid, 'expiration-date');
    await simulator.settled();
    expect(receiver.received).toHaveLength(3);
    expect(simulator.callbacks.filter(({ lost }) => lost)).toHaveLength(4);
    stop();
    await capture(sid, 'expiration-date');
    expect(receiver.received).toHaveLength(9);
  });
});
