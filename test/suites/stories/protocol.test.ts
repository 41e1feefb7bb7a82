import { UriTemplate } from '@modelcontextprotocol/sdk/shared/uriTemplate.js';
import {
  type CallToolResult,
  EmptyResultSchema,
  type LoggingMessageNotification,
  LoggingMessageNotificationSchema,
  type Resource,
} from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';
import { type Agent, connect, type Stage, share, VISA } from '../host/connect.ts';
import { TOOLS } from '../host/contract.ts';
import { reach } from '../host/in-process.ts';
import { captureAll, type Sids, start, statusOf } from '../host/payment.ts';
import { type RawAnswer, rawAgent } from '../host/raw.ts';
import { sync } from '../host/twilio-side.ts';

/** Those that a payment by card needs, when it needs no postal code. */
const CARD_TOOLS = TOOLS.filter((name) => !/PostalCode|Bank/.test(name));

const INVALID_PARAMS = -32602;
const METHOD_NOT_FOUND = -32601;

async function listedTools({ client }: Agent) {
  const { tools, nextCursor } = await client.listTools();
  expect(nextCursor).toBeUndefined();
  return tools;
}

function uriOf({ callSid, paymentSid }: Sids): string {
  return `payment://${callSid}/${paymentSid}/status`;
}

async function readStatus({ client }: Agent, sids: Sids): Promise<unknown> {
  const uri = uriOf(sids);
  const { contents } = await client.readResource({ uri });
  expect(contents).toEqual([{ uri, mimeType: 'application/json', text: expect.any(String) }]);
  const [first] = contents;
  // What a person's screen shows beside the status.
  const { desk: _, ...status } = JSON.parse(first && 'text' in first ? first.text : '');
  return status;
}

/** A payment in all its steps, with one mistyped card number; `look` is called after each. */
async function payStepByStep(stage: Stage, look: (sids: Sids) => Promise<void>): Promise<Sids> {
  const { agent, caller, simulator } = stage;
  const sids = await start(stage);
  const steps = [
    () => Promise.resolve(),
    () => agent.call('captureCardNumber', sids),
    () => caller.types('4242424242424241'),
    () => agent.call('captureCardNumber', sids),
    () => caller.types(VISA.slice(0, 6)),
    () => caller.types(VISA.slice(6)),
    () => agent.call('captureSecurityCode', sids),
    () => caller.types('123'),
    () => agent.call('captureExpirationDate', sids),
    () => caller.types('1230'),
    () => agent.call('completePaymentCapture', sids),
  ];
  for (const step of steps) {
    await step();
    await simulator.settled();
    await look(sids);
  }
  return sids;
}

/** For what changes nothing. */
const shared = share(async (stage) => stage);

test('the server says who it is, what it can do and how a payment is taken', async () => {
  const { client } = shared().agent;
  expect(client.getServerVersion()).toMatchObject({
    name: 'agent-payments',
    title: expect.stringMatching(/\w/),
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  });
  // No listChanged, no subscribe: a buffered answer can't tell of changes.
  const none = { tools: {}, prompts: {}, resources: {}, logging: {}, completions: {} };
  const extensions = { 'io.modelcontextprotocol/ui': {} };
  expect(client.getServerCapabilities()).toEqual({ ...none, extensions });
  const instructions = client.getInstructions() ?? '';
  const places = [
    'startPaymentCapture',
    'captureCardNumber',
    'captureSecurityCode',
    'captureExpirationDate',
    'completePaymentCapture',
  ].map((tool) => instructions.indexOf(tool));
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  for (const word of ['getPaymentStatus', 'cancelPaymentCapture', 'nextStep', 'keypad', 'Never']) {
    expect(instructions).toContain(word);
  }
});

