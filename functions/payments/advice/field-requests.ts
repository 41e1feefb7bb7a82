import { type Capture, fieldOf, isMatcher } from '../session/fields.ts';
import { failedField, missingFields } from '../session/phase.ts';
import type { PaymentSession } from '../session/session.ts';
import { errorGuide, INCOMPLETE, MISMATCH, NOT_HEARD, OUT_OF_SEQUENCE } from './error-types.ts';
import { type Sentence, type Speech, speech } from './sentences.ts';

/** The newest error of the field that failed last. */
export function failedType(session: PaymentSession): string | undefined {
  const failed = failedField(session);
  return failed && session.fields[failed]?.errors.at(-1)?.type;
}

/** What is to be captured next: the field that failed last once more, or the first that is missing; undefined if all is in. */
export function nextCapture(session: PaymentSession): Capture | undefined {
  const missing = missingFields(session);
  const failed = failedField(session);
  const isRepeated = failed && failedType(session) !== OUT_OF_SEQUENCE && missing.includes(failed);
  return isRepeated ? failed : missing[0];
}

/**
 * What the caller hears once Twilio listens for a field: what is wanted, and why again if the entry before it failed.
 * @param before the command before the one that opens the field: of one that is open now, unless given.
 */
export function requestFor(
  session: PaymentSession,
  capture: Capture,
  before = (session.fields[capture]?.command ?? 0) - 1,
): Speech {
  return requestAfter(errorOf(session, capture, before), capture);
}

/** What the caller will hear once a field that is open is opened again, because nothing more was heard of it. */
export function requestAfterSilence({ fields }: PaymentSession, capture: Capture): Speech {
  const { typedAt, command } = fields[capture] ?? {};
  return requestAfter({ type: NOT_HEARD, isTyped: command !== undefined && typedAt === command }, capture);
}

function requestAfter(error: { type: string; isTyped: boolean } | undefined, capture: Capture): Speech {
  const asked: Sentence = `ask.${capture}`;
  const { form, say } = error ? errorGuide(error.type) : { form: 'question' as const, say: asked };
  if (!error || form === 'question') return speech(asked);
  if (form === 'whole') return speech(say);
  const reason = INCOMPLETE.includes(error.type) && !error.isTyped ? 'error.nothing-typed' : say;
  return speech(reason, isMatcher(capture) ? asked : againSentence(capture));
}

function againSentence(capture: Capture): Sentence {
  return `again.${fieldOf(capture)}`;
}

/** The error of a command, if it is why a field is asked for after it. */
function errorOf(
  { fields }: PaymentSession,
  capture: Capture,
  command: number,
): { type: string; isTyped: boolean } | undefined {
  for (const [name, record] of Object.entries(fields) as [Capture, (typeof fields)[Capture]][]) {
    const error = record?.errors.findLast((one) => one.command === command);
    if (!error) continue;
    const isSame = name === capture || (error.type === MISMATCH && fieldOf(name) === fieldOf(capture));
    if (isSame || error.type === OUT_OF_SEQUENCE)
      return { type: error.type, isTyped: record?.typedAt === command };
  }
  return undefined;
}
