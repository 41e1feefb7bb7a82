// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code, as it stands in the product
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../cli/functions-process.ts';

/** A fault put into the product on purpose: the text is replaced where it stands, and must stand there exactly once. */
interface Mutant {
  name: string;
  file: string;
  find: string;
  put: string;
}

const COMMANDS = 'functions/payments/commands';
const SESSION = 'functions/payments/session';

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a refusal inside the write counts as a yes',
    file: `${COMMANDS}/complete.ts`,
    find: 'if (error instanceof PaymentError) return false;',
    put: 'if (error instanceof PaymentError) return true;',
  },
  {
    name: 'the confirmation is compared on what was read alone',
    file: `${COMMANDS}/complete.ts`,
    find: 'if (!isCharged(session, judge, confirmed)) return session;',
    put: '',
  },
  {
    name: 'the last digits are not compared',
    file: `${COMMANDS}/confirm.ts`,
    find: "lastFour !== undefined && lastFour !== charge.lastDigits && 'lastFour',",
    put: '',
  },
  {
    name: 'the amount is not compared',
    file: `${COMMANDS}/confirm.ts`,
    find: "chargeAmount !== undefined && chargeAmount !== charge.chargeAmount && 'chargeAmount',",
    put: '',
  },
  {
    name: 'missing fields do not keep a completion back',
    file: `${COMMANDS}/complete.ts`,
    find: 'if (missing.length > 0)\n    throw',
    put: 'if (missing.length > 9)\n    throw',
  },
  {
    name: 'a cancel under way does not keep a completion back',
    file: `${COMMANDS}/complete.ts`,
    find: "if (isPending(session.canceling)) throw new PaymentError('CANCELING');\n  const missing",
    put: 'const missing',
  },
  {
    name: 'each completion has a key of its own',
    file: `${COMMANDS}/complete.ts`,
    find: 'idempotencyKey: `complete-${session.paymentSid}`',
    put: 'idempotencyKey: `complete-${session.paymentSid}-${Math.random()}`',
  },
  {
    name: '408 means that nothing was done',
    file: 'functions/payments/errors.ts',
    find: 'if (status === 408 || status < 400',
    put: 'if (status < 400',
  },
  {
    name: 'every 4xx means that nothing was done',
    file: 'functions/payments/errors.ts',
    find: 'return NOT_DONE_STATUSES.includes(status) || codeGuide(code) !== undefined;',
    put: 'return true;',
  },
  {
    name: 'no answer means that nothing was done',
    file: 'functions/payments/errors.ts',
    find: 'if (status === 408 || status < 400 || status >= 500',
    put: 'if (status === 0 || status >= 500) return true;\n  if (status === 408 || status < 400',
  },
  {
    name: '64021 on a completion means that nothing was done',
    file: `${COMMANDS}/complete.ts`,
    find: 'error.wasRefused && !error.isBusyOrEnded;',
    put: 'error.wasRefused;',
  },
  {
    name: '64021 on a cancel is its end',
    file: `${COMMANDS}/cancel.ts`,
    find: "if (error.code === 'PAYMENT_FINISHED') return isOverdue ? abandon(ports, noted) : noted;",
    put: "if (error.code === 'PAYMENT_FINISHED') return change(ports, noted, (session) => applyEvent(session, { outcome: { result: 'transaction-cancelled', paymentConfirmationCode: '', paymentToken: '', profileId: '', payErrorCode: '', connectorError: '', paymentError: '', withheld: [] } }));",
  },
  {
    name: 'a cancel looks at no completion',
    file: `${COMMANDS}/cancel.ts`,
    find: 'if (isCertainlyOver(session) || isAwaited(session, at)) return session;',
    put: 'if (isCertainlyOver(session)) return session;\n    if (isPending(session.completing)) return { ...session, canceled: true, completing: refused(session.completing, session.completing.asked) };',
  },
  {
    name: 'a completion can never be called off',
    file: `${COMMANDS}/cancel.ts`,
    find: 'return isPending(completing) && now - completing.at < CALL_OFF_MS;',
    put: 'return isPending(completing);',
  },
  {
    name: 'a cancel that nobody confirms goes on for ever',
    file: `${COMMANDS}/cancel.ts`,
    find: 'const isOverdue = at - canceling.at >= UNCONFIRMED_MS;',
    put: 'const isOverdue = false;',
  },
  {
    name: 'a star after a completion says that nothing was charged',
    file: `${SESSION}/phase.ts`,
    find: "const NOT_CHARGED = ['payment-connector-error',",
    put: "const NOT_CHARGED = ['caller-interrupted-with-star', 'caller-hung-up', 'payment-connector-error',",
  },
  {
    name: 'an unknown outcome does not guard the call',
    file: `${SESSION}/phase.ts`,
    find: "return outcome && NOT_CHARGED.includes(outcome.result) ? 'none' : 'unknown';",
    put: "return 'none';",
  },
  {
    name: 'nothing guards a call that was charged',
    file: `${COMMANDS}/start.ts`,
    find: 'if (charge && !anotherPayment) throw alreadyCharged(charge, charge.stored);',
    put: '',
  },
  {
    name: 'a charge is not noted in the ledger, and finished attempts are forgotten',
    file: `${SESSION}/call-ledger.ts`,
    find: 'if (ledger.charges.includes(sid)) return ledger;',
    put: 'if (sid) return ledger;',
  },
  {
    name: 'a start is answered with whatever lives on the call',
    file: `${COMMANDS}/start.ts`,
    find: 'const own = live.find(({ attempt }) => sameTerms(attempt.terms, terms));',
    put: 'const own = live[0];',
  },
  {
    name: 'a start asks under the terms of another one',
    file: `${COMMANDS}/start.ts`,
    find: 'if (isMine && sameTerms(newest.terms, terms))',
    put: 'if (isMine)',
  },
  {
    name: 'a start asks under another attempt with its own terms',
    file: `${COMMANDS}/start.ts`,
    find: 'paymentSid = await ports.gateway.start({ callSid, terms, attempt, idempotencyKey });',
    put: 'paymentSid = await ports.gateway.start({ callSid, terms: start.terms, attempt, idempotencyKey });',
  },
  {
    name: 'an attempt is claimed without a look at what has changed',
    file: `${COMMANDS}/claim-attempt.ts`,
    find: '(current) => (isSame(current, held.data) ? withNextAttempt(held.data, claim, over) : current),',
    put: '(current) => current && withNextAttempt(current, claim, over),',
  },
  {
    name: 'every attempt has the same key',
    file: `${COMMANDS}/start.ts`,
    find: 'const idempotencyKey = `start-${callSid}-${attempt}`;',
    put: 'const idempotencyKey = `start-${callSid}`;',
  },
  {
    name: 'an attempt that died keeps others waiting for ever',
    file: `${COMMANDS}/start.ts`,
    find: 'clock.now() < newest.at + OTHER_START_MS && hasTime(ports)',
    put: 'hasTime(ports)',
  },
  {
    name: 'the session in the way is not looked for',
    file: `${COMMANDS}/start.ts`,
    find: 'if (oldest) return decisionOf(await claimAgain(ports, start, held, oldest));',
    put: '',
  },
  {
    name: 'a repeated start may be answered with a payment that has ended',
    file: `${COMMANDS}/start.ts`,
    find: 'if (isOwn && !isFinished(stored.data)) return { stored, reused: false };',
    put: 'if (isOwn) return { stored, reused: false };',
  },
  {
    name: 'documents are written without a condition',
    file: 'functions/twilio/sync-store.ts',
    find: 'update({ data, ttl: ttlOf(data), ifMatch })',
    put: 'update({ data, ttl: ttlOf(data) })',
  },
  {
    name: 'a lost race at Sync counts as written',
    file: 'functions/twilio/sync-store.ts',
    find: 'current = await read(id);\n      }',
    put: 'return current && { ...current, isWritten: true };\n      }',
  },
  {
    name: 'a success does not outrank other results',
    file: `${SESSION}/session.ts`,
    find: "'payment-connector-error',\n  'success',",
    put: "'success',\n  'payment-connector-error',",
  },
  {
    name: 'an older command speaks for a newer one',
    file: `${SESSION}/fold.ts`,
    find: 'const order = a.command - b.command || STATES.indexOf(a.state) - STATES.indexOf(b.state);',
    put: 'const order = STATES.indexOf(a.state) - STATES.indexOf(b.state) || a.command - b.command;',
  },
  {
    name: 'a field is reopened at Twilio before the payment says so',
    file: `${COMMANDS}/capture.ts`,
    find: 'const isFirst = session.fields[capture] === undefined;',
    put: 'const isFirst = true as boolean;',
  },
  {
    name: 'callbacks that could not be stored are answered 200',
    file: 'functions/payment-status.protected.ts',
    find: "return refuse(503, error.code, 'The callback could not be stored. Send it again.'",
    put: "return refuse(200, error.code, 'The callback could not be stored. Send it again.'",
  },
  {
    name: 'the client waits as long as the package does',
    file: 'functions/twilio/client.ts',
    find: 'const limit = Math.min(requestMs, left());',
    put: 'const limit = Math.max(requestMs, 30_000);',
  },
];