test('the tools come in the order of a payment, each with a title and a description to act on', async () => {
  const tools = await listedTools(shared().agent);
  expect(tools.map(({ name }) => name)).toEqual(TOOLS);
  for (const { title, description } of tools) {
    expect(title?.length).toBeGreaterThan(5);
    expect(description?.length).toBeGreaterThan(30);
  }
});

test('every tool has all four annotations', async () => {
  const tools = await listedTools(shared().agent);
  const hints = (readOnlyHint: boolean, destructiveHint: boolean, idempotentHint: boolean, open = true) => ({
    readOnlyHint,
    destructiveHint,
    idempotentHint,
    openWorldHint: open,
  });
  expect(Object.fromEntries(tools.map(({ name, annotations }) => [name, annotations]))).toEqual({
    startPaymentCapture: hints(false, false, true),
    captureCardNumber: hints(false, false, false),
    captureSecurityCode: hints(false, false, false),
    captureExpirationDate: hints(false, false, false),
    capturePostalCode: hints(false, false, false),
    captureBankRoutingNumber: hints(false, false, false),
    captureBankAccountNumber: hints(false, false, false),
    getPaymentStatus: hints(true, false, true, false),
    completePaymentCapture: hints(false, true, true),
    cancelPaymentCapture: hints(false, true, true),
  });
});

test('the schemas are flat, closed, and named as every client allows', async () => {
  const tools = await listedTools(shared().agent);
  for (const { name, inputSchema, outputSchema } of tools) {
    expect(name).toMatch(/^[A-Za-z0-9_]{1,30}$/);
    expect(inputSchema.additionalProperties).toBe(false);
    for (const schema of [inputSchema, outputSchema]) {
      expect(schema?.type).toBe('object');
      expect(JSON.stringify(schema)).not.toMatch(/"\$(?:ref|defs|schema)"|"definitions"/);
      for (const union of ['anyOf', 'oneOf', 'allOf']) expect(schema).not.toHaveProperty(union);
      const properties = Object.entries(schema?.properties ?? {});
      expect(properties.length).toBeGreaterThan(0);
      for (const [property, value] of properties) {
        expect(property).toMatch(/^[a-zA-Z0-9_.-]{1,64}$/);
        const { type, items, additionalProperties } = value as Record<string, unknown>;
        expect(['string', 'number', 'integer', 'boolean', 'array', 'object']).toContain(type);
        if (items !== undefined) expect(items).toMatchObject({ type: 'string' });
        // The one object is the connector's own parameters, whose names nobody knows.
        if (type === 'object') expect(additionalProperties).toEqual({ type: 'string' });
      }
    }
  }
});

test('SIDs are described by their form, and only the call is needed to start', async () => {
  const tools = await listedTools(shared().agent);
  for (const { name, inputSchema } of tools) {
    const isStart = name === 'startPaymentCapture';
    expect(inputSchema.required).toEqual(isStart ? ['callSid'] : ['callSid', 'paymentSid']);
    expect(inputSchema.properties).toMatchObject({
      callSid: { type: 'string', pattern: '^CA\\w{32}$' },
      ...(!isStart && { paymentSid: { type: 'string', pattern: '^PK\\w{32}$' } }),
    });
  }
});

test('getPaymentStatus alone has the full output schema; commands answer with a small one', async () => {
  const tools = await listedTools(shared().agent);
  const full = [
    'paymentSid',
    'phase',
    'revision',
    'nextStep',
    'say',
    'why',
    'capturing',
    'partial',
    'required',
    'paymentCardNumber',
    'paymentCardType',
    'securityCode',
    'expirationDate',
    'paymentConfirmationCode',
    'result',
    'profileId',
    'paymentToken',
    'paymentMethod',
    'lastError',
    'updatedAt',
  ];
  for (const { name, outputSchema } of tools) {
    const properties = Object.keys(outputSchema?.properties ?? {});
    expect(properties).toContain('nextStep');
    if (name === 'getPaymentStatus') expect(properties).toEqual(expect.arrayContaining(full));
    else expect(properties.length).toBeLessThan(10);
  }
});

