import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { beforeEach, expect, test } from 'vitest';
import type { FaultAction, RecordedRequest, Route } from '../../simulator/index.ts';
import { connect, type Stage, VISA } from '../host/connect.ts';
import { forget } from '../host/forget.ts';
import { hurry } from '../host/hurry.ts';
import { captureAll, type Sids, start } from '../host/payment.ts';

beforeEach(hurry);

/** Something asked of a tool while one route of Twilio fails, on a call of its own. */
interface Cell {
  tool: string;
  route: Route;
  prepare(stage: Stage): Promise<Sids>;
  args?: Record<string, unknown>;
}

const noPayment = async ({ call }: Stage): Promise<Sids> => ({ callSid: call.sid, paymentSid: '' });
const started = (stage: Stage): Promise<Sids> => start(stage);

async function canceled(stage: Stage): Promise<Sids> {
  const sids = await start(stage);
  await stage.agent.call('cancelPaymentCapture', sids);
  await stage.simulator.settled();
  return sids;
}

async function withCard(stage: Stage): Promise<Sids> {
  const sids = await start(stage);
  await stage.agent.call('captureCardNumber', sids);
  await stage.caller.types(VISA);
  return sids;
}

async function ready(stage: Stage): Promise<Sids> {
  const sids = await start(stage);
  await captureAll(stage, sids);
  return sids;
}

const COMMANDS = [
  ['captureCardNumber', started],
  ['captureSecurityCode', withCard],
  ['captureExpirationDate', started],
  ['completePaymentCapture', ready],
  ['cancelPaymentCapture', started],
] as const;

const CELLS: Cell[] = [
  { tool: 'startPaymentCapture', route: 'calls.fetch', prepare: noPayment },
  { tool: 'startPaymentCapture', route: 'documents.create', prepare: noPayment },
  { tool: 'startPaymentCapture', route: 'payments.create', prepare: noPayment },
  { tool: 'startPaymentCapture', route: 'documents.fetch', prepare: started },
  { tool: 'startPaymentCapture', route: 'documents.update', prepare: canceled },
  ...COMMANDS.flatMap(([tool, prepare]) =>
    (['documents.fetch', 'documents.update', 'payments.update'] as const).map((route) => ({
      tool,
      route,
      prepare,
    })),
  ),
  { tool: 'getPaymentStatus', route: 'documents.fetch', prepare: started },
];

const FAULTS: [name: string, action: FaultAction, code: number | undefined][] = [
  ['401', { status: 401, code: 20003 }, 20003],
  ['404', { status: 404, code: 20404 }, 20404],
  ['429', { status: 429, code: 20429 }, 20429],
  ['429 with Retry-After', { status: 429, code: 20429, retryAfter: 1 }, 20429],
  ['500', { status: 500, code: 20500 }, 20500],
  ['503', { status: 503, code: 20503 }, 20503],
  ['silence', 'timeout', undefined],
  ['a broken connection', 'reset', undefined],
  ['a lost answer', 'lost', undefined],
];

const PREPARED_AT_ONCE = 4;

/** What the tool says, and what it does not have to say: where Twilio's error is the answer to the question. */
function expectedCode({ tool, route }: Cell, fault: string): string {
  const isSync = route.startsWith('documents.');
  if (fault === '401') return 'TWILIO_UNAUTHORIZED';
  if (fault === '404') {
    if (route === 'calls.fetch') return 'CALL_NOT_FOUND';
    if (route === 'documents.fetch' && tool !== 'startPaymentCapture') return 'PAYMENT_NOT_FOUND';
    return isSync ? 'STORE_UNAVAILABLE' : 'TWILIO_NOT_FOUND';
  }
  if (isSync) return 'STORE_UNAVAILABLE';
  if (fault.startsWith('429')) return 'TWILIO_RATE_LIMITED';
  return tool === 'completePaymentCapture' ? 'COMPLETION_UNKNOWN' : 'TWILIO_UNAVAILABLE';
}

/** A cancel of what Twilio does not know any more has nothing left to do. */
function isNoError({ tool, route }: Cell, fault: string): boolean {
  return tool === 'cancelPaymentCapture' && route === 'payments.update' && fault === '404';
}

/** A call of its own in the same Twilio. */
function onOwnCall(stage: Stage): Stage {
  const call = stage.simulator.placeCall();
  return { ...stage, call, caller: stage.simulator.caller(call.sid) };
}

async function ask(stage: Stage, tool: string, args: Record<string, unknown>) {
  const began = Date.now();
  const result = (await stage.agent.client.callTool({ name: tool, arguments: args })) as CallToolResult;
  const [first] = result.content;
  return {
    result,
    text: first?.type === 'text' ? first.text : '',
    milliseconds: Date.now() - began,
  };
}

function argsOf({ tool }: Pick<Cell, 'tool'>, { callSid, paymentSid }: Sids): Record<string, unknown> {
  return tool === 'startPaymentCapture' ? { callSid, chargeAmount: 12.5 } : { callSid, paymentSid };
}

/**
 * The same again, except where that may wait for what became of the first: a start or a completion without an
 * answer, which have stories of their own.
 */
