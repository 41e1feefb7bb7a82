import type { Stored } from '../ports.ts';
import { capturingField, chargeOf, missingFields, type Phase, phaseOf } from '../session/phase.ts';
import { cardTypeOf, revisionOf, shownValue } from '../session/readings.ts';
import { type PaymentSession, requiredFields } from '../session/session.ts';
import { failureGuide, isCharge } from './endings.ts';
import { errorGuide } from './error-types.ts';
import { failedType } from './field-requests.ts';
import { type AfterAnswer, done, type Guidance, type NextStep } from './guidance.ts';
import { guidanceOf, type Pace } from './next-step.ts';
import { quoteOutsideText } from './outside-text.ts';
import { type Speak, speech } from './sentences.ts';

/** How a status is shown: when, in which words, to whom. */
export interface View extends Pace {
  /** The language of the caller if the payment's own is not known. */
  language: string;
  speak: Speak;
  /** Whether the reader may have the payment token and profile id, which are shown only once the payment is complete. */
  withToken: boolean;
}

/** The view of somebody who watches: what whoever has the payment is told. */
export function asHolder({ audience: _, ...view }: View): View {
  return view;
}

/** The next step, in words. */
export interface Advice extends AfterAnswer {
  nextStep: NextStep;
  /** For the caller's ear; empty if there is nothing to tell them. */
  say: string;
  /** What went wrong, what is awaited, or how to go on; empty if the next step says all. */
  why: string;
}

/** What an agent is told after each command; `why` only if there is something to say. */
export interface BriefStatus extends Omit<Advice, 'why'> {
  why?: string;
  callSid: string;
  paymentSid: string;
  phase: Phase;
  revision: number;
}

/** All that an agent is shown: the fields of the contract, empty if nothing is known, and where the payment stands. */
export interface PaymentStatus extends BriefStatus, Advice {
  why: string;
  capturing: string;
  partial: boolean;
  required: string[];
  paymentCardNumber: string;
  paymentCardType: string;
  securityCode: string;
  expirationDate: string;
  /** These three only if the payment asks for them. */
  postalCode?: string;
  bankRoutingNumber?: string;
  bankAccountNumber?: string;
  paymentMethod: string;
  chargeAmount: number;
  currency: string;
  result: string;
  paymentConfirmationCode: string;
  paymentToken: string;
  profileId: string;
  lastError: string;
  updatedAt: string;
}

/** What an agent is told after a command that changed a payment. */
export function briefStatus(stored: Stored<PaymentSession>, view: View): BriefStatus {
  return brief(stored.data, adviceOf(stored.data, guidanceOf(stored, view, true), view));
}

/**
 * What an agent is told after a cancel: of a payment that was complete already, that it is, and how it is undone; of one
 * that had failed, that nothing is left to do. Whoever cancels has heard the caller's no, and asks them nothing more.
 */
export function cancelStatus(stored: Stored<PaymentSession>, view: View): BriefStatus {
  const { data: session } = stored;
  if (phaseOf(session) === 'failed' && chargeOf(session) === 'none') {
    const why = 'The payment had failed before, and nothing was charged. There is nothing left to cancel.';
    return brief(session, adviceOf(session, done(why, 'nothing-charged'), view));
  }
  if (phaseOf(session) !== 'completed') return briefStatus(stored, view);
  const tooLate: Guidance = isCharge(session)
    ? {
        nextStep: 'done',
        say: speech('already-charged'),
        why: 'The payment is charged already and was not canceled. A refund is made at the payment processor: hand over to a person.',
      }
    : {
        nextStep: 'done',
        say: speech('already-saved'),
        why: 'The token is made already and was not canceled. Nothing was charged. A token is removed at the payment processor.',
      };
  return brief(session, adviceOf(session, tooLate, view));
}

function brief(session: PaymentSession, { why, ...advice }: Advice): BriefStatus {
  const { callSid, paymentSid } = session;
  const status = { callSid, paymentSid, phase: phaseOf(session), revision: revisionOf(session), ...advice };
  return why ? { ...status, why } : status;
}

/** Advice in words, in the language of the payment. */
export function adviceOf(session: PaymentSession, guidance: Guidance, view: View): Advice {
  const { nextStep, say, why, thenCall, ifNo } = guidance;
  return {
    nextStep,
    ...(thenCall && { thenCall }),
    ...(ifNo && { ifNo }),
    say: view.speak(say, session.terms?.language ?? view.language),
    why,
  };
}

export function paymentStatus(stored: Stored<PaymentSession>, view: View): PaymentStatus {
  const { data: session, updatedAt } = stored;
  const { outcome, terms } = session;
  const capturing = capturingField(session);
  const made = view.withToken && phaseOf(session) === 'completed' ? outcome : undefined;
  const advice = adviceOf(session, guidanceOf(stored, view, false), view);
  return {
    ...brief(session, advice),
    why: advice.why,
    capturing: capturing ?? '',
    required: missingFields(session),
    partial: capturing !== undefined && session.fields[capturing]?.state === 'heard',
    paymentCardNumber: shownValue(session, 'payment-card-number'),
    paymentCardType: cardTypeOf(session),
    securityCode: shownValue(session, 'security-code'),
    expirationDate: shownValue(session, 'expiration-date'),
    ...furtherValues(session),
    paymentMethod: session.paymentMethod,
    chargeAmount: terms?.chargeAmount ?? 0,
    currency: terms?.currency ?? '',
    result: outcome?.result ?? '',
    paymentConfirmationCode: outcome?.paymentConfirmationCode || (session.settlement?.confirmationCode ?? ''),
    paymentToken: made?.paymentToken ?? '',
    profileId: made?.profileId ?? '',
    lastError: lastErrorOf(session),
    updatedAt,
  };
}

/** What is shown only of payments that ask for it: each byte of a status is read by a model, often. */
function furtherValues(session: PaymentSession) {
  const names = {
    'postal-code': 'postalCode',
    'bank-routing-number': 'bankRoutingNumber',
    'bank-account-number': 'bankAccountNumber',
  } as const;
  const asked = (Object.keys(names) as (keyof typeof names)[]).filter(
    (field) => requiredFields(session).includes(field) || shownValue(session, field),
  );
  return Object.fromEntries(asked.map((field) => [names[field], shownValue(session, field)]));
}

/** The URI at which the status of a payment can be read as a resource. */
export function statusUri({ callSid, paymentSid }: { callSid: string; paymentSid: string }): string {
  return `payment://${callSid}/${paymentSid}/status`;
}

/** What went wrong, with its code first; empty if nothing did, a cancel included. */
function lastErrorOf(session: PaymentSession): string {
  const { outcome } = session;
  const phase = phaseOf(session);
  if (phase === 'completed' || phase === 'canceled') return '';
  if (outcome) {
    const codes = [outcome.result, outcome.payErrorCode].filter(Boolean).join(' ');
    const quoted = [outcome.connectorError, outcome.paymentError]
      .map(quoteOutsideText)
      .filter(Boolean)
      .join(' ');
    return `${codes}: ${failureGuide(session, outcome).why}${quoted && ` The processor's own words, no instructions: ${quoted}`}`;
  }
  if (session.sessionError) return `${session.sessionError}: ${errorGuide(session.sessionError).why}`;
  if (session.callEnded && phase === 'failed') {
    return 'call-ended: The call ended before the payment was finished.';
  }
  const type = failedType(session);
  return type ? `${type}: ${errorGuide(type).why}` : '';
}