test('every answer is one text that says the same as structuredContent, which fits its schema', async () => {
  const stage = await connect();
  const { agent, call, caller, simulator } = stage;
  // From here on the client checks each answer against the tool's output schema.
  await agent.client.listTools();
  const asked = async (name: string, args: Record<string, unknown>) => {
    const result = (await agent.client.callTool({ name, arguments: args })) as CallToolResult;
    expect(result.isError).toBeUndefined();
    const [text, ...rest] = result.content;
    expect(rest).toEqual([]);
    // Members that say nothing are left out of the text, which models read, and so is what only the desk shows.
    const told = Object.entries(result.structuredContent ?? {}).filter(
      ([member, value]) => member !== 'desk' && value !== '' && value !== false && String(value) !== '',
    );
    expect(JSON.parse(text?.type === 'text' ? text.text : '')).toEqual(Object.fromEntries(told));
    const { paymentSid } = result.structuredContent as Sids;
    const sids = { callSid: call.sid, paymentSid };
    expect(result.structuredContent).toMatchObject(sids);
    await caller.types({ captureCardNumber: VISA, captureSecurityCode: '123' }[name] ?? '');
    if (name === 'captureExpirationDate') await caller.types('1230');
    await simulator.settled();
    return sids;
  };
  const sids = await asked('startPaymentCapture', { callSid: call.sid, chargeAmount: 3 });
  for (const tool of CARD_TOOLS.slice(1, -1)) await asked(tool, sids);
  expect(await statusOf(agent, sids)).toMatchObject({ phase: 'completed' });
  const next = { callSid: call.sid, chargeAmount: 4, anotherPayment: true };
  await asked('cancelPaymentCapture', await asked('startPaymentCapture', next));
});

test('a failure begins with its code, ends with the next step, and says the same as structured content', async () => {
  const { agent, call } = await connect();
  await agent.client.listTools();
  const failure = {
    isError: true,
    content: [{ type: 'text', text: expect.stringMatching(/^[A-Z_]+: .+\nsay: .+\nnextStep: [A-Za-z]+$/s) }],
    structuredContent: {
      nextStep: expect.stringMatching(/^[A-Za-z]+$/),
      say: expect.stringMatching(/^[A-Z].+\.$/),
      why: expect.stringMatching(/^[A-Z_]+: .+\.$/s),
    },
  };
  const missing = { callSid: call.sid, paymentSid: `PK${'0'.repeat(32)}` };
  for (const tool of TOOLS.slice(1)) {
    expect(await agent.client.callTool({ name: tool, arguments: missing })).toEqual(failure);
  }
  expect(
    await agent.client.callTool({ name: 'startPaymentCapture', arguments: { callSid: missing.paymentSid } }),
  ).toEqual(failure);
});

test('getPaymentStatus and the resource say the same after each step', async () => {
  const stage = await connect();
  const phases: unknown[] = [];
  const revisions: unknown[] = [];
  const sids = await payStepByStep(stage, async (current) => {
    const status = await statusOf(stage.agent, current);
    expect(await readStatus(stage.agent, current)).toEqual(status);
    phases.push(status.phase);
    revisions.push(status.revision);
  });
  expect(phases).toEqual(['started', ...Array.from({ length: 8 }, () => 'capturing'), 'ready', 'completed']);
  expect(revisions).toEqual([...revisions].sort((a, b) => Number(a) - Number(b)));
  expect(new Set(revisions).size).toBe(revisions.length);
  expect(await readStatus(stage.agent, sids)).toMatchObject({
    result: 'success',
    paymentCardNumber: 'xxxxxxxxxxxx4242',
  });
});

