import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takePayment } from '../../cli/agent.ts';
import { root } from '../../cli/functions-process.ts';
import { findFreePort } from '../../cli/ports.ts';
import { MISTYPED_NUMBER, TEST_CARD } from '../../cli/test-card.ts';

/** Not the card of the lines that are printed to paste. */
const MASTERCARD = '5555555555554444';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
/** The scripts that are programs of ours, with flags of their own. */
const PROGRAMS = Object.keys(scripts).filter((name) => /\btest\/\S+\.ts$/.test(scripts[name] ?? ''));

/** What a client is configured with, and keeps over restarts. */
const FIXED_TOKEN = 'a-token-that-a-client-keeps';
const FIXED_CALL = `CA${'ab'.repeat(16)}`;

interface Running {
  child: ChildProcess;
  output(): string;
  errors(): string;
  /** Resolves with the exit code, or with null after a signal. */
  exit: Promise<number | null>;
}

/** Starts one of the scripts without npm, so that its output and exit code are its own. */
function run(script: string, ...args: string[]): Running {
  const words = (scripts[script] ?? '').split(' ').slice(1);
  const child = spawn(process.execPath, [...words, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return { child, output: () => output, errors: () => errors, exit };
}

async function until(holds: () => boolean | Promise<boolean>, running: Running): Promise<void> {
  while (!(await holds())) {
    if (running.child.exitCode !== null) throw new Error(`It ended: ${running.output()}${running.errors()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The process and everything that it started, down to the last fork. */
async function familyOf(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const family = [pid];
  for (const member of family) {
    family.push(...pairs.flatMap(([child = 0, parent]) => (parent === member ? [child] : [])));
  }
  return family;
}

/** Those of the processes that still run; one that has ended and that nobody has asked about does not. */
async function stillRunning(pids: number[]): Promise<string> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,stat=,args=']);
  const lines = stdout.split('\n').filter((line) => pids.includes(Number.parseInt(line, 10)));
  return lines.filter((line) => !/^\s*\d+\s+Z/.test(line)).join('\n');
}

const folder = mkdtempSync(join(tmpdir(), 'agent-payments-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function envFile(name: string, ...lines: string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}

describe('npm start without credentials', () => {
  let running: Running;
  let url = '';
  let token = '';
  let callSid = '';
  let control = '';

  beforeAll(async () => {
    const settings = envFile(
      'settings',
      'CURRENCY=EUR',
      'CONFIRM_CHARGES=above:100',
      'MAX_CHARGE_AMOUNTS=10',
      'PAYMENT_CONNECTOR=Stripe',
      'CONNECTOR_PARAMETERS={"merchant":"12 # 3"}',
      `MCP_AUTH_TOKEN=${FIXED_TOKEN}`,
      `MCP_TOKENS=old:rwc:20200101:${'A'.repeat(43)}`,
      `SIMULATED_CALL_SID=${FIXED_CALL}`,
      'ACCOUNT_SID=',
      'PUBLIC_URL=https://elsewhere.example',
    );
    running = run('start', '--port', String(await findFreePort()), '--env', settings);
    await until(() => running.output().includes('Ctrl-C ends it'), running);
    const found = (pattern: RegExp) => pattern.exec(running.output())?.[1] ?? '';
    url = found(/^MCP endpoint +(\S+)$/m);
    token = found(/^Token +(\S+)$/m);
    callSid = found(/^Call +(CA[0-9a-f]{32})$/m);
    control = found(/^ +curl '(http:\/\/\S+\/simulator)'$/m);
  });
  afterAll(() => running.child.kill());

  test('keeps the token and the call of the file, and says which file that is', () => {
    expect([token, callSid]).toEqual([FIXED_TOKEN, FIXED_CALL]);
    expect(running.output()).toMatch(/^Settings are those of .*settings\.$/m);
    expect(running.output()).toMatch(/^They are kept for the next run, for .*settings has them\.$/m);
    // What it proposes can be done with these settings.
    expect(running.output()).toContain(`Take a payment of 50 EUR on call ${FIXED_CALL}.`);
  });

  test('tells a name that nothing reads, with the nearest that there is, and a token that has expired', () => {
    expect(running.output()).toMatch(
      /^Beware: MAX_CHARGE_AMOUNTS is not .* Did you mean MAX_CHARGE_AMOUNT\?$/m,
    );
    expect(running.output()).toMatch(/^Beware: MCP_TOKENS: Expired: old\./m);
  });

  test.each([
    [
      '',
      '{"card": 4242424242424242',
      { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'The body is not JSON.' } },
    ],
    ['/../payment-status', '{not JSON', { error: { code: 'BAD_REQUEST', message: 'The body is not JSON.' } }],
  ])('answers a malformed body in its own words: %s', async (path, body, expected) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(new URL(url + path), { method: 'POST', headers, body });
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/json']);
    expect(await response.json()).toEqual(expected);
    expect(running.output() + running.errors()).not.toContain(body);
  });

  test('prints lines to paste', () => {
    expect(running.output()).toContain(
      `claude mcp add --transport http agent-pay ${url} --header "Authorization: Bearer ${token}"`,
    );
    expect(running.output()).toContain('"mcpServers"');
    expect(running.output()).toContain(`curl -X POST '${control}/calls/${callSid}/type?`);
  });

  test('lets nobody in without the token, and has no stream to GET', async () => {
    const closed = await fetch(url);
    expect(closed.status).toBe(401);
    const open = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    expect(open.status).toBe(405);
    expect(open.headers.get('allow')).toBe('POST');
  });

  test('takes a payment from the MCP client of the SDK', async () => {
    const client = new Client({ name: 'test-agent', version: '1.0.0' });
    await client.connect(
      new StreamableHTTPClientTransport(new URL(url), {
        requestInit: { headers: { Authorization: `Bearer ${token}` } },
      }),
    );
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toContain('StartCapture');
    const { messages } = await client.getPrompt({ name: 'StartCapture', arguments: { callSid } });
    expect(JSON.stringify(messages)).toContain(callSid);

    const typing: Promise<Response>[] = [];
    const entries: Record<string, string> = {
      'payment-card-number': MASTERCARD,
      'security-code': TEST_CARD.securityCode,
      'expiration-date': TEST_CARD.expirationDate,
    };
    const results: string[] = [];
    let resources: { uri: string }[] = [];
    const status = await takePayment(
      client,
      {
        say(_, field) {
          const digits = field && entries[field];
          if (digits)
            typing.push(fetch(`${control}/calls/${callSid}/type?digits=${digits}`, { method: 'POST' }));
        },
        async confirm() {
          ({ resources } = await client.listResources());
          return true;
        },
        onStatus: (_, status) => results.push(JSON.stringify(status)),
      },
      { callSid, chargeAmount: 12.5, description: 'Test' },
    );
    await Promise.all(typing);
    expect(status).toMatchObject({
      result: 'success',
      paymentCardNumber: 'xxxxxxxxxxxx4444',
      currency: 'EUR',
    });
    const requests = (await (await fetch(`${control}/requests`)).json()) as {
      route: string;
      params: object;
    }[];
    expect(requests.find(({ route }) => route === 'payments.create')?.params).toMatchObject({
      PaymentConnector: 'Stripe',
      Parameter: '{"merchant":"12 # 3"}',
    });
    const charges = await (await fetch(`${control}/charges`)).json();
    expect(charges).toMatchObject([{ amount: '12.5', confirmationCode: status.paymentConfirmationCode }]);

    const uri = `payment://${callSid}/${status.paymentSid}/status`;
    expect(resources.map((resource) => resource.uri)).toEqual([uri]);
    const { contents } = await client.readResource({ uri });
    expect(JSON.parse(String(contents[0] && 'text' in contents[0] && contents[0].text))).toMatchObject({
      paymentSid: status.paymentSid,
      result: 'success',
    });
    await client.close();
    const written = await (await fetch(`${control}/everything-written`)).text();
    expect(results.join() + written + running.output() + running.errors()).not.toContain(MASTERCARD);
  });

  test('leaves no process behind at Ctrl-C, not even one that is at work', async () => {
    const pid = running.child.pid ?? 0;
    const underWay = [1, 2].map(() => fetch(url).catch(() => undefined));
    let family: number[] = [];
    await until(async () => {
      family = await familyOf(pid);
      return family.length > 1;
    }, running);
    running.child.kill('SIGINT');
    expect(await running.exit).toBe(0);
    expect(await stillRunning(family)).toBe('');
    await Promise.all(underWay);
    await expect(fetch(control)).rejects.toThrow();
  });
});

// One after another: each loads all that it needs before it looks at its flags.
test.each(PROGRAMS)('%s --help explains itself, and does nothing else', async (script) => {
  const running = run(script, '--help');
  expect(await running.exit, running.errors()).toBe(0);
  expect(running.output()).toMatch(new RegExp(`^[^\\n]+\\n\\n {2}npm (?:run )?${script}\\b`));
  expect(running.errors()).toBe('');
});

// One after another they would take a minute on a slow machine.
describe.concurrent('npm start and npm run demo', () => {
  test('start says in one line that the port is taken', async () => {
    for (const host of ['127.0.0.1', undefined]) {
      const server = createServer();
      const port = await findFreePort();
      await new Promise<void>((resolve) => server.listen({ port, host }, resolve));
      const running = run('start', '--port', String(port), '--env', envFile('empty'));
      expect(await running.exit).toBe(1);
      expect(running.output()).toBe('');
      expect(running.errors().trim()).toBe(
        `Port ${port} is taken. Choose another one: npm start -- --port ${port + 1}`,
      );
      server.close();
    }
  });

  test('start names the variables that are missing or malformed, not their values', async () => {
    const path = envFile(
      'malformed',
      'ACCOUNT_SID=AC123',
      'AUTH_TOKEN=hush',
      'CURRENCY=euros # a comment',
      'MAX_CHARGE_AMOUNTS=5',
      'MCP_TOKENS=a:b',
    );
    const running = run('start', '--port', String(await findFreePort()), '--env', path);
    expect(await running.exit).toBe(1);
    expect(running.errors().trim().split('\n')).toEqual([
      `Correct these in ${path}:`,
      expect.stringMatching(
        /^ {2}ACCOUNT_SID is malformed: it has to be AC and 32 hexadecimal digits, from the/,
      ),
      '  CURRENCY is malformed: it has to be three letters such as USD. A comment needs a line of its own.',
      '  MAX_CHARGE_AMOUNTS is not a variable of this service and does nothing. Did you mean MAX_CHARGE_AMOUNT?',
      expect.stringMatching(/^ {2}MCP_TOKENS: 1 of 1 entries cannot be read and let nobody in\./),
    ]);
  });

  test('start asks for the token of ngrok before it does anything', async () => {
    const path = envFile('ngrok', `ACCOUNT_SID=AC${'0'.repeat(32)}`, `AUTH_TOKEN=${'0'.repeat(32)}`);
    const running = run('start', '--ngrok', '--port', String(await findFreePort()), '--env', path);
    expect(await running.exit).toBe(1);
    expect(running.errors()).toMatch(/^NGROK_AUTHTOKEN is missing: /);
  });

  test('start needs no more than the Auth Token of an account, and makes a token if there is no valid one', async () => {
    const expired = `MCP_TOKENS=old:rwc:20200101:${'A'.repeat(43)}`;
    const path = envFile('alone', `ACCOUNT_SID=AC${'0'.repeat(32)}`, `AUTH_TOKEN=${'0'.repeat(32)}`, expired);
    const port = await findFreePort();
    const running = run('start', '--port', String(port), '--env', path);
    await until(() => running.output().includes('Ctrl-C ends it'), running);
    expect(running.output()).toMatch(/^Beware: MCP_TOKENS: Expired: old\./m);
    const [, token = ''] = /^Token +(\S+) +\(made for this run/m.exec(running.output()) ?? [];
    const { status } = await fetch(`http://localhost:${port}/mcp`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(status).toBe(405);
    running.child.kill('SIGTERM');
    expect(await running.exit).toBe(0);
  });

  test('each says in one line what it cannot run on', async () => {
    const elsewhere = join(folder, 'run.cjs');
    copyFileSync(join(root, 'test/cli/run.cjs'), elsewhere);
    const old = join(folder, 'old-node.cjs');
    writeFileSync(old, "Object.defineProperty(process, 'versions', { value: { node: '18.20.4' } });");
    const outputOf = (...args: string[]) =>
      promisify(execFile)(process.execPath, args).catch(({ code, stderr }) => `${code} ${stderr}`);
    expect(await outputOf(elsewhere, 'start.ts')).toBe(
      '1 The packages are not installed. Run npm ci first.\n',
    );
    expect(await outputOf('--require', old, elsewhere)).toBe(
      '1 This needs Node 20 or newer. Here runs Node 18.20.4.\n',
    );
  });

  test('start runs against an account, says that Twilio cannot call back, and prints no secret', async () => {
    const secrets = [
      'AUTH_TOKEN=0123456789abcdef0123456789abcdef',
      'MCP_AUTH_TOKEN=hush-hush',
      'API_SECRET=quiet',
    ];
    const path = envFile(
      'account',
      `ACCOUNT_SID=AC${'0'.repeat(32)}`,
      `API_KEY=SK${'0'.repeat(32)}`,
      ...secrets,
    );
    const port = await findFreePort();
    const running = run('start', '--port', String(port), '--env', path);
    await until(() => running.output().includes('Ctrl-C ends it'), running);
    const { status } = await fetch(`http://localhost:${port}/mcp`, {
      headers: { authorization: 'Bearer hush-hush' },
    });
    expect(status).toBe(405);
    running.child.kill('SIGTERM');
    expect(await running.exit).toBe(0);
    expect(running.output()).toContain('Twilio cannot call back');
    expect(running.output()).toContain('Bearer <your MCP_AUTH_TOKEN>');
    const printed = running.output() + running.errors();
    for (const secret of secrets) expect(printed).not.toContain(secret.split('=')[1]);
  });

  test('demo takes a payment, shows masks alone, and draws the picture of the README', async () => {
    const picture = join(folder, 'payment.svg');
    const running = run('demo', '--svg', picture);
    expect(await running.exit, running.errors()).toBe(0);
    const output = running.output();
    expect(output).toMatch(/card x{2,12}\b/);
    expect(output).toContain('The card number is not valid');
    expect(output).toContain('xxxxxxxxxxxx4242');
    expect(output).toMatch(/\nConfirmation code: \S+\n$/);
    for (const number of [MISTYPED_NUMBER, TEST_CARD.number]) expect(output).not.toContain(number);
    // When each line comes and how far a mask has grown by then differ from run to run.
    const told = (path: string) =>
      [...readFileSync(path, 'utf8').matchAll(/<g class="row (?:agent|caller|tool)".*?>(<.*>)<\/g>/g)].map(
        ([, drawn = '']) => drawn.replace(/<[^>]*>/g, ' ').trim(),
      );
    expect(told(picture).length).toBeGreaterThan(15);
    // npm run demo -- --svg docs/payment.svg
    expect(told(join(root, 'docs/payment.svg'))).toEqual(told(picture));
  });
});
