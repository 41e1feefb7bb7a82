/** The rotations of docs/operations.md, and what was stolen: each step by step, with a payment under way. */
import { describe, expect, test } from 'vitest';
import { makeToken } from '../../cli/token.ts';
import { type Agent, connect, type Stage } from '../host/connect.ts';
import { passTime } from '../host/go-on.ts';
import { captureAll, type Sids, settledStatus, start, statusOf } from '../host/payment.ts';
import { newKey } from '../security/issuer.ts';
import { localIssuer } from './local-issuer.ts';
import { alertsOf, failures, logOf, payments } from './operator.ts';

/** Makes a token as `npm run token` does. @returns it, and its entry. */
function tokenFor(name: string, scopes: string): { token: string; entry: string } {
  const text = makeToken(['--name', name, '--scopes', scopes, '--env', 'no-such-file']);
  const [, token = ''] = /\n {2}([\w-]{43})\n/.exec(text) ?? [];
  const [, entry = ''] = /\n {2}MCP_TOKENS=(.+)\n/.exec(text) ?? [];
  return { token, entry };
}

function agentWith(stage: Stage, token: string): Promise<Agent> {
  return stage.connectAgent({ Authorization: `Bearer ${token}` });
}

async function complete(stage: Stage, sids: Sids): Promise<void> {
  await captureAll(stage, sids);
  await stage.agent.call('completePaymentCapture', sids);
  expect(await settledStatus(stage, sids)).toMatchObject({ phase: 'completed' });
}

describe('a bearer token', () => {
  test('is rotated in the middle of a payment: both work until the old entry is gone', async () => {
    const [before, after] = [tokenFor('desk', 'read,write,charge'), tokenFor('desk', 'read,write,charge')];
    const stage = await connect({ variables: { MCP_TOKENS: before.entry } });
    const old = await agentWith(stage, before.token);
    const sids = await start({ ...stage, agent: old });
    stage.variables.MCP_TOKENS = `${before.entry} ${after.entry}`;
    const fresh = await agentWith(stage, after.token);
    for (const agent of [old, fresh]) expect(await statusOf(agent, sids)).toMatchObject({ phase: 'started' });
    stage.variables.MCP_TOKENS = after.entry;
    await expect(statusOf(old, sids)).rejects.toThrow('UNAUTHORIZED');
    await complete({ ...stage, agent: fresh }, sids);
  });

  test('was stolen: it is refused from the next request on, and what it was used for is found', async () => {
    const [stolen, fresh, other] = ['desk', 'desk', 'till'].map((name) =>
      tokenFor(name, 'read,write,charge'),
    );
    if (!stolen || !fresh || !other) throw new Error('There are three');
    const stage = await connect({ variables: { MCP_TOKENS: `${stolen.entry} ${other.entry}` } });
    const tillsCall = stage.simulator.placeCall();
    const till = { ...stage, agent: await agentWith(stage, other.token), call: tillsCall };
    await start(till);
    const thief = await agentWith(stage, stolen.token);
    const sids = await start({ ...stage, agent: thief });
    const lines = await logOf(stage, () => complete({ ...stage, agent: thief }, sids));

    stage.variables.MCP_TOKENS = `${fresh.entry} ${other.entry}`;
    await expect(statusOf(thief, sids)).rejects.toThrow('UNAUTHORIZED');
    expect(await failures(stage, true)).toEqual([]);
    const charged = lines.filter(({ event, client }) => event === 'audit' && client === 'desk');
    expect(charged).toContainEqual(
      expect.objectContaining({ action: 'complete', ...sids, chargeAmount: 12.5 }),
    );
    const rows = (await payments(stage, ['--json'])).out.split('\n').map((line) => JSON.parse(line));
    expect(rows.filter(({ completedBy }) => completedBy === 'desk')).toMatchObject([
      { ...sids, startedBy: 'desk' },
    ]);
    // Whoever has the new one goes on with what the name has.
    const desk = await agentWith(stage, fresh.token);
    expect(await statusOf(desk, sids)).toMatchObject({ phase: 'completed' });
  });
});

