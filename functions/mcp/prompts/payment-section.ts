import { quoteOutsideText } from '../../payments/advice/outside-text.ts';
import { speech } from '../../payments/advice/sentences.ts';
import { type PaymentStatus, paymentStatus, type View } from '../../payments/advice/status.ts';
import { PaymentError } from '../../payments/errors.ts';
import type { Stored } from '../../payments/ports.ts';
import type { Capture } from '../../payments/session/fields.ts';

import { type PaymentSession, requiredFields } from '../../payments/session/session.ts';
import type { Log } from '../../runtime/log.ts';
import type { ToolContext } from '../define-tool.ts';
import { logFailure } from '../logging.ts';

export interface SectionContext extends Pick<ToolContext, 'payments' | 'view'> {
  log: Log;
}

interface Sids {
  callSid: string;
  paymentSid: string;
}

/** Fields that Twilio masks. What was typed for the others is in clear, and no agent needs it to speak of the payment. */
const MASKED: readonly Capture[] = ['payment-card-number', 'security-code', 'bank-account-number'];

/** A payment that a prompt is about, or why it cannot be told of. */
export type LookUp = { stored: Stored<PaymentSession> } | { error: PaymentError };

/** A payment that is unknown, or cannot be read just now, is no failure: guidance that does not come helps nobody on a live call. */
export async function lookUp(sids: Sids, { payments, log }: SectionContext): Promise<LookUp> {
  try {
    return { stored: await payments.status(sids) };
  } catch (error) {
    if (!(error instanceof PaymentError)) throw error;
    if (error.code !== 'PAYMENT_NOT_FOUND') logFailure(log, error);
    return { error };
  }
}

/**
 * Where a payment stands, line by line.
 * @param view how it is shown, in the language of the prompt.
 * @param errorFirst whether what went wrong and what to do comes before the rest.
 */
export function paymentSection(
  { callSid, paymentSid }: Sids,
  found: LookUp,
  { view, errorFirst }: { view: View; errorFirst: boolean },
): string[] {
  const same = `callSid ${callSid} and paymentSid ${paymentSid}`;
  if ('stored' in found) {
    const status = paymentStatus(found.stored, view);
    const state = stateOf(found.stored.data, status);
    const advice = adviceOf(status, same);
    if (!errorFirst) return [...state, ...advice];
    return [...(status.lastError ? [] : ['No error of this payment is known.']), ...advice, ...state];
  }
  const { code } = found.error;
  if (code === 'PAYMENT_NOT_FOUND') {
    return [
      'There is no such payment on this call. Check both SIDs, and tell the caller nothing of it yet.',
      `A payment that lives on the call has its paymentSid from \`startPaymentCapture\`: call it with callSid ${callSid} once the caller has agreed to pay. Repeating a start gives the same payment.`,
    ];
  }
  return [
    `The status could not be read now (\`${code}\`). Assume nothing, and tell the caller nothing of the payment yet.`,
    `Before you go on, call \`getPaymentStatus\` with ${same}; its answer says what to do.`,
    `Say to the caller: "${view.speak(speech('moment'), view.language)}"`,
  ];
}

function stateOf(session: PaymentSession, status: PaymentStatus): string[] {
  const { phase, capturing, partial, required } = status;
  const captured = requiredFields(session).filter((name) => !required.includes(name));
  const isOpen = !['completed', 'canceled', 'failed'].includes(phase);
  const code = quoteOutsideText(status.paymentConfirmationCode);
  return [
    `Phase: \`${phase}\`, ${termsOf(session)}.`,
    captured.length > 0 && `In: ${captured.map((name) => shown(session, name, status)).join(', ')}.`,
    capturing &&
      `Twilio listens for \`${capturing}\`; the caller ${partial ? 'is typing' : 'has not typed yet'}.`,
    isOpen && required.length > 0 && `Missing: ${required.map((name) => `\`${name}\``).join(', ')}.`,
    code && `Confirmation code, where the caller wants it: ${code}`,
  ].filter(isSaid);
}

function adviceOf(status: PaymentStatus, same: string): string[] {
  const { lastError, why, say } = status;
  return [
    lastError && `Last error: ${lastError}`,
    `Next step: ${nextStepOf(status, same)}`,
    why && !lastError.includes(why) && `Why: ${why}`,
    say && `Say to the caller: "${say}"`,
  ].filter(isSaid);
}

function isSaid(line: string | false): line is string {
  return line !== false && line !== '';
}

function termsOf({ terms }: PaymentSession): string {
  if (!terms) return 'amount not known yet';
  const { chargeAmount, currency } = terms;
  return chargeAmount > 0
    ? `a charge of ${chargeAmount} ${currency}`
    : 'a token is made and nothing is charged';
}

function shown(session: PaymentSession, name: Capture, { paymentCardType }: PaymentStatus): string {
  const mask = MASKED.includes(name) && session.fields[name]?.value;
  const brand = name === 'payment-card-number' && paymentCardType;
  const known = [mask, brand].filter(Boolean).join(', ');
  return `\`${name}\`${known && ` (${known})`}`;
}

function nextStepOf({ nextStep, thenCall, ifNo }: PaymentStatus, same: string): string {
  const read = `\`getPaymentStatus\` with ${same} and \`waitSeconds\` 8`;
  if (nextStep === 'done') return '`done`. There is nothing more to call for this payment.';
  if (nextStep === 'wait') return `\`wait\`. Call ${read}.`;
  if (nextStep !== 'askCaller') return `\`${nextStep}\` with ${same}.`;
  if (!thenCall) return `\`askCaller\`. Say what is given here for the caller, then call ${read}.`;
  const yes = thenCall === 'startPaymentCapture' ? '`startPaymentCapture`' : `\`${thenCall}\` with ${same}`;
  const answers = ifNo ? `after a clear yes ${yes}, after a no \`${ifNo}\`` : `after the answer ${yes}`;
  return `\`askCaller\`. Ask what is given here for the caller, then ${answers}.`;
}
