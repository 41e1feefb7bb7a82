import { randomBytes } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { digestOf } from '../../../functions/runtime/bearer-tokens.ts';
import { connect, type Setup, type Stage, share, TOKEN } from '../host/connect.ts';
import { captureAll, type Sids, settledStatus, start, statusOf } from '../host/payment.ts';
import { type RawAgent, type RawAnswer, rawAgent } from '../host/raw.ts';
import { postCallback } from '../host/twilio-side.ts';
import { challengeOf, codeOf } from './challenge.ts';

const ALL_SCOPES = 'payments:read payments:write payments:charge';
const DAY_MS = 24 * 60 * 60 * 1000;

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

function entryOf(name: string, letters: string, token: string, expiry = ''): string {
  return `${name}:${letters}:${expiry}:${digestOf(token)}`;
}

/** A day as an entry has it, some days from today. */
function day(fromToday: number): string {
  return new Date(Date.now() + fromToday * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
}

/** Plain HTTP with a token of its own in place of the stage's. */
function withToken(stage: Stage, token: string): RawAgent {
  const raw = rawAgent(stage);
  const authorization = `Bearer ${token}`;
  const send: RawAgent['send'] = (request) =>
    raw.send({ ...request, headers: { authorization, ...request.headers } });
  return { ...raw, send, rpc: (method, params) => raw.rpc(method, params, { authorization }) };
}

async function toolsOf(stage: Stage, token: string): Promise<string[]> {
  const { client } = await stage.connectAgent({ Authorization: `Bearer ${token}` });
  return (await client.listTools()).tools.map(({ name }) => name);
}

/** Does something and makes sure that Twilio was not asked meanwhile. */
async function unheard<R>({ simulator }: Stage, work: () => Promise<R>): Promise<R> {
  await simulator.settled();
  const before = simulator.requests.length;
  const result = await work();
  await simulator.settled();
  expect(simulator.requests.slice(before)).toEqual([]);
  return result;
}

describe('nobody gets in', () => {
  const expired = newToken();
  const good = newToken();
  const setup: Setup = {
    variables: {
      MCP_TOKENS: [entryOf('old', 'rwc', expired, day(-1)), entryOf('desk', 'rwc', good)].join(' '),
    },
  };
  const refused: [string, string][] = [
    ['without a credential', ''],
    ['with a wrong token', `Bearer ${newToken()}`],
    ['with all of a token but its last character', `Bearer ${TOKEN.slice(0, -1)}`],
    ['with the first half of a token of MCP_TOKENS', `Bearer ${good.slice(0, good.length / 2)}`],
    ['with a token and one character more', `Bearer ${TOKEN}x`],
    ['with a token of MCP_TOKENS and one character more', `Bearer ${good}x`],
    ['with a token in other letters', `Bearer ${TOKEN.toUpperCase()}`],
    ['with a token that has expired', `Bearer ${expired}`],
    ['with the digest of a token', `Bearer ${digestOf(good)}`],
    ['with an entry of MCP_TOKENS', `Bearer ${entryOf('desk', 'rwc', good)}`],
    ['with a token by another scheme', `Basic ${btoa(`agent:${TOKEN}`)}`],
    ['with a token and no scheme', TOKEN],
    ['with a scheme and no token', 'Bearer'],
    ['with the words that a missing token leaves behind', 'Bearer undefined'],
    ['with two tokens', `Bearer ${TOKEN}, Bearer ${TOKEN}`],
  ];

  const shared = share(async (stage) => ({ stage, sids: await start(stage) }), setup);

  test.each(refused)('%s', async (_, authorization) => {
    const { stage, sids } = shared();
    const raw = rawAgent(stage);
    const rpc = (method: string, params: unknown) => raw.rpc(method, params, { authorization });
    const tries: (() => Promise<RawAnswer>)[] = [
      () => raw.send({ method: 'GET', headers: { authorization, accept: 'text/event-stream' } }),
      () => raw.send({ method: 'GET', headers: { authorization }, query: `?access_token=${TOKEN}` }),
      () => rpc('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: {} }),
      () => rpc('tools/list', {}),
      () => rpc('tools/call', { name: 'startPaymentCapture', arguments: { callSid: stage.call.sid } }),
      () => rpc('tools/call', { name: 'cancelPaymentCapture', arguments: sids }),
      () => rpc('resources/list', {}),
      () => rpc('prompts/list', {}),
      () => rpc('nothing/of-this-kind', {}),
      () => raw.send({ headers: { authorization }, body: '{"jsonrpc":' }),
      () => raw.send({ headers: { authorization }, body: '{"not":"JSON-RPC"}' }),
    ];
    for (const attempt of tries) {
      const answer = await unheard(stage, attempt);
      // Half a JSON text never reaches a Function.
      if (answer.status === 400 && answer.text === '') continue;
      expect(answer.status).toBe(401);
      expect(codeOf(answer)).toBe('UNAUTHORIZED');
      const challenge = { realm: 'agent-payments', scope: ALL_SCOPES };
      // RFC 6750, section 3.1: no error code where no credential was sent.
      expect(challengeOf(answer)).toEqual(
        authorization ? { ...challenge, error: 'invalid_token' } : challenge,
      );
    }
    for (const secret of [TOKEN, expired, good, digestOf(good)]) {
      expect(stage.host.logs.join('\n')).not.toContain(secret);
      expect(raw.answers.join('\n')).not.toContain(secret);
    }
  });

  test('with a token in the query or in the body', async () => {
    const stage = await connect();
    const raw = rawAgent(stage);
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    for (const name of ['access_token', 'token', 'authorization', 'Authorization']) {
      const inQuery = { query: `?${name}=Bearer%20${TOKEN}`, body: JSON.stringify(message) };
      const inBody = { body: JSON.stringify({ ...message, [name]: `Bearer ${TOKEN}` }) };
      for (const request of [inQuery, inBody]) {
        const answer = await unheard(stage, () => raw.send({ ...request, headers: { authorization: '' } }));
        expect(answer.status).toBe(401);
      }
    }
  });

  const unconfigured: [string, Record<string, string>, string[]][] = [
    ['nothing', {}, ['MCP_TOKENS']],
    ['nothing but empty variables', { MCP_AUTH_TOKEN: '', MCP_TOKENS: ' ' }, ['MCP_TOKENS']],
    ['nothing but an unreadable entry', { MCP_TOKENS: 'desk:rwc' }, ['MCP_TOKENS', 'MCP_TOKENS']],
  ];

  test.each(unconfigured)('where %s is configured', async (_, variables, named) => {
    const stage = await quietStage();
    delete stage.variables.MCP_AUTH_TOKEN;
    Object.assign(stage.variables, variables);
    for (const authorization of ['', `Bearer ${TOKEN}`, 'Bearer desk:rwc', 'Bearer ', 'Bearer undefined']) {
      const before = stage.host.logs.length;
      const answer = await unheard(stage, () => rawAgent(stage).rpc('tools/list', {}, { authorization }));
      expect(answer.status).toBe(401);
      expect(codeOf(answer)).toBe('NOT_CONFIGURED');
      expect(challengeOf(answer)).toEqual({ realm: 'agent-payments', scope: ALL_SCOPES });
      const errors = errorsOf(stage, before);
      expect(errors.flatMap(({ variables }) => variables)).toEqual(named);
    }
  });
});

/** A stage on which nothing is under way: once it has connected, the SDK's client asks for a stream by itself. */
async function quietStage(setup?: Setup): Promise<Stage> {
  const stage = await connect(setup);
  await vi.waitFor(() => {
    expect(linesOf(stage).filter(({ event }) => event === 'request')).toHaveLength(3);
  });
  return stage;
}

interface LogLine {
  level: string;
  event: string;
  client?: string;
  variables?: string[];
}

function linesOf({ host }: Stage, from = 0): LogLine[] {
  return host.logs.slice(from).map((line) => JSON.parse(line) as LogLine);
}

function errorsOf(stage: Stage, from = 0): LogLine[] {
  return linesOf(stage, from).filter(({ level }) => level === 'error');
}

/** The scope that each tool needs, in the order in which tools are listed. */
const SCOPE_OF: Record<string, string> = {
  startPaymentCapture: 'payments:write',
  captureCardNumber: 'payments:write',
  captureSecurityCode: 'payments:write',
  captureExpirationDate: 'payments:write',
  capturePostalCode: 'payments:write',
  captureBankRoutingNumber: 'payments:write',
  captureBankAccountNumber: 'payments:write',
  getPaymentStatus: 'payments:read',
  completePaymentCapture: 'payments:charge',
  cancelPaymentCapture: 'payments:write',
};

describe('a credential goes as far as its scopes', () => {
  const LETTERS: Record<string, string> = {
    r: 'payments:read',
    w: 'payments:write',
    c: 'payments:charge',
    a: 'payments:any',
  };
  const combinations = ['r', 'w', 'c', 'rw', 'rc', 'wc', 'rwc', 'a', 'rwca'];

  test.each(combinations)(
    '%s: it sees the tools that it may call, and no other call gets through',
    async (letters) => {
      const token = newToken();
      const stage = await connect({ variables: { MCP_TOKENS: entryOf('desk', letters, token) } });
      const scopes = [...letters].map((letter) => LETTERS[letter]);
      const allowed = Object.keys(SCOPE_OF).filter((tool) => scopes.includes(SCOPE_OF[tool]));
      expect(await toolsOf(stage, token)).toEqual(allowed);

      const sids = await start(stage);
      await captureAll(stage, sids);
      const raw = withToken(stage, token);
      const asked: [string, string, unknown][] = Object.entries(SCOPE_OF).map(([name, scope]) => {
        const args = name === 'startPaymentCapture' ? { callSid: stage.call.sid, chargeAmount: 12.5 } : sids;
        return [scope, 'tools/call', { name, arguments: args }];
      });
      asked.push(['payments:read', 'resources/list', {}]);
      const uri = `payment://${sids.callSid}/${sids.paymentSid}/status`;
      asked.push(['payments:read', 'resources/read', { uri }]);
      const completion = {
        ref: { type: 'ref/prompt', name: 'StartCapture' },
        argument: { name: 'callSid', value: '' },
      };
      asked.push(['payments:read', 'completion/complete', completion]);
      for (const [scope, method, params] of asked) {
        if (scopes.includes(scope)) continue;
        const answer = await unheard(stage, () => raw.rpc(method, params));
        expect(answer.status).toBe(403);
        expect(codeOf(answer)).toBe('INSUFFICIENT_SCOPE');
        expect(challengeOf(answer)).toEqual({
          realm: 'agent-payments',
          error: 'insufficient_scope',
          scope: expect.stringContaining(scope),
        });
      }
      // None of it was to be stopped by its arguments: the same calls are good ones.
      expect(stage.simulator.charges).toEqual([]);
      expect(await statusOf(stage.agent, sids)).toMatchObject({ phase: 'ready' });
      expect(await stage.agent.call('completePaymentCapture', sids)).toMatchObject({ phase: 'completing' });
    },
  );

  test('each message of a batch needs its scope, whichever it is', async () => {
    const token = newToken();
    const stage = await connect({ variables: { MCP_TOKENS: entryOf('desk', 'rw', token) } });
    const sids = await start(stage);
    await captureAll(stage, sids);
    const call = (id: number, name: string) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name, arguments: sids },
    });
    const [read, charge] = [call(1, 'getPaymentStatus'), call(2, 'completePaymentCapture')];
    for (const batch of [
      [charge, read],
      [read, charge],
      [read, read, charge],
    ]) {
      const body = JSON.stringify(batch);
      const answer = await unheard(stage, () => withToken(stage, token).send({ body }));
      expect([answer.status, codeOf(answer)]).toEqual([403, 'INSUFFICIENT_SCOPE']);
      expect(challengeOf(answer)?.scope).toBe(ALL_SCOPES);
    }
    expect(await statusOf(stage.agent, sids)).toMatchObject({ phase: 'ready' });
    expect(stage.simulator.charges).toEqual([]);
  });

  test('write takes a payment as far as it goes without charging, and charge alone completes it', async () => {
    const [writer, charger] = [newToken(), newToken()];
    const MCP_TOKENS = [entryOf('desk', 'rw', writer), entryOf('till', 'ca', charger)].join(' ');
    const stage = await connect({ variables: { MCP_TOKENS } });
    const desk = await stage.connectAgent({ Authorization: `Bearer ${writer}` });
    const till = await stage.connectAgent({ Authorization: `Bearer ${charger}` });
    const sids = await start({ ...stage, agent: desk });
    await captureAll({ ...stage, agent: desk }, sids);
    await expect(desk.call('completePaymentCapture', sids)).rejects.toThrow('INSUFFICIENT_SCOPE');
    expect(stage.simulator.charges).toEqual([]);
    await till.call('completePaymentCapture', sids);
    expect(await settledStatus({ ...stage, agent: desk }, sids)).toMatchObject({ result: 'success' });
    expect(stage.simulator.charges).toHaveLength(1);
  });

  test('two entries with one token do not add up', async () => {
    const token = newToken();
    const MCP_TOKENS = [entryOf('desk', 'r', token), entryOf('desk', 'w', token)].join(' ');
    const stage = await connect({ variables: { MCP_TOKENS } });
    expect(await toolsOf(stage, token)).toEqual(['getPaymentStatus']);
  });
});

