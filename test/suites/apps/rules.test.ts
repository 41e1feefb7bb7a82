/** What a host may ask of a server with MCP Apps: the rules of the extension's draft validator, and both generations. */
import { McpUiResourceMetaSchema, McpUiToolMetaSchema } from '@modelcontextprotocol/ext-apps';
import { expect, test } from 'vitest';
import { ask, bodyOf } from '../generations/requests.ts';
import { connect, type Stage } from '../host/connect.ts';
import { rawAgent } from '../host/raw.ts';

const URI = 'ui://agent-payments/desk';
const APPS = 'io.modelcontextprotocol/ui';

interface Content {
  uri: string;
  mimeType: string;
  text: string;
  _meta: { ui: object };
}

async function contentOf({ agent }: Stage, uri = URI): Promise<Content> {
  const { contents } = await agent.client.readResource({ uri });
  expect(contents).toHaveLength(1);
  return contents[0] as unknown as Content;
}

test('one tool has a screen, under a name that hosts can read', async () => {
  const { tools } = await (await connect()).agent.client.listTools();
  const withScreen = tools.filter(({ _meta }) => _meta !== undefined);
  expect(withScreen.map(({ name, _meta }) => [name, _meta])).toEqual([
    ['startPaymentCapture', { ui: { resourceUri: URI } }],
  ]);
  expect(McpUiToolMetaSchema.safeParse(withScreen[0]?._meta?.ui).success).toBe(true);
});

test('the screen is one HTML document, in a type that hosts know, which needs nobody else', async () => {
  const stage = await connect();
  const { uri, mimeType, text, _meta } = await contentOf(stage);
  expect([uri, mimeType]).toEqual([URI, 'text/html;profile=mcp-app']);
  expect(text).toMatch(/^<!doctype html>/i);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000);
  expect(McpUiResourceMetaSchema.parse(_meta.ui)).toEqual(_meta.ui);
  expect(_meta.ui).toMatchObject({ csp: { connectDomains: [], resourceDomains: [] } });
  expect((await contentOf(stage, 'UI://Agent-Payments/desk')).text).toBe(text);
});

test('the screen is the page at /desk, before the page is told what it is', async () => {
  const stage = await connect();
  const page = await (await fetch(`${stage.host.url}/desk`)).text();
  const scripts = (html: string) => html.slice(html.indexOf('<body>'));
  expect(scripts((await contentOf(stage)).text)).toBe(scripts(page));
  expect((await contentOf(stage)).text).toContain('<meta name="desk" content="">');
});

test('the extension is declared, and the screen can be read, in both generations', async () => {
  const stage = await connect();
  expect(stage.agent.client.getServerCapabilities()?.extensions).toEqual({ [APPS]: {} });
  const raw = rawAgent(stage);
  const discovered = bodyOf(await ask(raw, 'server/discover')).result?.capabilities;
  expect(discovered).toMatchObject({ extensions: { [APPS]: {} } });
  const { contents } = bodyOf(await ask(raw, 'resources/read', { uri: URI })).result ?? {};
  expect(contents).toEqual([await contentOf(stage)]);
});

test('the screen is read with a credential, as everything is', async () => {
  const stage = await connect();
  const answer = await ask(
    rawAgent(stage),
    'resources/read',
    { uri: URI },
    { headers: { authorization: '' } },
  );
  expect(answer.status).toBe(401);
});

test('every command says which call it is about, since a host may keep the arguments to itself', async () => {
  const { agent, call } = await connect();
  const { callSid, paymentSid } = await agent.call('startPaymentCapture', { callSid: call.sid });
  expect(callSid).toBe(call.sid);
  const sids = { callSid, paymentSid };
  expect(await agent.call('captureCardNumber', sids)).toMatchObject(sids);
  expect(await agent.call('cancelPaymentCapture', sids)).toMatchObject(sids);
});

test('a client that lists what there is to read finds payments alone', async () => {
  const { agent, call } = await connect();
  await agent.call('startPaymentCapture', { callSid: call.sid });
  const { resources } = await agent.client.listResources();
  expect(resources.map(({ uri }) => uri.split(':')[0])).toEqual(['payment']);
});
