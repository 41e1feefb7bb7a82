/** `npm run payments`: what Sync keeps of payments, the story of one, and what is to be mended by hand. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { settlePayment } from '../../functions/payments/commands/settle.ts';
import { PaymentError } from '../../functions/payments/errors.ts';
import type { Stored } from '../../functions/payments/ports.ts';
import type { PaymentSession } from '../../functions/payments/session/session.ts';
import { readEnvFile } from './environment.ts';
import { root } from './functions-process.ts';
import { type Account, openAccount, simulatedVariables } from './payments/account.ts';
import { erase, findErasure } from './payments/erase.ts';
import { chargedSince, csvOf, missingSince } from './payments/export.ts';
import { factsOf } from './payments/facts.ts';
import { listPayments, tableOf } from './payments/list.ts';
import { type Command, HELP, readOptions } from './payments/options.ts';
import { storyOf } from './payments/story.ts';
import { RunError, runProgram } from './program.ts';
import { askAtTerminal } from './terminal.ts';

export interface Terminal {
  /** The result, for other programs to read. */
  print(text: string): void;
  /** What people should know beside it. */
  note(text: string): void;
  /** The reply to a question; undefined if nobody can be asked. */
  ask(question: string): Promise<string | undefined>;
}

/** @throws RunError, which says what to do, for whatever cannot be done. */
export async function managePayments(args: string[], terminal: Terminal): Promise<void> {
  const { command, envFile, simulator } = readOptions(args);
  if (command.name === 'help') return terminal.print(HELP);
  const inFile = readEnvFile(resolve(root, envFile));
  const variables = simulator ? await simulatedVariables(simulator, inFile) : inFile;
  const account = openAccount(variables, envFile, terminal.note);
  try {
    await perform(command, account, terminal);
  } catch (error) {
    if (!(error instanceof PaymentError)) throw error;
    const { code, twilio } = error;
    throw new RunError(
      `${code}${twilio ? ` (HTTP ${twilio.status}, Twilio error ${twilio.code})` : ''}. npm run doctor finds out more.`,
    );
  }
}

async function perform(
  command: Exclude<Command, { name: 'help' }>,
  account: Account,
  terminal: Terminal,
): Promise<void> {
  const { print, note } = terminal;
  const now = account.clock.now();
  switch (command.name) {
    case 'list': {
      const payments = await listPayments(account);
      if (!command.json) return print(tableOf(payments));
      for (const facts of payments) print(JSON.stringify(facts));
      return;
    }
    case 'show':
      return print(storyOf(await load(account, command.paymentSid), now));
    case 'export': {
      const payments = chargedSince(await listPayments(account), command.since);
      const missing = missingSince(command.since, account.keptSeconds, now);
      if (missing) note(missing);
      if (!command.json) return print(csvOf(payments));
      for (const facts of payments) print(JSON.stringify(facts));
      return;
    }
    case 'settle':
      return settle(command, account, terminal);
    case 'erase':
      return eraseCall(command, account, terminal);
  }
}

async function load(account: Account, paymentSid: string): Promise<Stored<PaymentSession>> {
  const stored = await account.sessions.read(paymentSid);
  if (!stored) throw new RunError(`Sync keeps no payment ${paymentSid}: it has expired, or never was.`);
  return stored;
}

async function settle(
  { paymentSid, isCharged, confirmationCode, by }: Extract<Command, { name: 'settle' }>,
  account: Account,
  { print }: Terminal,
): Promise<void> {
  const settlement = { isCharged, confirmationCode, client: `operator:${by}` };
  const { stored, isSettled } = await settlePayment(account, await load(account, paymentSid), settlement);
  const { state, result } = factsOf(stored, account.clock.now());
  if (!isSettled)
    throw new RunError(
      state === 'live'
        ? `The payment is under way, and Twilio may still report its outcome. Look again in half a minute.`
        : `There is nothing to settle: the payment is ${state}${result && ` (Twilio reported ${result})`}.`,
    );
  print(storyOf(stored, account.clock.now()));
}

async function eraseCall(
  { callSid, by, isSure }: Extract<Command, { name: 'erase' }>,
  account: Account,
  { print, note, ask }: Terminal,
): Promise<void> {
  const erasure = await findErasure(account, callSid);
  const { uniqueNames } = erasure;
  if (uniqueNames.length === 0) return print(`Sync keeps nothing of call ${callSid}.`);
  note(
    `The call is over, so nothing can be charged on it any more. These documents go for good:\n  ${uniqueNames.join('\n  ')}\nThe log keeps its lines, and the processor its records. A status callback that still comes would make a document anew.`,
  );
  const reply = isSure ? 'yes' : await ask('Erase them? Type yes: ');
  if (reply === undefined) throw new RunError('Nobody can be asked here: give --yes to erase them.');
  if (reply.trim() !== 'yes') throw new RunError('Nothing was erased.');
  await erase(account, erasure);
  print(JSON.stringify({ action: 'erase', client: `operator:${by}`, callSid, documents: uniqueNames }));
}

const [, script = ''] = process.argv;
if (script && realpathSync(script) === fileURLToPath(import.meta.url)) {
  const terminal: Terminal = {
    print: (text) => console.log(text),
    note: (text) => console.error(text),
    ask: askAtTerminal,
  };
  void runProgram(() => managePayments(process.argv.slice(2), terminal), { whenInterrupted: 130 });
}
