/** What an operator has at hand: the doctor, health, the log, and `npm run payments`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { diagnose } from '../../cli/checks/index.ts';
import { toEnvText } from '../../cli/environment.ts';
import { managePayments } from '../../cli/payments.ts';
import { type Stage, TOKEN, VISA } from '../host/connect.ts';
import { captureAll, type Sids, start } from '../host/payment.ts';
import { documentOf, sync } from '../host/twilio-side.ts';

/** What a run of `npm run payments` printed and noted. @param reply to its question. */
export async function payments(
  stage: Stage,
  args: string[],
  reply?: string,
): Promise<{ out: string; notes: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'payments-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'env');
  writeFileSync(file, toEnvText(stage.variables));
  const out: string[] = [];
  const notes: string[] = [];
  await managePayments(['--env', file, '--by', 'olivia', ...args], {
    print: (text) => out.push(text),
    note: (text) => notes.push(text),
    ask: async () => reply,
  });
  const written = out.join('\n');
  expect(written).not.toMatch(new RegExp(`${VISA}|${TOKEN}`));
  return { out: written, notes: notes.join('\n') };
}

/** What the doctor says has failed, with the variables as they are in the file: `check: text`. */
export async function failures({ host, variables }: Stage, isWatch = false): Promise<string[]> {
  const findings = await diagnose({ variables: { ...variables }, file: '.env', url: host.url, isWatch });
  return findings.filter(({ status }) => status === 'failed').map(({ check, text }) => `${check}: ${text}`);
}

/** What `GET /health` says; its answers are kept for some seconds, which tests let pass. */
export async function health({ host }: Stage): Promise<Record<string, unknown>> {
  return (await (await fetch(`${host.url}/health`)).json()) as Record<string, unknown>;
}

/** The lines of the log that were written while something was done. */
export async function logOf(
  { host }: Stage,
  work: () => Promise<unknown>,
): Promise<Record<string, unknown>[]> {
  const before = host.logs.length;
  await work();
  return host.logs.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Of such lines those that raise an alert: event and code. */
export function alertsOf(lines: Record<string, unknown>[]): string[] {
  const alerts = lines.filter(({ level }) => level === 'error');
  return [...new Set(alerts.map(({ event, code }) => [event, code].filter(Boolean).join(' ')))];
}

/** A payment that Twilio was asked to complete and never reported on, long ago; whether it was charged, the processor knows. */
export async function lose(stage: Stage): Promise<Sids> {
  const { agent, simulator } = stage;
  const sids = await start(stage);
  await captureAll(stage, sids);
  simulator.delivery.hold();
  await agent.call('completePaymentCapture', sids);
  await makeOlder(stage, sids, 60_000);
  return sids;
}

/** Has a payment been completed so many milliseconds earlier. */
export async function makeOlder(stage: Stage, { paymentSid }: Sids, milliseconds: number): Promise<void> {
  const { data } = documentOf(stage, paymentSid);
  const { completing } = data as { completing: { at: number } };
  const older = { ...data, completing: { ...completing, at: completing.at - milliseconds } };
  await sync(stage, 'POST', `/payment-${paymentSid}`, { Data: JSON.stringify(older) });
}

/** Has each request to Twilio take so many milliseconds of everybody's time, until it is told to stop. */
export function slowTwilio({ simulator }: Stage, milliseconds: number): () => void {
  const { now } = Date;
  let passed = 0;
  Date.now = () => now() + passed;
  const unhear = simulator.on(({ type }) => {
    if (type === 'request') passed += milliseconds;
  });
  onTestFinished(() => {
    Date.now = now;
  });
  return unhear;
}