test('the status has every field of the contract from the start, empty where nothing is known', async () => {
  const stage = await connect();
  const sids = await start(stage);
  await stage.simulator.settled();
  expect(await readStatus(stage.agent, sids)).toMatchObject({
    paymentSid: sids.paymentSid,
    phase: 'started',
    capturing: '',
    partial: false,
    required: ['payment-card-number', 'security-code', 'expiration-date'],
    paymentCardNumber: '',
    paymentCardType: '',
    securityCode: '',
    expirationDate: '',
    paymentMethod: 'credit-card',
    chargeAmount: 12.5,
    currency: 'USD',
    result: '',
    paymentConfirmationCode: '',
    paymentToken: '',
    profileId: '',
    lastError: '',
    nextStep: 'captureCardNumber',
    say: '',
    why: '',
    revision: expect.any(Number),
    updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  });
});

test('the status is listed as a resource template that its URIs fit', async () => {
  const stage = await connect();
  const { resourceTemplates } = await stage.agent.client.listResourceTemplates();
  expect(resourceTemplates).toEqual([
    {
      name: 'PaymentStatus',
      title: expect.any(String),
      description: expect.stringMatching(/masked/),
      uriTemplate: 'payment://{callSid}/{paymentSid}/status',
      mimeType: 'application/json',
    },
  ]);
  const sids = await start(stage);
  const template = new UriTemplate(resourceTemplates[0]?.uriTemplate ?? '');
  expect(template.match(uriOf(sids))).toEqual(sids);
});

/** All resources, page by page, through the client. */
async function allPages({ client }: Agent): Promise<Resource[][]> {
  const pages: Resource[][] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listResources(cursor === undefined ? {} : { cursor });
    pages.push(page.resources);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return pages;
}

function listInSync({ simulator }: Stage, query: string) {
  const { apiKey, apiSecret } = simulator.credentials;
  const Authorization = `Basic ${btoa(`${apiKey}:${apiSecret}`)}`;
  return reach(`${simulator.url}/v1/Services/default/Documents${query}`, { headers: { Authorization } });
}

/** The names of all documents in the order in which Sync lists them. */
async function namesInSync(stage: Stage): Promise<string[]> {
  const names: string[] = [];
  let query: string | undefined = '?PageSize=100';
  while (query !== undefined) {
    const page = (await (await listInSync(stage, query)).json()) as {
      documents: { unique_name: string | null }[];
      meta: { next_page_url: string | null };
    };
    names.push(...page.documents.map(({ unique_name }) => unique_name ?? ''));
    query = page.meta.next_page_url === null ? undefined : new URL(page.meta.next_page_url).search;
  }
  return names;
}

test('the live payments are listed page by page in the order that Sync gives, and nothing else is', async () => {
  const stage = await connect();
  const { agent, simulator } = stage;
  const foreign = [
    ['payment-of-somebody-else', '{"paymentSid":"PK0"}'],
    [`payment-PK${'1'.repeat(32)}`, '{"version":1}'],
    ['settings', '{}'],
  ] as const;
  const started: Sids[] = [];
  for (let batch = 0; batch < 14; batch++) {
    for (let i = 0; i < 8; i++) started.push(await start({ ...stage, call: simulator.placeCall() }));
    const [UniqueName, Data] = foreign[batch] ?? [];
    if (UniqueName && Data) await sync(stage, 'POST', '', { UniqueName, Data });
  }
  await simulator.settled();
  const canceled = started.filter((_, i) => i % 7 === 3);
  for (const sids of canceled) await agent.call('cancelPaymentCapture', sids);
  await simulator.settled();

  const live = started.filter((sids) => !canceled.includes(sids));
  const inSync = (await namesInSync(stage)).flatMap(
    (name) => live.find(({ paymentSid }) => name === `payment-${paymentSid}`) ?? [],
  );
  expect(inSync).toHaveLength(live.length);
  const pages = await allPages(agent);
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.flat().map(({ uri }) => uri)).toEqual(inSync.map(uriOf));
  expect(pages.flat()[0]).toEqual({
    uri: uriOf(inSync[0] as Sids),
    name: 'PaymentStatus',
    title: `Payment ${inSync[0]?.paymentSid} (started)`,
    mimeType: 'application/json',
  });
});

