import { expect, test } from 'vitest';
import { type Line, type Model, type ToolCall, takePayment } from '../../../docs/voice-agent.ts';
import { MISTYPED_NUMBER, TEST_CARD } from '../../cli/test-card.ts';
import { connect, type Stage } from '../host/connect.ts';

/** What an answer tells a model, as the text has it. */
interface Told {
  paymentSid?: string;
  revision?: number;
  nextStep: string;
  say?: string;
  thenCall?: string;
  ifNo?: string;
}

/** The text of an answer: JSON, or an error with the advice on its last lines. */
function read(text: string): Told {
  if (text.startsWith('{')) return JSON.parse(text) as Told;
  const lines = [...text.matchAll(/^(nextStep|say|thenCall|ifNo): (.*)$/gm)];
  return Object.fromEntries(lines.map(([, name, value]) => [name, value])) as unknown as Told;
}

/** A language model that does what the instructions and the newest answer say, and knows nothing else. */
function obedientModel(): Model {
  let ids = 0;
  let sids = {};
  let said = '';
  const call = (name: string, args = {}): ToolCall => ({
    id: `c${++ids}`,
    name,
    arguments: { ...sids, ...args },
  });
  return async (messages) => {
    const newest = messages.at(-1);
    const told = messages.filter((message) => message.from === 'tool').map(({ text }) => read(text));
    const answer = told.filter((one) => one.nextStep).at(-1);
    if (!answer) return { text: 'One moment.', calls: [call('startPaymentCapture', { chargeAmount: 49.9 })] };
    const paymentSid = told.map((one) => one.paymentSid).find(Boolean);
    sids = { callSid: 'CA0', paymentSid };
    const { nextStep, thenCall, ifNo } = answer;
    if (thenCall && newest?.from === 'caller') {
      return { text: '', calls: [call(/yes/i.test(newest.text) ? thenCall : (ifNo ?? thenCall))] };
    }
    const text = answer.say && answer.say !== said ? answer.say : '';
    said = answer.say ?? said;
    if (thenCall || nextStep === 'done') return { text, calls: [] };
    if (nextStep !== 'wait' && nextStep !== 'askCaller') return { text, calls: [call(nextStep)] };
    const wait = { waitSeconds: 8, sinceRevision: answer.revision };
    return { text, calls: [call('getPaymentStatus', wait)] };
  };
}

/** A caller who types what they are asked for, and answers when they are asked. */
function lineOf({ caller, call }: Stage, entries: Record<string, string[]>, reply: string) {
  let unheard: string[] = [];
  let wake: () => void = () => undefined;
  const spoken: string[] = [];
  const speak = (text: string) => {
    unheard.push(text);
    wake();
  };
  const line: Line & { spoken: string[]; speak(text: string): void } = {
    callSid: call.sid,
    isOver: false,
    spoken,
    speak,
    async say(text) {
      spoken.push(text);
      const [field] = Object.keys(entries).filter((name) => text.includes(name));
      const digits = field && entries[field]?.shift();
      if (digits) await caller.types(digits);
      if (text.endsWith('Shall I go ahead?')) speak(reply);
    },
    heard() {
      const texts = unheard;
      unheard = [];
      return texts;
    },
    somethingHeard: () =>
      new Promise((resolve) => {
        wake = resolve;
        if (unheard.length > 0) resolve();
      }),
  };
  return line;
}

const entriesWith = (...numbers: string[]) => ({
  'card number': numbers,
  'security code': [TEST_CARD.securityCode],
  'expiration date': [TEST_CARD.expirationDate],
});

test('the voice agent of docs/voice-agents.md takes a payment with a mistyped number', async () => {
  const stage = await connect();
  const line = lineOf(stage, entriesWith(MISTYPED_NUMBER, TEST_CARD.number), 'Yes, please.');
  const outcome = await takePayment(stage.agent.client, obedientModel(), line, 'Take 49.90 USD.');
  expect(outcome).toMatchObject({ phase: 'completed', result: 'success', callSid: stage.call.sid });
  expect(outcome.paymentConfirmationCode).toBe(stage.simulator.charges[0]?.confirmationCode);
  expect(line.spoken.filter((text) => text.includes('card number'))).toHaveLength(2);
  expect(line.spoken.at(-1)).toBe('Thank you, the payment went through.');
});

test('after a no it cancels, and nothing is charged', async () => {
  const stage = await connect();
  const line = lineOf(stage, entriesWith(TEST_CARD.number), 'No, not now.');
  const outcome = await takePayment(stage.agent.client, obedientModel(), line, 'Take 49.90 USD.');
  expect(outcome).toMatchObject({ phase: 'canceled', nextStep: 'done' });
  expect(stage.simulator.charges).toEqual([]);
});

test('its model never reads a card number that the caller says aloud', async () => {
  const stage = await connect();
  const line = lineOf(stage, entriesWith(TEST_CARD.number), 'Yes.');
  line.speak('It is 4242 4242 4242 4242, is that enough?');
  const model = obedientModel();
  let heard: (string | undefined)[] = [];
  const listening: Model = (messages, tools) => {
    heard = messages.filter(({ from }) => from === 'caller').map(({ text }) => text);
    return model(messages, tools);
  };
  await takePayment(stage.agent.client, listening, line, 'Take 49.90 USD.');
  expect(heard[0]).toBe('It is [a long number, withheld: ask the caller to type it], is that enough?');
});

test('a lost answer is asked for again, and an unknown tool is told to the model', async () => {
  const stage = await connect();
  const line = lineOf(stage, entriesWith(TEST_CARD.number), 'Yes.');
  const { client } = stage.agent;
  const callTool = client.callTool.bind(client);
  let lost = 0;
  client.callTool = async (...args: Parameters<typeof callTool>) => {
    const result = await callTool(...args);
    if (args[0].name === 'completePaymentCapture' && ++lost === 1) throw new TypeError('fetch failed');
    return result;
  };
  const model = obedientModel();
  let told = '';
  const confused: Model = async (messages, tools) => {
    if (messages.length === 1) return { text: '', calls: [{ id: 'c', name: 'payNow', arguments: {} }] };
    told ||= messages.at(-1)?.text ?? '';
    return model(messages, tools);
  };
  const outcome = await takePayment(client, confused, line, 'Take 49.90 USD.');
  expect(told).toContain('There is no such tool.');
  expect(outcome).toMatchObject({ phase: 'completed', result: 'success' });
  expect([lost, stage.simulator.charges.length]).toEqual([2, 1]);
});
