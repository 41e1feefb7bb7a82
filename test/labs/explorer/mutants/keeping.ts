import { COMMANDS, type Mutant } from './mutant.ts';

const STORE = 'functions/twilio/sync-store.ts';

/**
 * Faults of what an instance does with the documents that it keeps: each takes what was kept for what is. One that is kept for
 * too long, or is older than another, costs requests alone, since its write fails: `sync-store.test.ts` finds that.
 */
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
];