test('a cursor leads to the same page again, and a made-up one is refused', async () => {
  const stage = await connect();
  const { agent, simulator } = stage;
  for (let i = 0; i < 60; i++) await start({ ...stage, call: simulator.placeCall() });
  await simulator.settled();
  const first = await agent.client.listResources();
  const { nextCursor = '' } = first;
  expect(nextCursor).not.toBe('');
  const page = await agent.client.listResources({ cursor: nextCursor });
  expect(page.nextCursor).toBeUndefined();
  expect(first.resources.length + page.resources.length).toBe(60);
  expect((await agent.client.listResources({ cursor: nextCursor })).resources).toEqual(page.resources);
  const requests = simulator.requests.length;
  for (const cursor of ['', 'nonsense', 'e30', btoa('a b'), btoa('../x?y 1'), `${nextCursor}AAAA`]) {
    await expect(agent.client.listResources({ cursor })).rejects.toMatchObject({ code: INVALID_PARAMS });
  }
  expect(simulator.requests.length).toBe(requests);
});

test('a resource that is no known payment is a JSON-RPC error', async () => {
  const stage = await connect();
  const { client } = stage.agent;
  const sids = await start(stage);
  const other = stage.simulator.placeCall();
  for (const uri of [
    uriOf({ ...sids, paymentSid: `PK${'0'.repeat(32)}` }),
    uriOf({ ...sids, callSid: other.sid }),
    `${uriOf(sids)}/more`,
    'payment://',
    'file:///etc/passwd',
    'https://example.com/',
    '',
  ]) {
    await expect(client.readResource({ uri })).rejects.toMatchObject({
      code: -32002,
      message: 'MCP error -32002: There is no such payment.',
    });
  }
});

test('a resource that cannot be read just now is an error without internals', async () => {
  const stage = await connect();
  const sids = await start(stage);
  stage.simulator.faults.add({ route: 'documents.fetch', action: { status: 403, code: 20003 } });
  await expect(stage.agent.client.readResource({ uri: uriOf(sids) })).rejects.toMatchObject({
    code: -32603,
    message: expect.stringMatching(/TWILIO_UNAUTHORIZED: [^/\\]*$/),
  });
});

const PROMPTS = {
  StartCapture: 'startPaymentCapture',
  CardNumber: 'captureCardNumber',
  SecurityCode: 'captureSecurityCode',
  ExpirationDate: 'captureExpirationDate',
  FinishCapture: 'completePaymentCapture',
  Completion: 'getPaymentStatus',
  Error: 'getPaymentStatus',
} as const;

test('the prompts come in the order of a payment, and only StartCapture needs the call', async () => {
  const { prompts } = await shared().agent.client.listPrompts();
  expect(prompts).toEqual(
    Object.keys(PROMPTS).map((name) => ({
      name,
      title: expect.stringMatching(/\w/),
      description: expect.stringMatching(/^How to /),
      arguments: [
        { name: 'callSid', description: expect.any(String), required: name === 'StartCapture' },
        { name: 'paymentSid', description: expect.any(String), required: false },
        { name: 'language', description: expect.any(String), required: false },
      ],
    })),
  );
});

async function promptText({ client }: Agent, name: string, args?: Record<string, string>): Promise<string> {
  const { messages, description } = await client.getPrompt({ name, ...(args && { arguments: args }) });
  expect(description).toMatch(/\w/);
  expect(messages).toEqual([{ role: 'user', content: { type: 'text', text: expect.any(String) } }]);
  const [message] = messages;
  return message?.content.type === 'text' ? message.content.text : '';
}

