import type { ErrorAdvice, ErrorCode } from '../error-codes.ts';
import type { PaymentError } from '../errors.ts';
import { capturingField, isLive, isSilent, phaseOf } from '../session/phase.ts';
import { isPending } from '../session/session.ts';
import { isCharge } from './endings.ts';
import { CAPTURE_GUIDE } from './error-types.ts';
import { type Guidance, question, type ToolName } from './guidance.ts';
import { guidanceOf } from './next-step.ts';
import { SILENCE, speech } from './sentences.ts';
import type { Advice, View } from './status.ts';

/** Errors after which the state of the payment tells what to do, if the error carries the payment as it was just read. */
const TOLD_BY_STATE: readonly ErrorCode[] = [
  'OUT_OF_ORDER',
  'FIELD_NOT_REQUIRED',
  'NOT_READY',
  'PAYMENT_FINISHED',
  'COMPLETING',
  'CANCELING',
  'CONFIRMATION_REQUIRED',
  'CONFIRMATION_MISMATCH',
];

/**
 * What an agent is told when a tool has failed: `why` begins with the code.
 * @param language of the caller, if neither the payment nor the error knows one.
 */
export function errorAdvice(error: PaymentError, tool: ToolName, view: View, language: string): Advice {
  const guidance = guidanceAfter(error, tool, view);
  const { nextStep, thenCall, ifNo, say, why } = guidance;
  const spoken = view.speak(say, error.payment?.data.terms?.language ?? language);
  return { nextStep, ...(thenCall && { thenCall }), ...(ifNo && { ifNo }), say: spoken, why };
}

function guidanceAfter(error: PaymentError, tool: ToolName, view: View): Guidance {
  const { payment, code, detail } = error;
  if (payment && payment.seenAt === undefined && TOLD_BY_STATE.includes(code)) {
    const guidance = byState(payment, view);
    const isRepeated = code === 'PAYMENT_FINISHED' && guidance.nextStep === 'done';
    const say = code === 'COMPLETING' ? speech('processing') : isRepeated ? SILENCE : guidance.say;
    // A success says nothing of itself where it is awaited. Here it is news.
    const reason = guidance.why || (phaseOf(payment.data) === 'completed' ? 'It was charged.' : '');
    return { ...guidance, say, why: [`${code}:`, detail, reason].filter(Boolean).join(' ') };
  }
  if (code === 'ALREADY_PAID' && tool === 'startPaymentCapture' && payment && !isCharge(payment.data))
    return savedBefore(payment);
  const { nextStep, say, thenCall, ifNo } = { ...error.advice, ...ofState(error, tool, view) };
  const again = (step: typeof nextStep) => (step === 'again' ? tool : step);
  // A start that failed has no payment whose status could be read, and may be repeated.
  const isRepeatable = code === 'INTERNAL_ERROR' && tool === 'startPaymentCapture';
  return {
    nextStep: isRepeatable ? tool : again(nextStep),
    ...(thenCall && { thenCall: thenCall === 'again' ? tool : thenCall }),
    ...(ifNo && { ifNo }),
    say: say ? speech(say) : SILENCE,
    why: error.message,
  };
}

/** What the payment tells of the next step after an error that has a next step of its own. */
function ofState({ code, payment }: PaymentError, tool: ToolName, view: View): Partial<ErrorAdvice> {
  // It is over for us, and in the way at Twilio: only one more cancel may end it.
  if (code === 'PAYMENT_IN_PROGRESS' && payment && !isLive(payment.data, view.now))
    return { nextStep: 'cancelPaymentCapture' };
  // What was to be completed is there, and in the way once the caller does not want it.
  if (tool === 'completePaymentCapture' && (code === 'ALREADY_PAID' || code === 'MAY_BE_CHARGED'))
    return { ifNo: 'cancelPaymentCapture' };
  return {};
}

/** What was made on this call before is a token, which nobody has paid for. */
function savedBefore({ data: { paymentSid } }: NonNullable<PaymentError['payment']>): Guidance {
  return question(
    speech('already-saved', 'enter-again'),
    `ALREADY_PAID: It was ${paymentSid}, which saved the details as a token. Nothing was charged. Only if the caller agrees to enter them again, call startPaymentCapture with anotherPayment: true.`,
    { thenCall: 'startPaymentCapture', ifNo: 'done' },
  );
}

/** The next step of a payment for an agent that wanted something else; a field that is open now stays open. */
function byState(payment: NonNullable<PaymentError['payment']>, view: View): Guidance {
  const { data: session } = payment;
  const capturing = capturingField(session);
  if (capturing && !isPending(session.canceling) && !isSilent(payment, view.now)) {
    const { name } = CAPTURE_GUIDE[capturing];
    const isTyping = session.fields[capturing]?.state === 'heard';
    const state = isTyping
      ? `The caller is typing the ${name} now`
      : `The caller has been asked for the ${name}`;
    return { nextStep: 'wait', say: SILENCE, why: `${state}: wait until it is in.` };
  }
  const guidance = guidanceOf(payment, view, false);
  const { nextStep, why } = guidance;
  const isTool = nextStep !== 'wait' && nextStep !== 'askCaller' && nextStep !== 'done';
  return why || !isTool ? guidance : { ...guidance, why: `Call ${nextStep} now.` };
}
