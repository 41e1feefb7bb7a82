import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connect, type Stage } from '../host/connect.ts';
import { TOOLS } from '../host/contract.ts';
import { captureAll, type Sids, start } from '../host/payment.ts';
import { type RawAgent, rawAgent } from '../host/raw.ts';

/** A card number that nobody types on a phone in these tests. */
const CARD = '4012888888881881';
const GROUPS = CARD.match(/.{4}/g) ?? [];

function inDigitsFrom(zero: number): string {
  return [...CARD].map((digit) => String.fromCodePoint(zero + Number(digit))).join('');
}

/** The card number as people and models write it, and as somebody does who wants it to get through. */
const WRITINGS: [string, string][] = [
  ['in one piece', CARD],
  ['in groups', GROUPS.join(' ')],
  ['with dashes', GROUPS.join('-')],
  ['with dots', GROUPS.join('.')],
  ['digit by digit', [...CARD].join(' ')],
  ['on several lines', GROUPS.join('\r\n')],
  ['with unusual blanks', GROUPS.join('\u202f')],
  ['with invisible characters', [...CARD].join('\u200b')],
  ['in full-width digits', inDigitsFrom(0xff10)],
  ['in Arabic digits', inDigitsFrom(0x0660)],
  ['in Devanagari digits', inDigitsFrom(0x0966)],
  ['with spaced dashes', GROUPS.join(' - ')],
  ['with slashes', GROUPS.join(' / ')],
  ['in parentheses', GROUPS.map((group) => `(${group})`).join(' ')],
  ['in a sentence', `The card is ${CARD}, expires 12/30.`],
  ['after another number', `Invoice 1001: ${GROUPS.join(' ')}`],
  ['in JSON', JSON.stringify({ card: CARD })],
];

/** Some of the writings, other ones for each place, the plain ones for all: every one comes up often enough. */
function writingsFor(place: number): string[] {
  const [plain, grouped, ...others] = WRITINGS.map(([, text]) => text);
  return [plain, grouped, ...others.filter((_, i) => i % 8 === place % 8)].filter(
    (text) => text !== undefined,
  );
}

/** Ways to put a text into arguments: each that the tool has, others, as a name, and nested. */
function placesFor(names: string[]): ((text: string) => Record<string, unknown>)[] {
  return [
    ...[...names, 'cardNumber', 'note'].map((name) => (text: string) => ({ [name]: text })),
    (text) => ({ [text]: true }),
    (text) => ({ description: ['first', text] }),
    (text) => ({ payment: { card: { number: text } } }),
    (text) => ({ description: { [text]: '' } }),
  ];
}

/** Makes sure that the card number is nowhere: not in logs, requests, documents or answers, however it is written. */
function expectNowhere({ everythingWritten }: Stage, { answers }: RawAgent): void {
  const written = [everythingWritten(), ...answers].join('\n');
  for (const [, text] of WRITINGS) {
    expect(written).not.toContain(text);
    expect(written).not.toContain(JSON.stringify(text).slice(1, -1));
  }
  // The digits of each line, whatever stands between them.
  expect(written.normalize('NFKC').replace(/\\u[0-9a-f]{4}|[^\d\n]/g, '')).not.toContain(CARD);
}

/** What each tool is called with when all is well. */
function goodArguments(name: string, sids: Sids): Record<string, unknown> {
  return name === 'startPaymentCapture' ? { callSid: sids.callSid, chargeAmount: 12.5 } : { ...sids };
}

interface Result {
  isError?: boolean;
  content: { text: string }[];
  structuredContent?: unknown;
}

describe('a card number in an argument of a tool is refused, and is nowhere afterwards', () => {
  async function expectRefused(stage: Stage, raw: RawAgent, name: string, args: unknown): Promise<void> {
    const before = stage.simulator.requests.length;
    const { isError, content, structuredContent } = (await raw.callTool(name, args)) as Result;
    expect(isError).toBe(true);
    expect(Object.keys(structuredContent as object)).toEqual(['nextStep', 'thenCall', 'say', 'why']);
    const text = content[0]?.text ?? '';
    // Why, what to do, and what comes next.
    expect(text).toMatch(/^CARD_NUMBER_REFUSED: An argument looks like a card number\./);
    expect(text).toContain('types it on the phone keypad');
    expect(text).toContain('Call again without it');
    expect(text).toContain(`thenCall: ${name}\nnextStep: askCaller`);
    expect(stage.simulator.requests.slice(before)).toEqual([]);
  }

  async function ready(): Promise<{ stage: Stage; raw: RawAgent; sids: Sids }> {
    const stage = await connect();
    const sids = await start(stage);
    await captureAll(stage, sids);
    return { stage, raw: rawAgent(stage), sids };
  }

  test.each(TOOLS)('%s: in every argument, in names, nested, in any writing', async (name) => {
    const { stage, raw, sids } = await ready();
    const { tools } = await stage.agent.client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(TOOLS);
    const { properties = {} } = tools.find((tool) => tool.name === name)?.inputSchema ?? {};
    const good = goodArguments(name, sids);
    for (const [i, place] of placesFor(Object.keys(properties)).entries()) {
      for (const text of writingsFor(i)) {
        await expectRefused(stage, raw, name, { ...good, ...place(text) });
      }
    }
    for (const argument of Object.keys(properties)) {
      await expectRefused(stage, raw, name, { ...good, [argument]: Number(CARD) });
    }
    await expectRefused(stage, raw, name, { ...good, chargeAmount: Number(CARD) / 100 });
    expectNowhere(stage, raw);
    expect(stage.simulator.charges).toEqual([]);
  });

  test('the same calls without it are good ones', async () => {
    for (const name of TOOLS) {
      // Asking for a field anew is in the way of the tools after it.
      const { stage, raw, sids } = await ready();
      const { isError, content } = (await raw.callTool(name, goodArguments(name, sids))) as Result;
      // A payment by card alone takes no other fields; what matters is that nothing is said of a card number.
      const isAsked = !/PostalCode|Bank/.test(name);
      expect(Boolean(isError), content[0]?.text).toBe(!isAsked);
      if (!isAsked) expect(content[0]?.text).toMatch(/^FIELD_NOT_REQUIRED: /);
      await stage.simulator.settled();
    }
  });
});

