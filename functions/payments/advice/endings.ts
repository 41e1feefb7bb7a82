import { CONFIRM_MS, chargeOf, isDeclined, isOutcomeUnknown, reportedCharge } from '../session/phase.ts';
import { isPending, type Outcome, type PaymentSession } from '../session/session.ts';
import { errorGuide, type ResultGuide, resultGuide } from './error-types.ts';
import { done, type Guidance, question } from './guidance.ts';
import { speech } from './sentences.ts';

/** A completion without an outcome for so long is repeated, which is safe: one key per payment. */
const REPEAT_COMPLETION_MS = 7_000;
/** One that is still without an outcome after so long may never reach Twilio: it is called off. */
const CALL_OFF_COMPLETION_MS = 16_000;
/** A cancel that Twilio has not confirmed for so long, in milliseconds, is repeated. */
const REPEAT_CANCEL_MS = 10_000;

const ENDED_BY_CALLER = ['caller-hung-up', 'caller-interrupted-with-star'];

/** What a result that is no success means. Most of them say nothing of a charge that Twilio was asked for before. */
export function failureGuide(session: PaymentSession, { result, payErrorCode }: Outcome): ResultGuide {
  if (chargeOf(session) === 'unknown') {
    const why =
      'It ended while the payment was being completed, and its outcome is unknown. Check with the payment processor before charging again.';
    if (ENDED_BY_CALLER.includes(result)) return { why };
    return { why, say: result === 'internal-error' ? 'result.internal-error' : 'result.unknown' };
  }
  const guide = resultGuide(result, payErrorCode);
  const isBank = session.terms?.paymentMethod === 'ach-debit' && guide.say === 'result.declined';
  return isBank ? { ...guide, say: 'result.bank-declined' } : guide;
}

/** Whether a payment is a charge. Without its terms, a confirmation code tells. */
export function isCharge({ terms, outcome }: PaymentSession): boolean {
  return (terms?.chargeAmount ?? 0) > 0 || Boolean(outcome?.paymentConfirmationCode);
}

/** A payment that Twilio has reported to be made. */
export function completedGuidance(session: PaymentSession): Guidance {
  if (isCharge(session)) return done(withheldWhy(session), 'paid');
  const saved = 'The details are saved as a token. No payment was made and nothing was charged.';
  return done(`${saved} ${withheldWhy(session)}`.trim(), 'saved');
}

/** Says what a processor made and an agent is not shown; nothing if it is shown all. */
function withheldWhy({ outcome }: PaymentSession): string {
  const withheld = outcome?.withheld ?? [];
  if (withheld.length === 0) return '';
  return `Withheld, since it could be a card number or is no plain code: ${withheld.join(', ')}. The processor has it; an operator whose codes look like that sets OPAQUE_CODES.`;
}

/** A payment that has ended without success. */
export function failedGuidance(session: PaymentSession): Guidance {
  const { outcome, sessionError, settlement } = session;
  if (settlement && reportedCharge(session) === 'unknown')
    return done(
      'An operator has found at the payment processor that nothing was charged.',
      'nothing-charged',
    );
  if (outcome) {
    const { why, say, isQuestion } = failureGuide(session, outcome);
    if (isDeclined(session) && isQuestion && session.declinesBefore > 0) {
      return done(
        `${why} Another payment was declined before: hand over to a person.`,
        'result.declined-again',
      );
    }
    if (say && isQuestion) {
      const retry = `After a yes, call startPaymentCapture with the same arguments as before${amountOf(session)} and have all fields typed anew.`;
      return question(speech(say), `${why} ${retry}`, { thenCall: 'startPaymentCapture', ifNo: 'done' });
    }
    return done(why, ...(say ? [say] : []));
  }
  if (sessionError) {
    const { why, say } = errorGuide(sessionError);
    return done(why, say);
  }
  return done(
    'The call ended before the payment was finished. Nothing was charged. If the caller calls back, start a payment on the new call.',
  );
}

function amountOf({ terms }: PaymentSession): string {
  if (!terms || terms.chargeAmount === 0) return '';
  return ` (chargeAmount ${terms.chargeAmount}, currency ${terms.currency})`;
}

/** A cancel that Twilio has not confirmed. @param isCommanded whether this answers a command, which nobody need give again at once. */
export function cancelingGuidance(
  { canceling }: PaymentSession,
  now: number,
  isCommanded: boolean,
): Guidance {
  const isOverdue = now - canceling.at >= REPEAT_CANCEL_MS && !isCommanded;
  const nextStep = isOverdue ? 'cancelPaymentCapture' : 'wait';
  return { nextStep, say: speech('canceling'), why: 'Twilio has not confirmed the cancel yet.' };
}

/** A completion whose outcome is not known. @param isCommanded as for a cancel. */
export function completingGuidance(session: PaymentSession, now: number, isCommanded: boolean): Guidance {
  const { confirmation } = session.terms ?? {};
  const waited = now - session.completing.at;
  const patience = confirmation ? CONFIRM_MS : 0;
  const repeatAfter = REPEAT_COMPLETION_MS + patience;
  if (isOutcomeUnknown(session, now) || (session.callEnded && waited >= repeatAfter)) {
    return done(
      'The outcome is unknown: Twilio was asked to complete the payment and never reported a result. Check with the payment processor before charging again.',
      'result.unknown',
    );
  }
  if (isPending(session.canceling)) return cancelingGuidance(session, now, isCommanded);
  const say = speech('moment');
  if (waited >= CALL_OFF_COMPLETION_MS + patience && !isCommanded) {
    return {
      nextStep: 'cancelPaymentCapture',
      say,
      why: 'The outcome is overdue. Call it off: only if Twilio confirms the cancel, nothing was charged.',
    };
  }
  if (waited >= repeatAfter && !isCommanded) {
    return {
      nextStep: 'completePaymentCapture',
      say,
      why: 'The outcome is not known yet. Repeating the completion is safe.',
    };
  }
  if (confirmation) {
    const why = 'Twilio asks the caller to confirm by a key.';
    return { nextStep: 'askCaller', say: speech('press-to-confirm'), why };
  }
  return { nextStep: 'wait', say, why: 'The outcome is not known yet.' };
}
