import { createRequire } from 'node:module';
import { digestOf } from '../../../functions/runtime/bearer-tokens.ts';
import { redirectPath, type Simulator, startSimulator, voiceSignature } from '../../simulator/index.ts';
import { type Handlers, type Outcome, type Platform, PlatformResponse } from './functions.ts';
import type { Issuer } from './issuer.ts';

createRequire(import.meta.url)(redirectPath);

export const PUBLIC_URL = 'https://fuzz.example.com';

const TOKENS = {
  full: 'full-token-AAAAAAAAAAAAAAAAAAAAAAAA',
  reader: 'reader-token-BBBBBBBBBBBBBBBBBBBBBB',
  writer: 'writer-token-CCCCCCCCCCCCCCCCCCCCCC',
  expired: 'expired-token-DDDDDDDDDDDDDDDDDDDDD',
};

/** What the events are made of. */
export interface Facts {
  accountSid: string;
  authToken: string;
  tokens: typeof TOKENS;
  issuer: Pick<Issuer, 'url' | 'valid' | 'odd'>;
  calls: string[];
  payments: { callSid: string; paymentSid: string }[];
  /** Status callbacks as Twilio made them: the query of their URL, and the form. */
  callbacks: { query: Record<string, string>; form: Record<string, string> }[];
  variables: Record<string, string>;
  /** What must never be written anywhere. */
  secrets: string[];
}

export interface Stage {
  simulator: Simulator;
  facts: Facts;
  close(): Promise<void>;
}

/** How far the payments of a stage have come. */
const PHASES = ['started', 'capturing', 'ready', 'completing', 'completed', 'canceled'] as const;
type Phase = (typeof PHASES)[number];

/** A simulated Twilio with a payment in each phase. Its callbacks go nowhere by themselves. */
export async function openStage(
  platform: Platform,
  handlers: Handlers,
  issuer: Issuer,
  seed: number,
): Promise<Stage> {
  const simulator = await startSimulator({ seed });
  process.env.TWILIO_SIMULATOR_URL = simulator.url;
  simulator.delivery.hold();
  const { accountSid, authToken, apiKey, apiSecret } = simulator.credentials;
  const variables = {
    DOMAIN_NAME: 'fuzz.example.com',
    PUBLIC_URL,
    ACCOUNT_SID: accountSid,
    AUTH_TOKEN: authToken,
    API_KEY: apiKey,
    API_SECRET: apiSecret,
    MCP_AUTH_TOKEN: TOKENS.full,
    MCP_TOKENS: [
      `reader:r::${digestOf(TOKENS.reader)}`,
      `writer:rw:29991231:${digestOf(TOKENS.writer)}`,
      `gone:rwc:20200101:${digestOf(TOKENS.expired)}`,
    ].join(' '),
  };
  const basic = [`${apiKey}:${apiSecret}`, `${accountSid}:${authToken}`].map(btoa);
  const facts: Facts = {
    accountSid,
    authToken,
    tokens: TOKENS,
    issuer,
    calls: [],
    payments: [],
    callbacks: [],
    variables,
    secrets: [authToken, apiSecret, ...Object.values(TOKENS), ...basic, ...issuer.valid],
  };

  let invocations = 0;
  const invoke = (endpoint: 'mcp' | 'payment-status', event: object): Promise<Outcome> =>
    platform.invoke(`setup-${++invocations}`, handlers[endpoint], variables, event);

  const callTool = async (name: string, args: object): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${TOKENS.full}`, 'content-type': 'application/json' };
    const params = { name, arguments: args };
    const event = { request: { headers, cookies: {} }, jsonrpc: '2.0', id: 1, method: 'tools/call', params };
    const { answers } = await invoke('mcp', event);
    const { body } = (answers[0]?.response ?? new PlatformResponse()) as { body: { result?: ToolResult } };
    if (!body?.result?.structuredContent) throw new Error(`${name} failed: ${JSON.stringify(body)}`);
    return body.result.structuredContent;
  };

  /** Hands over the callbacks that the simulator has made since. */
  const deliver = async (): Promise<void> => {
    for (const { url, params } of simulator.delivery.held.slice(facts.callbacks.length)) {
      const query = Object.fromEntries(new URL(url).searchParams);
      facts.callbacks.push({ query, form: { ...params } });
      const headers = { 'x-twilio-signature': voiceSignature(authToken, url, params) };
      await invoke('payment-status', { request: { headers, cookies: {} }, ...query, ...params });
    }
  };

  const takePayment = async (until: Phase): Promise<void> => {
    const { sid: callSid } = simulator.placeCall();
    const caller = simulator.caller(callSid);
    const { paymentSid } = await callTool('startPaymentCapture', { callSid, chargeAmount: 12.5 });
    const sids = { callSid, paymentSid: String(paymentSid) };
    facts.calls.push(callSid);
    facts.payments.push(sids);
    await deliver();
    if (until === 'started') return;
    if (until === 'canceled') {
      await callTool('cancelPaymentCapture', sids);
      return deliver();
    }
    const entries = [
      ['captureCardNumber', until === 'capturing' ? '42424' : '4242424242424242'],
      ['captureSecurityCode', '123'],
      ['captureExpirationDate', '1230'],
    ] as const;
    for (const [tool, digits] of entries) {
      await callTool(tool, sids);
      await caller.types(digits);
      await deliver();
      if (until === 'capturing') return;
    }
    if (until === 'ready') return;
    await callTool('completePaymentCapture', sids);
    if (until === 'completing') return;
    await simulator.settled();
    await deliver();
  };

  for (const phase of PHASES) await takePayment(phase);
  // Two more calls, on which nothing was started.
  for (let i = 0; i < 2; i++) facts.calls.push(simulator.placeCall().sid);
  return { simulator, facts, close: () => simulator.close() };
}

interface ToolResult {
  structuredContent?: Record<string, unknown>;
}
