// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code, as it stands in the product
import { COMMANDS, type Mutant, SESSION } from './mutant.ts';

/** Faults of what stands between a confirmation and a charge. */
export const CHARGING: readonly Mutant[] = [
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
    name: 'a charge needs no confirmation',
    file: `${COMMANDS}/confirm.ts`,
    find: "throw new PaymentError('CONFIRMATION_REQUIRED', lastDigitsOf(session) ? {} : { detail: DIGITS_UNKNOWN });",
    put: "return { confirmed: 'none' };",
  },
  {
    name: "a person's reply counts for whatever card was typed since",
    file: `${COMMANDS}/confirm.ts`,
    find: 'question.charge === confirmedCharge(session) &&\n',
    put: '',
  },
  {
    name: "a person's no is a yes",
    file: `${COMMANDS}/confirm.ts`,
    find: "return answer.accepted ? { confirmed: 'person' } : { isDeclined: true };",
    put: "return { confirmed: 'person' };",
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
    name: 'a completion is not noted in the payment before Twilio is asked',
    file: `${COMMANDS}/complete.ts`,
    find: '{ ...withoutQuestion(session), completing: tried(session.completing, asked.at) },',
    put: 'withoutQuestion(session),',
  },
  {
    name: '64021 on a completion means that nothing was done',
    file: `${COMMANDS}/complete.ts`,
    find: 'error.wasRefused && !error.isBusyOrEnded;',
    put: 'error.wasRefused;',
  },
  {
    name: '429 on a repeated completion takes back the first',
    file: `${COMMANDS}/complete.ts`,
    find: "if (error.code === 'TWILIO_RATE_LIMITED') throw unknownOutcome(error);",
    put: "if (error.code === 'TWILIO_RATE_LIMITED') {\n      await change(ports, noted, (current) => ({ ...current, completing: { ...current.completing, refused: current.completing.asked } }));\n      throw error;\n    }",
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
    name: 'a field is reopened at Twilio beside its note',
    file: `${COMMANDS}/capture.ts`,
    find: 'const isFirst = session.fields[capture] === undefined && stored.seenAt === undefined;',
    put: 'const isFirst = true as boolean;',
  },
  {
    name: 'a card may be typed anew while its payment is being completed',
    file: `${COMMANDS}/capture.ts`,
    find: 'return isFinished(session) || isPending(session.completing) || isPending(session.canceling);',
    put: 'return isFinished(session);',
  },
  {
    name: 'an older command speaks for a newer one',
    file: `${SESSION}/fold.ts`,
    find: 'const order = a.command - b.command || STATES.indexOf(a.state) - STATES.indexOf(b.state);',
    put: 'const order = STATES.indexOf(a.state) - STATES.indexOf(b.state) || a.command - b.command;',
  },
];