describe('an API key', () => {
  test('is rotated in the middle of a payment, which goes on with the new one', async () => {
    const stage = await connect();
    const { simulator, variables } = stage;
    const sids = await start(stage);
    const old = variables.API_KEY ?? '';
    const { apiKey, apiSecret } = simulator.account.makeKey();
    Object.assign(variables, { API_KEY: apiKey, API_SECRET: apiSecret });
    expect(await failures(stage)).toEqual([]);
    expect(await failures(stage, true)).toEqual([]);
    simulator.account.deleteKey(old);
    await complete(stage, sids);
    expect(await failures(stage)).toEqual([]);
  });

  test('was revoked: agents, health and the doctor say so, and a new one mends it', async () => {
    const stage = await connect();
    const { agent, simulator, variables } = stage;
    const sids = await start(stage);
    await simulator.settled();
    simulator.account.deleteKey(variables.API_KEY ?? '');
    const lines = await logOf(stage, async () => {
      expect(await agent.fail('captureCardNumber', sids)).toMatch(
        /^TWILIO_UNAUTHORIZED: .*Tell the operator to check API_KEY and API_SECRET/,
      );
      expect(await failures(stage, true)).toEqual([expect.stringMatching(/^Health: Sync gives/)]);
    });
    expect(alertsOf(lines)).toEqual(['tool_failed TWILIO_UNAUTHORIZED', 'sync_unavailable']);
    const found = (await failures(stage)).map((text) => text.replace(/\. .*/, ''));
    expect(found).toEqual([
      'Credentials: Twilio refuses API_KEY with API_SECRET (HTTP 401)',
      'Right to take payments: API_KEY with API_SECRET may not create payments (HTTP 401)',
      'Sync service: API_KEY with API_SECRET may not create documents (HTTP 401)',
      'Health: Sync gives the deployed service no good answer',
    ]);
    const { apiKey, apiSecret } = simulator.account.makeKey();
    Object.assign(variables, { API_KEY: apiKey, API_SECRET: apiSecret });
    passTime(10_000);
    expect(await failures(stage)).toEqual([]);
    await complete(stage, sids);
  });
});

describe('the Auth Token', () => {
  /** Has the caller type a field, and gives the codes with which the callbacks were refused. */
  async function refusedWhile(stage: Stage, sids: Sids, tool: string, digits: string): Promise<unknown[]> {
    const lines = await logOf(stage, async () => {
      await stage.agent.call(tool, sids);
      await stage.caller.types(digits);
      await stage.simulator.settled();
    });
    return lines.flatMap(({ event, code }) => (event === 'callback' && code ? [code] : []));
  }
  const signed = async (stage: Stage) =>
    (await failures(stage)).filter((text) => text.startsWith('Status callback, signed'));

  test('is rotated in the middle of a payment, and with the check left to the gateway no callback is lost', async () => {
    const stage = await connect();
    const { simulator, variables } = stage;
    const sids = await start(stage);
    const secondary = simulator.account.makeSecondaryToken();
    variables.CALLBACK_SIGNATURE = 'gateway';
    expect(await refusedWhile(stage, sids, 'captureCardNumber', '4242424242424242')).toEqual([]);
    simulator.account.promoteSecondaryToken();
    expect(await refusedWhile(stage, sids, 'captureSecurityCode', '123')).toEqual([]);
    Object.assign(variables, { AUTH_TOKEN: secondary, CALLBACK_SIGNATURE: 'verify' });
    expect(await refusedWhile(stage, sids, 'captureExpirationDate', '1230')).toEqual([]);
    expect(await signed(stage)).toEqual([]);
    await complete(stage, sids);
  });

  test('was promoted without that: callbacks are refused, the log says why, and after the deploy the field is asked for again', async () => {
    const stage = await connect();
    const { agent, simulator, variables } = stage;
    const sids = await start(stage);
    const secondary = simulator.account.makeSecondaryToken();
    simulator.account.promoteSecondaryToken();
    const refused = await refusedWhile(stage, sids, 'captureCardNumber', '4242424242424242');
    expect(new Set(refused)).toEqual(new Set(['BAD_SIGNATURE']));
    // The deployed service has what the file has, so the doctor sees it at the account alone.
    expect(await failures(stage)).toEqual([expect.stringMatching(/^AUTH_TOKEN: /)]);
    variables.AUTH_TOKEN = secondary;
    expect(await failures(stage)).toEqual([]);
    passTime(60_000);
    expect(await statusOf(agent, sids)).toMatchObject({ nextStep: 'captureCardNumber' });
    await complete(stage, sids);
  });
});

describe('OAuth', () => {
  test('the issuer rotates its keys: the new one is published before it signs, and nobody logs in again', async () => {
    const issuer = await localIssuer();
    const stage = await connect({ variables: { OAUTH_ISSUER: issuer.url } });
    const [first] = issuer.keys;
    const before = await agentWith(stage, await issuer.token(stage, first));
    const own = { ...stage, agent: before };
    const sids = await start(own);
    const second = await newKey('second', 'ES256');
    issuer.keys.push(second);
    passTime(11 * 60_000);
    const after = await agentWith(stage, await issuer.token(stage, second));
    expect(await statusOf(before, sids)).toMatchObject({ phase: 'started' });
    issuer.keys.shift();
    passTime(11 * 60_000);
    await expect(statusOf(before, sids)).rejects.toThrow('UNAUTHORIZED');
    await complete({ ...stage, agent: after }, sids);
  });

  test('another issuer takes its place: tokens of the old one are refused, and its people log in at the new one', async () => {
    const [old, fresh] = [await localIssuer(), await localIssuer()];
    const stage = await connect({ variables: { OAUTH_ISSUER: old.url } });
    const before = await agentWith(stage, await old.token(stage));
    const sids = await start({ ...stage, agent: before });
    stage.variables.OAUTH_ISSUER = fresh.url;
    await expect(statusOf(before, sids)).rejects.toThrow('UNAUTHORIZED');
    const after = await agentWith(stage, await fresh.token(stage));
    await complete({ ...stage, agent: after }, sids);
  });
});