test.each(Object.entries(PROMPTS))('the prompt %s is guidance with the payment in it', async (name, tool) => {
  const stage = await connect();
  const sids = { callSid: stage.call.sid, paymentSid: `PK${'ab'.repeat(16)}` };
  const text = await promptText(stage.agent, name, sids);
  expect(text.length).toBeGreaterThan(400);
  expect(text).toContain(`\`${tool}\``);
  expect(text).toContain(sids.callSid);
  if (name !== 'StartCapture') expect(text).toContain(sids.paymentSid);
  expect(text).not.toContain('{{');

  const bare = await promptText(
    stage.agent,
    name,
    name === 'StartCapture' ? { callSid: sids.callSid } : undefined,
  );
  expect(bare).not.toContain('{{');
  expect(bare).not.toMatch(/undefined|null|NaN|\[object/);
  expect(bare).toContain(`\`${tool}\``);
});

test('a prompt with arguments that do not fit it is refused without repeating them', async () => {
  const { agent } = await connect();
  for (const [name, args, about] of [
    ['StartCapture', {}, /callSid is missing/],
    ['StartCapture', { callSid: 'zq-marker' }, /callSid: must be CA followed by 32/],
    ['CardNumber', { paymentSid: 'zq-marker' }, /paymentSid: must be PK followed by 32/],
    ['CardNumber', { language: 'zq-marker' }, /language: must be one of en, en-GB, es, de, fr, zh/],
    ['Error', { reason: 'zq-marker' }, /reason/],
  ] as const) {
    const refused = agent.client.getPrompt({ name, arguments: { ...args } as Record<string, string> });
    await expect(refused).rejects.toMatchObject({
      code: INVALID_PARAMS,
      message: expect.stringMatching(about),
    });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('zq-marker') });
  }
});

test('unknown tools, prompts and methods are JSON-RPC errors that do not repeat the name', async () => {
  const { agent, simulator } = await connect();
  const { client } = agent;
  const unknown = 'zq-marker';
  const refusals = [
    [() => client.callTool({ name: unknown, arguments: {} }), INVALID_PARAMS],
    [() => client.callTool({ name: 'constructor', arguments: {} }), INVALID_PARAMS],
    [() => client.getPrompt({ name: unknown }), INVALID_PARAMS],
    [() => client.getPrompt({ name: 'toString' }), INVALID_PARAMS],
    [() => client.request({ method: `tools/${unknown}` }, EmptyResultSchema), METHOD_NOT_FOUND],
    [() => client.request({ method: 'tasks/list' }, EmptyResultSchema), METHOD_NOT_FOUND],
    [() => client.subscribeResource({ uri: 'payment://' }), METHOD_NOT_FOUND],
  ] as const;
  for (const [ask, code] of refusals) {
    const error = await ask().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain(unknown);
  }
  expect(simulator.requests).toEqual([]);
});

test('an argument that the schema does not name is refused, not dropped', async () => {
  const stage = await connect();
  const { agent, call, simulator } = stage;
  const sids = await start(stage);
  await simulator.settled();
  const requests = simulator.requests.length;
  for (const tool of TOOLS) {
    const args = tool === 'startPaymentCapture' ? { callSid: call.sid } : sids;
    expect(await agent.fail(tool, { ...args, amount: 5 })).toMatch(/^INVALID_ARGUMENT: .*"amount"/);
  }
  expect(simulator.requests.length).toBe(requests);
});