/** What a payment made, as the tool and the resource show it to a credential. */
async function madeFor(stage: Stage, token: string, sids: Sids) {
  const { client, call } = await stage.connectAgent({ Authorization: `Bearer ${token}` });
  const uri = `payment://${sids.callSid}/${sids.paymentSid}/status`;
  const { contents } = await client.readResource({ uri });
  const [first] = contents;
  const read = JSON.parse(first && 'text' in first ? first.text : '') as Record<string, unknown>;
  const status = await call('getPaymentStatus', sids);
  return [status, read].map(({ paymentToken, profileId }) => ({ paymentToken, profileId }));
}

const NOTHING = { paymentToken: '', profileId: '' };

test('the payment token and the profile are shown once the payment is complete, and to payments:charge alone', async () => {
  const tokens = { r: newToken(), rw: newToken(), rc: newToken() };
  const MCP_TOKENS = Object.entries(tokens)
    .map(([letters, token]) => entryOf(letters, `${letters}a`, token))
    .join(' ');
  const stage = await connect({ variables: { MCP_TOKENS } });
  const sids = await start(stage, { tokenType: 'reusable' });
  await captureAll(stage, sids);
  for (const token of Object.values(tokens)) {
    expect(await madeFor(stage, token, sids)).toEqual([NOTHING, NOTHING]);
  }

  await stage.agent.call('completePaymentCapture', sids);
  await stage.simulator.settled();
  const { token: paymentToken, profileId } = stage.simulator.charges[0] ?? {};
  expect(paymentToken).toMatch(/^tok_/);
  const made = { paymentToken, profileId };
  expect(await madeFor(stage, tokens.rc, sids)).toEqual([made, made]);
  expect(await madeFor(stage, TOKEN, sids)).toEqual([made, made]);
  expect(await madeFor(stage, tokens.r, sids)).toEqual([NOTHING, NOTHING]);
  expect(await madeFor(stage, tokens.rw, sids)).toEqual([NOTHING, NOTHING]);
  expect(stage.host.logs.join('\n')).not.toContain(paymentToken);
});

