// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are code, as it stands in the product
import { COMMANDS, type Mutant, SESSION } from './mutant.ts';

const CANCELED =
  "{ outcome: { result: 'transaction-cancelled', paymentConfirmationCode: '', paymentToken: '', profileId: '', payErrorCode: '', connectorError: '', paymentError: '', withheld: [] } }";

/** Faults of last words, and of states that never end. */
export const ENDING: readonly Mutant[] = [
  {
    name: '64021 on a cancel is its end',
    file: `${COMMANDS}/cancel.ts`,
    find: "if (error.code === 'PAYMENT_FINISHED') return isOverdue ? abandon(ports, noted) : noted;",
    put: `if (error.code === 'PAYMENT_FINISHED') return change(ports, noted, (session) => applyEvent(session, ${CANCELED}));`,
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
    name: 'the first cancel counts as unconfirmed for long',
    file: `${COMMANDS}/cancel.ts`,
    find: 'const isOverdue = at - canceling.at >= UNCONFIRMED_MS;',
    put: 'const isOverdue = at - from.data.canceling.at >= UNCONFIRMED_MS;',
  },
  {
    name: 'a success does not outrank other results',
    file: `${SESSION}/session.ts`,
    find: "const RESULTS = [\n  'caller-hung-up',",
    put: "const RESULTS = [\n  'success',\n  'caller-hung-up',",
  },
  {
    name: 'an outcome is never called unknown',
    file: `${SESSION}/phase.ts`,
    find: 'return session.canceled || session.abandoned || now - session.completing.at >= patience;',
    put: 'return now < 0 && patience > 0;',
  },
];
