// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code, as it stands in the product
import type { Mutant } from './mutant.ts';

const STORE = 'functions/twilio/sync-store.ts';
const ERRORS = 'functions/payments/errors.ts';

/** Faults of what reads and writes documents, reads Twilio's answers, and takes callbacks. */
export const ADAPTERS: readonly Mutant[] = [
  {
    name: 'documents are written without a condition',
    file: STORE,
    find: 'update({ data, ttl: ttlOf(data), ifMatch })',
    put: 'update({ data, ttl: ttlOf(data) })',
  },
  {
    name: 'a document is made over one that is there',
    file: STORE,
    find: 'asStored(await documents().create({ uniqueName: name(id), data, ttl: ttlOf(data) }), data),',
    put: 'asStored(await documents()(name(id)).update({ data, ttl: ttlOf(data) }).catch(() => documents().create({ uniqueName: name(id), data, ttl: ttlOf(data) })), data),',
  },
  {
    name: 'a lost race at Sync counts as written',
    file: STORE,
    find: 'current = await read(id);\n      }',
    put: 'return current && { ...current, isWritten: true };\n      }',
  },
  {
    name: "a call's ledger lives no longer than its payments",
    file: STORE,
    find: 'const LEDGER_OUTLIVES_SECONDS = 2 * 86_400;',
    put: 'const LEDGER_OUTLIVES_SECONDS = 0;',
  },
  {
    name: '408 means that nothing was done',
    file: ERRORS,
    find: 'if (status === 408 || status < 400',
    put: 'if (status === 408) return true;\n  if (status < 400',
  },
  {
    name: 'every 4xx means that nothing was done',
    file: ERRORS,
    find: 'return NOT_DONE_STATUSES.includes(status) || codeGuide(code) !== undefined;',
    put: 'return true;',
  },
  {
    name: 'Pay is not available means that nothing was done',
    file: ERRORS,
    find: ' || code === UNCLEAR_CODE) return false;',
    put: ') return false;',
  },
  {
    name: 'no answer means that nothing was done',
    file: ERRORS,
    find: 'if (status === 408 || status < 400 || status >= 500',
    put: 'if (status === 0 || status >= 500) return true;\n  if (status === 408 || status < 400',
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
  {
    name: 'writes to Sync are tried again for ever',
    file: 'functions/twilio/client.ts',
    find: 'if (attempt === MAX_ATTEMPTS || left() <= pause) {',
    put: 'if (attempt === 99) {',
  },
];
