/** `.env.example`, variable by variable: each does in a local run what it says there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOf } from '../../../functions/runtime/bearer-tokens.ts';
import { parseEnv, toEnvText } from '../../cli/environment.ts';
import { root } from '../../cli/functions-process.ts';
import { findFreePort } from '../../cli/ports.ts';
import { type SimulatedRun, startSimulatedRun } from '../../cli/simulated.ts';

const CALL = `CA${'ab'.repeat(16)}`;
const SYNC_SERVICE = `IS${'5'.repeat(32)}`;
const ISSUER = 'https://issuer.example.com';

const VARIABLES = {
  MCP_AUTH_TOKEN: 'a-token-that-a-client-keeps',
  MCP_TOKENS: `reader:r::${digestOf('of-the-reader')}`,
  OAUTH_ISSUER: ISSUER,
  ALLOWED_ORIGINS: 'https://crm.example.com',
  DESK_FRAME_ANCESTORS: 'https://intranet.example.com',
  DESK_OAUTH_CLIENT_ID: 'desk-at-the-issuer',
  DESK_LOCK_MINUTES: '7',
  PAYMENT_CONNECTOR: 'Main',
  PAYMENT_CONNECTORS: 'Adyen,Stripe',
  CURRENCY: 'EUR',
  TOKEN_TYPE: 'one-time',
  MAX_CHARGE_AMOUNT: 'EUR 100 JPY 5000',
  ALLOWED_CURRENCIES: 'EUR JPY',
  CONFIRM_CHARGES: 'always',
  MAX_ATTEMPTS_PER_FIELD: '1',
  PAYMENT_METHOD: 'ach-debit',
  BANK_ACCOUNT_TYPE: 'commercial-checking',
  SECURITY_CODE: 'false',
  POSTAL_CODE: 'true',
  MIN_POSTAL_CODE_LENGTH: '5',
  VALID_CARD_TYPES: 'visa',
  REQUIRE_MATCHING_INPUTS: 'postal-code',
  INPUT_TIMEOUT: '9',
  CALLER_CONFIRMATION: 'true',
  CONNECTOR_PARAMETERS: '{"merchant":"12"}',
  CALLER_LANGUAGE: 'de',
  SYNC_SERVICE_SID: SYNC_SERVICE,
  PAYMENT_TTL_SECONDS: '600',
  KEEP_FINISHED_SECONDS: '7200',
  CALLBACK_SIGNATURE: 'gateway',
  OPAQUE_CODES: 'true',
  ALLOW_SIP_CALLERS: 'true',
  SIMULATED_CALL_SID: CALL,
  // The simulator's own count in their place.
  PUBLIC_URL: 'https://elsewhere.example.com',
  SYNC_API_KEY: `SK${'9'.repeat(32)}`,
  SYNC_API_SECRET: 'not-known-here',
};

/**
 * What the simulated Twilio has no part in: the account's own, its regions, and a Webhooks Rule's key; and what needs an
 * issuer that answers, which `security/oauth.test.ts` has.
 */
const NOT_HERE = [
  'OAUTH_AUDIENCE',
  'ACCOUNT_SID',
  'AUTH_TOKEN',
  'API_KEY',
  'API_SECRET',
  'TWILIO_EDGE',
  'TWILIO_REGION',
  'WEBHOOK_SHARED_KEY',
];

const undos: (() => unknown)[] = [];
let run: SimulatedRun;
let client: Client;
let origin = '';

