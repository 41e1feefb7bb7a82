import fc from 'fast-check';
import { callbackEvents, expectedSignature } from './callback-events.ts';
import type { Endpoint } from './functions.ts';
import { mcpEvents } from './mcp-events.ts';
import type { Facts } from './stage.ts';
import { hostile, mutated, objectOf } from './values.ts';

export interface FuzzEvent {
  endpoint: Endpoint;
  /** How the variables differ from the right ones. */
  variables: Record<string, string>;
  event: Record<string, unknown>;
}

/** Variables as operators set them, right and wrong. */
function settings({ issuer }: Facts): fc.Arbitrary<Record<string, string>> {
  return fc.oneof(
    { weight: 20, arbitrary: fc.constant({}) },
    { weight: 6, arbitrary: fc.constant({ OAUTH_ISSUER: issuer.url }) },
    {
      weight: 3,
      arbitrary: fc.constantFrom<Record<string, string>>(
        { CALLBACK_SIGNATURE: 'gateway' },
        { OAUTH_ISSUER: issuer.url, MCP_AUTH_TOKEN: '', MCP_TOKENS: '' },
        { OAUTH_ISSUER: 'http://127.0.0.1:1' },
        { MCP_AUTH_TOKEN: '', MCP_TOKENS: '' },
        { MCP_TOKENS: 'broken :: entries' },
        { AUTH_TOKEN: '' },
        { API_KEY: '', API_SECRET: '' },
        { API_SECRET: '' },
        { ACCOUNT_SID: `AC${'9'.repeat(32)}` },
        { MAX_CHARGE_AMOUNT: 'none' },
        { PUBLIC_URL: 'nowhere' },
        { SYNC_SERVICE_SID: 'IS1' },
        { CURRENCY: 'JPY', TOKEN_TYPE: 'one-time' },
      ),
    },
  );
}

/** Events for all endpoints. */
export function fuzzEvents(facts: Facts, cards: readonly string[]): fc.Arbitrary<FuzzEvent> {
  const odd = hostile(cards, { inWords: true });
  const oddForm = hostile(cards, { inWords: false });
  const variables = settings(facts);
  const metadata = fc.record({
    request: fc.record({ headers: fc.dictionary(odd.key, odd.value), cookies: odd.value }),
  });
  const forEndpoint = (endpoint: Endpoint, weight: number, event: fc.Arbitrary<Record<string, unknown>>) => ({
    weight,
    arbitrary: fc.record({ endpoint: fc.constant(endpoint), variables, event }),
  });
  return fc.oneof(
    forEndpoint('mcp', 11, mcpEvents(facts, odd)),
    forEndpoint('payment-status', 8, callbackEvents(facts, oddForm)),
    forEndpoint('metadata', 1, mutated(metadata, odd)),
    forEndpoint('metadata-of-mcp', 1, mutated(metadata, odd)),
  );
}

/** What the URL of a status callback may carry; all else is of the form. */
const URL_PARAMETERS = ['call', 'start', 'command', 'field', 'ending'];

/** Whether an event may lead to requests to Twilio at all, and to such as change a payment there. */
export function allowanceOf(
  { endpoint, variables, event }: FuzzEvent,
  facts: Facts,
): 'nothing' | 'reading' | 'all' {
  if (endpoint === 'mcp') return tokenAllowance(variables, event, facts);
  if (endpoint !== 'payment-status') return 'nothing';
  if (variables.CALLBACK_SIGNATURE === 'gateway') return 'reading';
  const { request, ...members } = event;
  const isOfUrl = ([name]: [string, unknown]) => URL_PARAMETERS.includes(name);
  const query = Object.fromEntries(Object.entries(members).filter(isOfUrl));
  const form = objectOf(Object.entries(members).filter((member) => !isOfUrl(member)));
  const { 'x-twilio-signature': header } = headersOf(request);
  return header === expectedSignature(facts.authToken, query, form) ? 'reading' : 'nothing';
}

function tokenAllowance(
  variables: Record<string, string>,
  { request }: Record<string, unknown>,
  { tokens, issuer }: Facts,
): 'nothing' | 'reading' | 'all' {
  const given = JSON.stringify(
    Object.values(headersOf(request)).filter((value) => typeof value === 'string' || isTexts(value)),
  );
  const isOwn = !('MCP_AUTH_TOKEN' in variables);
  const isNamed = !('MCP_TOKENS' in variables);
  const holds = (token: string) => given.includes(token);
  if (isOwn && holds(tokens.full)) return 'all';
  if (isNamed && holds(tokens.writer)) return 'all';
  if (variables.OAUTH_ISSUER && [...issuer.valid, ...issuer.odd].some(holds)) return 'all';
  return isNamed && holds(tokens.reader) ? 'reading' : 'nothing';
}

function headersOf(request: unknown): Record<string, unknown> {
  const { headers } = Object(request) as { headers?: unknown };
  return Object(headers) as Record<string, unknown>;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
