import { COMMANDS, type Mutant } from './mutant.ts';

const STORE = 'functions/twilio/sync-store.ts';

/** Faults of what an instance does with the documents that it keeps: each takes what was kept for what is. */
export const KEEPING: readonly Mutant[] = [
  {
    name: 'a command is refused on a payment that was kept',
    file: `${COMMANDS}/load-and-change.ts`,
    find: 'return isOwn && saysYes(() => isGood(kept)) ? kept :',
    put: 'return isOwn ? kept :',
  },
  {
    name: 'a change that writes nothing is answered from what was kept',
    file: STORE,
    find: 'if (current?.seenAt === undefined) return',
    put: 'return',
  },
  {
    name: 'what was kept is written without a condition',
    file: STORE,
    find: 'replace(id, next, current.revision)',
    put: 'replace(id, next, (current.seenAt === undefined ? current.revision : undefined) as string)',
  },
  {
    name: 'a read is answered from what was kept',
    file: STORE,
    find: '  async function read(id: string): Promise<Stored<T> | undefined> {\n',
    put: '  async function read(id: string): Promise<Stored<T> | undefined> {\n    const { seenAt: _, ...kept } = find(id) ?? {};\n    if ("data" in kept) return kept as Stored<T>;\n',
  },
  {
    name: 'what else is charged on a call is judged on a ledger that was kept, and not written',
    file: `${COMMANDS}/judge-call.ts`,
    find: 'const noted = await ports.ledgers.update(callSid, note, judged ?? null);',
    put: 'const noted = judged?.seenAt === undefined ? await ports.ledgers.update(callSid, note, judged ?? null) : judged;',
  },
  {
    name: 'a field that was asked for long ago is opened at Twilio beside the write, for what was kept does not tell',
    file: `${COMMANDS}/capture.ts`,
    find: 'const NEVER_ASKED_MS = 10_000;',
    put: 'const NEVER_ASKED_MS = 600_000;',
  },
  {
    name: 'what was kept is good for ever',
    file: 'functions/twilio/last-seen.ts',
    find: 'until: Math.min(now + MAX_AGE_MS, expires),',
    put: 'until: Number.POSITIVE_INFINITY,',
  },
  {
    name: 'what is kept may be older than what was',
    file: 'functions/twilio/last-seen.ts',
    find: 'if (known && known.at > began) return;',
    put: '',
  },
];
