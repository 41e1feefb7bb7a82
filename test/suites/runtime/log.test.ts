import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type About, createLog, EVENTS } from '../../../functions/runtime/log.ts';

const LEVELS = ['info', 'warn', 'error'] as const;

beforeEach(() => {
  const spies = LEVELS.map((level) => vi.spyOn(console, level).mockReturnValue());
  return () => {
    for (const spy of spies) spy.mockRestore();
  };
});

/** The lines that were written at a level. */
function written(level: (typeof LEVELS)[number]): string[] {
  return vi.mocked(console[level]).mock.calls.map((parts) => parts.join(' '));
}

/** What the log makes of an error. */
function logged(cause: unknown): { line: string; entry: Record<string, unknown> } {
  createLog()('unexpected', { cause });
  const line = written('error').at(-1) ?? '';
  return { line, entry: JSON.parse(line) };
}

describe('a log line', () => {
  test.each([
    ['info', 'tool_refused'],
    ['error', 'tool_failed'],
  ] as const)('at level %s is one line of JSON, written at that level', (level, event) => {
    createLog()(event, { code: 'a\nb', twilioStatus: 500 });
    const [line = '', ...more] = written(level);
    expect(more).toEqual([]);
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({ level, event, code: 'a\nb', twilioStatus: 500 });
  });

  test('is never a warning: these raise an alert, and what deserves one is an error', () => {
    expect(Object.values(EVENTS).map(({ level }) => level)).not.toContain('warn');
  });

  test('has what it is about, also what has become known since', () => {
    const about: About = { client: 'desk', tool: 'startPaymentCapture', callSid: 'CA1' };
    const log = createLog(about);
    about.paymentSid = 'PK1';
    log('audit', { action: 'start' });
    expect(JSON.parse(written('info')[0] ?? '')).toEqual({
      level: 'info',
      event: 'audit',
      ...about,
      action: 'start',
    });
  });

  test('leaves out what is empty', () => {
    createLog({ client: '' })('audit', { action: 'result', currency: '', chargeAmount: 0 });
    expect(written('info')).toEqual(['{"level":"info","event":"audit","action":"result","chargeAmount":0}']);
  });

  test('holds no member that its event does not have', () => {
    const more = { milliseconds: 5, body: 'secret' };
    createLog({ client: 'desk' })('configuration', { variables: ['MCP_TOKENS'], ...more });
    expect(written('error')).toEqual([
      '{"level":"error","event":"configuration","variables":["MCP_TOKENS"]}',
    ]);
  });

  test('is heard by who listens as well, without the error', () => {
    const heard = vi.fn();
    createLog({}, heard)('tool_failed', { code: 'X', cause: new Error('secret') });
    expect(heard.mock.calls).toEqual([['tool_failed', { code: 'X' }]]);
  });
});

describe('an error is logged as the name of its class and where it was thrown', () => {
  test('and never with its message', () => {
    const { line, entry } = logged(new TypeError('secret 4242424242424242'));
    expect(entry).toMatchObject({ error: 'TypeError', at: expect.any(Array) });
    expect(line).not.toMatch(/secret|4242/);
  });

  test('nor with a message that looks like a stack', () => {
    const { line, entry } = logged(
      new Error('x\n    at secret (/srv/secret.ts:4242:1)\n    at secret.ts:4242:1'),
    );
    expect(line).not.toMatch(/secret|4242/);
    expect(entry.at).toHaveLength(3);
  });

  test('nor with the message of what caused it, or what hangs on it', () => {
    const cause = Object.assign(new Error('secret'), { config: { headers: 'secret' } });
    expect(logged(Object.assign(new Error('outer', { cause }), { body: 'secret' })).line).not.toContain(
      'secret',
    );
  });

  test('in three places at most, without the folders of the machine', () => {
    const { entry } = logged(new Error('x'));
    const at = entry.at as string[];
    expect(at).toHaveLength(3);
    expect(at[0]).toMatch(/^at .*log\.test\.ts:\d+:\d+\)?$/);
    for (const frame of at) expect(frame).not.toMatch(/[/\\]/);
  });

  test('also when it has no message', () => {
    expect(logged(new Error()).entry.at).toHaveLength(3);
  });

  test.each([
    ['secret', 'string'],
    [4242424242424242, 'number'],
    [{ message: 'secret' }, 'object'],
    [null, 'object'],
  ])('and what is no error, as its type', (cause, error) => {
    expect(logged(cause).entry).toEqual({ level: 'error', event: 'unexpected', error });
  });

  test('even without a stack', () => {
    expect(logged(Object.assign(new RangeError('x'), { stack: undefined })).entry).toMatchObject({
      error: 'RangeError',
      at: [],
    });
  });
});