function nextRequest(cell: Cell, own: Stage, sids: Sids): [tool: string, args: Record<string, unknown>] {
  const { tool, route } = cell;
  if (tool === 'completePaymentCapture' && route === 'payments.update')
    return ['getPaymentStatus', argsOf({ tool: '' }, sids)];
  if (tool === 'startPaymentCapture' && !sids.paymentSid && route !== 'calls.fetch')
    return [tool, argsOf(cell, { ...sids, callSid: own.simulator.placeCall().sid })];
  return [tool, argsOf(cell, sids)];
}

test.each(FAULTS)(
  'each tool says in time what is wrong and works again afterwards: %s',
  async (fault, action, twilioCode) => {
    const stage = await connect();
    const { simulator, variables } = stage;
    const scenes: { cell: Cell; own: Stage; sids: Sids; name: string }[] = [];
    // A few at a time: all at once would take each other's time on a busy machine, before any fault.
    for (let from = 0; from < CELLS.length; from += PREPARED_AT_ONCE) {
      const prepared = CELLS.slice(from, from + PREPARED_AT_ONCE).map(async (cell) => {
        const own = onOwnCall(stage);
        return { cell, own, sids: await cell.prepare(own), name: `${cell.tool}, ${cell.route}` };
      });
      scenes.push(...(await Promise.all(prepared)));
    }
    await simulator.settled();
    // So that each tool makes every request that it can make.
    forget();

    for (const { cell, sids } of scenes)
      simulator.faults.add({ route: cell.route, action, when: isAbout(sids) });
    simulator.faults.add({ route: 'documents.list', action });
    const before = simulator.requests.length;
    const listing = expect(stage.agent.client.listResources()).rejects.toThrow(
      fault === '401' ? /TWILIO_UNAUTHORIZED: / : /STORE_UNAVAILABLE: /,
    );
    const answers = await Promise.all(
      scenes.map(async ({ cell, own, sids, name }) => {
        const { result, text, milliseconds } = await ask(own, cell.tool, argsOf(cell, sids));
        expect(milliseconds, name).toBeLessThan(10_000);
        if (isNoError(cell, fault)) return text;
        expect(result.isError, name).toBe(true);
        const { nextStep, say, why, ...answers } = result.structuredContent as Record<string, string>;
        const lines = Object.entries({ ...(say && { say }), ...answers, nextStep });
        expect(text, name).toBe([why, ...lines.map(([key, words]) => `${key}: ${words}`)].join('\n'));
        const code = expectedCode(cell, fault);
        expect(text, name).toMatch(new RegExp(`^${code}: .{20,}\\nnextStep: \\w+$`, 's'));
        const isAnswered = code !== 'PAYMENT_NOT_FOUND' && !(fault === '404' && code === 'STORE_UNAVAILABLE');
        if (isAnswered) {
          expect(text, name).toContain(
            twilioCode ? `Twilio error ${twilioCode}, HTTP ${fault.slice(0, 3)}` : `${code}: `,
          );
        }
        return text;
      }),
    );
    await listing;
    const written = [...answers, ...stage.host.logs].join('\n');
    for (const secret of ['API_SECRET', 'AUTH_TOKEN', 'MCP_AUTH_TOKEN'] as const)
      expect(written).not.toContain(variables[secret]);
    expect(answers.join('\n')).not.toMatch(
      /twilio\.com|localhost|127\.0\.0\.1|https?:|\n\s+at |\.[jt]s:\d|Axios|ECONN|Basic /,
    );
    expect(simulator.requests.length - before).toBeLessThan(scenes.length * 60);

    simulator.faults.clear();
    await simulator.settled();
    await Promise.all(
      scenes.map(async ({ cell, own, sids, name }) => {
        const [again, args] = nextRequest(cell, own, sids);
        const { result, text, milliseconds } = await ask(own, again, args);
        expect(result.isError, `${name}: ${text}`).toBeFalsy();
        expect(milliseconds, name).toBeLessThan(10_000);
      }),
    );
    expect((await stage.agent.client.listResources()).resources).not.toEqual([]);
    const paid = new Set(simulator.charges.map(({ paymentSid }) => paymentSid));
    expect(simulator.charges).toHaveLength(paid.size);
  },
  60_000,
);

/** Whether a request is about this call or its payment. */
function isAbout(sids: Sids): (request: RecordedRequest) => boolean {
  const mine = [sids.callSid, sids.paymentSid].filter(Boolean);
  return ({ path, params }) => mine.some((sid) => `${path} ${params.UniqueName}`.includes(sid));
}

test.each(FAULTS.filter(([name]) => !['401', '404'].includes(name)))(
  'nobody hears of a single fault of Sync: %s',
  async (_, action) => {
    const stage = await connect();
    const { agent, simulator } = stage;
    const once: [Route, string, Cell['prepare']][] = [
      ['documents.fetch', 'getPaymentStatus', started],
      ['documents.update', 'captureCardNumber', started],
      ['documents.fetch', 'cancelPaymentCapture', started],
      ['documents.update', 'startPaymentCapture', canceled],
    ];
    await Promise.all(
      once.map(async ([route, tool, prepare]) => {
        const sids = await prepare(onOwnCall(stage));
        await simulator.settled();
        forget();
        simulator.faults.add({ route, action, times: 1, when: isAbout(sids) });
        await agent.call(tool, argsOf({ tool }, sids));
      }),
    );
    simulator.faults.add({ route: 'documents.list', action, times: 1 });
    expect((await agent.client.listResources()).resources).not.toEqual([]);
  },
);