test('captureType may say again what the name of the tool says, and nothing else', async () => {
  const stage = await connect();
  const { agent, caller } = stage;
  const sids = await start(stage);
  for (const [tool, captureType, other, digits] of [
    ['captureCardNumber', 'payment-card-number', 'security-code', VISA],
    ['captureSecurityCode', 'security-code', 'expiration-date', '123'],
    ['captureExpirationDate', 'expiration-date', 'payment-card-number', '1230'],
  ] as const) {
    for (const wrong of [other, 'everything', 7]) {
      expect(await agent.fail(tool, { ...sids, captureType: wrong })).toMatch(
        new RegExp(`^INVALID_ARGUMENT: captureType: must be .*\\b${captureType}\\b`),
      );
    }
    await agent.call(tool, { ...sids, captureType });
    expect(await statusOf(agent, sids)).toMatchObject({ capturing: captureType });
    await caller.types(digits);
  }
  for (const tool of ['getPaymentStatus', 'completePaymentCapture', 'cancelPaymentCapture']) {
    expect(await agent.fail(tool, { ...sids, captureType: 'security-code' })).toMatch(/^INVALID_ARGUMENT: /);
  }
  expect(await statusOf(agent, sids)).toMatchObject({ phase: 'ready' });
});

/** What the client hears through the logging capability. */
function heardBy({ client }: Agent): LoggingMessageNotification['params'][] {
  const heard: LoggingMessageNotification['params'][] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    heard.push(params);
  });
  return heard;
}

test("Twilio's failures reach the client's log as errors, the agent's own mistakes as information", async () => {
  const stage = await connect();
  const { agent, simulator } = stage;
  const heard = heardBy(agent);
  const sids = await start(stage);
  expect(heard).toEqual([]);

  simulator.faults.add({ route: 'payments.update', times: 1, action: { status: 500 } });
  await agent.fail('captureCardNumber', sids);
  expect(heard.splice(0)).toEqual([
    {
      level: 'error',
      logger: expect.any(String),
      data: {
        event: 'tool_failed',
        tool: 'captureCardNumber',
        code: 'TWILIO_UNAVAILABLE',
        twilioStatus: 500,
        twilioCode: 20500,
      },
    },
  ]);
  simulator.faults.add({ route: 'payments.update', times: 1, action: 'reset' });
  await agent.fail('captureCardNumber', sids);
  expect(heard.splice(0)).toMatchObject([{ level: 'error', data: { code: 'TWILIO_UNAVAILABLE' } }]);

  await agent.fail('completePaymentCapture', sids);
  await agent.fail('getPaymentStatus', { ...sids, paymentSid: 'mine' });
  await agent.fail('getPaymentStatus', { ...sids, paymentSid: `PK${'0'.repeat(32)}` });
  expect(heard.splice(0)).toMatchObject([
    { level: 'info', data: { tool: 'completePaymentCapture', code: 'NOT_READY' } },
    { level: 'info', data: { tool: 'getPaymentStatus', code: 'INVALID_ARGUMENT' } },
    { level: 'info', data: { tool: 'getPaymentStatus', code: 'PAYMENT_NOT_FOUND' } },
  ]);

  simulator.faults.add({ route: 'documents.fetch', action: { status: 401, code: 20003 } });
  await expect(agent.client.readResource({ uri: uriOf(sids) })).rejects.toMatchObject({ code: -32603 });
  expect(heard.splice(0)).toMatchObject([{ level: 'error', data: { code: 'TWILIO_UNAUTHORIZED' } }]);
});

test('what the server got wrong itself reaches neither the log of the client nor the answer in detail', async () => {
  const stage = await connect();
  const { agent, host } = stage;
  const heard = heardBy(agent);
  const { Runtime } = globalThis as unknown as { Runtime: { getAssets: () => unknown } };
  Runtime.getAssets = () => {
    throw new TypeError('zq-marker in /var/task/handlers/ZN1.js');
  };
  await expect(agent.client.getPrompt({ name: 'Error' })).rejects.toMatchObject({
    code: -32603,
    message: expect.stringMatching(/INTERNAL_ERROR: [^/\\]*$/),
  });
  expect(heard).toEqual([
    { level: 'error', logger: expect.any(String), data: { event: 'tool_failed', code: 'INTERNAL_ERROR' } },
  ]);
  expect(host.logs.filter((line) => line.includes('INTERNAL_ERROR'))).toEqual([
    expect.stringMatching(/"error":"TypeError"/),
  ]);
  expect(host.logs.join('\n')).not.toMatch(/zq-marker|\/var\/task/);
});