describe('a card number in an argument of a prompt is refused, and is nowhere afterwards', () => {
  test('in every argument of every prompt, in any writing', async () => {
    const stage = await connect();
    const raw = rawAgent(stage);
    const { prompts } = await stage.agent.client.listPrompts();
    expect(prompts).toHaveLength(7);
    for (const { name, arguments: known = [] } of prompts) {
      const names = [...known.map((argument) => argument.name), 'cardNumber', CARD];
      for (const [i, argument] of names.entries()) {
        for (const text of writingsFor(i)) {
          const args = { callSid: stage.call.sid, [argument]: text };
          const { json } = await raw.rpc('prompts/get', { name, arguments: args });
          expect(json).toEqual({
            jsonrpc: '2.0',
            id: 1,
            error: { code: -32602, message: expect.stringMatching(/CARD_NUMBER_REFUSED: .*phone keypad/) },
          });
        }
      }
    }
    expectNowhere(stage, raw);
  });

  test('in what is to be completed', async () => {
    const stage = await connect();
    const raw = rawAgent(stage);
    const { prompts } = await stage.agent.client.listPrompts();
    const refs = [
      ...prompts.map(({ name }) => ({ type: 'ref/prompt', name })),
      { type: 'ref/resource', uri: 'payment://{callSid}/{paymentSid}/status' },
    ];
    for (const ref of refs) {
      for (const [i, name] of ['callSid', 'paymentSid', 'other'].entries()) {
        for (const value of writingsFor(i)) {
          const { status } = await raw.rpc('completion/complete', { ref, argument: { name, value } });
          expect(status).toBe(200);
        }
      }
    }
    expectNowhere(stage, raw);
  });
});

test.each<[string, string, unknown]>([
  ['tool', 'tools/call', { name: CARD, arguments: {} }],
  ['method', CARD, {}],
  ['prompt', 'prompts/get', { name: GROUPS.join(' ') }],
  ['resource', 'resources/read', { uri: `payment://${CARD}/PK${'2'.repeat(32)}/status` }],
  ['cursor', 'resources/list', { cursor: CARD }],
  ['log level', 'logging/setLevel', { level: CARD }],
])('a card number as the name of a %s is an error that does not repeat it', async (_, method, params) => {
  const stage = await connect();
  const raw = rawAgent(stage);
  expect((await raw.rpc(method, params)).json).toMatchObject({ id: 1, error: { code: expect.any(Number) } });
  expectNowhere(stage, raw);
  expect(stage.simulator.requests).toEqual([]);
});

describe('what is no card number goes through', () => {
  test('SIDs, whatever digits they hold', async () => {
    const stage = await connect();
    const raw = rawAgent(stage);
    const { tools } = await stage.agent.client.listTools();
    const hex = (length: number) =>
      fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
    const body = fc.oneof(
      hex(32),
      // A card number somewhere inside, as one in two hundred SIDs has it.
      fc.tuple(hex(32), fc.nat(16)).map(([text, at]) => (text.slice(0, at) + CARD + text).slice(0, 32)),
    );
    await fc.assert(
      fc.asyncProperty(body, body, fc.constantFrom(...tools), async (call, payment, { name }) => {
        const args = { callSid: `CA${call}`, paymentSid: `PK${payment}` };
        const given = name === 'startPaymentCapture' ? { callSid: args.callSid } : args;
        const { content } = (await raw.callTool(name, given)) as Result;
        expect(content[0]?.text).toMatch(/^(?:CALL|PAYMENT)_NOT_FOUND: /);
      }),
      { numRuns: 60 },
    );
    const sids = { callSid: `CA${CARD}${'0'.repeat(16)}`, paymentSid: `PK${'a'.repeat(16)}${CARD}` };
    for (const { name } of (await stage.agent.client.listPrompts()).prompts) {
      const { json } = await raw.rpc('prompts/get', { name, arguments: sids });
      expect(json).toHaveProperty('result');
    }
  });

  test('a description with other numbers', async () => {
    const description =
      'Invoice 2026-11-22 no. 1001, tel. +1 415 555 2671, order 1234567890123, reference 4242 4242 4242 4241';
    const stage = await connect();
    await stage.agent.call('startPaymentCapture', { callSid: stage.call.sid, description });
    const create = stage.simulator.requests.find(({ route }) => route === 'payments.create');
    expect(create?.params.Description).toBe(description);
  });
});
