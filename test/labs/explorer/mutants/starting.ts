// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code, as it stands in the product
import { COMMANDS, type Mutant, SESSION } from './mutant.ts';

/** Faults of the call's ledger, and of who may start a payment. */
export const STARTING: readonly Mutant[] = [
  {
    name: 'nothing guards a call that was charged',
    file: `${COMMANDS}/start.ts`,
    find: 'if (charge && !anotherPayment) throw',
    put: 'if (charge && !charge) throw',
  },
  {
    name: 'a plain start on a paid call is handed the session that lives there',
    file: `${COMMANDS}/start.ts`,
    find: 'if (charge && !anotherPayment) throw',
    put: 'if (charge && !found && !anotherPayment) throw',
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
    name: 'an attempt is claimed without a look at what has changed',
    file: `${COMMANDS}/claim-attempt.ts`,
    find: '(current) => (isSame(current, held.data) ? withNextAttempt(held.data, claim, over) : current),',
    put: '() => withNextAttempt(held.data, claim, over),',
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
    put: 'clock.left() >= 0',
  },
  {
    name: 'the session in the way is not looked for',
    file: `${COMMANDS}/start.ts`,
    find: 'if (oldest) return decisionOf(await claimAgain(ports, start, held, oldest));',
    put: '',
  },
  {
    name: 'a late refusal ends an attempt that somebody else has claimed',
    file: `${SESSION}/call-ledger.ts`,
    find: 'if (known?.owner !== owner || known.paymentSids.length > 0) return ledger;',
    put: 'if (known === undefined) return ledger;',
  },
  {
    name: 'a start that gives up forgets its attempt',
    file: `${COMMANDS}/start.ts`,
    find: 'if (isNew && error.wasRefused) await withdraw',
    put: 'if (isNew) await withdraw',
  },
  {
    name: 'a payment whose document has expired was not charged',
    file: `${SESSION}/phase.ts`,
    find: "const charge = session ? chargeOf(session) : 'unknown';",
    put: "const charge = session ? chargeOf(session) : 'none';",
  },
  {
    name: "the callback of a start does not tell the call's ledger",
    file: `${COMMANDS}/record-callback.ts`,
    find: '(current) => current && withSession(current, attempt.attempt, paymentSid),',
    put: '(current) => current,',
  },
  {
    name: 'a session that a callback refuses is in the way for good',
    file: `${COMMANDS}/survey-call.ts`,
    find: 'return isCertainlyOver(session) || (isRefusedAtStart(session) && session.canceling.asked > 0);',
    put: 'return isCertainlyOver(session);',
  },
  {
    name: 'nobody cancels again what may be in the way of a session that a callback refuses',
    file: `${COMMANDS}/survey-call.ts`,
    find: 'stored === blocked || stored.updatedAt <= blocked.updatedAt;',
    put: 'stored === blocked;',
  },
];