test('a payment that failed shows no token, whatever its callback brought', async () => {
  const stage = await connect({ switches: { processorOutcome: 'decline' } });
  const sids = await start(stage, { tokenType: 'reusable' });
  await captureAll(stage, sids);
  await stage.agent.call('completePaymentCapture', sids);
  await stage.simulator.settled();
  const last = stage.simulator.callbacks.at(-1);
  if (!last) throw new Error('There was no callback');
  const params = { ...last.params, PaymentToken: 'tok_of_a_failure', ProfileId: 'profile-of-a-failure' };
  expect(await postCallback(stage, { url: last.url.replace(/#.*/, ''), params })).toBe(200);
  expect(await statusOf(stage.agent, sids)).toMatchObject({ phase: 'failed', ...NOTHING });
  expect(await madeFor(stage, TOKEN, sids)).toEqual([NOTHING, NOTHING]);
});

describe('tokens come and go', () => {
  async function isLetIn(stage: Stage, token: string): Promise<boolean> {
    return (await withToken(stage, token).rpc('tools/list')).status === 200;
  }

  test('two entries of one name work side by side, and each goes with its entry', async () => {
    const [old, fresh] = [newToken(), newToken()];
    const [oldEntry, freshEntry] = [entryOf('desk', 'rwc', old), entryOf('desk', 'rwc', fresh)];
    const stage = await connect({ variables: { MCP_TOKENS: oldEntry } });
    expect([await isLetIn(stage, old), await isLetIn(stage, fresh)]).toEqual([true, false]);
    stage.variables.MCP_TOKENS = `${oldEntry} ${freshEntry}`;
    expect([await isLetIn(stage, old), await isLetIn(stage, fresh)]).toEqual([true, true]);
    stage.variables.MCP_TOKENS = freshEntry;
    expect([await isLetIn(stage, old), await isLetIn(stage, fresh)]).toEqual([false, true]);
    expect(await isLetIn(stage, TOKEN)).toBe(true);
    delete stage.variables.MCP_AUTH_TOKEN;
    expect([await isLetIn(stage, TOKEN), await isLetIn(stage, fresh)]).toEqual([false, true]);
  });

  test('a token works to the end of its last day', async () => {
    const [today, yesterday] = [newToken(), newToken()];
    const MCP_TOKENS = [entryOf('a', 'r', today, day(0)), entryOf('b', 'r', yesterday, day(-1))].join('\n');
    const stage = await connect({ variables: { MCP_TOKENS } });
    expect([await isLetIn(stage, today), await isLetIn(stage, yesterday)]).toEqual([true, false]);
  });

  const token = newToken();
  const digest = digestOf(token);
  const malformed: [string, string][] = [
    ['without a digest', 'desk:rwc::'],
    ['with a digest that was cut', `desk:rwc::${digest.slice(0, -1)}`],
    ['with a longer digest', `desk:rwc::${digest}A`],
    ['with the token in place of its digest, and something else left out', `desk:rwc:${token}`],
    ['with a hexadecimal digest', `desk:rwc::${Buffer.from(digest, 'base64url').toString('hex')}`],
    ['without scopes', `desk:::${digest}`],
    ['with a scope that there is not', `desk:rwx::${digest}`],
    ['with scopes in full', `desk:payments-read::${digest}`],
    ['without a name', `:rwc::${digest}`],
    ['with a name that is too long', `${'d'.repeat(33)}:rwc::${digest}`],
    ['with a month that there is not', `desk:rwc:20991301:${digest}`],
    ['with an expiry in words', `desk:rwc:tomorrow:${digest}`],
    ['with an expiry of another form', `desk:rwc:2099-01-01:${digest}`],
    ['with one part more', `desk:rwc::${digest}:x`],
  ];

  test.each(malformed)(
    'an entry %s lets nobody in; the others work, and the log says so',
    async (_, entry) => {
      const other = newToken();
      const MCP_TOKENS = `${entry} ${entryOf('other', 'r', other)}`;
      const stage = await quietStage({ variables: { MCP_TOKENS } });
      const before = stage.host.logs.length;
      expect([await isLetIn(stage, token), await isLetIn(stage, entry)]).toEqual([false, false]);
      expect([await isLetIn(stage, other), await isLetIn(stage, TOKEN)]).toEqual([true, true]);
      const errors = errorsOf(stage, before);
      expect(errors).toHaveLength(4);
      for (const line of errors) {
        expect(line).toMatchObject({ event: 'configuration', variables: ['MCP_TOKENS'] });
      }
      const written = stage.host.logs.join('\n');
      for (const secret of [token, digest, entry, other]) expect(written).not.toContain(secret);
    },
  );
});

test('the log names who asked, and never holds a token', async () => {
  const token = newToken();
  const stage = await quietStage({ variables: { MCP_TOKENS: entryOf('night-desk.2', 'r', token, day(30)) } });
  const before = stage.host.logs.length;
  const raw = withToken(stage, token);
  await raw.rpc('tools/list');
  await raw.rpc('tools/call', { name: 'startPaymentCapture', arguments: { callSid: stage.call.sid } });
  await raw.send({ body: '[]' });
  await rawAgent(stage).rpc('tools/list');
  const clients = linesOf(stage, before)
    .filter(({ event }) => event === 'request')
    .map(({ client }) => client);
  expect(clients).toEqual(['night-desk.2', 'night-desk.2', 'night-desk.2', 'MCP_AUTH_TOKEN']);
  const written = [stage.everythingWritten(), ...raw.answers].join('\n');
  for (const secret of [token, digestOf(token), TOKEN]) expect(written).not.toContain(secret);
});