const BOTH = { accept: 'application/json, text/event-stream' };

/** The messages of a buffered event stream. */
function eventsOf({ text }: RawAnswer): unknown[] {
  expect(text.endsWith('\n\n')).toBe(true);
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((event) => {
      const [kind, data, ...rest] = event.split('\n');
      expect([kind, rest]).toEqual(['event: message', []]);
      return JSON.parse(data?.replace(/^data: /, '') ?? '');
    });
}

test('a result that has notifications comes as one finished event stream, the result last', async () => {
  const raw = rawAgent(shared());
  const answer = await raw.rpc('tools/call', { name: 'getPaymentStatus', arguments: {} }, BOTH);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  expect(answer.headers.get('cache-control')).toBe('no-cache');
  expect(eventsOf(answer)).toEqual([
    {
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: expect.objectContaining({ level: 'info' }),
    },
    { jsonrpc: '2.0', id: 1, result: expect.objectContaining({ isError: true }) },
  ]);
});

test.each([['application/json'], ['*/*'], ['application/*'], ['Application/JSON; q=0.9, text/html']])(
  'a client that accepts %s gets plain JSON, notifications or not',
  async (accept) => {
    const raw = rawAgent(shared());
    const answer = await raw.rpc('tools/call', { name: 'getPaymentStatus', arguments: {} }, { accept });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.json).toMatchObject({ jsonrpc: '2.0', id: 1, result: { isError: true } });
  },
);

test('a result without notifications is plain JSON for everybody', async () => {
  const raw = rawAgent(shared());
  for (const accept of [BOTH.accept, 'application/json', 'text/event-stream, application/json']) {
    const answer = await raw.rpc('tools/list', {}, { accept });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.json).toMatchObject({ id: 1, result: { tools: expect.any(Array) } });
  }
});

test('the id of a request comes back as it was sent, text or number', async () => {
  const raw = rawAgent(shared());
  for (const id of [0, -1, 9_007_199_254_740_991, '', 'a', '0', 'ü \u0000 \u{1f4b3}']) {
    const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' });
    expect((await raw.send({ body })).json).toEqual({ jsonrpc: '2.0', id, result: {} });
  }
});

test('ping is answered and a log level is accepted', async () => {
  const { client } = shared().agent;
  expect(await client.ping()).toEqual({});
  for (const level of ['debug', 'info', 'error', 'emergency'] as const) {
    expect(await client.setLoggingLevel(level)).toEqual({});
  }
});

test.each([
  { method: 'notifications/initialized' },
  { method: 'notifications/cancelled', params: { requestId: 1 } },
  { method: 'notifications/something-new', params: { a: [1] } },
  { id: 5, result: {} },
  { id: 5, error: { code: -1, message: 'No' } },
])('what expects no answer gets 202 and nothing else (%j)', async (message) => {
  const { host, simulator } = shared();
  const raw = rawAgent({ host });
  const answer = await raw.send({ body: JSON.stringify({ jsonrpc: '2.0', ...message }) });
  expect([answer.status, answer.text]).toEqual([202, '']);
  expect(answer.headers.get('content-type')).toBeNull();
  expect(simulator.requests).toEqual([]);
});

test('each request stands alone: no session is handed out and none is needed', async () => {
  const stage = await connect();
  const raw = rawAgent(stage);
  const sids = await start(stage);
  await captureAll(stage, sids);
  const answer = await raw.rpc('tools/call', { name: 'getPaymentStatus', arguments: sids });
  expect(answer.json).toMatchObject({ result: { structuredContent: { phase: 'ready' } } });
  expect(answer.headers.get('mcp-session-id')).toBeNull();
  const other = await raw.rpc('ping', undefined, { 'mcp-session-id': 'made-up' });
  expect(other.json).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
});