beforeAll(async () => {
  const program = { onClose: (undo: () => unknown) => void undos.push(undo) };
  const port = await findFreePort();
  run = await startSimulatedRun(program, { port, envText: toEnvText(VARIABLES), showOutput: false });
  origin = run.functions.url;
  client = new Client({ name: 'test-agent', version: '1.0.0' });
  const requestInit = { headers: { Authorization: `Bearer ${VARIABLES.MCP_AUTH_TOKEN}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(run.mcpUrl), { requestInit }));
});
afterAll(async () => {
  await client?.close();
  for (const undo of undos.reverse()) await undo();
});

async function call(name: string, args: Record<string, unknown>): Promise<CallToolResult> {
  return (await client.callTool({ name, arguments: args })) as CallToolResult;
}

async function answer(name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { isError, structuredContent, content } = await call(name, args);
  if (isError || !structuredContent) throw new Error(JSON.stringify(content));
  return structuredContent as Record<string, unknown>;
}

async function refusal(args: Record<string, unknown>): Promise<string> {
  const { isError, content } = await call('startPaymentCapture', args);
  expect(isError).toBe(true);
  return JSON.stringify(content);
}

/** What Twilio was given for the newest start. */
function started(): Record<string, string> {
  return run.simulator.requests.findLast(({ route }) => route === 'payments.create')?.params ?? {};
}

test('each variable of the file is tried here, or has no part in a local run', () => {
  const names = Object.keys(parseEnv(readFileSync(join(root, '.env.example'), 'utf8')));
  expect([...Object.keys(VARIABLES), ...NOT_HERE].sort()).toEqual(names.sort());
});

test('what payments are like where the agent says nothing', async () => {
  expect(run.call.sid).toBe(CALL);
  const { paymentSid } = await answer('startPaymentCapture', {
    callSid: CALL,
    parameter: { AVSName: 'Ann Example' },
  });
  expect(started()).toMatchObject({
    PaymentConnector: 'Main',
    TokenType: 'one-time',
    PaymentMethod: 'ach-debit',
    BankAccountType: 'commercial-checking',
    Timeout: '9',
    Confirmation: 'true',
    Parameter: expect.stringContaining('"merchant":"12"'),
    StatusCallback: expect.stringMatching(/^http:\/\/localhost:/),
  });
  const { required } = await answer('getPaymentStatus', { callSid: CALL, paymentSid });
  expect(required).toContain('bank-account-number');
  const [service] = run.simulator.requests
    .filter(({ route }) => route === 'documents.create')
    .map(({ path }) => path);
  expect(service).toContain(`/${SYNC_SERVICE}/`);
});

test('cards, limits, attempts, and for how long a payment is kept', async () => {
  const callSid = run.simulator.placeCall().sid;
  const card = { callSid, paymentMethod: 'credit-card' };
  expect(await refusal({ ...card, chargeAmount: 100.01 })).toContain('100');
  expect(await refusal({ ...card, chargeAmount: 1, currency: 'USD' })).toMatch(
    /Charges may be in EUR, JPY\. .*In dieser Währung/,
  );
  const { paymentSid } = await answer('startPaymentCapture', {
    ...card,
    chargeAmount: 100,
    paymentConnector: 'Stripe',
  });
  expect(started()).toMatchObject({
    PaymentConnector: 'Stripe',
    ChargeAmount: '100',
    Currency: 'EUR',
    SecurityCode: 'false',
    PostalCode: 'true',
    MinPostalCodeLength: '5',
    ValidCardTypes: 'visa',
    RequireMatchingInputs: 'postal-code',
  });
  const sids = { callSid, paymentSid };
  await answer('captureCardNumber', sids);
  await run.simulator.caller(callSid).types('4242424242424241');
  await run.simulator.settled();
  expect(await answer('getPaymentStatus', sids)).toMatchObject({
    thenCall: 'cancelPaymentCapture',
    why: expect.stringContaining('Too many tries have failed.'),
  });
  const seconds = () => {
    const document = run.simulator
      .documents()
      .find(({ uniqueName }) => uniqueName === `payment-${paymentSid}`);
    return Math.round((Date.parse(String(document?.dateExpires)) - Date.now()) / 600_000) * 600;
  };
  expect(seconds()).toBe(600);
  await answer('cancelPaymentCapture', sids);
  await run.simulator.settled();
  expect(seconds()).toBe(7_200);
});

test('a charge has to be confirmed, and a code that looks like a card number is shown', async () => {
  const callSid = run.simulator.placeCall().sid;
  const plain = { postalCode: false, confirmation: false, paymentMethod: 'credit-card' };
  const { paymentSid } = await answer('startPaymentCapture', { callSid, chargeAmount: 5, ...plain });
  const sids = { callSid, paymentSid };
  for (const [tool, digits] of [
    ['captureCardNumber', '4242424242424242'],
    ['captureExpirationDate', '1230'],
  ] as const) {
    await answer(tool, sids);
    await run.simulator.caller(callSid).types(digits);
    await run.simulator.settled();
  }
  const { isError, content } = await call('completePaymentCapture', sids);
  expect(isError).toBe(true);
  expect(JSON.stringify(content)).toMatch(/CONFIRM/);
  run.simulator.switches.numericCodes = 'luhn';
  await answer('completePaymentCapture', { ...sids, chargeAmount: 5, currency: 'EUR', lastFour: '4242' });
  await run.simulator.settled();
  expect(await answer('getPaymentStatus', sids)).toMatchObject({
    result: 'success',
    paymentConfirmationCode: expect.stringMatching(/^\d{16}$/),
  });
});

test('callbacks are left to the gateway, and callers may come over SIP', async () => {
  const body = new URLSearchParams({ AccountSid: run.simulator.credentials.accountSid });
  const unsigned = await fetch(`${origin}/payment-status`, { method: 'POST', body });
  expect(await unsigned.json()).toMatchObject({ error: { code: 'BAD_REQUEST' } });
  const { sid } = run.simulator.placeCall({ from: 'sip:ann@example.com' });
  await answer('startPaymentCapture', { callSid: sid, paymentMethod: 'credit-card' });
});

test('who is let in, from where, and what the desk is told', async () => {
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const post = (token: string, from?: string) =>
    fetch(run.mcpUrl, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...(from && { origin: from }),
      },
      body: JSON.stringify(list),
    });
  const tools = async (token: string) =>
    ((await (await post(token)).json()) as { result: { tools: { name: string }[] } }).result.tools.map(
      ({ name }) => name,
    );
  expect(await tools('of-the-reader')).toEqual(['getPaymentStatus']);
  expect((await post('another')).status).toBe(401);
  expect((await post('of-the-reader', 'https://crm.example.com')).status).toBe(200);
  expect((await post('of-the-reader', 'https://else.example.com')).status).toBe(403);
  const metadata = await fetch(`${origin}/.well-known/oauth-protected-resource/mcp`);
  expect(await metadata.json()).toMatchObject({ authorization_servers: [ISSUER] });
  const desk = await fetch(`${origin}/desk`);
  const [, settings = ''] = /<meta name="desk" content="([^"]*)"/.exec(await desk.text()) ?? [];
  const { idleMinutes, parents, account } = JSON.parse(settings.replaceAll('&#34;', '"'));
  expect([idleMinutes, account.clientId]).toEqual([7, VARIABLES.DESK_OAUTH_CLIENT_ID]);
  // The page that shows desk and phone side by side frames it too.
  expect(parents).toEqual(expect.arrayContaining([VARIABLES.DESK_FRAME_ANCESTORS, run.simulator.url]));
});