export interface Verdict {
  name: string;
  /** Schedules until it was found; undefined if it was not. */
  schedules: number | undefined;
  kind: string;
}

/** Puts one mutant into a copy of the project and explores that. */
export async function tryMutant(mutant: Mutant, seeds: number): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    for (const part of [
      'functions',
      'test/simulator',
      'test/labs/explorer',
      'test/cli',
      'assets',
      'package.json',
      'tsconfig.json',
    ])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const path = join(folder, mutant.file);
    const text = readFileSync(path, 'utf8');
    if (text.split(mutant.find).length !== 2)
      throw new Error(`${mutant.file} does not have exactly once what "${mutant.name}" replaces`);
    writeFileSync(
      path,
      text.replace(mutant.find, () => mutant.put),
    );
    const output = await run(folder, seeds);
    const [, seed] = /^Seed (\d+): /m.exec(output) ?? [];
    const [, kind = ''] = /^Seed \d+: (.*)$/m.exec(output) ?? [];
    return { name: mutant.name, schedules: seed === undefined ? undefined : Number(seed), kind };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string, seeds: number): Promise<string> {
  const args = [
    '--import',
    'tsx',
    'test/labs/explorer/main.ts',
    '--from',
    '1',
    '--seeds',
    String(seeds),
    '--most',
    '1',
    '--raw',
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      output += String(chunk);
    });
    child.once('error', reject);
    child.once('close', () => resolve(output));
  });
}
