import fc from 'fast-check';
import { makeCards } from './cards.ts';
import { type FuzzEvent, fuzzEvents } from './events.ts';
import { type Handlers, type Outcome, type Platform, startPlatform } from './functions.ts';
import { type Issuer, startIssuer } from './issuer.ts';
import { statusOf, type Violation, violationsOf } from './properties.ts';
import { openStage, PUBLIC_URL, type Stage } from './stage.ts';

export interface FuzzOptions {
  handlers: Handlers;
  events: number;
  seed: number;
  /** The batch to begin with, to see it again. */
  firstBatch?: number;
  batchSize?: number;
  /** How many invocations run at once. */
  concurrency?: number;
  /** Whether Twilio sometimes does not answer at all, which takes seconds. */
  silences?: boolean;
  onBatch?: (report: Report, batch: number) => void;
}

export interface Finding extends Violation {
  seed: number;
  batch: number;
  event: FuzzEvent;
  /** How often this rule was violated at this endpoint. */
  times: number;
}

export interface Report {
  events: number;
  /** How many answers of each status each endpoint gave. */
  statuses: Record<string, number>;
  /** Requests that were made to Twilio. */
  requests: number;
  slowest: number;
  findings: Finding[];
}

/** Events of one stage. State grows with them, so a long run has many stages. */
const BATCH = 500;
const CONCURRENCY = 40;
/** How often Twilio fails, and how. */
const FAULT_RATE = 0.02;
const FAULTS = [
  { status: 500 },
  { status: 429 },
  { status: 401, code: 20003 },
  { status: 404 },
  'reset',
  'lost',
] as const;

/** Calls the handlers with generated events and finds what they must not do. */
export async function fuzz(options: FuzzOptions): Promise<Report> {
  const { handlers, events, seed, firstBatch = 0, batchSize = BATCH, onBatch } = options;
  const report: Report = { events: 0, statuses: {}, requests: 0, slowest: 0, findings: [] };
  const cards = makeCards(seed);
  const platform = startPlatform();
  const issuer = await startIssuer(`${PUBLIC_URL}/mcp`);
  try {
    for (let batch = firstBatch; report.events < events; batch++) {
      const size = Math.min(batchSize, events - report.events);
      await runBatch({ ...options, handlers, batch, size, cards, platform, issuer, report });
      onBatch?.(report, batch);
    }
  } finally {
    platform.close();
    await issuer.close();
  }
  return report;
}

interface Batch extends FuzzOptions {
  batch: number;
  size: number;
  cards: string[];
  platform: Platform;
  issuer: Issuer;
  report: Report;
}

async function runBatch(options: Batch): Promise<void> {
  const { handlers, seed, batch, size, cards, platform, issuer, report } = options;
  const ownSeed = seed * 100_003 + batch;
  const stage = await openStage(platform, handlers, issuer, ownSeed);
  const { simulator, facts } = stage;
  const events = fc.sample(fuzzEvents(facts, cards), { numRuns: size, seed: ownSeed });
  const actions = options.silences ? [...FAULTS, 'timeout' as const] : [...FAULTS];
  if (batch % 2 === 1) simulator.faults.random({ rate: FAULT_RATE, seed: ownSeed, actions });
  const outcomes: Outcome[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < events.length; i = next++) {
      const { endpoint, variables, event } = events[i] as FuzzEvent;
      outcomes[i] = await platform.invoke(
        `e${i}`,
        handlers[endpoint],
        { ...facts.variables, ...variables },
        event,
      );
    }
  };
  await Promise.all(Array.from({ length: options.concurrency ?? CONCURRENCY }, worker));
  judge(options, stage, events, outcomes);
  for (const reason of platform.unhandled.splice(0)) {
    const detail = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    note(report, { rule: 'handles all rejections', detail, seed, batch, event: events[0] as FuzzEvent });
  }
  const documents = JSON.stringify(simulator.documents());
  for (const secret of facts.secrets) {
    if (documents.includes(secret))
      note(report, {
        rule: 'keeps secrets',
        detail: `Sync: ${secret}`,
        seed,
        batch,
        event: events[0] as FuzzEvent,
      });
  }
  await stage.close();
}

function judge(
  { report, seed, batch, cards }: Batch,
  stage: Stage,
  events: FuzzEvent[],
  outcomes: Outcome[],
): void {
  const { simulator, facts } = stage;
  const requestsOf = new Map<string, (typeof simulator.requests)[number][]>();
  for (const request of simulator.requests) {
    const { invocation = '' } = request;
    requestsOf.set(invocation, [...(requestsOf.get(invocation) ?? []), request]);
  }
  for (const [i, event] of events.entries()) {
    const outcome = outcomes[i] as Outcome;
    const requests = requestsOf.get(`e${i}`) ?? [];
    report.events += 1;
    report.requests += requests.length;
    report.slowest = Math.max(report.slowest, outcome.milliseconds);
    const status = `${event.endpoint} ${statusOf(outcome)}`;
    report.statuses[status] = (report.statuses[status] ?? 0) + 1;
    for (const violation of violationsOf({ event, outcome, requests }, facts, cards)) {
      note(report, { ...violation, seed, batch, event });
    }
  }
}

/** The first of its kind is kept, the others are counted. */
function note(report: Report, finding: Omit<Finding, 'times'>): void {
  const kindOf = ({ rule, detail, event }: Omit<Finding, 'times'>) =>
    `${rule} ${event.endpoint} ${detail.slice(0, 80).replace(/\d+/g, '0')}`;
  const known = report.findings.find((one) => kindOf(one) === kindOf(finding));
  if (known) known.times += 1;
  else report.findings.push({ ...finding, times: 1 });
}

/** An event in few words, however deep and long it is. */
export function describeEvent({ endpoint, variables, event }: FuzzEvent): string {
  return `${endpoint} ${JSON.stringify(variables)} ${shorten(event, 6)}`;
}

function shorten(value: unknown, depth: number): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}… (${value.length})` : value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth === 0) return '…';
  const members = Object.entries(value).map(([name, member]) => [
    JSON.stringify(name),
    shorten(member, depth - 1),
  ]);
  if (Array.isArray(value)) return `[${members.map(([, member]) => member).join(', ')}]`;
  return `{ ${members.map((pair) => pair.join(': ')).join(', ')} }`;
}
